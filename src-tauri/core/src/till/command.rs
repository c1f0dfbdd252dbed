//! What the window can press, and what comes of it.
//!
//! Invariant: there is no other way in. Whether a command may run now says `allowed.rs`.

use crate::{
    EntryId, ItemId, LocationId, MovementId, MovementRequest, RegisterId, SaleId, SaleSlip, SessionId, Tally,
    UserId,
    connection::ConnectionReport,
    items::{settings::PlacedKey, typed::TypedItem, typed_settings::TypedTax, view::ImportFilter},
    printing::Printed,
    sales_sheet::SaleFlag,
    saved_file::SavedFile,
    selling::RulesChange,
    selling_view::ItemView,
};
use jiff::civil;
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
    /// Asks the server for a receipt of which something comes back.
    FindReceipt {
        /// Its number, as printed; in any case.
        number: String,
    },
    /// Chooses how many of a line come back.
    ReturnLine {
        /// Its number in the receipt, from 1.
        line: usize,
        /// How many, as typed; empty for none.
        quantity: String,
    },
    /// Chooses all that is left of every line.
    ReturnAll,
    /// Pays back this tender of the receipt before the others.
    ReturnFirst {
        /// Which of those that the snapshot lists, counted from 0.
        tender: usize,
    },
    /// Asks the server for the refund of what was chosen. Money is handed out once it is recorded.
    AskRefund {
        /// Why.
        reason: String,
        /// More, in free words; may be empty.
        note: String,
    },
    /// The customer takes something else instead: it is rung up, and the refund is asked for when they pay.
    Exchange {
        /// Why.
        reason: String,
        /// More, in free words; may be empty.
        note: String,
    },
    /// The same of the goods in the cart, for which there is no receipt.
    RefundCart {
        /// Why.
        reason: String,
        /// More, in free words; may be empty.
        note: String,
    },
    /// Puts the receipt away; nothing comes back.
    StopReturn,
    /// A manager signs in beside the cashier and approves what the cashier may not do alone.
    ApproveSale {
        /// What is approved.
        subject: Subject,
        /// The manager's login.
        email: String,
        /// The manager's password.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        password: SecretString,
        /// What they say to it; may be empty.
        note: String,
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
    /// A manager has looked at what was flagged, and says what became of it.
    SettleFlag {
        /// The entry.
        sale_id: SaleId,
        /// Which of its flags.
        flag: SaleFlag,
        /// As typed; not empty.
        note: String,
    },
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
    /// Reads the keys of the store's register screen and the shop's taxes.
    ReadKeptSettings,
    /// Saves the keys of one page of the register screen.
    SaveQuickKeys {
        /// The page, from 1.
        page: u8,
        /// How they are to be; those that are not among them go.
        keys: Vec<PlacedKey>,
    },
    /// Saves a tax as it was typed, in place of the one of the same code, store and date.
    SaveTax {
        /// The tax.
        tax: Box<TypedTax>,
        /// It is taken away instead.
        is_removed: bool,
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

/// What a manager beside the cashier approves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum Subject {
    /// The cart: its discounts, prices and total.
    Cart,
    /// That the goods of the cart come back without a receipt.
    CartRefund,
    /// The refund of what was chosen of a receipt.
    Refund,
    /// The void of a receipt.
    Void {
        /// Which.
        sale_id: SaleId,
    },
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
}
