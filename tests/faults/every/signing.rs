//! Who is signed in: no accident of the network ends a login, and no login is left where there should be none.

use std::time::Duration;

use onetill_core::ports::{Managing, Server};
use onetill_core::{Code, Fault as Told, Staff};
use onetill_local::DEMO_ACCOUNTS;

use super::Call;
use super::verdict::{Answer, Trouble, Verdict, Wrong, check, in_time, open_question};
use crate::shop::{Device, SIGN_IN_HURRY};

const SIGN_IN_DEADLINE: Duration = Duration::from_millis(20_000 / SIGN_IN_HURRY.get() as u64 + 8_000);

pub(super) async fn resume(device: &Device, call: Call, trouble: Trouble) -> Verdict {
    drop(device.ready().await?);
    let met = trouble.inject(device);
    let server = device.start()?;
    let answer = in_time(server.resume_login()).await?;
    met.somebody()?;
    match &answer {
        Ok(staff) => check(staff.is_some(), || "the login was forgotten".to_owned())?,
        // Hosted Auth accepts the parent of a token whose answer was lost; the local one ends the login, and says so.
        Err(fault) if call == Call::Renewal && token_spent(fault) => return Ok(()),
        Err(fault) => open_question(fault)?,
    }
    trouble.cured(&answer)?;
    device.proxy.heal();
    let again = in_time(server.resume_login()).await?;
    match again {
        // On the good network of now: an answer that came after its shortened deadline was asked for again.
        Err(fault) if token_spent(&fault) => Err(Wrong::Late(fault.to_string())),
        again => check(matches!(again, Ok(Some(_))), || format!("the login did not survive: {again:?}")),
    }
}

fn token_spent(fault: &Told) -> bool {
    fault.detail.contains("refresh_token_already_used")
}

async fn signed_in(device: &Device) -> Verdict<Answer<Staff>> {
    let late = |_elapsed| Wrong::Untrue("a sign-in has no end by its deadline".to_owned());
    tokio::time::timeout(SIGN_IN_DEADLINE, device.sign_in(SIGN_IN_HURRY)).await.map_err(late)
}

pub(super) async fn sign_in(device: &Device, call: Call, trouble: Trouble) -> Verdict {
    device.proxy.heal();
    let met = trouble.inject(device);
    let answer = signed_in(device).await?;
    met.somebody()?;
    if let Err(fault) = &answer {
        open_question(fault)?;
        check(fault.code != Code::WrongPassword, || "a good password was called wrong".to_owned())?;
        // Nobody was told that they are signed in, so the next start must not find them so.
        check(call == Call::SignIn || device.kept().is_none(), || "a login was left behind".to_owned())?;
    }
    if call == Call::SignInWhoami {
        trouble.cured(&answer)?;
    }
    device.proxy.heal();
    signed_in(device).await??;
    Ok(())
}

pub(super) async fn sign_out(device: &Device, trouble: Trouble) -> Verdict {
    let server = device.ready().await?;
    let met = trouble.inject(device);
    in_time(server.sign_out()).await?;
    met.somebody()?;
    check(server.resume_login().await == Ok(None), || "something was left to resume".to_owned())?;
    check(device.kept().is_none(), || "the keychain has it still".to_owned())
}

/// The password of a locked till: a lost answer neither calls it wrong nor ends the login that is at work.
pub(super) async fn confirm(device: &Device, call: Call, trouble: Trouble) -> Verdict {
    let server = device.ready().await?;
    let (who, password) = (device.staff.user_id, DEMO_ACCOUNTS[device.account].password);
    let confirm = async || server.confirm(who, &password.into()).await;
    let answer = trouble.meets(device, confirm).await?;
    if let Err(fault) = &answer {
        check(fault.code != Code::WrongPassword, || "a good password was called wrong".to_owned())?;
    }
    // As beside a colleague: a sign-in whose answer was lost is not sent again.
    if call == Call::ConfirmWhoami {
        trouble.cured(&answer)?;
    }
    device.proxy.heal();
    let again = in_time(confirm()).await??;
    for told in answer.iter().chain([&again]).flatten() {
        check(told.user_id == who, || format!("it is the password of {told:?}"))?;
    }
    let resumed = in_time(device.start()?.resume_login()).await??;
    check(resumed.is_some(), || "the login did not survive".to_owned())
}

/// A manager beside the cashier, whose own login is not touched whatever happens.
pub(super) async fn verify_manager(
    device: &Device,
    manager: &Device,
    call: Call,
    trouble: Trouble,
) -> Verdict {
    let server = device.ready().await?;
    let kept = device.kept();
    let who = &DEMO_ACCOUNTS[manager.account];
    let verify = async || server.verify_manager(who.email, &who.password.into()).await;
    let answer = trouble.meets(device, verify).await?;
    if let Err(fault) = &answer {
        check(fault.code != Code::WrongPassword, || "a good password was called wrong".to_owned())?;
        check(call != Call::VerifyManagerSignOut, || format!("what follows made it fail: {fault}"))?;
    }
    // A sign-in whose answer was lost is not sent again: it would leave a second login behind.
    if call != Call::VerifyManagerSignIn {
        trouble.cured(&answer)?;
    }
    device.proxy.heal();
    let again = in_time(verify()).await??;
    for told in answer.iter().chain([&again]) {
        check(told.user_id == manager.staff.user_id, || format!("verified as {told:?}"))?;
    }
    check(device.kept() == kept, || "the cashier's own login was touched".to_owned())
}
