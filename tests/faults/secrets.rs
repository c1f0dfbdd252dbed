//! No password, token or key can be found in a log of any level, in the device's file, in a fault, or in what the
//! screen is told: a whole shift is lived through, faults that echo the requests included, and everything that came
//! of it is searched for everything that went over the wire.

use std::io::Write;
use std::sync::{Arc, Mutex};

use onetill_core::ports::{self, DeviceStore, Ledger, Server, Shell};
use onetill_core::till::Till;
use onetill_core::view::Snapshot;
use onetill_core::{Amount, Command, Register, RegisterAssignment, RegisterStatus};
use onetill_local::DEMO_ACCOUNTS;
use onetill_store::{ProjectStore, StoreFile};
use onetill_tests::Result;
use onetill_tests::computer::{Computer, press};
use onetill_tests::secrets::secrets_in;
use tracing_subscriber::util::SubscriberInitExt;
use uuid::Uuid;

use crate::proxy::{ALL, Fault};
use crate::shop::{Device, SIGN_IN_HURRY, Shop};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps every snapshot in the words that go to the web view, and in those that a panic would print.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<String>>);

impl Shell for Screen {
    fn show(&self, snapshot: Snapshot) {
        let mut shown = self.0.lock().unwrap();
        shown.push_str(&serde_json::to_string(&snapshot).unwrap());
        shown.push_str(&format!("{snapshot:?}"));
    }

    fn open_drawer(&self) {}

    fn poll_now(&self) {}
}

// One thread, so that the subscriber hears every task.
#[tokio::test]
async fn no_secret_is_left_anywhere() -> Result<()> {
    let logs = Sink::default();
    let writer = logs.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // Two of them, because of a single one tracing asks only the thread that first comes by a place in the code, and
    // then holds that nobody listens there.
    let _first = tracing_subscriber::registry().set_default();
    let _until_the_end = subscriber.set_default();

    let shop = Shop::open().await?;
    let device = Device::new(&shop, 0).await?;
    let mut wire = device.proxy.heard();
    let register = shop.register(&device.staff, device.location()).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("device.sqlite");
    let store = ProjectStore::new(StoreFile::open(&path)?.file, "shop".to_owned());
    let register = Register {
        id: register,
        location_id: device.location().id,
        register_number: "1".to_owned(),
        register_name: "One more".to_owned(),
        status: RegisterStatus::Active,
        suggested_opening_cash: Amount::ZERO,
        open_session: None,
    };
    let assignment = RegisterAssignment { register, location: device.location().clone() };
    store.save(&[ports::Write::Assignment(Some(assignment))])?;
    let screen = Screen::default();
    let till = Till::open("shop", device.start()?, store, Computer, screen.clone())?;
    till.poll().await;
    let opening_cash = "200.00".to_owned();
    press(&till, Command::StartShift { opening_cash, accept_earlier_day: true }).await?;
    let mut faults = String::new();
    for fault in ALL {
        let fault = *fault;
        device.proxy.choose(move |_path| fault);
        till.poll().await;
        let server = device.start()?;
        faults.push_str(&format!("{:?}", server.resume_login().await));
        faults.push_str(&format!("{:?}", server.registers(device.location().id).await));
        if matches!(fault, Fault::Echo | Fault::OtherJson | Fault::PageAfter) {
            faults.push_str(&format!("{:?}", device.sign_in(SIGN_IN_HURRY).await));
            let movements = server.movements(onetill_core::SessionId(Uuid::new_v4())).await;
            faults.push_str(&format!("{movements:?}"));
        }
        device.proxy.heal();
        drop(device.ready().await?);
        wire.push_str(&device.proxy.heard());
    }
    let sign_in = |password: &str| Command::SignIn {
        email: DEMO_ACCOUNTS[0].email.to_owned(),
        password: password.into(),
    };
    let refused = press(&till, sign_in("a wrong password 5309")).await.unwrap_err();
    faults.push_str(&format!("{refused:?}"));
    press(&till, sign_in(DEMO_ACCOUNTS[0].password)).await?;
    till.poll().await;
    press(&till, Command::SignOut).await?;
    wire.push_str(&device.proxy.heard());

    let secrets = secrets_in(&wire);
    assert!(secrets.len() > 20, "only {} secrets were seen on the wire", secrets.len());
    let mut places = vec![
        ("the log", String::from_utf8_lossy(&logs.0.lock().unwrap()).into_owned()),
        ("the screen", screen.0.lock().unwrap().clone()),
        ("a fault", faults),
    ];
    for entry in std::fs::read_dir(folder.path())? {
        places.push((
            "the device's file",
            String::from_utf8_lossy(&std::fs::read(entry?.path())?).into_owned(),
        ));
    }
    for (place, text) in &places {
        assert!(text.len() > 100, "{place} holds nothing, so it proves nothing");
        for secret in &secrets {
            let at = text.find(secret.as_str());
            let around = at.map(|at| text.get(at.saturating_sub(200)..at).unwrap_or_default());
            assert!(at.is_none(), "a secret of {} letters is in {place}, after: {around:?}", secret.len());
        }
    }
    Ok(())
}
