//! The model's server and the real one get the same requests in the same order, by seed, and must answer alike.

use onetill_core::ports::{Ledger, Server};
use onetill_core::{
    Code, IntentKey, Movement, MovementId, MovementKind, OpenIntent, SessionId, SessionOutcome,
};
use onetill_tests::Result;
use uuid::Uuid;

use crate::model::{Records, SessionNumber};
use crate::shop::{Device, Shop};

const WALKS: u64 = 40;
const STEPS: usize = 14;

#[tokio::test(flavor = "multi_thread")]
async fn the_real_server_agrees() -> Result<()> {
    let shop = Shop::open().await?;
    let devices = [Device::new(&shop, 0).await?, Device::new(&shop, 1).await?];
    let clients = [devices[0].patient().await?, devices[1].patient().await?];
    for seed in 0..WALKS {
        let mut dice = fastrand::Rng::with_seed(seed);
        let register = shop.register(&devices[0].staff, devices[0].location()).await?;
        let mut model = Records::default();
        let mut sessions: Vec<SessionId> = Vec::new();
        let keys: Vec<IntentKey> = (0..5).map(|_| IntentKey(Uuid::new_v4())).collect();
        let moves: Vec<MovementId> = (0..4).map(|_| MovementId(Uuid::new_v4())).collect();
        let mut story = Vec::new();
        for _ in 0..STEPS {
            match dice.u32(0..10) {
                0..5 => {
                    let key = dice.u8(0..5);
                    // A key belongs to one press, and so to one device.
                    let at = usize::from(key % 2);
                    let intent = OpenIntent { key: keys[usize::from(key)], ..devices[at].intent(register) };
                    let (session, outcome) = model.get_or_create(key);
                    story.push(format!("press {key}: {outcome:?} {session}"));
                    let told = clients[at].open_session(&intent).await?;
                    if usize::from(session) == sessions.len() {
                        sessions.push(told.session.id);
                    }
                    let record = &model.sessions[usize::from(session)];
                    let truly =
                        if record.key == key { SessionOutcome::Created } else { SessionOutcome::Joined };
                    assert_eq!(told.session.id, sessions[usize::from(session)], "seed {seed}: {story:?}");
                    assert_eq!(told.outcome, truly, "seed {seed}: {story:?}");
                    assert_eq!(told.session.status.holds_register(), record.open, "seed {seed}: {story:?}");
                }
                5..8 if !sessions.is_empty() => {
                    let (id, session) = (dice.u8(0..4), dice.usize(..sessions.len()));
                    // An id stays with its session, as on a device.
                    let session = model
                        .ledger
                        .iter()
                        .find(|(known, _)| *known == id)
                        .map_or(session, |(_, session)| usize::from(*session));
                    let accepted = model.record(id, session as SessionNumber);
                    story.push(format!("movement {id} in {session}: {accepted}"));
                    let movement = movement(moves[usize::from(id)], sessions[session]);
                    let told = clients[0].record_movement(&movement, devices[0].staff.user_id).await;
                    match told {
                        Ok(_) => assert!(accepted, "seed {seed}: {story:?}"),
                        Err(fault) => {
                            assert_eq!(
                                (fault.code, accepted),
                                (Code::SessionOver, false),
                                "seed {seed}: {story:?}"
                            );
                        }
                    }
                }
                _ => {
                    if let Some(open) = model.open() {
                        shop.end(&sessions[usize::from(open)].to_string()).await?;
                        model.end();
                        story.push("end".to_owned());
                    }
                }
            }
        }
        let real = shop.sessions(register).await?;
        assert_eq!(real.len(), model.sessions.len(), "seed {seed}: {story:?}");
    }
    Ok(())
}

fn movement(id: MovementId, session_id: SessionId) -> Movement {
    Movement {
        id,
        session_id,
        kind: MovementKind::PayIn,
        amount: "1.00".parse().unwrap(),
        reason: "test".to_owned(),
        note: String::new(),
        reference: String::new(),
        reverses: None,
        by_name: String::new(),
        recorded_at: jiff::Timestamp::now(),
        sent_at: None,
    }
}
