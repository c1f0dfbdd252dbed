//! Against sockets that misbehave as a network can.

use super::*;
use onetill_core::{ProjectKey, ProjectUrl};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

fn http(address: SocketAddr) -> HttpClient {
    let connection = Connection {
        url: ProjectUrl::parse(&format!("http://{address}")).unwrap(),
        key: ProjectKey::parse("sb_publishable_test").unwrap(),
    };
    HttpClient::new(connection, Some(DeviceId(Uuid::nil())), "1.2.3").unwrap()
}

/// A server that reads each request's head and then does as told.
async fn server<F, Fut>(behave: F) -> SocketAddr
where
    F: Fn(TcpStream, String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_gone) => break,
                }
            }
            tokio::spawn(behave(stream, String::from_utf8(head).unwrap()));
        }
    });
    address
}

async fn get(address: SocketAddr, budget: Duration) -> Result<Response, Failure> {
    Ok(http(address).send(Request::get("rest/v1/x"), budget).await?)
}

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn nobody_listening_is_a_request_that_did_not_run() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let fault = get(address, LONG).await.map(|_| ()).unwrap_err().fault;
    assert_eq!((fault.code, fault.retry), (Code::Unreachable, Retry::DidNotRun));
}

#[tokio::test]
async fn a_connection_lost_after_the_request_is_an_unknown_outcome() {
    let address = server(|stream, _head| async move { drop(stream) }).await;
    let fault = get(address, LONG).await.map(|_| ()).unwrap_err().fault;
    assert_eq!((fault.code, fault.retry), (Code::NoAnswer, Retry::OutcomeUnknown));
}

#[tokio::test]
async fn silence_ends_at_the_deadline_as_an_unknown_outcome() {
    let address = server(|stream, _head| async move {
        let _held_open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let started = Instant::now();
    let fault = get(address, Duration::from_millis(200)).await.map(|_| ()).unwrap_err().fault;
    assert_eq!((fault.code, fault.retry), (Code::NoAnswer, Retry::OutcomeUnknown));
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_body_cut_short_is_no_answer() {
    let address = server(|mut stream, _head| async move {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"id\":";
        stream.write_all(head.as_bytes()).await.unwrap();
    })
    .await;
    let fault = get(address, LONG).await.map(|_| ()).unwrap_err().fault;
    assert_eq!((fault.code, fault.retry), (Code::NoAnswer, Retry::OutcomeUnknown));
    assert!(fault.detail.contains("200"), "the status was heard: {}", fault.detail);
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let address = server(|mut stream, _head| async move {
        let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n").await;
        while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
    })
    .await;
    let fault = get(address, LONG).await.map(|_| ()).unwrap_err().fault;
    assert_eq!((fault.code, fault.retry), (Code::NotSupabase, Retry::OutcomeUnknown));
}

#[tokio::test]
async fn a_body_that_drips_ends_at_the_deadline() {
    let address = server(|mut stream, _head| async move {
        let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        while stream.write_all(b" ").await.is_ok() {
            tick.tick().await;
        }
    })
    .await;
    let started = Instant::now();
    let fault = get(address, Duration::from_millis(300)).await.map(|_| ()).unwrap_err().fault;
    assert_eq!(fault.retry, Retry::OutcomeUnknown);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = server(|_stream, head| async move { panic!("the redirect was followed: {head}") }).await;
    let address = server(move |mut stream, _head| async move {
        let answer =
            format!("HTTP/1.1 302 Found\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    assert_eq!(get(address, LONG).await.unwrap().status, 302);
}

#[tokio::test]
async fn what_is_not_http_is_no_answer() {
    let address = server(|mut stream, _head| async move {
        let _gone = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await;
    })
    .await;
    let fault = get(address, LONG).await.map(|_| ()).unwrap_err().fault;
    assert_eq!(fault.retry, Retry::OutcomeUnknown);
}

#[tokio::test]
async fn every_request_says_who_asks_and_under_which_id() {
    let address = server(|mut stream, head| async move {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{head}", head.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let key = IntentKey(Uuid::from_u128(7));
    let request = Request::post("rest/v1/rpc/x", &serde_json::json!({})).keyed(key).bearer("token".into());
    let answer = http(address).send(request, LONG).await.unwrap();
    let head = String::from_utf8(answer.body).unwrap().to_lowercase();
    for line in [
        "post /rest/v1/rpc/x http/1.1",
        "apikey: sb_publishable_test",
        "authorization: bearer token",
        "content-type: application/json",
        "x-supabase-api-version: 2024-01-01",
        "x-client-version: 1.2.3",
        "x-device-id: 00000000-0000-0000-0000-000000000000",
        &format!("idempotency-key: {key}"),
    ] {
        assert!(head.contains(&format!("{line}\r\n")), "{line} in {head}");
    }
    assert!(head.contains("x-request-id: "), "{head}");
}
