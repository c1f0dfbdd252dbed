//! What the window can press, and whether it may be pressed now.
//!
//! Invariant: lock, role and step are decided by [`allowed`] and nowhere else. A command that it refuses changes
//! nothing, and what it allows is what [`crate::view::Snapshot::may`] offers the window.

use super::{
    keeping::ImportSituation,
    practice::practising,
    selling_state::CartState,
    state::{BoardView, Login, State, earlier_day},
};
use crate::{
    Closing, Code, Device, EntryId, Fault, ItemId, LocationId, MovementId, MovementRequest, RegisterId, Role,
    SaleId, SaleSlip, SessionId, SessionStatus, Tally, UserId,
    closing::Step,
    connection::ConnectionReport,
    count::Needs,
    items::{typed::TypedItem, view::ImportFilter},
    lock::Lock,
    printing::Printed,
    selling::RulesChange,
    selling_view::ItemView,
    view::SavedFile,
};
use jiff::{Timestamp, civil};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Defines the commands once: as what the window sends, and as their bare names.
macro_rules! commands {
    ($(
        $(#[$doc:meta])*
        $name:ident $({ $( $(#[$field_doc:meta])* $field:ident: $type:ty, )* })?,
    )*) => {
        /// Everything that the window can ask for that changes the till.
        #[derive(Clone, Debug, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
        #[serde(tag = "name", rename_all = "kebab-case")]
        pub enum Command {
            $( $(#[$doc])* $name $({ $( $(#[$field_doc])* $field: $type, )* })?, )*
        }

        /// The name of a [`Command`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
        #[serde(rename_all = "kebab-case")]
        pub enum CommandName {
            $( $(#[$doc])* $name, )*
        }

        impl CommandName {
            /// Every command there is.
            pub const ALL: &[Self] = &[$( Self::$name, )*];
        }

        impl Command {
            /// Its name, without what it takes.
            #[must_use]
            pub fn name(&self) -> CommandName {
                match self {
                    $( Self::$name { .. } => CommandName::$name, )*
                }
            }
        }
    };
}

commands! {
    /// Tries a project without changing anything.
    TestConnection {
        /// Its address as typed.
        url: String,
        /// Its publishable key as typed.
        key: String,
    },
    /// Works with a project from now on, if a till can.
    SaveConnection {
        /// Its address as typed.
        url: String,
        /// Its publishable key as typed.
        key: String,
    },
    /// Goes back to the set-up.
    EditConnection,
    /// Signs in; at a locked till this is how a colleague takes over.
    SignIn {
        /// The e-mail address as typed.
        email: String,
        /// The password as typed; it is never written down.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        password: SecretString,
    },
    /// Ends the login on this computer. A running shift stays.
    SignOut,
    /// Locks the till; what runs, runs on.
    LockScreen,
    /// Opens the till by the password of who has locked it, or of a colleague who was here lately.
    Unlock {
        /// Who stands here.
        user_id: UserId,
        /// The password as typed; it is never written down.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        password: SecretString,
    },
    /// Lists another store's registers.
    ChooseLocation {
        /// The store whose registers are to be listed.
        location_id: LocationId,
    },
    /// Reads the list of registers again.
    ReloadRegisters,
    /// Makes this computer serve a register of the list.
    ChooseRegister {
        /// The register that this computer is to serve.
        register_id: RegisterId,
    },
    /// Lets another register be chosen.
    ChangeRegister,
    /// Starts the shift, or joins it.
    StartShift {
        /// The float as typed, `digits[.digits]`.
        opening_cash: String,
        /// A shift of an earlier business date was shown, and is to be joined.
        accept_earlier_day: bool,
    },
    /// The same with a float that was counted piece by piece.
    StartShiftCounted {
        /// The notes and coins that were counted.
        tally: Tally,
        /// A shift of an earlier business date was shown, and is to be joined.
        accept_earlier_day: bool,
    },
    /// Stops waiting for the start; its answer is still fetched behind the scenes.
    CancelStart,
    /// Goes on with a shift of an earlier business date.
    GoOn,
    /// Takes this device out of the shift, which stays open for others.
    LeaveShift,
    /// Somebody has read that the shift is over.
    AcknowledgeEnd,
    /// Asks the server now, not at the next poll.
    CheckNow,
    /// Takes the fault off the screen.
    DismissFault,
    /// Somebody has read which earlier files of this device could not be used.
    AcknowledgeSetAside,
    /// Records a movement in the running shift.
    Record {
        /// The movement as typed.
        request: MovementRequest,
    },
    /// Takes a movement back by the opposite entry, which points at it.
    TakeBack {
        /// The recorded movement to be reversed.
        movement_id: MovementId,
        /// The reason as typed.
        reason: String,
    },
    /// Records a refused entry anew, in the shift that runs now.
    RecordAgain {
        /// The entry's movement.
        movement_id: MovementId,
    },
    /// Takes a refused entry off the list.
    DismissEntry {
        /// The entry.
        entry_id: EntryId,
    },
    /// Adds an amount that was typed to the cart.
    AddAmount {
        /// As typed, `digits[.digits]`.
        amount: String,
        /// How many as typed; empty for one.
        quantity: String,
        /// What it is sold as: a key of the snapshot's `amount_keys`; `None` for the usual one.
        key: Option<String>,
        /// What was scanned and is not in the catalogue, where it is sold for that; kept with the line.
        code: Option<String>,
    },
    /// Adds an item of the catalogue to the cart.
    AddItem {
        /// The item.
        item_id: ItemId,
        /// How many, or how much, as typed; empty for one.
        quantity: String,
        /// The price as typed, for an item whose price is open; empty for the catalogue's.
        price: String,
    },
    /// Looks items up in the catalogue on this device.
    Search {
        /// What was typed: words or their beginnings in any order, a code, or the shop's own number.
        text: String,
    },
    /// Adds to the cart what a scanner read.
    Scan {
        /// What it read.
        code: String,
    },
    /// How many, or how much, of a line.
    SetQuantity {
        /// The line, counted from 0.
        line: usize,
        /// As typed.
        quantity: String,
    },
    /// Charges another price than the catalogue's.
    SetPrice {
        /// The line, counted from 0.
        line: usize,
        /// As typed, `digits[.digits]`.
        price: String,
        /// Why; may be empty.
        reason: String,
    },
    /// Takes something off a line, instead of what was taken off before.
    DiscountLine {
        /// The line, counted from 0.
        line: usize,
        /// As typed: an amount `1.50`, a part `10%`, or empty for nothing.
        discount: String,
        /// Why; may be empty.
        reason: String,
    },
    /// Takes something off the whole cart, instead of what was taken off before.
    DiscountCart {
        /// As typed: an amount `1.50`, a part `10%`, or empty for nothing.
        discount: String,
        /// Why; may be empty.
        reason: String,
    },
    /// Takes a line out of the cart.
    RemoveLine {
        /// The line, counted from 0.
        line: usize,
    },
    /// Somebody looked how old the customer is.
    ConfirmAge,
    /// The customer pays.
    Pay,
    /// The customer wants something else: back to the lines.
    BackToLines,
    /// The terminal approved a card for so much.
    CardApproved {
        /// As typed; empty for all that is open.
        amount: String,
        /// A number of the terminal's slip; may be empty.
        reference: String,
    },
    /// A voucher, a transfer or the like was taken.
    TakeOther {
        /// The store's name of it.
        label: String,
        /// As typed; empty for all that is open.
        amount: String,
        /// A number of the voucher; may be empty.
        reference: String,
    },
    /// Gives back something that was taken.
    GiveBack {
        /// Which, counted from 0.
        tender: usize,
    },
    /// Finishes the sale: what is left is paid in cash.
    FinishSale {
        /// The cash that the customer handed over, as typed; empty for exactly what is due.
        handed: String,
    },
    /// Throws the cart away before it is paid.
    DiscardCart {
        /// Why; may be empty.
        reason: String,
    },
    /// Puts the cart beside the others.
    ParkCart {
        /// What the cashier will know it by; may be empty.
        label: String,
    },
    /// Takes up a parked cart.
    RecallCart {
        /// Which.
        sale_id: SaleId,
    },
    /// Takes a receipt of this till and of the running shift back, whole.
    VoidReceipt {
        /// Which.
        sale_id: SaleId,
        /// Why.
        reason: String,
    },
    /// Prints a receipt of this till once more, marked as a copy.
    ReprintReceipt {
        /// Which.
        sale_id: SaleId,
    },
    /// Somebody has read what was done last.
    NextCustomer,
    /// Tries the selling screen without recording anything.
    StartPractice,
    /// Goes back from practice; nothing of it is kept.
    EndPractice,
    /// Keeps a count of the running shift's drawer beside it.
    SpotCount {
        /// What was counted.
        tally: Tally,
    },
    /// Opens the cash drawer for a count; a movement that was recorded opens it by itself.
    OpenDrawer,
    /// Shows what speaks against closing the running shift.
    OpenChecklist,
    /// Announces the count: the other devices record nothing new from now on.
    BeginCount,
    /// The same, and ends the count of another device.
    TakeOverCount,
    /// Keeps what was typed so far.
    KeepTally {
        /// What was typed.
        tally: Tally,
    },
    /// Hands the count in.
    CommitCount {
        /// What was counted.
        tally: Tally,
    },
    /// Counts once more; the attempt that was made stays on record.
    CountAgain,
    /// Says how much of the counted cash stays in the drawer as the next float.
    LeaveInDrawer {
        /// As typed, `digits[.digits]`.
        amount: String,
    },
    /// Settles the shift with its count.
    CloseShift {
        /// Why over or short; may be empty where no reason is needed.
        reason: String,
    },
    /// Settles an ended shift that nobody will count.
    SettleUncounted {
        /// The reason as typed.
        reason: String,
    },
    /// Ends the running shift, to be counted later.
    EndShift {
        /// Why; may be empty.
        reason: String,
    },
    /// Cancels the running shift, in which nothing happened.
    CancelShift {
        /// Why; may be empty.
        reason: String,
    },
    /// Ends a forgotten shift that the board, or this register's own screen, shows.
    ForceEnd {
        /// The shift.
        session_id: SessionId,
        /// The reason as typed.
        reason: String,
    },
    /// Counts an ended shift that the board shows.
    CountEnded {
        /// The shift.
        session_id: SessionId,
    },
    /// Goes back to the running shift, or to the board; a count that was announced is given up.
    StopClosing,
    /// A manager who is signed in lets the close go on although entries were not sent.
    AllowUnsent,
    /// The same by a manager who signs in beside the cashier, for this alone.
    AllowUnsentAs {
        /// The manager's login.
        email: String,
        /// The manager's password.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        password: SecretString,
    },
    /// A manager signs in beside the cashier and accepts the difference.
    ApproveCount {
        /// The manager's login.
        email: String,
        /// The manager's password.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        password: SecretString,
        /// What they say to it; may be empty.
        note: String,
    },
    /// Shows every register of a store.
    OpenBoard {
        /// The store; `None` for this computer's.
        location_id: Option<LocationId>,
    },
    /// Goes back to this computer's own screen.
    CloseBoard,
    /// Reads the end of a business date on the open board.
    ReadDay {
        /// The date, `YYYY-MM-DD`; `None` for today's.
        #[cfg_attr(feature = "ts", ts(type = "string | null"))]
        date: Option<civil::Date>,
    },
    /// Goes back from the end of a day to the board.
    CloseDay,
    /// Shows the owner by which rules the store of the board sells.
    OpenSellingRules,
    /// Changes them.
    SaveSellingRules {
        /// How they are to be.
        change: RulesChange,
    },
    /// Goes back from the rules of selling to the board.
    CloseSellingRules,
    /// Shows the catalogue of the board's store to its managers.
    OpenCatalogue,
    /// Goes back from the catalogue to the board.
    CloseCatalogue,
    /// Looks for items in the catalogue on the server.
    FindItems {
        /// What was typed: words in any order, a code, or the shop's own number; empty for all.
        text: String,
        /// The item behind which the page begins; `None` for the first page.
        after: Option<ItemId>,
    },
    /// Saves an item as it was typed.
    SaveItem {
        /// The item; for a new one the id that the snapshot says.
        item_id: ItemId,
        /// Its version as it was read; 0 for a new one. Where somebody changed it since, nothing is saved.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        version: i64,
        /// How it is to be.
        item: Box<TypedItem>,
    },
    /// Compares a file with the catalogue; nothing is changed by that.
    ReadItemsFile {
        /// The name of the file.
        file_name: String,
        /// What is in it, as Base64.
        content: String,
        /// The tax code of new items of which the file says nothing; `None`: no tax.
        tax_code: Option<String>,
    },
    /// Shows other lines of the file.
    ShowImport {
        /// Those of this kind.
        which: ImportFilter,
        /// From this one on, counted from 0.
        from: usize,
    },
    /// Takes the file up as it was shown, or goes on with it.
    StartImport,
    /// Stops reading, or taking up; what was saved stays.
    StopImport,
    /// Puts the file away.
    CloseImport,
    /// Saves all items as a file.
    ExportItems,
    /// Shows the figures so far of the shift that runs here.
    ShowXReport,
    /// Shows the Z report of a settled shift, as a copy.
    ShowZReport {
        /// The shift.
        session_id: SessionId,
    },
    /// Puts the report away.
    DismissReport,
}

/// What a command that was allowed came to. The snapshot shows everything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Outcome {
    /// It is done.
    Done,
    /// A movement is on disk and will be sent; the drawer opens for it.
    Recorded {
        /// The id under which it is on record.
        movement_id: MovementId,
    },
    /// A project was tried.
    Checked {
        /// What was found.
        report: ConnectionReport,
    },
    /// An entry of the sales ledger is on disk and will be sent, was asked for once more, or was tried: this is for paper.
    Receipt {
        /// What it says.
        slip: Box<SaleSlip>,
    },
    /// Items were looked up.
    Found {
        /// What was found, the likeliest first.
        items: Vec<ItemView>,
    },
    /// A file was saved, or not.
    Saved {
        /// Where it is.
        file: SavedFile,
    },
    /// The drawer was asked to open.
    Drawer {
        /// How that went.
        printed: Printed,
    },
}

/// What of a till decides which commands may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Situation {
    pub(super) locked: bool,
    pub(super) login: Login,
    pub(super) person: Person,
    /// The project has only an earlier database part, without ledger, counts, reports and board.
    pub(super) older_server: bool,
    pub(super) place: Place,
    pub(super) settling: Option<Settling>,
    pub(super) board: Board,
    /// The cart; `None` where selling is off, or this till has no letter yet.
    pub(super) cart: Option<CartState>,
}

/// Who works here, as far as their rights go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Person {
    Nobody,
    Cashier,
    Manager,
    Owner,
}

/// Where this device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// No register was chosen.
    NoRegister,
    /// A register was chosen, and no shift runs here.
    Register,
    /// A start has no answer yet.
    Starting,
    /// The shift is of an earlier business date: does it go on?
    EarlierDay,
    /// The shift runs. `counted_elsewhere`: another device counts its drawer.
    Shift { counted_elsewhere: bool },
    /// The shift is over, and nobody has read so yet.
    Fenced,
    /// Somebody practises between two shifts.
    Practice,
}

/// What is being settled here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settling {
    /// It is the shift that runs here, not another one that a manager settles.
    pub(super) own: bool,
    pub(super) step: SettlingStep,
}

/// Where the settling stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SettlingStep {
    Checklist(Obstacles),
    /// A count, its result or the close was asked for.
    Asked,
    /// An end was asked for.
    Ending,
    /// `ended`: the shift was ended before and needs no count.
    Counting {
        ended: bool,
    },
    /// `needs_approval`: a manager has to accept the difference.
    Counted {
        needs_approval: bool,
    },
    /// The count is being given up.
    Leaving,
    /// People read how it came out.
    Done,
}

/// What stands in the way of a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Obstacles {
    /// Entries were not sent, and no manager has let the close go on.
    pub(super) unsent: bool,
    pub(super) counted_elsewhere: bool,
    /// Who is signed in may end that count.
    pub(super) may_take_over: bool,
    /// The shift is of an earlier business date: only a manager ends it without a count.
    pub(super) earlier_day: bool,
    /// Something happened in it.
    pub(super) used: bool,
}

/// What of the board is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Board {
    Closed,
    Registers,
    Day,
    /// The rules of selling, before the owner.
    SellingRules,
    /// The catalogue; with where a file stands that is imported, if one is.
    Catalogue(Option<ImportSituation>),
}

/// Whether a command may run now. `till`: `None` at the set-up, where there is no till yet.
///
/// # Errors
/// Why not, in the words of the code: `NotNow` where it does not fit what is going on.
pub(super) fn allowed(till: Option<&Situation>, command: CommandName) -> Result<(), Fault> {
    use CommandName as C;
    let Some(till) = till else {
        return match command {
            C::TestConnection | C::SaveConnection => Ok(()),
            _ => not_now("there is no till yet"),
        };
    };
    let step = till.settling.map(|settling| settling.step);
    if till.locked {
        return match (command, step) {
            (C::Unlock | C::SignIn, _) => Ok(()),
            // What was typed just before the lock may arrive just after, and keeping it shows nothing.
            (C::KeepTally, Some(SettlingStep::Counting { .. })) => Ok(()),
            _ => not_now("the till is locked"),
        };
    }
    if till.place == Place::Practice && !command.is_for_practice() {
        return Err(practising());
    }
    let works = till.person != Person::Nobody && till.login != Login::Out;
    let manages = works && matches!(till.person, Person::Manager | Person::Owner);
    let shift = matches!(till.place, Place::Shift { .. });
    let attached = shift || till.place == Place::EarlierDay;
    // What is being settled is all that people look at.
    let settles = matches!(
        step,
        Some(
            SettlingStep::Asked
                | SettlingStep::Counting { .. }
                | SettlingStep::Counted { .. }
                | SettlingStep::Done
        )
    );
    match command {
        C::SignIn
        | C::CheckNow
        | C::DismissFault
        | C::AcknowledgeSetAside
        | C::DismissEntry
        | C::DismissReport => Ok(()),
        C::TestConnection | C::SaveConnection => not_now("a till is at work"),
        C::EditConnection => fits(!works && !attached && till.place != Place::Fenced),
        C::SignOut => fits(works),
        C::LockScreen => {
            let between_shifts = matches!(till.place, Place::NoRegister | Place::Register);
            fits(works || !between_shifts || step.is_some())
        }
        C::Unlock => not_now("the till is open"),

        C::ChooseLocation | C::ReloadRegisters | C::ChooseRegister => {
            fits(works && till.place == Place::NoRegister)
        }
        C::ChangeRegister => fits(works && till.place == Place::Register && !settles),
        C::StartShift | C::StartShiftCounted => {
            fits(works && matches!(till.place, Place::Register | Place::Starting) && !settles)
        }
        C::CancelStart => fits(till.place == Place::Starting),
        C::GoOn => fits(till.place == Place::EarlierDay),
        C::LeaveShift => {
            if matches!(till.cart, Some(CartState::Paying { money_taken: true })) {
                return money_taken();
            }
            fits(attached && step.is_none())
        }
        C::AcknowledgeEnd => fits(till.place == Place::Fenced || step == Some(SettlingStep::Done)),

        C::Record | C::TakeBack | C::RecordAgain | C::SpotCount => records(till),
        C::OpenDrawer => fits(matches!(step, Some(SettlingStep::Counting { .. }))),

        C::AddAmount | C::AddItem | C::Scan | C::RecallCart => match sells(till)? {
            CartState::None => begins(till),
            CartState::Editing if command != C::RecallCart => Ok(()),
            _ => not_now("the cart is not open for this"),
        },
        C::SetQuantity
        | C::SetPrice
        | C::DiscountLine
        | C::DiscountCart
        | C::RemoveLine
        | C::ConfirmAge
        | C::Pay => fits(sells(till)? == CartState::Editing),
        C::BackToLines | C::CardApproved | C::TakeOther | C::GiveBack | C::FinishSale => {
            fits(matches!(sells(till)?, CartState::Paying { .. }))
        }
        C::DiscardCart | C::ParkCart => match sells(till)? {
            CartState::Editing | CartState::Paying { money_taken: false } => Ok(()),
            CartState::Paying { money_taken: true } => money_taken(),
            _ => not_now("there is no cart"),
        },
        C::VoidReceipt => {
            begins(till)?;
            fits(sells(till)? == CartState::None)
        }
        C::ReprintReceipt | C::NextCustomer | C::Search => {
            fits((shift || till.place == Place::Practice) && till.cart.is_some())
        }
        C::StartPractice => {
            current(till)?;
            let is_free = step.is_none() && till.board == Board::Closed;
            fits(works && till.place == Place::Register && is_free)
        }
        C::EndPractice => fits(till.place == Place::Practice),

        C::OpenChecklist => {
            current(till)?;
            if matches!(till.cart, Some(CartState::Paying { money_taken: true })) {
                return money_taken();
            }
            // What its shop was settling here is taken up when somebody signs in, and is not to be replaced before.
            fits(till.person != Person::Nobody && shift && step.is_none())
        }
        C::BeginCount | C::TakeOverCount | C::EndShift | C::CancelShift => match step {
            // Whoever signs in next has pressed nothing.
            Some(SettlingStep::Checklist(_)) if !works => not_now("nobody is signed in"),
            Some(SettlingStep::Checklist(obstacles)) => leaves_checklist(command, obstacles, manages),
            _ => asks_again(step),
        },
        C::KeepTally => fits(matches!(step, Some(SettlingStep::Counting { .. }))),
        C::CommitCount => match step {
            Some(SettlingStep::Counting { .. }) => Ok(()),
            _ => asks_again(step),
        },
        C::SettleUncounted => match step {
            Some(SettlingStep::Counting { ended: true }) => Ok(()),
            _ => asks_again(step),
        },
        C::CountAgain | C::LeaveInDrawer | C::ApproveCount => {
            fits(matches!(step, Some(SettlingStep::Counted { .. })))
        }
        C::CloseShift => match step {
            Some(SettlingStep::Counted { needs_approval: true }) => {
                Err(Fault::new(Code::ApprovalRequired, "not approved yet"))
            }
            Some(SettlingStep::Counted { needs_approval: false }) => Ok(()),
            _ => asks_again(step),
        },
        C::StopClosing => fits(matches!(
            step,
            Some(SettlingStep::Checklist(_) | SettlingStep::Counting { .. } | SettlingStep::Counted { .. })
        )),
        C::AllowUnsent => {
            manager(manages)?;
            fits(matches!(step, Some(SettlingStep::Checklist(_))))
        }
        C::AllowUnsentAs => fits(matches!(step, Some(SettlingStep::Checklist(_)))),
        C::ForceEnd | C::CountEnded => {
            manager(manages)?;
            fits(step.is_none())
        }

        C::OpenBoard => {
            manager(manages && till.login == Login::In)?;
            current(till)?;
            fits(till.place != Place::Fenced && !settles)
        }
        C::CloseBoard | C::ReadDay => fits(till.board != Board::Closed),
        C::CloseDay => fits(till.board == Board::Day),
        C::OpenSellingRules => {
            owner(till)?;
            fits(till.board == Board::Registers)
        }
        C::SaveSellingRules => {
            owner(till)?;
            fits(till.board == Board::SellingRules)
        }
        C::CloseSellingRules => fits(till.board == Board::SellingRules),
        C::OpenCatalogue => {
            manager(manages && till.login == Login::In)?;
            current(till)?;
            fits(till.board == Board::Registers)
        }
        C::FindItems | C::SaveItem | C::ReadItemsFile | C::ExportItems | C::CloseCatalogue => {
            manager(manages)?;
            fits(till.board == Board::Catalogue(None))
        }
        C::ShowImport => fits(matches!(till.board, Board::Catalogue(Some(_)))),
        C::StartImport => {
            manager(manages)?;
            fits(till.board == Board::Catalogue(Some(ImportSituation::Ready)))
        }
        C::StopImport => fits(till.board == Board::Catalogue(Some(ImportSituation::Busy))),
        C::CloseImport => {
            let at_rest = [ImportSituation::Ready, ImportSituation::Over];
            fits(at_rest.iter().any(|one| till.board == Board::Catalogue(Some(*one))))
        }
        C::ShowXReport => {
            current(till)?;
            fits(attached)
        }
        C::ShowZReport => {
            current(till)?;
            fits(works)
        }
    }
}

/// The commands that may run while there is no till: at the set-up.
#[must_use]
pub fn allowed_at_set_up() -> Vec<CommandName> {
    CommandName::ALL.iter().copied().filter(|name| allowed(None, *name).is_ok()).collect()
}

/// Whether something new may enter the books of the shift that runs here.
fn records(till: &Situation) -> Result<(), Fault> {
    current(till)?;
    let Place::Shift { counted_elsewhere } = till.place else { return not_now("no shift runs here") };
    fits(till.person != Person::Nobody)?;
    if is_counted_here(till) {
        return not_now("this drawer is being counted here");
    }
    // The server hears that a count is given up here before the entry is sent.
    let leaves = till.settling == Some(Settling { own: true, step: SettlingStep::Leaving });
    if counted_elsewhere && !leaves {
        return Err(Fault::new(Code::CountInProgress, "somebody else counts this drawer"));
    }
    Ok(())
}

/// Whether a new cart may begin, or a receipt be taken back.
fn begins(till: &Situation) -> Result<(), Fault> {
    if till.place == Place::Practice { Ok(()) } else { records(till) }
}

/// Where the cart of the shift that runs here, or of practice, stands. One that was begun before somebody counts is finished all the same.
fn sells(till: &Situation) -> Result<CartState, Fault> {
    current(till)?;
    fits(matches!(till.place, Place::Shift { .. } | Place::Practice) && till.person != Person::Nobody)?;
    if is_counted_here(till) {
        return Err(Fault::new(Code::NotNow, "this drawer is being counted here"));
    }
    till.cart.ok_or_else(|| Fault::new(Code::NotNow, "nothing is sold here"))
}

fn money_taken() -> Result<(), Fault> {
    Err(Fault::new(Code::MoneyTaken, "something was taken for the cart"))
}

fn is_counted_here(till: &Situation) -> bool {
    till.settling.is_some_and(|settling| {
        settling.own && !matches!(settling.step, SettlingStep::Checklist(_) | SettlingStep::Leaving)
    })
}

fn leaves_checklist(command: CommandName, obstacles: Obstacles, manages: bool) -> Result<(), Fault> {
    if obstacles.unsent {
        return Err(Fault::new(Code::UnsentEntries, "entries of this device were not sent"));
    }
    if command == CommandName::TakeOverCount {
        return manager(obstacles.may_take_over);
    }
    if obstacles.counted_elsewhere {
        return Err(Fault::new(Code::CountInProgress, "somebody else counts this drawer"));
    }
    match command {
        CommandName::EndShift => manager(manages || !obstacles.earlier_day),
        CommandName::CancelShift if obstacles.used => {
            Err(Fault::new(Code::SessionNotEmpty, "something happened in this shift"))
        }
        _ => Ok(()),
    }
}

/// A press while an answer is awaited asks for that same answer.
fn asks_again(step: Option<SettlingStep>) -> Result<(), Fault> {
    fits(matches!(step, Some(SettlingStep::Asked | SettlingStep::Ending)))
}

fn current(till: &Situation) -> Result<(), Fault> {
    if till.older_server {
        return Err(Fault::new(Code::OlderServer, "it has no ledger, counts, reports or board"));
    }
    Ok(())
}

fn manager(is_one: bool) -> Result<(), Fault> {
    if is_one { Ok(()) } else { Err(Fault::new(Code::ManagerRequired, "only a manager may do this")) }
}

fn owner(till: &Situation) -> Result<(), Fault> {
    current(till)?;
    match till.person {
        Person::Owner if till.login == Login::In => Ok(()),
        _ => Err(Fault::new(Code::OwnerRequired, "only the owner may do this")),
    }
}

fn fits(it_does: bool) -> Result<(), Fault> {
    if it_does { Ok(()) } else { not_now("this does not fit where the till stands") }
}

fn not_now(why: &str) -> Result<(), Fault> {
    Err(Fault::new(Code::NotNow, why))
}

impl CommandName {
    /// Whether it belongs to the selling screen alone: what practice tries.
    pub(super) fn sells(self) -> bool {
        matches!(
            self,
            Self::AddAmount
                | Self::AddItem
                | Self::Search
                | Self::Scan
                | Self::SetQuantity
                | Self::SetPrice
                | Self::DiscountLine
                | Self::DiscountCart
                | Self::RemoveLine
                | Self::ConfirmAge
                | Self::Pay
                | Self::BackToLines
                | Self::CardApproved
                | Self::TakeOther
                | Self::GiveBack
                | Self::FinishSale
                | Self::DiscardCart
                | Self::ParkCart
                | Self::RecallCart
                | Self::VoidReceipt
                | Self::ReprintReceipt
                | Self::NextCustomer
        )
    }

    /// Whether it can mean something while somebody practises. Everything else belongs to a shift or to the office.
    fn is_for_practice(self) -> bool {
        let of_the_till = matches!(
            self,
            Self::SignIn
                | Self::SignOut
                | Self::LockScreen
                | Self::Unlock
                | Self::CheckNow
                | Self::DismissFault
                | Self::AcknowledgeSetAside
                | Self::DismissReport
                | Self::StartPractice
                | Self::EndPractice
        );
        of_the_till || self.sells()
    }
}

impl State {
    /// The situation of now. `store_time`: by which a shift is of an earlier business date.
    pub(super) fn situation(&self, older_server: bool, store_time: Timestamp) -> Situation {
        let person = match &self.staff {
            None => Person::Nobody,
            Some(staff) if staff.role == Role::Owner => Person::Owner,
            Some(staff) if staff.role.manages() => Person::Manager,
            Some(_) => Person::Cashier,
        };
        let place = match (&self.device, &self.assignment) {
            _ if self.practice.is_some() => Place::Practice,
            (Device::Fenced(_), _) => Place::Fenced,
            (Device::Attached(attached), _) if attached.question => Place::EarlierDay,
            (Device::Attached(attached), _) => {
                Place::Shift { counted_elsewhere: attached.active.session.counting.is_some() }
            }
            (Device::Resolving(_), _) => Place::Starting,
            (Device::Detached(_), Some(_)) => Place::Register,
            (Device::Detached(_), None) => Place::NoRegister,
        };
        let board = match &self.board {
            None => Board::Closed,
            Some(BoardView { keeping: Some(keeping), .. }) => Board::Catalogue(keeping.import_situation()),
            Some(view) if view.rules.is_some() => Board::SellingRules,
            Some(view) if view.day.is_some() => Board::Day,
            Some(_) => Board::Registers,
        };
        let settling = self.closing.as_ref().map(|closing| Settling {
            own: self.is_attached_to(closing.session.id),
            step: self.settling_step(closing, store_time),
        });
        let locked = matches!(self.lock, Lock::Locked(_));
        let selling = &self.practice.as_deref().unwrap_or(self).selling;
        let sells = selling.shop().is_some() && selling.kept.chain.is_some();
        let cart = sells.then(|| selling.cart_state());
        Situation { locked, login: self.login, person, older_server, place, settling, board, cart }
    }

    fn settling_step(&self, closing: &Closing, store_time: Timestamp) -> SettlingStep {
        match &closing.step {
            Step::Checklist(_) => SettlingStep::Checklist(self.obstacles(closing, store_time)),
            Step::Beginning(_) | Step::Committing(_) | Step::Settling(_) => SettlingStep::Asked,
            Step::Ending(_) => SettlingStep::Ending,
            Step::Counting(counting) => SettlingStep::Counting {
                ended: counting.hold.is_none() && closing.session.status == SessionStatus::Ended,
            },
            Step::Counted(counted) => {
                SettlingStep::Counted { needs_approval: self.needs(counted.count.needs) == Needs::Approval }
            }
            Step::Leaving(_) => SettlingStep::Leaving,
            Step::Done(_) => SettlingStep::Done,
        }
    }

    fn obstacles(&self, closing: &Closing, store_time: Timestamp) -> Obstacles {
        let session = &closing.session;
        let unsent = self.unsent(session.id);
        let totals = session.totals;
        let sold = totals.total_transactions != 0
            || [totals.total_sales, totals.total_cash, totals.total_card]
                .iter()
                .any(|amount| !amount.decimal().is_zero());
        Obstacles {
            unsent: unsent > 0 && closing.allowed_by.is_none(),
            counted_elsewhere: session.counting.is_some(),
            may_take_over: self.may_take_over(session),
            earlier_day: earlier_day(session, &closing.location, store_time).is_some(),
            used: sold || unsent + self.unsettled(session.id) > 0 || !self.movements.is_empty(),
        }
    }
}
