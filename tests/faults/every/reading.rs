//! What only reads: whatever the network does, an answer is the server's or none.

use onetill_core::ports::{CashUp, Ledger, Managing, Reports, Seen, Server};

use super::Call;
use super::settling::{pay_in, settled, started};
use super::verdict::{Trouble, Verdict, check, in_time};
use crate::shop::{Device, Shop};

pub(super) async fn registers(shop: &Shop, manager: &Device, trouble: Trouble) -> Verdict {
    let server = manager.ready().await?;
    let location = shop.location(&manager.staff).await?;
    let register = shop.register(&manager.staff, &location).await?;
    let read = async || server.registers(location.id).await;
    let (first, again) = trouble.read(manager, read).await?;
    for list in first.iter().chain([&again]) {
        check(list.len() == 1 && list[0].id == register, || format!("another list: {list:?}"))?;
    }
    Ok(())
}

pub(super) async fn look(shop: &Shop, device: &Device, call: Call, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let read = async || match call {
        Call::Whole => server.whole_session(session.id).await,
        _ => match server.session(session.id, -1, None).await? {
            Seen::Session(session) => Ok(*session),
            Seen::Unchanged => unreachable!("nothing was known, so nothing can be unchanged"),
        },
    };
    let (first, again) = trouble.read(device, read).await?;
    for told in first.iter().chain([&again]) {
        check(told.id == session.id && told.status.holds_register(), || format!("told {told:?}"))?;
    }
    Ok(())
}

pub(super) async fn movements(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let recorded = [pay_in(session.id, "1.00"), pay_in(session.id, "2.00")];
    for movement in &recorded {
        server.record_movement(movement, device.staff.user_id).await?;
    }
    let (first, again) = trouble.read(device, async || server.movements(session.id).await).await?;
    for list in first.iter().chain([&again]) {
        let ids = list.iter().map(|movement| movement.id);
        check(ids.eq(recorded.iter().map(|movement| movement.id)), || format!("another ledger: {list:?}"))?;
    }
    Ok(())
}

pub(super) async fn x_report(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let (first, again) = trouble.read(device, async || server.x_report(session.id).await).await?;
    for report in first.iter().chain([&again]) {
        check(report.session_id == session.id && report.settlement().is_none(), || {
            format!("told {report:?}")
        })?;
    }
    Ok(())
}

pub(super) async fn z_report(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    settled(&server, session.id).await?;
    let (first, again) = trouble.read(device, async || server.z_report(session.id).await).await?;
    check(again.session_id == session.id && again.settlement().is_some(), || format!("told {again:?}"))?;
    check(first.is_none_or(|first| first == again), || "another Z report the second time".to_owned())
}

pub(super) async fn board(shop: &Shop, manager: &Device, call: Call, trouble: Trouble) -> Verdict {
    let server = manager.ready().await?;
    let location = shop.location(&manager.staff).await?;
    let register = shop.register(&manager.staff, &location).await?;
    let mut intent = manager.intent(register);
    intent.location_id = location.id;
    let session = server.open_session(&intent).await?.session.id;
    let open = async || {
        Ok(match call {
            Call::Day => server.day(location.id, None).await?.open.into_iter().map(|it| it.id).collect(),
            _ => {
                let registers = server.board(location.id).await?.registers;
                registers.into_iter().filter_map(|it| it.open_session).map(|it| it.id).collect::<Vec<_>>()
            }
        })
    };
    let (first, again) = trouble.read(manager, open).await?;
    for open in first.iter().chain([&again]) {
        check(*open == [session], || format!("told as open: {open:?}"))?;
    }
    Ok(())
}

/// It promises nothing but to end, and to leave the next call as good as it was.
pub(super) async fn warm(device: &Device, trouble: Trouble) -> Verdict {
    let server = device.ready().await?;
    let met = trouble.inject(device);
    in_time(server.warm()).await?;
    met.somebody()?;
    device.proxy.heal();
    let staff = in_time(server.resume_login()).await??;
    check(staff.is_some_and(|staff| staff.user_id == device.staff.user_id), || "the login is lost".to_owned())
}
