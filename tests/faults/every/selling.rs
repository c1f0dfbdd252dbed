//! Selling: the till's letter, entries, receipts, the catalogue, approvals.

use jiff::{SignedDuration, Timestamp};
use onetill_core::ports::Managing;
use onetill_core::sale::{
    AmountKey, ApprovalKind, ChainHead, Editing, Half, Quantity, RefundRequest, Stamp, Terms,
};
use onetill_core::sales_sheet::SaleFlag;
use onetill_core::selling::{ApprovalAsked, RulesChange, SaleRef};
use onetill_core::{ApprovalId, Role, Sale, SaleId, Selling, Session};
use onetill_local::DEMO_ACCOUNTS;
use onetill_supabase::SupabaseServer;
use onetill_tests::Result;
use serde_json::Value;
use uuid::Uuid;

use super::Call;
use super::settling::started;
use super::verdict::{Trouble, Verdict, check};
use crate::shop::{Device, Shop};

/// Switches selling on in every store.
pub(super) async fn switch_on(shop: &Shop) -> Result<()> {
    for text in [
        "update locations set country = 'US', currency = 'USD'",
        "insert into pos_selling_rules (vendor_id, selling_on) select id, true from vendors",
        "insert into pos_items (id, vendor_id, name, price, version)
            select gen_random_uuid(), id, 'Tea', 3.50, 0 from vendors",
    ] {
        shop.project.sql(text).await?;
    }
    Ok(())
}

/// By these rules nobody needs a manager.
const RULES: &str = r#"{"selling_on": true, "prices_include_tax": false, "price_override": false, "no_receipt_refund": true}"#;

/// A sale of 12.34 for cash, by a device whose clock says this.
fn sale(device: &Device, session: &Session, head: &ChainHead, now: Timestamp) -> Sale {
    let terms =
        Terms { currency: "USD".into(), prices_include_tax: false, cash_step: None, cash_half: Half::Up };
    let key = AmountKey { name: "Bread".into(), tax_code: None };
    let stamp = Stamp { session_id: session.id, by: device.staff.user_id, now };
    let cart = Editing::new(SaleId(Uuid::new_v4()), terms)
        .add_amount("12.34".parse().unwrap(), Quantity::ONE, &key, None, &[])
        .unwrap();
    let paying = cart.pay(Role::Cashier, &serde_json::from_str(RULES).unwrap()).unwrap();
    paying.done(None, head, stamp).unwrap().sale
}

/// A till with a shift, and a sale that it has made.
async fn sold(shop: &Shop, device: &Device) -> Verdict<(SupabaseServer, Session, Sale)> {
    let (server, session) = started(shop, device).await?;
    let head = server.till(session.id).await?;
    let sale = sale(device, &session, &head, Timestamp::now());
    Ok((server, session, sale))
}

pub(super) async fn rows(shop: &Shop, table: &str, column: &str, id: Uuid) -> Result<Vec<Value>> {
    shop.rest.rows(&format!("/rest/v1/{table}?{column}=eq.{id}")).await
}

pub(super) async fn till(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let tills = async || rows(shop, "pos_tills", "register_id", session.register_id.0).await;
    let ask = async || server.till(session.id).await;
    let (first, again) = trouble.write(device, ask, async || Ok(!tills().await?.is_empty())).await?;
    check(again.till == 1 && first.is_none_or(|first| first == again), || format!("told {again:?}"))?;
    let tills = tills().await?;
    check(tills.len() == 1, || format!("{} letters for one till", tills.len()))
}

pub(super) async fn record(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session, sale) = sold(shop, device).await?;
    let sales = async || rows(shop, "pos_sales", "session_id", session.id.0).await;
    let send = async || server.record_sale(&sale, 1).await;
    let (first, again) = trouble.write(device, send, async || Ok(!sales().await?.is_empty())).await?;
    for told in first.iter().chain([&again]) {
        check(!told.late && told.flags.is_empty(), || format!("told {told:?}"))?;
    }
    check(first.is_none() || again.replayed, || "recorded again".to_owned())?;
    let sales = sales().await?;
    check(sales.len() == 1, || format!("{} entries came of one", sales.len()))?;
    let session = rows(shop, "pos_sessions", "id", session.id.0).await?;
    let cash = session.first().map(|row| row["total_cash"].to_string()).unwrap_or_default();
    check(cash.trim_matches('"') == "12.34", || format!("the shift sold for {cash}"))
}

/// A refund that somebody waits for with the money in hand: whatever becomes of the answers, it is given back once.
pub(super) async fn refund(shop: &Shop, device: &Device, trouble: Trouble) -> Verdict {
    let (server, session, sale) = sold(shop, device).await?;
    server.record_sale(&sale, 1).await?;
    let found = server.sale(&SaleRef::Id(sale.id)).await?;
    let head = server.till(session.id).await?;
    let stamp = Stamp { session_id: session.id, by: device.staff.user_id, now: jiff::Timestamp::now() };
    let asked = RefundRequest {
        lines: vec![(1, Quantity::ONE)],
        reason: "damaged".to_owned(),
        ..RefundRequest::default()
    };
    let rules = serde_json::from_str(RULES).unwrap();
    let id = SaleId(Uuid::new_v4());
    let refund = found.original.refund(id, &asked, (Role::Cashier, &rules), &head, stamp).unwrap();
    let entries = async || rows(shop, "pos_sales", "original_id", sale.id.0).await;
    let ask = async || server.record_sale(refund.entry(), 2).await;
    let (first, again) = trouble.write(device, ask, async || Ok(!entries().await?.is_empty())).await?;
    for told in first.iter().chain([&again]) {
        check(!told.late && told.flags.is_empty(), || format!("told {told:?}"))?;
    }
    let entries = entries().await?;
    check(entries.len() == 1, || format!("{} refunds came of one", entries.len()))?;
    let session = rows(shop, "pos_sessions", "id", session.id.0).await?;
    let cash = session.first().map(|row| row["total_cash"].to_string()).unwrap_or_default();
    check(cash.trim_matches('"') == "0.00", || format!("the drawer is left with {cash}"))
}

pub(super) async fn read(shop: &Shop, device: &Device, call: Call, trouble: Trouble) -> Verdict {
    let (server, session, sale) = sold(shop, device).await?;
    server.record_sale(&sale, 1).await?;
    match call {
        Call::Receipt => {
            let which = SaleRef::Number(sale.receipt.number.clone().unwrap_or_default());
            let (first, again) = trouble.read(device, async || server.sale(&which).await).await?;
            for told in first.iter().chain([&again]) {
                check(told.original.sale == sale, || format!("told {told:?}"))?;
            }
        }
        Call::Catalogue => {
            let location = session.location_id;
            let (first, again) =
                trouble.read(device, async || server.catalogue(location, None).await).await?;
            check(!again.items.is_empty() && again.settings.is_some(), || format!("told {again:?}"))?;
            check(first.is_none_or(|first| first == again), || "another catalogue".to_owned())?;
        }
        _ => {
            let (first, again) = trouble.read(device, async || server.sales(session.id, None).await).await?;
            for told in first.iter().chain([&again]) {
                check(told.len() == 1 && told[0].id == sale.id, || format!("told {told:?}"))?;
            }
        }
    }
    Ok(())
}

pub(super) async fn settle_flag(shop: &Shop, device: &Device, manager: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let head = server.till(session.id).await?;
    let sale = sale(device, &session, &head, Timestamp::now() + SignedDuration::from_hours(3));
    let flags = server.record_sale(&sale, 1).await?.flags;
    check(flags == [SaleFlag::ClockOff.name()], || format!("flagged as {flags:?}"))?;
    let office = manager.ready().await?;
    let settled = async || -> Result<bool> {
        let rows = rows(shop, "pos_sale_flags", "sale_id", sale.id.0).await?;
        Ok(rows.iter().any(|row| !row["settled_at"].is_null()))
    };
    let settle = async || office.settle_flag(sale.id, SaleFlag::ClockOff, "The battery was empty").await;
    let (first, again) = trouble.write(manager, settle, settled).await?;
    let told = again.note == "The battery was empty" && again.by_name == manager.staff.display_name;
    check(told && first.is_none_or(|first| first == again), || format!("told {again:?}"))
}

pub(super) async fn approve(shop: &Shop, device: &Device, manager: &Device, trouble: Trouble) -> Verdict {
    let (server, session) = started(shop, device).await?;
    let who = &DEMO_ACCOUNTS[manager.account];
    let kept = device.kept();
    let asked = |kind| ApprovalAsked {
        id: ApprovalId(Uuid::new_v4()),
        kind,
        sale_id: SaleId(Uuid::new_v4()),
        session_id: session.id,
        limit: "30.00".parse().ok(),
        note: "seen".to_owned(),
    };
    let asked = [asked(ApprovalKind::Discount), asked(ApprovalKind::Amount)];
    let approvals = async || rows(shop, "pos_approvals", "session_id", session.id.0).await;
    let approve = async || server.approve_sale(who.email, &who.password.into(), &asked).await;
    let (first, again) = trouble.write(device, approve, async || Ok(!approvals().await?.is_empty())).await?;
    for told in first.iter().chain([&again]) {
        check(told.user_id == manager.staff.user_id, || format!("approved by {told:?}"))?;
    }
    let approvals = approvals().await?;
    check(approvals.len() == asked.len(), || format!("{} approvals came of two", approvals.len()))?;
    check(device.kept() == kept, || "the cashier's own login was touched".to_owned())
}

pub(super) async fn rules(shop: &Shop, manager: &Device, trouble: Trouble) -> Verdict {
    let server = manager.ready().await?;
    let location = shop.location(&manager.staff).await?;
    let (first, again) = trouble.read(manager, async || server.selling_rules(location.id).await).await?;
    for told in first.iter().chain([&again]) {
        check(!told.selling_on && told.country.is_none(), || format!("told {told:?}"))?;
    }
    Ok(())
}

pub(super) async fn save_rules(shop: &Shop, trouble: Trouble) -> Verdict {
    let owner = &Device::new(shop, 3).await?;
    let server = owner.ready().await?;
    let location = shop.location(&owner.staff).await?;
    let change = RulesChange {
        country: Some("US".to_owned()),
        selling_on: true,
        prices_include_tax: false,
        cash_step: None,
        discount_percent_limit: Some("12.5".to_owned()),
        sale_limit: None,
        refund_limit: None,
        void_limit: None,
        price_override: true,
        no_receipt_refund: false,
        other_tenders: vec!["Voucher".to_owned()],
        receipt_header: None,
        receipt_footer: None,
    };
    let kept = async || rows(shop, "pos_selling_rules", "location_id", location.id.0).await;
    let save = async || server.save_selling_rules(location.id, &change).await;
    let (first, again) = trouble.write(owner, save, async || Ok(!kept().await?.is_empty())).await?;
    for told in first.iter().chain([&again]) {
        let (limit, country) = (told.discount_percent_limit, told.country.as_deref());
        let is_it = told.selling_on && country == Some("US") && limit == "12.5".parse().ok();
        check(is_it, || format!("told {told:?}"))?;
    }
    check(kept().await?.len() == 1, || "rules of one location in several rows".to_owned())
}
