//! Time stands still here except where it is waited for, and the jitter fall as the test says.

use super::*;
use std::cell::Cell;

const POLICY: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(10),
    total: Duration::from_secs(60),
    repeats: 4,
    harmless: true,
    pressed: true,
    await_schema: true,
};

fn highest() -> Timing {
    Timing { jitter: Arc::new(|up_to| up_to), time_scale: 1 }
}

fn down() -> Failure {
    Failure::not_sent(Code::Unreachable, "refused")
}

fn lost() -> Failure {
    Failure::ambiguous(Code::NoAnswer, "timeout")
}

/// Runs a script of failures, then success; tells the result, the attempts and the time it took.
async fn play(policy: RetryPolicy, script: &[Failure]) -> (Result<(), Fault>, usize, Duration) {
    let made = Cell::new(0);
    let started = Instant::now();
    let result = persist(policy, &Circuit::default(), &highest(), |_budget| {
        let next = script.get(made.get()).cloned();
        made.set(made.get() + 1);
        async move { next.map_or(Ok(()), Err) }
    })
    .await;
    (result, made.get(), started.elapsed())
}

#[tokio::test(start_paused = true)]
async fn what_did_not_run_is_repeated_with_pauses_that_double() {
    let (result, attempts, took) = play(POLICY, &[down(), down(), down()]).await;
    assert_eq!((result, attempts), (Ok(()), 4));
    assert_eq!(took, Duration::from_millis(200 + 400 + 800));
}

#[tokio::test(start_paused = true)]
async fn repeats_are_capped_by_the_caller_and_by_the_fault() {
    let (result, attempts, _) = play(POLICY, &vec![down(); 9]).await;
    assert_eq!(result.unwrap_err().retry, Retry::DidNotRun);
    assert_eq!(attempts, 5, "four repeats and no more");
    let (_, attempts, _) = play(POLICY, &vec![down().at_most(1); 9]).await;
    assert_eq!(attempts, 2);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_repeated_only_where_that_is_harmless() {
    let (result, attempts, _) = play(POLICY, &[lost()]).await;
    assert_eq!((result, attempts), (Ok(()), 2));
    let once = RetryPolicy { harmless: false, ..POLICY };
    let (result, attempts, _) = play(once, &[lost()]).await;
    assert_eq!(attempts, 1, "without a key nothing is sent twice");
    assert_eq!(result.unwrap_err().retry, Retry::OutcomeUnknown);
    let (result, attempts, _) = play(once, &[down()]).await;
    assert_eq!((result, attempts), (Ok(()), 2), "what surely did not run may be sent again");
}

#[tokio::test(start_paused = true)]
async fn decisions_and_mistakes_are_not_repeated() {
    for code in [Code::RegisterRetired, Code::Forbidden, Code::ServerMisconfigured, Code::SignedOut] {
        let (result, attempts, _) = play(POLICY, &[Failure::permanent(Fault::new(code, "x"))]).await;
        assert_eq!((result.unwrap_err().code, attempts), (code, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn once_an_attempt_may_have_run_nothing_later_says_that_none_did() {
    let script = [lost(), down(), down(), down(), down()];
    let (result, _, _) = play(POLICY, &script).await;
    let fault = result.unwrap_err();
    assert_eq!((fault.code, fault.retry), (Code::NoAnswer, Retry::OutcomeUnknown));

    let (result, _, _) = play(POLICY, &[lost(), Failure::permanent(Fault::new(Code::SignedOut, "x"))]).await;
    let fault = result.unwrap_err();
    assert_eq!((fault.code, fault.retry), (Code::SignedOut, Retry::OutcomeUnknown));

    let (result, _, _) =
        play(POLICY, &[lost(), Failure::permanent(Fault::new(Code::RegisterRetired, "x"))]).await;
    assert_eq!(result.unwrap_err().retry, Retry::No, "the server has weighed the very key, and decided");
}

#[tokio::test(start_paused = true)]
async fn the_servers_wish_to_wait_is_honoured_if_patience_allows() {
    let wish = |seconds| down().after(Some(Duration::from_secs(seconds)));
    let (result, _, took) = play(POLICY, &[wish(7)]).await;
    assert_eq!((result, took), (Ok(()), Duration::from_secs(7)));
    let (result, attempts, took) = play(POLICY, &[wish(61)]).await;
    assert_eq!((result.is_err(), attempts, took), (true, 1, Duration::ZERO), "no wait that leads nowhere");
}

#[tokio::test(start_paused = true)]
async fn a_stale_schema_is_waited_for_once_and_only_where_nothing_else_helps() {
    let stale = Failure {
        fault: Fault::new(Code::FunctionNotDeployed, "x").with_retry(Retry::SchemaStale),
        repeats: 1,
        pause: Some(Duration::from_secs(5)),
    };
    let (result, attempts, took) = play(POLICY, &vec![stale.clone(); 3]).await;
    assert_eq!((attempts, took), (2, Duration::from_secs(5)));
    assert_eq!(result.unwrap_err().retry, Retry::No);
    let (_, attempts, took) = play(RetryPolicy { await_schema: false, ..POLICY }, &[stale]).await;
    assert_eq!((attempts, took), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn the_whole_call_ends_by_its_deadline() {
    let started = Instant::now();
    let policy = RetryPolicy { repeats: 100, ..POLICY };
    let result: Result<(), Fault> = persist(policy, &Circuit::default(), &highest(), |budget| async move {
        sleep(budget).await;
        Err(lost())
    })
    .await;
    assert_eq!(result.unwrap_err().retry, Retry::OutcomeUnknown);
    assert!(started.elapsed() <= POLICY.total, "{:?}", started.elapsed());

    let deaf: Result<(), Fault> =
        persist(POLICY, &Circuit::default(), &highest(), |_budget| std::future::pending()).await;
    assert_eq!(deaf.unwrap_err().code, Code::NoAnswer, "an attempt that ignores its budget is cut off");
}

#[tokio::test(start_paused = true)]
async fn the_circuit_opens_after_repeated_silence_and_closes_when_the_server_is_heard() {
    let circuit = Circuit::default();
    let timing = highest();
    let calls = Cell::new(0);
    let look = RetryPolicy { pressed: false, repeats: 0, ..POLICY };
    let call = async |policy: RetryPolicy, outcome: Result<(), Failure>| {
        persist(policy, &circuit, &timing, |_budget| {
            calls.set(calls.get() + 1);
            let outcome = outcome.clone();
            async move { outcome }
        })
        .await
    };
    for _ in 0..OPENS_AT {
        call(look, Err(down())).await.unwrap_err();
    }
    assert_eq!(calls.get(), 5);
    let fault = call(look, Ok(())).await.unwrap_err();
    assert_eq!((fault.code, fault.retry), (Code::Unavailable, Retry::DidNotRun));
    assert_eq!(calls.get(), 5, "nothing was sent while it is open");

    assert!(call(POLICY, Err(down().at_most(0))).await.is_err());
    assert_eq!(calls.get(), 6, "a person's press is always tried");

    sleep(Duration::from_millis(OPEN_AT_MOST_MS + 1)).await;
    call(look, Err(Failure::permanent(Fault::new(Code::Forbidden, "heard")))).await.unwrap_err();
    assert_eq!(calls.get(), 7, "after the pause one call finds out");
    assert_eq!(call(look, Ok(())).await, Ok(()), "a refusal is an answer too: closed again");
}

#[tokio::test(start_paused = true)]
async fn while_one_call_finds_out_the_others_wait() {
    let circuit = Circuit::default();
    for _ in 0..OPENS_AT {
        circuit.note(Err(&down()), &highest());
    }
    sleep(Duration::from_secs(2)).await;
    assert!(circuit.admit(false).is_ok(), "the pause is over: one goes");
    assert!(circuit.admit(false).is_err(), "the next does not");
}

#[test]
fn pauses_are_spread_over_the_whole_range() {
    let mut seen = [false; 4];
    for _ in 0..200 {
        let pause = back_off(3, &Timing::real().jitter).as_millis();
        assert!(pause <= 800);
        seen[usize::try_from(pause / 201).unwrap()] = true;
    }
    assert_eq!(seen, [true; 4], "full jitter reaches every quarter");
}
