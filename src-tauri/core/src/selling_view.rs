//! The selling screen, as the window draws it: every figure computed, every right decided.

use crate::{
    Amount, Code, Fault, ItemId, Movement, SaleId,
    ids::EntryId,
    sale::{ApprovalKind, CartView, Quantity, SaleKind, Sums, TenderKind},
    selling::FoundItem,
};
use jiff::Timestamp;
use serde::Serialize;

/// What the register screen shows where selling is on. Amounts are in the store's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SellingView {
    /// This till has its letter from the server. Until then nothing can be sold here.
    pub is_ready: bool,
    /// What is being sold; `None` before the first line.
    pub cart: Option<CartView>,
    /// What an amount that is typed can be sold as, the usual one first.
    pub amount_keys: Vec<AmountKeyView>,
    /// The store's favourites.
    pub keys: Vec<QuickKeyView>,
    /// The store's names of other tenders.
    pub other_tenders: Vec<String>,
    /// Carts that wait for their customers, oldest first.
    pub parked: Vec<ParkedView>,
    /// A receipt of which something comes back.
    pub returning: Option<Box<ReturningView>>,
    /// A refund whose paper was not asked for yet: the server's answer came by itself.
    pub to_print: Option<SaleId>,
    /// The sale, refund or void done last here, until the next cart begins or somebody has read its change.
    pub done: Option<DoneView>,
    /// This till's receipts of the last days, the newest first.
    pub receipts: Vec<ReceiptView>,
}

/// What an amount that is typed can be sold as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct AmountKeyView {
    /// How a command names it.
    pub key: String,
    /// What the receipt calls it; empty where the store has no name for it.
    pub name: String,
    /// The tax in it in per cent, its components together, `8.1`; `None` where there is none.
    pub percent: Option<String>,
}

/// One favourite of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct QuickKeyView {
    /// Its page, from 1.
    pub page: u8,
    /// Its place on the page, from 1, row by row.
    pub place: u8,
    /// What it sells.
    pub item_id: ItemId,
    /// What stands on it.
    pub label: String,
    /// Its colour as the store named it; `None`: the plain one.
    pub colour: Option<String>,
    /// What one costs; `None` where the price is typed.
    pub price: Option<Amount>,
    /// The unit of a quantity, such as kg; `None` for pieces.
    pub unit: Option<String>,
}

/// An item that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ItemView {
    /// How a command names it.
    pub item_id: ItemId,
    /// What the receipt calls it.
    pub name: String,
    /// The shop's own number for it.
    pub sku: Option<String>,
    /// What one costs; `None` where the price is typed.
    pub price: Option<Amount>,
    /// The unit of a quantity, such as kg; `None` for pieces.
    pub unit: Option<String>,
    /// How old a customer must be.
    pub age_limit: Option<u8>,
}

impl From<FoundItem> for ItemView {
    fn from(found: FoundItem) -> Self {
        let FoundItem { item, sku, .. } = found;
        Self {
            item_id: item.id,
            name: item.name,
            sku,
            price: item.price.filter(|_| !item.price_is_open),
            unit: item.unit,
            age_limit: item.age_limit,
        }
    }
}

/// A cart that waits for its customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ParkedView {
    /// How a command names it.
    pub sale_id: SaleId,
    /// What the cashier will know it by; may be empty.
    pub label: String,
    /// Who parked it.
    pub by_name: String,
    /// When, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub parked_at: Timestamp,
    /// How many lines it has.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub lines: usize,
    /// What it comes to.
    pub total: Amount,
    /// Something was taken for it already, which is no cash.
    pub money_taken: bool,
}

/// What was done last: what the customer gets, in the largest type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DoneView {
    /// The entry.
    pub sale_id: SaleId,
    /// What it is.
    pub kind: SaleKind,
    /// Its receipt's number.
    pub number: String,
    /// What it came to.
    pub total: Amount,
    /// What the customer handed over in cash; `None` where no cash was taken.
    pub tendered: Option<Amount>,
    /// What goes back in cash: the change of a sale, the money of a void; zero where nothing does.
    pub cash_back: Amount,
    /// It is a sale, and nothing goes back.
    pub no_change: bool,
    /// What is given back otherwise, to the card or by voucher; `None` where nothing.
    pub other_back: Option<Amount>,
}

/// A receipt of which something comes back, as the server has it, and what of it was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ReturningView {
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: SaleKind,
    /// What it came to.
    pub total: Amount,
    /// When the server recorded it, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub recorded_at: Timestamp,
    /// Who made it; may be empty.
    pub by_name: String,
    /// It was voided: nothing is left of it.
    pub voided: bool,
    /// What came back of it already, oldest first.
    pub earlier: Vec<EarlierRefund>,
    /// Its lines, in order.
    pub lines: Vec<ReturnLineView>,
    /// Something of it can still come back.
    pub is_something_left: bool,
    /// What is chosen comes to; `None` while nothing is.
    pub sums: Option<Sums>,
    /// How it was paid, and what of the refund goes back to each, the first one first.
    pub back: Vec<ReturnTenderView>,
    /// What is handed out in cash, rounded as cash is; `None` where nothing is.
    pub cash: Option<Amount>,
    /// The customer takes something else instead, which is being rung up: it is asked for when they pay.
    pub exchanging: bool,
    /// What a manager has to approve before it is asked for.
    pub needs: Vec<ApprovalKind>,
    /// Why it was last asked for in vain.
    pub fault: Option<Fault>,
}

/// A refund of a receipt, or its void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct EarlierRefund {
    /// Its number; may be empty.
    pub number: String,
    /// What it came to.
    pub total: Amount,
}

/// A line of a receipt of which something comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ReturnLineView {
    /// Its number in the receipt, from 1: how a command names it.
    pub line: u32,
    /// What it is called; may be empty.
    pub name: String,
    /// The unit of the quantity; `None` for pieces.
    pub unit: Option<String>,
    /// How many were sold.
    pub sold: Quantity,
    /// How many can still come back; `None`: none.
    pub left: Option<Quantity>,
    /// What those came to.
    pub left_amount: Amount,
    /// How many were chosen; `None`: none.
    pub chosen: Option<Quantity>,
    /// What one more than is chosen would be, where that many are left; `None` where not.
    pub one_more: Option<Quantity>,
    /// What one less would be; `None`: none of them.
    pub one_less: Option<Quantity>,
}

/// A tender of a receipt of which something comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ReturnTenderView {
    /// What it is.
    pub kind: TenderKind,
    /// The store's name of an *other*.
    pub label: Option<String>,
    /// The most that can go back to it.
    pub left: Amount,
    /// What of the refund goes back to it; `None` where nothing does.
    pub amount: Option<Amount>,
}

/// A receipt of this till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ReceiptView {
    /// The entry.
    pub sale_id: SaleId,
    /// What it is.
    pub kind: SaleKind,
    /// Its number.
    pub number: String,
    /// What it came to.
    pub total: Amount,
    /// What went back in cash: the change of a sale, the money of a void.
    pub cash_back: Amount,
    /// When, UTC: by the server's clock as far as this computer knew it.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub made_at: Timestamp,
    /// Who sold.
    pub by_name: String,
    /// Where it stands.
    pub state: ReceiptState,
    /// The number of the receipt that took it back.
    pub voided_by: Option<String>,
    /// Who approved something of it.
    pub approved_by: Option<String>,
    /// It can be taken back now.
    pub can_be_voided: bool,
    /// For that a manager has to approve it first.
    pub void_needs_approval: bool,
    /// Something of it may come back: the server knows.
    pub can_be_refunded: bool,
}

/// Where a receipt of this till stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum ReceiptState {
    /// It waits here to be sent.
    Waiting,
    /// The server has it.
    Recorded {
        /// The shift was settled before it came: it stands beside the Z report, on the board and in the day.
        late: bool,
        /// A manager has something to look at.
        is_flagged: bool,
    },
    /// The server decided against it.
    Refused {
        /// Why.
        code: Code,
    },
    /// The server decided against it, and a manager has settled it otherwise.
    Dismissed,
    /// It was practice, and is on record nowhere.
    Practice,
}

/// What the server decided against, until a person says what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct RefusedEntry {
    /// How a command names it.
    pub entry_id: EntryId,
    /// The number of its session, as people say it.
    pub session_number: String,
    /// Why the server refused it.
    pub code: Code,
    /// What it is.
    pub content: RefusedContent,
    /// Who is signed in may take it off the list.
    pub can_be_dismissed: bool,
}

/// What was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RefusedContent {
    /// Cash that moved without a sale.
    Movement {
        /// It.
        movement: Movement,
        /// It can be recorded anew in the shift that runs now.
        can_be_recorded_again: bool,
    },
    /// An entry of the sales ledger.
    Sale {
        /// What it is.
        sale_kind: SaleKind,
        /// Its receipt's number; `None` for a cart that was thrown away.
        number: Option<String>,
        /// What it came to.
        total: Amount,
        /// When, device time, UTC.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        made_at: Timestamp,
    },
}
