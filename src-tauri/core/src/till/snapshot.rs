//! What people see, as a function of the state.
//!
//! Invariant: nothing else decides what is shown. What a locked till shows holds nothing that a passer-by may not know.

use super::{
    effect::{Busy, Moment},
    state::{BoardView, Login, State, earlier_day},
};
use crate::{
    Closing, Device, RegisterAssignment, Tally,
    closing::{Asked, Counted, Counting, Done, Step, Unsettled},
    currency,
    day_view::DayView,
    device::{Attached, ConnectionState, Resolving},
    lock::{Lock, Locked, Person},
    report::{self, Tender, TenderLine},
    store_sheet::StoreSheet,
    view::{ClosingStep, RegisterLabel, Screen, Snapshot},
};
use jiff::{SignedDuration, Timestamp};

/// A clock that is wrong by more than this is worth a person's attention.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

/// What a snapshot holds beside the state.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Higher than that of every snapshot before it.
    pub serial: u64,
    /// Whose passwords can be confirmed here, the last one first.
    pub people: Vec<Person>,
    /// A login outlives the program on this computer.
    pub login_is_kept: bool,
}

impl State {
    /// The snapshot of now; `may` is filled in by who knows the commands.
    pub(super) fn snapshot(&self, surroundings: Surroundings, host: &str, at: &Moment) -> Snapshot {
        let Surroundings { serial, people, login_is_kept } = surroundings;
        let server = Some(host.to_owned());
        let ahead = at.clock_ahead.filter(|ahead| ahead.abs() > CLOCK_TOLERANCE);
        let clock_behind_seconds = ahead.map(|ahead| ahead.as_secs());
        if let Lock::Locked(locked) = &self.lock {
            return Snapshot {
                serial,
                server,
                staff: None,
                screen: self.locked_screen(locked, people),
                fault: self.unlock_attempt.fault.clone(),
                busy: self.unlock_attempt.under_way.then_some(Busy::Unlocking),
                unsent: 0,
                refused: Vec::new(),
                report: None,
                clock_behind_seconds,
                set_aside: Vec::new(),
                older_server: false,
                may: Vec::new(),
            };
        }
        let screen = self.screen(login_is_kept, at.store_time());
        Snapshot {
            serial,
            server,
            staff: self.staff.clone().filter(|_| self.login != Login::Out),
            refused: self.refused_entries(&screen),
            screen,
            fault: self.fault.clone(),
            busy: self.busy,
            unsent: self.queue.iter().filter(|entry| entry.state.is_pending()).count(),
            report: self.report.clone(),
            clock_behind_seconds,
            set_aside: self.set_aside.clone(),
            older_server: self.login == Login::In && at.older_server,
            may: Vec::new(),
        }
    }

    /// What a passer-by may know.
    fn locked_screen(&self, locked: &Locked, people: Vec<Person>) -> Screen {
        let holder = locked.by.clone();
        let is_other = |person: &Person| holder.as_ref().is_none_or(|by| by.user_id != person.user_id);
        let attached = match &self.device {
            Device::Attached(attached) => Some(attached),
            _ => None,
        };
        let counting = |step: &Step| {
            matches!(step, Step::Counting(_) | Step::Committing(_) | Step::Counted(_) | Step::Settling(_))
        };
        Screen::Locked {
            others: people.into_iter().filter(is_other).collect(),
            needs_email: holder.is_none() || self.unlock_attempt.needs_email,
            holder,
            shop: locked.shop.clone(),
            since: locked.since,
            register: self.assignment.as_ref().map(|assignment| RegisterLabel {
                number: assignment.register.register_number.clone(),
                name: assignment.register.register_name.clone(),
                timezone: assignment.location.timezone.clone(),
            }),
            shift_runs: attached.is_some(),
            count_waits: self.closing.as_ref().is_some_and(|closing| counting(&closing.step)),
            unsent: self.queue.iter().filter(|entry| entry.state.is_pending()).count(),
            offline: attached
                .is_some_and(|attached| matches!(attached.connection, ConnectionState::Offline { .. })),
        }
    }

    fn screen(&self, login_is_kept: bool, now: Timestamp) -> Screen {
        let sign_in = Screen::SignIn { login_is_kept };
        let somebody_works = self.login != Login::Out && self.staff.is_some();
        if let Some(practice) = &self.practice {
            return practice.screen(login_is_kept, now);
        }
        if let Some(screen) = self.closing_screen(now) {
            return screen;
        }
        if !matches!(self.device, Device::Fenced(_))
            && let Some(screen) = self.board_screen()
        {
            return screen;
        }
        match (&self.device, &self.assignment) {
            (Device::Fenced(fenced), assignment) => Screen::Fenced {
                session: fenced.session.clone(),
                location: assignment.as_ref().map(|assignment| assignment.location.clone()),
                late_receipts: self.late_receipts(fenced.session.id),
            },
            (Device::Attached(attached), Some(assignment)) => self.attached_screen(attached, assignment, now),
            _ if !somebody_works => sign_in,
            (Device::Resolving(resolving), Some(assignment)) => {
                start_screen(assignment, Some(resolving), now)
            }
            (_, Some(assignment)) => start_screen(assignment, None, now),
            (_, None) => self.listed_location().map_or(sign_in, |location| Screen::ChooseRegister {
                location: location.clone(),
                registers: self.registers.clone(),
            }),
        }
    }

    fn attached_screen(
        &self,
        attached: &Attached,
        assignment: &RegisterAssignment,
        now: Timestamp,
    ) -> Screen {
        let session = Box::new(attached.active.session.clone());
        let location = assignment.location.clone();
        if attached.question
            && let Some(today) = location.business_date(now)
        {
            return Screen::EarlierDay { session, location, today };
        }
        Screen::Register {
            session,
            register: Box::new(assignment.register.clone()),
            location,
            outcome: attached.active.outcome,
            own_opening_cash: attached.active.other_opening_cash(),
            connection: attached.connection,
            sign_in_needed: self.login == Login::Out,
            movements: self.listed_movements(attached.active.session.id),
            expected_cash: self.expected_cash(&attached.active.session),
            limits: self.limits(assignment),
            selling: self.selling_view(),
            practice: self.selling.is_practice,
        }
    }
    /// The closing, where it is what people look at: not while it ends a shift of another register, not once the
    /// count is being given up, and not to whoever comes next when it is a manager's.
    pub(super) fn closing_screen(&self, now: Timestamp) -> Option<Screen> {
        let closing = self.closing.as_ref()?;
        let attached = self.is_attached_to(closing.session.id);
        let signed_out = self.login == Login::Out;
        if matches!(closing.step, Step::Leaving(_)) || (!attached && signed_out) {
            return None;
        }
        if !attached && matches!(closing.step, Step::Ending(_) | Step::Checklist(_)) {
            return None;
        }
        Some(Screen::Closing {
            session: Box::new(closing.session.clone()),
            register_number: closing.register_number.clone(),
            register_name: closing.register_name.clone(),
            location: closing.location.clone(),
            sign_in_needed: signed_out,
            unanswered: closing.step.is_asked(),
            step: self.closing_step(closing, now),
        })
    }

    fn closing_step(&self, closing: &Closing, now: Timestamp) -> ClosingStep {
        let counting = |counting: &Counting| count_step(closing, counting);
        let result = |counted: &Counted| self.result_step(closing, counted);
        match &closing.step {
            Step::Checklist(_) | Step::Beginning(_) | Step::Leaving(_) => self.checklist_step(closing, now),
            Step::Counting(typed) | Step::Committing(Asked { before: typed, .. }) => counting(typed),
            Step::Counted(counted) => result(counted),
            Step::Settling(Asked { before: Unsettled::Counted(counted), .. }) => result(counted),
            Step::Settling(Asked { before: Unsettled::Counting(typed), .. }) => counting(typed),
            Step::Ending(Asked { what, .. }) => ClosingStep::Ending { how: what.how },
            Step::Done(Done::Closed(report)) => ClosingStep::Closed {
                report: report.clone(),
                was_counted: report.drawer() != report::Counted::NotCounted,
            },
            Step::Done(Done::Ended) => ClosingStep::Ended,
            Step::Done(Done::Cancelled) => ClosingStep::Cancelled,
        }
    }

    fn checklist_step(&self, closing: &Closing, now: Timestamp) -> ClosingStep {
        let session = &closing.session;
        let (unsent, refused) = (self.unsent(session.id), self.unsettled(session.id));
        ClosingStep::Checklist {
            unsent,
            refused,
            allowed_by: closing.allowed_by.clone(),
            others: session.devices.iter().filter(|device| !device.is_here).cloned().collect(),
            counting: session.counting.clone(),
            end_needs_manager: !self.manages() && earlier_day(session, &closing.location, now).is_some(),
        }
    }

    fn result_step(&self, closing: &Closing, counted: &Counted) -> ClosingStep {
        let session = &closing.session;
        let cash = TenderLine {
            tender: Tender::Cash,
            sales: session.totals.total_cash,
            expected: counted.expected(session),
            counted: report::Counted::Counted {
                amount: counted.count.amount,
                difference: counted.difference(session),
            },
        };
        // Cards are settled by the terminal's own slip; here they are only shown.
        let card = TenderLine {
            tender: Tender::Card,
            sales: session.totals.total_card,
            expected: Some(session.totals.total_card),
            counted: report::Counted::NotCounted,
        };
        ClosingStep::Result {
            cash: Box::new(cash),
            card: Box::new(card),
            tally: counted.tally.clone(),
            needs: self.needs(counted.count.needs),
            approved_by: counted.count.approved_by.clone(),
            next_float: counted.next_float(session),
        }
    }

    /// The board, where somebody who may see it has opened it.
    pub(super) fn board_screen(&self) -> Option<Screen> {
        let BoardView { location, board, day, read_at, rules, keeping } = self.board.clone()?;
        if self.login == Login::Out || !self.manages() {
            return None;
        }
        let staff = self.staff.as_ref()?;
        let location = staff.locations.iter().find(|store| store.id == location)?.clone();
        let shop = &staff.vendor_name;
        let sheet = board.as_ref().zip(read_at);
        let sheet = sheet.map(|(board, at)| Box::new(StoreSheet::of_board(board, at, shop, &location)));
        Some(Screen::Board {
            day: day.map(|day| Box::new(DayView::of(&day, board.as_ref(), shop, &location))),
            sheet,
            location,
            board: board.map(Box::new),
            read_at,
            shift_runs: matches!(self.device, Device::Attached(_)),
            rules: rules.map(Box::new),
            catalogue: keeping.map(|keeping| Box::new(keeping.view())),
        })
    }
}

fn count_step(closing: &Closing, counting: &Counting) -> ClosingStep {
    let currency = &closing.location.currency;
    ClosingStep::Count {
        pieces: currency::pieces(currency),
        tally: counting.tally.clone(),
        total: Tally::total(&counting.tally, currency).unwrap_or_default(),
    }
}

fn start_screen(assignment: &RegisterAssignment, resolving: Option<&Resolving>, now: Timestamp) -> Screen {
    let open = assignment.register.open_session.as_ref();
    Screen::StartShift {
        register: Box::new(assignment.register.clone()),
        location: assignment.location.clone(),
        earlier_day: open.is_some_and(|session| earlier_day(session, &assignment.location, now).is_some()),
        unanswered: resolving.is_some_and(|resolving| resolving.may_have_run || resolving.cancelled),
    }
}
