//! The cash that should be in the drawer, as this device shows it.
//!
//! Invariants: it is the server's figure and the effect of what waits here and is not in that figure (S4); where this
//! device cannot know what the figure holds, there is none until it was read again, never a wrong one.

use super::state::State;
use crate::{Amount, Device, Entry, EntryContent, EntryId, MovementId, Sale, Session, sale::AwaitingServer};

impl State {
    /// What people see; `None` for who may not see it, and while it is not known.
    pub(super) fn expected_cash(&self, session: &Session) -> Option<Amount> {
        let mut cash = session.expected_cash?.decimal();
        let of_session = |entry: &&Entry| entry.session_id() == session.id && entry.state.is_pending();
        for entry in self.queue.iter().filter(of_session) {
            if !self.is_in_figure(entry, session.revision)? {
                cash += entry.effect();
            }
        }
        // A refund is in nobody's drawer until the server has it: then it is in its figure.
        match self.awaiting().map(AwaitingServer::entry) {
            Some(sale) if sale.session_id == session.id && self.may_be_in_figure(sale, session.revision) => {
                None
            }
            _ => Some(cash.into()),
        }
    }

    /// Whether the figure of that revision may hold a refund whose answer is not known.
    fn may_be_in_figure(&self, refund: &Sale, revision: i64) -> bool {
        let sent = self.selling.sent.filter(|(id, _)| *id == refund.id.into());
        let was_sent = self.awaiting().is_some_and(AwaitingServer::may_have_run);
        sent.map_or(was_sent, |(_, at)| at != revision)
    }

    /// The server has recorded an entry of the attached session, which is of `revision` with it. Its figure is carried on
    /// until the next read, so that what people see does not jump back for two seconds.
    pub(super) fn carry_expected_cash(&mut self, entry: &Entry, revision: i64) {
        let Some(before) = self.attached_session().map(|session| session.revision) else { return };
        if revision <= before {
            return;
        }
        let is_in = self.is_in_figure(entry, before);
        // Others may have recorded something, too: with a gap in the revisions the list is read anew.
        let is_whole = is_in == Some(false) && revision == before + 1 && self.movements_at == Some(before);
        if is_whole {
            self.movements_at = Some(revision);
        }
        if let Device::Attached(attached) = &mut self.device {
            let session = &mut attached.active.session;
            session.expected_cash = match is_in {
                Some(true) => session.expected_cash,
                Some(false) => {
                    session.expected_cash.map(|cash| Amount::from(cash.decimal() + entry.effect()))
                }
                None => None,
            };
            if is_whole {
                session.revision = revision;
            }
        }
    }

    /// A sale, or a refund, is about to be sent: from now on the server may have it. A refund that an earlier run of the
    /// program sent may have been in it all along.
    pub(super) fn note_sent(&mut self, sale: &Sale) {
        let id = EntryId::from(sale.id);
        if self.selling.sent.is_some_and(|(sent, _)| sent == id) {
            return;
        }
        let was_sent = self.awaiting().is_some_and(|one| one.entry().id == sale.id && one.may_have_run());
        let revision = self.attached_session().filter(|_| !was_sent).map_or(-1, |session| session.revision);
        self.selling.sent = Some((id, revision));
    }

    /// Whether the server has a movement, as far as it was read.
    pub(super) fn is_listed(&self, id: MovementId) -> bool {
        self.movements.iter().any(|movement| movement.id == id)
    }

    /// Whether the server's figure of that revision holds an entry; `None` where this device cannot know.
    fn is_in_figure(&self, entry: &Entry, revision: i64) -> Option<bool> {
        match &entry.content {
            // The list that was read with the figure says so.
            EntryContent::Movement(movement) => {
                (self.movements_at == Some(revision)).then(|| self.is_listed(movement.id))
            }
            // There is no such list of sales: what was read since it was first sent may have it in it.
            EntryContent::Sale(_) => {
                let read_since = self.selling.sent.is_some_and(|(id, at)| id == entry.id() && at != revision);
                (!read_since).then_some(false)
            }
        }
    }
}
