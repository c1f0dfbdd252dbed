//! Asking the server what became of things, at the pace that they need.
//!
//! Invariants: what it tells of the session is the only thing that fences this device (I9); silence is not a fault in a
//! running shift.

use super::{Till, attach, record_fault, state::Login};
use crate::{
    Code, Device, LocationId, SessionId,
    device::Contact,
    ports::{Backend, DeviceStore, Display, Seen, World},
};
use std::time::Duration;

/// What the device stands ready to ask the server.
enum NextPoll {
    /// Is the kept login still good?
    Login,
    /// What became of the open that was asked for?
    Open,
    /// What became of the count or the close that was asked for?
    Closing,
    /// Does the session still stand?
    Watch(SessionId, i64),
    /// How are the registers of this store?
    Registers(LocationId),
    /// Nothing: somebody has to sign in first.
    Nothing,
}

impl<S: Backend, D: DeviceStore, W: World, V: Display> Till<S, D, W, V> {
    /// Asks the server whatever the device wants to know, once, and says after which time to ask again. The shell
    /// calls this at start, on a timer (with jitter), on focus and when the network changes.
    pub async fn poll(&self) -> Duration {
        self.send_queue().await;
        self.send_counts().await;
        let next = self.next_poll();
        match next {
            NextPoll::Login => self.resume_login().await,
            NextPoll::Open => {
                // What went wrong is on the screen. The answer names no opener and no business date: a first poll
                // completes it.
                let _on_screen = self.ask(None).await;
                let opened = match &self.lock().device {
                    Device::Attached(attached) => Some(attached.active.session.id),
                    _ => None,
                };
                if let Some(session) = opened {
                    self.watch(session, -1).await;
                }
            }
            NextPoll::Closing => {
                let _on_screen = self.send_pending(false).await;
                // The shift is on the screen while its count is being given up: it is watched as ever.
                let leaving = self.lock().leaving();
                if let Some((session, revision)) = leaving {
                    self.watch(session, revision).await;
                }
            }
            NextPoll::Watch(session, revision) => self.watch(session, revision).await,
            NextPoll::Registers(location) => {
                let first = self.lock().registers.is_none();
                let _on_screen = self.read_registers(location, first).await;
            }
            NextPoll::Nothing => self.server.warm().await,
        }
        self.reread_board().await;
        self.poll_interval()
    }

    fn next_poll(&self) -> NextPoll {
        let state = self.lock();
        match (state.login, &state.device) {
            (Login::Unknown, _) => NextPoll::Login,
            (Login::Out, _) => NextPoll::Nothing,
            (Login::In, _) if state.closing.as_ref().is_some_and(|closing| closing.step.is_asked()) => {
                NextPoll::Closing
            }
            // It is over and people read so.
            (Login::In, Device::Attached(attached)) if state.is_done(attached.active.session.id) => {
                NextPoll::Nothing
            }
            (Login::In, Device::Resolving(_)) if !state.asking => NextPoll::Open,
            (Login::In, Device::Attached(attached)) => {
                // Until the movements were read once, everything is asked for.
                NextPoll::Watch(attached.active.session.id, state.movements_at.unwrap_or(-1))
            }
            (Login::In, Device::Detached(_)) => match (&state.placement, state.listed_location()) {
                (Some(placement), _) => NextPoll::Registers(placement.location.id),
                (None, Some(location)) => NextPoll::Registers(location.id),
                (None, None) => NextPoll::Nothing,
            },
            (Login::In, Device::Fenced(_) | Device::Resolving(_)) => NextPoll::Nothing,
        }
    }

    /// How long to wait before polling again: short while a shift runs, so that what other devices do shows within
    /// three seconds; longer when the server is silent or nothing is at stake.
    fn poll_interval(&self) -> Duration {
        let state = self.lock();
        let asked = state.closing.as_ref().is_some_and(|closing| closing.step.is_asked());
        let seconds = match (&state.device, state.login) {
            (_, Login::In) if asked => 3,
            (_, Login::Out) | (Device::Fenced(_), _) => 30,
            (_, Login::Unknown) | (Device::Resolving(_), _) => 3,
            (Device::Attached(attached), Login::In) => match attached.contact {
                Contact::Confirmed(_) => 2,
                _ => 3,
            },
            (Device::Detached(_), Login::In) => 5,
        };
        Duration::from_secs(seconds)
    }

    async fn watch(&self, session: SessionId, revision: i64) {
        let answer = self.server.session(session, revision).await;
        let movements = match &answer {
            Ok(Seen::Session(told)) if told.status.holds_register() => {
                self.server.movements(session).await.ok()
            }
            _ => None,
        };
        let now = self.world.now();
        self.change(|state| {
            let mut fault = None;
            state.change_device(|device| match device {
                Device::Attached(attached) if attached.active.session.id == session => match answer {
                    Ok(Seen::Unchanged) => Device::Attached(Box::new(attached.unchanged(now))),
                    Ok(Seen::Session(session)) => attach(attached.told(*session, now)),
                    Err(why) if why.code == Code::SessionNotFound => Device::Fenced(attached.lost()),
                    Err(why) => {
                        fault = Some(why);
                        Device::Attached(attached)
                    }
                },
                // The device moved on while the question was under way.
                other => other,
            });
            if let (Device::Attached(attached), Some(movements)) = (&state.device, movements) {
                state.movements_at = Some(attached.active.session.revision);
                if movements != state.movements {
                    state.movements = movements;
                    self.keep_movements(state);
                }
            }
            match fault {
                Some(fault) => record_fault(state, fault),
                None => {
                    state.ask_by_server_clock(self.store_time());
                    self.keep_attached(state);
                }
            }
            self.check_hold(state);
        });
    }
}
