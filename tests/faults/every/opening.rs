//! Opening and joining.

use std::sync::atomic::{AtomicBool, Ordering};

use onetill_core::ports::Server;
use onetill_core::{Retry, SessionOutcome};

use super::verdict::{Trouble, Verdict, Wrong, check, in_time, open_question};
use super::{Call, Moment};
use crate::proxy::Fault;
use crate::shop::{Device, Shop};

pub(super) async fn open(shop: &Shop, device: &Device, call: Call, trouble: Trouble) -> Verdict {
    let server = device.ready().await?;
    let register = shop.register(&device.staff, device.location()).await?;
    let intent = device.intent(register);
    let Trouble { path, fault, moment } = trouble;
    let answer = if call == Call::Open {
        trouble.meets(device, async || server.open_session(&intent).await).await?
    } else {
        let spent = AtomicBool::new(false);
        device.proxy.choose(move |asked| match asked {
            asked if asked.ends_with("get_or_create_session") => Fault::NoOutcome,
            asked if asked.ends_with(path) => {
                if moment == Moment::Once && spent.swap(true, Ordering::Relaxed) {
                    Fault::None
                } else {
                    fault
                }
            }
            _ => Fault::None,
        });
        in_time(server.open_session(&intent)).await?
    };
    match &answer {
        Ok(opened) => {
            let may_be = match call {
                Call::Open => opened.outcome == SessionOutcome::Created,
                _ => matches!(opened.outcome, SessionOutcome::Created | SessionOutcome::Unknown),
            };
            if call == Call::Open {
                key_was_read(opened.outcome)?;
            }
            check(may_be, || format!("told {:?} to who opened it", opened.outcome))?;
        }
        Err(fault) => {
            check(call == Call::Open, || format!("a read that completes made the open fail: {fault}"))?;
            if fault.retry == Retry::DidNotRun {
                let sessions = shop.sessions(register).await?;
                check(sessions.is_empty(), || format!("told as not run: {fault}, but it ran"))?;
            }
        }
    }
    trouble.cured(&answer)?;

    device.proxy.heal();
    let again = in_time(server.open_session(&intent)).await??;
    key_was_read(again.outcome)?;
    check(again.outcome == SessionOutcome::Created, || format!("afterwards told {:?}", again.outcome))?;
    let sessions = shop.sessions(register).await?;
    check(sessions.len() == 1, || format!("{} sessions came of one press", sessions.len()))?;
    check(sessions[0]["id"] == again.session.id.to_string(), || "another session was told".to_owned())?;
    check(sessions[0]["idempotency_key"] == intent.key.to_string(), || "another key opened it".to_owned())?;
    let joins = shop.joins(&again.session.id.to_string()).await?;
    check(joins.is_empty(), || "its opener is on record as a joiner".to_owned())?;

    // A late duplicate of the press must not open the register again once the session is over.
    shop.end(&again.session.id.to_string()).await?;
    let late = in_time(server.open_session(&intent)).await??;
    check(!late.session.status.holds_register(), || "a session that is over was told as open".to_owned())?;
    let sessions = shop.sessions(register).await?;
    check(sessions.len() == 1, || "a late duplicate opened the register again".to_owned())?;
    Ok(())
}

/// The read that tells a repeat from a join has a time of its own: on a busy computer it can run out.
fn key_was_read(outcome: SessionOutcome) -> Verdict {
    match outcome {
        SessionOutcome::Replayed => Err(Wrong::Late("the key could not be read in time".to_owned())),
        _ => Ok(()),
    }
}

pub(super) async fn join(
    shop: &Shop,
    device: &Device,
    other: &Device,
    call: Call,
    trouble: Trouble,
) -> Verdict {
    let server = device.ready().await?;
    let register = shop.register(&device.staff, device.location()).await?;
    let first = other.ready().await?.open_session(&other.intent(register)).await?;
    let intent = device.intent(register);
    trouble.inject(device);
    let answer = in_time(server.open_session(&intent)).await?;
    match &answer {
        Ok(opened) => {
            key_was_read(opened.outcome)?;
            check(opened.outcome == SessionOutcome::Joined, || {
                format!("told {:?} to a joiner", opened.outcome)
            })?;
            check(opened.session.id == first.session.id, || "joined another session".to_owned())?;
            check(opened.session.opener_id == Some(other.staff.user_id), || {
                "the opener is wrong".to_owned()
            })?;
        }
        Err(fault) => {
            check(call == Call::Join, || format!("a read that completes made the join fail: {fault}"))?;
            open_question(fault)?;
        }
    }
    trouble.cured(&answer)?;

    device.proxy.heal();
    let again = in_time(server.open_session(&intent)).await??;
    key_was_read(again.outcome)?;
    check(again.outcome == SessionOutcome::Joined, || format!("afterwards told {:?}", again.outcome))?;
    let sessions = shop.sessions(register).await?;
    check(sessions.len() == 1, || format!("a join made {} sessions", sessions.len()))?;
    let joins = shop.joins(&first.session.id.to_string()).await?;
    let own = joins.iter().filter(|join| join["idempotency_key"] == intent.key.to_string()).count();
    check(own == 1 && joins.len() == 1, || format!("{} joins on record", joins.len()))?;
    Ok(())
}
