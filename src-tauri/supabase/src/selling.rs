//! The sales ledger and the catalogue over the wire: `pos_till`, `pos_record_sale`, `pos_catalogue`, `pos_sale`,
//! `pos_sales`, `pos_approve`.
//!
//! Invariant: what is sent is the entry as it was chained, field by field; ids made by the device make every repeat
//! harmless, so a lost answer is simply asked again.

use crate::{
    cash_up::PRESSED,
    classify,
    failure::Failure,
    http::{Request, Response},
    persist::RetryPolicy,
    rest::{Rest, decoded},
    server::SupabaseServer,
    wire::{Both, digits},
};
use jiff::{Timestamp, civil};
use onetill_core::{
    Amount, ApprovalId, Code, Fault, ItemId, LocationId, Sale, SaleId, SaleKind, SessionId, Staff, UserId,
    sale::{
        ChainHead, Digest, Item, LeftOfLine, Original, Rate, Receipt, SaleLine, SaleTax, SaleTender,
        SaleTotals, SellingRules, till_letters,
    },
    selling::{
        ApprovalAsked, CatalogueItem, CataloguePage, ItemCode, QuickKey, RulesChange, SaleOnServer,
        SaleRecorded, SaleRef, SaleSummary, Selling, ShopSettings, TaxComponent, TaxInForce,
    },
};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Nobody waits for it: the entry is on disk, and the queue comes back to it.
const SEND: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(8),
    total: Duration::from_secs(12),
    repeats: 1,
    harmless: true,
    pressed: false,
    await_schema: false,
};
/// A page is large, and a register sells with what it has meanwhile.
pub(crate) const PAGE: RetryPolicy =
    RetryPolicy { attempt: Duration::from_secs(20), total: Duration::from_secs(45), repeats: 2, ..SEND };

/// So many items keep a page far below the largest answer, whatever their names.
const ITEMS_OF_A_PAGE: u32 = 1_000;

/// `pos_till`.
#[derive(Deserialize)]
pub(crate) struct TillResponse {
    till: u16,
    prefix: String,
    last_receipt: u64,
    last_chain_seq: u64,
    last_hash: Digest,
}

impl TillResponse {
    /// `None` where the prefix does not end with the till's letter.
    pub(crate) fn into_head(self) -> Option<ChainHead> {
        let prefix = self.prefix.strip_suffix(&till_letters(self.till))?.strip_suffix('-')?;
        Some(ChainHead {
            prefix: prefix.to_owned(),
            till: self.till,
            last_receipt: self.last_receipt,
            last_entry: self.last_chain_seq,
            last_hash: self.last_hash,
        })
    }
}

/// `pos_selling_rules`, `pos_save_selling_rules`.
#[derive(Deserialize)]
struct RulesResponse {
    rules: SellingRules,
}

/// `pos_record_sale`.
#[derive(Deserialize)]
pub(crate) struct RecordResponse {
    outcome: Outcome,
    sale: RecordedSale,
    revision: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Recorded,
    Late,
    Replayed,
}

#[derive(Deserialize)]
struct RecordedSale {
    id: SaleId,
    late: bool,
    flags: Vec<String>,
}

/// `pos_catalogue`.
#[derive(Deserialize)]
pub(crate) struct CatalogueResponse {
    location_id: LocationId,
    cursor: i64,
    more: bool,
    items: Vec<Both<Item, ItemResponse>>,
    removed: Vec<ItemId>,
    taxes: Option<Vec<TaxResponse>>,
    quick_keys: Option<Vec<QuickKey>>,
    rules: Option<Both<SellingRules, Currency>>,
}

#[derive(Deserialize)]
struct ItemResponse {
    short_name: Option<String>,
    sku: Option<String>,
    category: Option<String>,
    version: i64,
    codes: Vec<CodeResponse>,
}

#[derive(Deserialize)]
struct CodeResponse {
    code: String,
    factor: String,
}

#[derive(Deserialize)]
struct TaxResponse {
    code: String,
    name: String,
    components: Vec<ComponentResponse>,
    valid_from: civil::Date,
}

/// As the shop wrote it down.
#[derive(Deserialize)]
struct ComponentResponse {
    name: String,
    #[serde(deserialize_with = "digits")]
    rate: Rate,
}

#[derive(Deserialize)]
struct Currency {
    currency: String,
}

impl CatalogueResponse {
    pub(crate) fn into_page(self) -> CataloguePage {
        let settings = match (self.taxes, self.quick_keys, self.rules) {
            (Some(taxes), Some(keys), Some(Both(rules, Currency { currency }))) => Some(ShopSettings {
                currency,
                rules,
                taxes: taxes.into_iter().map(TaxInForce::from).collect(),
                keys: keys.into_iter().map(|key| QuickKey { item: None, ..key }).collect(),
                read_at: None,
            }),
            _ => None,
        };
        CataloguePage {
            cursor: self.cursor,
            more: self.more,
            items: self.items.into_iter().map(CatalogueItem::from).collect(),
            removed: self.removed,
            settings,
        }
    }
}

impl From<Both<Item, ItemResponse>> for CatalogueItem {
    fn from(Both(item, response): Both<Item, ItemResponse>) -> Self {
        // One code with a factor that no line holds does not keep the item, or the page, away.
        let codes = response.codes.into_iter().filter_map(|CodeResponse { code, factor }| {
            factor.parse().ok().map(|factor| ItemCode { code, factor })
        });
        Self {
            codes: codes.collect(),
            item,
            short_name: response.short_name,
            sku: response.sku,
            category: response.category,
            version: response.version,
        }
    }
}

impl From<TaxResponse> for TaxInForce {
    fn from(response: TaxResponse) -> Self {
        let component = |ComponentResponse { name, rate }| TaxComponent { name, rate };
        Self {
            code: response.code,
            name: response.name,
            components: response.components.into_iter().map(component).collect(),
            valid_from: response.valid_from,
        }
    }
}

/// `pos_sale`.
#[derive(Deserialize)]
pub(crate) struct SaleResponse {
    sale: Both<WholeSale, SaleTotals>,
    refundable: Option<Refundable>,
    refunds: Vec<SaleSummary>,
}

#[derive(Deserialize)]
struct WholeSale {
    id: SaleId,
    session_id: SessionId,
    kind: SaleKind,
    receipt: Receipt,
    lines: Vec<SaleLine>,
    taxes: Vec<SaleTax>,
    tenders: Vec<SaleTender>,
    original_id: Option<SaleId>,
    reason: Option<String>,
    note: Option<String>,
    approval_id: Option<ApprovalId>,
    age_checked: bool,
    device_time: Option<Timestamp>,
    recorded_by: Option<UserId>,
    by_name: String,
    business_date: Option<civil::Date>,
    recorded_at: Timestamp,
    late: bool,
    flags: Vec<String>,
    voided: bool,
}

#[derive(Default, Deserialize)]
struct Refundable {
    lines: Vec<LeftOfLineResponse>,
    taxes: Vec<LeftOfTaxResponse>,
}

#[derive(Deserialize)]
struct LeftOfLineResponse {
    no: u32,
    quantity: String,
    net: Amount,
}

#[derive(Deserialize)]
struct LeftOfTaxResponse {
    tax_code: String,
    component: String,
    tax: Amount,
}

impl SaleResponse {
    pub(crate) fn into_sale(self) -> SaleOnServer {
        let Self { sale: Both(whole, totals), refundable, refunds } = self;
        // Of what is no sale, or was voided, nothing can come back.
        let Refundable { lines, taxes } = refundable.unwrap_or_default();
        let sale = Sale {
            id: whole.id,
            session_id: whole.session_id,
            kind: whole.kind,
            receipt: whole.receipt,
            lines: whole.lines,
            taxes: whole.taxes,
            tenders: whole.tenders,
            totals,
            original_id: whole.original_id,
            reason: whole.reason,
            note: whole.note,
            approval_id: whole.approval_id,
            age_checked: whole.age_checked,
            device_time: whole.device_time.unwrap_or(whole.recorded_at),
            // An entry of the shop's own server has nobody.
            recorded_by: whole.recorded_by.unwrap_or(UserId(uuid::Uuid::nil())),
        };
        // A quantity of zero is none.
        let left = |line: LeftOfLineResponse| LeftOfLine {
            no: line.no,
            quantity: line.quantity.parse().ok(),
            net: line.net,
        };
        let lines: Vec<LeftOfLine> = lines.into_iter().map(left).collect();
        let taxes: Vec<(String, String, Amount)> =
            taxes.into_iter().map(|row| (row.tax_code, row.component, row.tax)).collect();
        SaleOnServer {
            original: Original::from_left(sale, &lines, &taxes),
            by_name: whole.by_name,
            business_date: whole.business_date,
            recorded_at: whole.recorded_at,
            late: whole.late,
            flags: whole.flags,
            voided: whole.voided,
            refunds,
        }
    }
}

/// `pos_sales`.
#[derive(Deserialize)]
pub(crate) struct SalesResponse {
    session_id: SessionId,
    sales: Vec<SaleSummary>,
}

/// `pos_approve`.
#[derive(Deserialize)]
struct ApprovalResponse {
    approval: Approved,
}

#[derive(Deserialize)]
struct Approved {
    id: ApprovalId,
}

/// The arguments of `pos_record_sale`: each field of the entry under its own name.
fn arguments(sale: &Sale) -> Result<Value, Fault> {
    let internal = |why: serde_json::Error| Fault::new(Code::Internal, why.to_string());
    let Value::Object(fields) = serde_json::to_value(sale).map_err(internal)? else {
        return Err(Fault::new(Code::Internal, "an entry is no object"));
    };
    let mut body: Value = fields
        .into_iter()
        .map(|(name, value)| (format!("p_{name}"), value))
        .collect::<serde_json::Map<_, _>>()
        .into();
    // A void is handed out before it is sent, so it is never refused for what came back elsewhere; a refund asks first.
    if let Some(receipt) = body.get_mut("p_receipt") {
        receipt["offline"] = (sale.kind == SaleKind::Void).into();
    }
    Ok(body)
}

impl Selling for SupabaseServer {
    async fn till(&self, session: SessionId) -> Result<ChainHead, Fault> {
        let body = json!({"p_session_id": session});
        let request = || Request::post("rest/v1/rpc/pos_till", &body);
        let read = |answer: &Response| {
            let response: TillResponse = decoded(answer)?;
            response.into_head().ok_or_else(|| classify::unreadable(answer, "a prefix without its letter"))
        };
        self.rest.call(PRESSED, request, read).await
    }

    async fn record_sale(&self, sale: &Sale, last_receipt: u64) -> Result<SaleRecorded, Fault> {
        let body = arguments(sale)?;
        let request = || Request::post("rest/v1/rpc/pos_record_sale", &body).last_receipt(Some(last_receipt));
        let read = |answer: &Response| {
            let response: RecordResponse = decoded(answer)?;
            if response.sale.id != sale.id {
                return Err(classify::unreadable(answer, "it tells of another entry"));
            }
            Ok(SaleRecorded {
                late: response.sale.late,
                flags: response.sale.flags,
                revision: response.revision,
                replayed: response.outcome == Outcome::Replayed,
            })
        };
        // Somebody waits with the money of a refund in hand.
        let policy = RetryPolicy { pressed: sale.kind == SaleKind::Refund, ..SEND };
        self.rest.call(policy, request, read).await
    }

    async fn catalogue(&self, location: LocationId, since: Option<i64>) -> Result<CataloguePage, Fault> {
        let body = json!({"p_location_id": location, "p_since": since, "p_limit": ITEMS_OF_A_PAGE});
        let request = || Request::post("rest/v1/rpc/pos_catalogue", &body);
        let read = |answer: &Response| {
            let response: CatalogueResponse = decoded(answer)?;
            // A page that leads nowhere would be asked for for ever.
            let leads_on = !response.more || response.cursor > since.unwrap_or(0);
            match response.location_id == location && leads_on {
                true => Ok(response.into_page()),
                false => Err(classify::unreadable(answer, "another location, or the same page again")),
            }
        };
        self.rest.call(PAGE, request, read).await
    }

    async fn sale(&self, which: &SaleRef) -> Result<SaleOnServer, Fault> {
        let body = match which {
            SaleRef::Id(id) => json!({"p_id": id}),
            SaleRef::Number(number) => json!({"p_receipt_number": number}),
        };
        let request = || Request::post("rest/v1/rpc/pos_sale", &body);
        let read = |answer: &Response| {
            let response: SaleResponse = decoded(answer)?;
            match which {
                SaleRef::Id(id) if response.sale.0.id != *id => {
                    Err(classify::unreadable(answer, "it tells of another entry"))
                }
                _ => Ok(response.into_sale()),
            }
        };
        self.rest.call(PRESSED, request, read).await
    }

    async fn sales(&self, session: SessionId, before: Option<SaleId>) -> Result<Vec<SaleSummary>, Fault> {
        let body = json!({"p_session_id": session, "p_before": before});
        let request = || Request::post("rest/v1/rpc/pos_sales", &body);
        let read = |answer: &Response| {
            let response: SalesResponse = decoded(answer)?;
            match response.session_id == session {
                true => Ok(response.sales),
                false => Err(classify::unreadable(answer, "it tells of another session")),
            }
        };
        self.rest.call(PRESSED, request, read).await
    }

    async fn selling_rules(&self, location: LocationId) -> Result<SellingRules, Fault> {
        let body = json!({"p_location_id": location});
        let request = || Request::post("rest/v1/rpc/pos_selling_rules", &body);
        let read = |answer: &Response| decoded::<RulesResponse>(answer).map(|response| response.rules);
        self.rest.call(PRESSED, request, read).await
    }

    async fn save_selling_rules(
        &self,
        location: LocationId,
        change: &RulesChange,
    ) -> Result<SellingRules, Fault> {
        let body = json!({"p_location_id": location, "p_rules": change});
        let request = || Request::post("rest/v1/rpc/pos_save_selling_rules", &body);
        let read = |answer: &Response| decoded::<RulesResponse>(answer).map(|response| response.rules);
        self.rest.call(PRESSED, request, read).await
    }

    async fn approve_sale(
        &self,
        email: &str,
        password: &SecretString,
        approvals: &[ApprovalAsked],
    ) -> Result<Staff, Fault> {
        let approve = async |rest: &Rest| {
            for asked in approvals {
                approve(rest, asked).await?;
            }
            Ok(())
        };
        let (staff, ()) = self.beside(email, password, approve).await?;
        Ok(staff)
    }
}

async fn approve(rest: &Rest, asked: &ApprovalAsked) -> Result<(), Fault> {
    let subject = json!({"sale_id": asked.sale_id, "session_id": asked.session_id, "limit": asked.limit});
    let note = (!asked.note.is_empty()).then_some(&asked.note);
    let body = json!({"p_id": asked.id, "p_kind": asked.kind, "p_subject": subject, "p_note": note});
    let request = || Request::post("rest/v1/rpc/pos_approve", &body);
    let read = |answer: &Response| -> Result<(), Failure> {
        let response: ApprovalResponse = decoded(answer)?;
        match response.approval.id == asked.id {
            true => Ok(()),
            false => Err(classify::unreadable(answer, "another approval")),
        }
    };
    rest.call(PRESSED, request, read).await
}

#[cfg(test)]
mod tests;
