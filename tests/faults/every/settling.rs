//! What changes a session: movements, counts, and the ways out of it. Each is asked twice and done once.

use onetill_core::closing::{CloseIntent, EndHow, EndIntent};
use onetill_core::count::{CountIntent, CountKind};
use onetill_core::ports::{CashUp, Closed, Ledger, Managing, Server};
use onetill_core::{CountId, IntentKey, Movement, MovementId, MovementKind, Session, SessionId, Tally};
use onetill_local::DEMO_ACCOUNTS;
use onetill_supabase::SupabaseServer;
use onetill_tests::Result;
use serde_json::Value;
use uuid::Uuid;

use super::Call;
use super::verdict::{Trouble, Verdict, check};
use crate::shop::{Device, Shop};

/// A client with a login, and a shift that it has just started on a register of its own.
pub(super) async fn started(shop: &Shop, device: &Device) -> Verdict<(SupabaseServer, Session)> {
    let server = device.ready().await?;
    let register = shop.register(&device.staff, device.location()).await?;
    let opened = server.open_session(&device.intent(register)).await?;
    Ok((server, opened.session))
}

/// The session's row.
async fn row(shop: &Shop, id: SessionId) -> Result<Value> {
    let mut rows = shop.rest.rows(&format!("/rest/v1/pos_sessions?id=eq.{id}")).await?;
    rows.pop().ok_or_else(|| "the session is gone".into())
}

pub(super) fn pay_in(session: SessionId, amount: &str) -> Movement {
    Movement {
        id: MovementId(Uuid::new_v4()),
        session_id: session,
        kind: MovementKind::PayIn,
        amount: amount.parse().unwrap(),
        reason: "test".to_owned(),
        note: String::new(),
        reference: String::new(),
        reverses: None,
        by_name: String::new(),
        recorded_at: jiff::Timestamp::now(),
        sent_at: None,
    }
}

/// A closing count of what the shift began with.
fn count(session: SessionId) -> CountIntent {
    CountIntent {
        id: CountId(Uuid::new_v4()),
        session_id: session,
        vendor_id: None,
        kind: CountKind::Closing,
        tally: Tally::Sum { amount: "200.00".parse().unwrap() },
        amount: "200.00".parse().unwrap(),
        counted_at: jiff::Timestamp::now(),
    }
}

fn close_with(count: CountId) -> CloseIntent {
    CloseIntent {
        key: IntentKey(Uuid::new_v4()),
        count_id: Some(count),
        reason: String::new(),
        left_in_drawer: Some("150.00".parse().unwrap()),
    }
}

/// Counts and closes on a good network.
pub(super) async fn settled(server: &SupabaseServer, session: SessionId) -> Verdict {
    let counted = server.commit_count(&count(session)).await?;
    server.close_session(session, &close_with(counted.id)).await?;
    Ok(())
}

pub(super) async fn movement(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let movement = pay_in(session.id, "12.34");
    let ledger = async || shop.movements(&session.id.to_string()).await;
    let record = async || server.record_movement(&movement, device.staff.user_id).await;
    let (_first, recorded) = trouble.write(device, record, async || Ok(!ledger().await?.is_empty())).await?;
    check(recorded.movement.amount == movement.amount, || "the amount has changed".to_owned())?;
    let ledger = ledger().await?;
    check(ledger.len() == 1, || format!("{} movements came of one", ledger.len()))
}

pub(super) async fn begin_count(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let key = IntentKey(Uuid::new_v4());
    let begin = async || server.begin_count(key, session.id, false).await;
    let ran = async || Ok(row(shop, session.id).await?["counting_key"] == key.to_string());
    let (first, again) = trouble.write(device, begin, ran).await?;
    check(again.counting.is_some(), || "nobody counts".to_owned())?;
    if let Some(first) = first {
        check(first.counting == again.counting, || "asking again began another count".to_owned())?;
    }
    Ok(())
}

pub(super) async fn abandon_count(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let key = IntentKey(Uuid::new_v4());
    server.begin_count(key, session.id, false).await?;
    let abandon = async || server.abandon_count(key, session.id).await;
    let ran = async || Ok(row(shop, session.id).await?["counting_since"].is_null());
    let (first, again) = trouble.write(device, abandon, ran).await?;
    check(first.is_none_or(|first| first.counting.is_none()), || "somebody counts still".to_owned())?;
    check(again.counting.is_none() && again.status.holds_register(), || format!("told {again:?}"))
}

pub(super) async fn commit_count(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let intent = count(session.id);
    let counts = async || shop.rest.rows(&format!("/rest/v1/pos_counts?session_id=eq.{}", session.id)).await;
    let commit = async || server.commit_count(&intent).await;
    let (first, again) = trouble.write(device, commit, async || Ok(!counts().await?.is_empty())).await?;
    check(first.is_none_or(|first| first == again), || "told otherwise the second time".to_owned())?;
    check(again.amount == intent.amount && again.expected == Some(intent.amount), || {
        format!("told {again:?}")
    })?;
    let counts = counts().await?;
    check(counts.len() == 1, || format!("{} counts came of one", counts.len()))
}

pub(super) async fn close(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let counted = server.commit_count(&count(session.id)).await?;
    let intent = close_with(counted.id);
    let close = async || server.close_session(session.id, &intent).await;
    let ran = async || Ok(row(shop, session.id).await?["status"] == "closed");
    let (first, again) = trouble.write(device, close, ran).await?;
    check(matches!(again, Closed::Here(_)), || "one's own close was told as somebody else's".to_owned())?;
    check(first.is_none_or(|first| first == again), || "another Z report the second time".to_owned())?;
    let sheets = shop.rest.rows(&format!("/rest/v1/pos_z_reports?session_id=eq.{}", session.id)).await?;
    check(sheets.len() == 1, || format!("{} Z reports", sheets.len()))?;
    let stored = row(shop, session.id).await?;
    check(stored["close_key"] == intent.key.to_string(), || format!("another close: {stored}"))
}

pub(super) async fn end(shop: &Shop, device: &Device, call: Call, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let (how, status) = match call {
        Call::Cancel => (EndHow::Cancel, "cancelled"),
        Call::ForceEnd => (EndHow::Force, "ended"),
        _ => (EndHow::CountLater, "ended"),
    };
    let intent = EndIntent { key: IntentKey(Uuid::new_v4()), how, reason: "test".to_owned() };
    let end = async || server.end_session(session.id, &intent).await;
    let ran = async || Ok(row(shop, session.id).await?["status"] == status);
    let (first, again) = trouble.write(device, end, ran).await?;
    check(first.is_none_or(|first| first.here), || "one's own end was told as somebody else's".to_owned())?;
    check(again.here && !again.session.status.holds_register(), || format!("told {again:?}"))?;
    let stored = row(shop, session.id).await?;
    check(stored["end_key"] == intent.key.to_string(), || format!("another end: {stored}"))
}

pub(super) async fn approve(shop: &Shop, device: &Device, manager: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let counted = server.commit_count(&count(session.id)).await?;
    let who = &DEMO_ACCOUNTS[manager.account];
    let kept = device.kept();
    let approve = async || server.approve_count(who.email, &who.password.into(), counted.id, "seen").await;
    let approver = async || {
        let rows = shop.rest.rows(&format!("/rest/v1/pos_counts?id=eq.{}", counted.id)).await?;
        Result::Ok(rows[0]["approved_by"].clone())
    };
    let (first, again) = trouble.write(device, approve, async || Ok(!approver().await?.is_null())).await?;
    for told in first.iter().chain([&again]) {
        check(told.user_id == manager.staff.user_id, || format!("approved by {told:?}"))?;
    }
    check(approver().await? == manager.staff.user_id.to_string(), || "on record as another's".to_owned())?;
    check(device.kept() == kept, || "the cashier's own login was touched".to_owned())
}
