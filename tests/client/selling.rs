//! Selling over HTTP on a real PostgreSQL: letters, receipts, refunds, approvals and the catalogue, through the client's
//! own adapter, at several devices.

use onetill_core::{
    ApprovalId, Code, Fault, ItemId, Role, Sale, SaleId, SaleKind, Selling, SessionId, ShopSettings,
    ports::{CashUp, Managing},
    sale::{
        AmountKey, ApprovalKind, ChainHead, Discount, Editing, Quantity, RefundRequest, Sealed, Stamp,
        TenderKind, receipt_number,
    },
    selling::{ApprovalAsked, CataloguePage, SaleRecorded, SaleRef},
};
use onetill_goods::Goods;
use onetill_local::DEMO_ACCOUNTS;
use onetill_tests::Result;
use uuid::Uuid;

use crate::closing::{Colleague, Store, amount, close, count};

/// A shop that sells in the United States with one tax, and a location of two rates.
async fn shop() -> Result<Store> {
    let store = Store::open()?;
    for text in [
        "update locations set country = 'US', currency = 'USD'",
        "insert into pos_selling_rules (vendor_id, selling_on, other_tenders)
            select id, true, '{Voucher}' from vendors",
        r#"insert into pos_taxes (vendor_id, location_id, code, name, components, valid_from)
            select v.id, l.id, x.code, 'Sales tax', x.components::jsonb, x.valid_from::date
              from vendors v join locations l on l.vendor_id = v.id
                join (values ('A', '[{"name": "State", "rate": "0.0475"}, {"name": "City", "rate": "0.025"}]', '2020-01-01'),
                  ('A', '[{"name": "State", "rate": "0.05"}]', '2999-01-01')) x(code, components, valid_from) on true"#,
        r#"insert into pos_taxes (vendor_id, code, name, components, valid_from)
            select id, 'A', 'Of the shop', '[{"name": "State", "rate": "0.5"}]', '2998-01-01' from vendors"#,
    ] {
        store.project.sql(text).await?;
    }
    Ok(store)
}

fn code<T>(answer: std::result::Result<T, Fault>) -> Option<Code> {
    answer.err().map(|fault| fault.code)
}

/// Somebody at a till in a shift.
struct Desk {
    colleague: Colleague,
    session: SessionId,
    head: ChainHead,
    settings: ShopSettings,
}

impl Desk {
    async fn of(colleague: Colleague, session: SessionId) -> Result<Self> {
        let head = colleague.server.till(session).await?;
        let page = colleague.server.catalogue(colleague.location().id, None).await?;
        let settings = page.settings.ok_or("the last page has the settings")?;
        Ok(Self { colleague, session, head, settings })
    }

    fn stamp(&self) -> Stamp {
        Stamp { session_id: self.session, by: self.colleague.staff.user_id, now: jiff::Timestamp::now() }
    }

    fn cart(&self, price: &str) -> Editing {
        let terms = self.settings.rules.terms(&self.settings.currency);
        let key = AmountKey { name: "Bread".into(), tax_code: Some("A".into()) };
        let rates = self.settings.rates(jiff::civil::date(2026, 11, 30));
        Editing::new(SaleId(Uuid::new_v4()), terms)
            .add_amount(amount(price), Quantity::ONE, &key, None, &rates)
            .unwrap()
    }

    /// A sale for cash. The chain goes on with it.
    fn sell(&mut self, price: &str) -> Sale {
        self.sell_cart(self.cart(price))
    }

    fn sell_cart(&mut self, cart: Editing) -> Sale {
        let role = self.colleague.staff.role;
        let paying = cart.pay(role, &self.settings.rules).unwrap();
        let Sealed { sale, head } = paying.done(Some(amount("1000.00")), &self.head, self.stamp()).unwrap();
        self.head = head;
        sale
    }

    async fn record(&self, sale: &Sale) -> std::result::Result<SaleRecorded, Fault> {
        self.colleague.server.record_sale(sale, self.head.last_receipt).await
    }
}

async fn two_desks(store: &Store) -> Result<[Desk; 2]> {
    let (ana, ben) = (store.sign_in(&DEMO_ACCOUNTS[0]).await?, store.sign_in(&DEMO_ACCOUNTS[1]).await?);
    let register = store.register().await?;
    let session = ana.open(register, "200.00").await?.0.id;
    ben.open(register, "200.00").await?;
    Ok([Desk::of(ana, session).await?, Desk::of(ben, session).await?])
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_numbered_recorded_once_and_found_by_number() -> Result<()> {
    let store = shop().await?;
    let [mut ana, mut ben] = two_desks(&store).await?;
    assert_eq!([ana.head.till, ben.head.till], [1, 2], "each device has a letter of its own");
    assert_eq!(ana.head.prefix, ben.head.prefix);
    assert_eq!(ana.colleague.server.till(ana.session).await?, ana.head, "and it stays");
    let rates: Vec<String> =
        ana.settings.taxes.iter().map(|tax| format!("{} {}", tax.name, tax.valid_from)).collect();
    assert_eq!(
        rates,
        ["Sales tax 2020-01-01", "Sales tax 2999-01-01"],
        "the location's own go before the shop's"
    );

    let sale = ana.sell("10.00");
    let sum = (sale.totals.net, sale.totals.tax, sale.totals.total);
    assert_eq!(sum, (amount("10.00"), amount("0.73"), amount("10.73")));
    let fresh = SaleRecorded { late: false, flags: vec![], revision: 0, replayed: false };
    let recorded = ana.record(&sale).await?;
    assert_eq!(SaleRecorded { revision: 0, ..recorded.clone() }, fresh);
    assert!(recorded.revision > 0);
    let again = ana.record(&sale).await?;
    assert_eq!(again, SaleRecorded { replayed: true, ..recorded }, "sent again");
    let server = &ben.colleague.server;
    assert!(server.record_sale(&sale, 0).await?.replayed, "whoever sends it");
    let other = Sale { note: Some("something else".into()), ..sale.clone() };
    assert_eq!(code(ana.record(&other).await), Some(Code::KeyReused));
    let head = ana.colleague.server.till(ana.session).await?;
    assert_eq!(head, ana.head, "the server knows where the chain stands");

    // The server hears of a receipt that it does not have yet.
    ana.head.last_receipt += 1;
    let skipped = ana.sell("1.00");
    assert_eq!(ana.record(&skipped).await?.flags, Vec::<String>::new());
    assert_eq!(ana.colleague.server.till(ana.session).await?.last_receipt, 3);

    let mut wrong = ben.sell("4.00");
    wrong.totals.total = amount("3.00");
    assert_eq!(code(ben.record(&wrong).await), Some(Code::BadSale));
    let mut wrong = ben.sell("4.00");
    wrong.tenders[0].change = Some(amount("1.00"));
    assert_eq!(code(ben.record(&wrong).await), Some(Code::BadTender));
    let mut wrong = ben.sell("4.00");
    wrong.receipt.number = Some("X-A-000001".into());
    assert_eq!(code(ben.record(&wrong).await), Some(Code::BadReceipt));

    // By its number, in any case, from any till; whole, as it was sent.
    let number = receipt_number(&ana.head.prefix, 1, 1).to_lowercase();
    let found = ben.colleague.server.sale(&SaleRef::Number(number)).await?;
    assert_eq!(found.original.sale, sale);
    assert_eq!(found.original.left()[0].quantity, Some(Quantity::ONE));
    assert_eq!((found.by_name.as_str(), found.voided, found.refunds.len()), ("Ana", false, 0));
    let unknown = ben.colleague.server.sale(&SaleRef::Number("R-A-000001".into())).await;
    assert_eq!(code(unknown), Some(Code::SaleNotFound));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_back_does_not_come_back_again() -> Result<()> {
    let store = shop().await?;
    let [mut ana, mut ben] = two_desks(&store).await?;
    let sale = ana.sell("10.00");
    ana.record(&sale).await?;
    let gone = ana.sell("2.00");
    ana.record(&gone).await?;

    let found = ben.colleague.server.sale(&SaleRef::Id(sale.id)).await?;
    let role = Role::Cashier;
    let refund = |quantity: &str, desk: &Desk| {
        let asked = RefundRequest {
            lines: vec![(1, quantity.parse().unwrap())],
            reason: "damaged".into(),
            ..RefundRequest::default()
        };
        let id = SaleId(Uuid::new_v4());
        found.original.refund(id, &asked, (role, &desk.settings.rules), &desk.head, desk.stamp()).unwrap()
    };
    let half = refund("0.5", &ben).recorded();
    assert!(!ben.record(&half.sale).await?.replayed);
    ben.head = half.head;
    assert_eq!(code(ben.record(refund("0.6", &ben).entry()).await), Some(Code::NothingLeft));

    let found = ana.colleague.server.sale(&SaleRef::Id(sale.id)).await?;
    let left = found.original.left();
    assert_eq!(left[0].quantity, "0.5".parse().ok());
    assert_eq!(left[0].net, amount("5.00"));
    let refunds: Vec<(SaleKind, SaleId)> = found.refunds.iter().map(|one| (one.kind, one.id)).collect();
    assert_eq!(refunds, [(SaleKind::Refund, half.sale.id)]);
    assert_eq!(found.refunds[0].tenders, half.sale.tenders);

    // A void is done before it is sent. Of what was voided nothing is left.
    let void = |of: &Sale, desk: &Desk| {
        let (id, rules) = (SaleId(Uuid::new_v4()), &desk.settings.rules);
        onetill_core::sale::void(of, id, "wrong", &[], (role, rules), &desk.head, desk.stamp()).unwrap()
    };
    let done = void(&gone, &ana);
    ana.record(&done.sale).await?;
    ana.head = done.head;
    assert_eq!(code(ana.record(&void(&gone, &ana).sale).await), Some(Code::AlreadyVoided));
    let voided = ana.colleague.server.sale(&SaleRef::Id(gone.id)).await?;
    assert!(voided.voided);
    assert_eq!(voided.original.left()[0].quantity, None);
    let met = void(&sale, &ana);
    assert_eq!(
        ana.record(&met.sale).await?.flags,
        ["refund_beyond"],
        "the money was handed out: recorded all the same"
    );

    // The list, page after page.
    let server = &ana.colleague.server;
    let list = server.sales(ana.session, None).await?;
    let ids: Vec<SaleId> = list.iter().map(|one| one.id).collect();
    assert_eq!(ids, [met.sale.id, done.sale.id, half.sale.id, gone.id, sale.id], "newest first");
    assert_eq!(list[4].tenders, sale.tenders);
    assert_eq!(list[4].tenders[0].kind, TenderKind::Cash);
    assert_eq!(
        (list[4].receipt_number.clone(), list[4].total),
        (sale.receipt.number.clone(), sale.totals.total)
    );
    let rest = server.sales(ana.session, Some(done.sale.id)).await?;
    assert_eq!(rest, list[2..]);
    assert_eq!(server.sales(ana.session, Some(sale.id)).await?, []);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_that_comes_after_the_close_is_late_and_one_beyond_the_limit_is_flagged_or_approved()
-> Result<()> {
    let store = shop().await?;
    let [mut ana, mut ben] = two_desks(&store).await?;
    let rules = ana.settings.rules.clone();
    let reduced =
        |desk: &Desk| desk.cart("100.00").discount_line(0, Discount::Amount(amount("30.00")), "old").unwrap();
    let needed = reduced(&ana).needs(Role::Cashier, &rules)?;
    assert_eq!(needed, [ApprovalKind::Discount]);

    let asked = |sale_id: SaleId, limit: &str| ApprovalAsked {
        id: ApprovalId(Uuid::new_v4()),
        kind: ApprovalKind::Discount,
        sale_id,
        session_id: ana.session,
        limit: Some(amount(limit)),
        note: String::new(),
    };
    let cart = reduced(&ana);
    let approvals = [asked(cart.id(), "30.00")];
    let manager = &DEMO_ACCOUNTS[2];
    let server = &ana.colleague.server;
    let wrong = server.approve_sale(manager.email, &"wrong".into(), &approvals).await;
    assert_eq!(code(wrong), Some(Code::WrongPassword));
    let cashier = &DEMO_ACCOUNTS[1];
    let cashier = server.approve_sale(cashier.email, &cashier.password.into(), &approvals).await;
    assert_eq!(code(cashier), Some(Code::ManagerRequired));
    for _again in 0..2 {
        let staff = server.approve_sale(manager.email, &manager.password.into(), &approvals).await?;
        assert_eq!(staff.display_name, "Mara");
    }
    let approved = cart.approved(onetill_core::sale::Approval {
        id: approvals[0].id,
        kind: ApprovalKind::Discount,
        by_name: "Mara".into(),
    });
    let sale = ana.sell_cart(approved);
    assert_eq!(ana.record(&sale).await?.flags, Vec::<String>::new());

    // Done all the same, by a till that did not ask.
    ben.settings.rules.discount_percent_limit = None;
    let sale = ben.sell_cart(reduced(&ben));
    assert_eq!(ben.record(&sale).await?.flags, ["over_limit"]);

    let late = ben.sell("5.00");
    let server = &ana.colleague.server;
    let counted = server.commit_count(&count(ana.session, &[("1", 353)])).await?;
    server.approve_count(manager.email, &manager.password.into(), counted.id, "").await?;
    server.close_session(ana.session, &close(Some(counted.id), "a note was missing")).await?;
    let recorded = ben.record(&late).await?;
    assert_eq!((recorded.late, recorded.flags), (true, vec!["late".to_owned()]));
    assert!(ben.record(&late).await?.late, "also when it is sent again");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_comes_in_pages_and_then_only_what_changed() -> Result<()> {
    let store = shop().await?;
    let ana = store.sign_in(&DEMO_ACCOUNTS[0]).await?;
    let location = ana.location().id;
    let goods: Vec<_> = Goods::new(1).items(1_500).collect();
    store.project.sql(&onetill_goods::insert(ana.staff.vendor_id, &goods)?).await?;
    let (one, two) = (ItemId(Uuid::new_v4()), ItemId(Uuid::new_v4()));
    for text in [
        "insert into pos_items (id, vendor_id, name, short_name, unit, price, tax_code, category, age_limit, version)
            select '@', vendor_id, 'Crème brûlée', 'Crème', 'kg', 12.50, 'A', 'Sweet', 18, 0 from locations where id = '#'",
        "insert into pos_item_codes (vendor_id, code, item_id, factor)
            select vendor_id, x.code, '@', x.factor from locations, (values ('4006381333931', 1), ('C6', 6), ('BAD', 1000000)) x(code, factor)
              where id = '#'",
        "insert into pos_item_prices (item_id, location_id, vendor_id, price)
            select '@', id, vendor_id, 11.00 from locations where id = '#'",
        "insert into pos_quick_keys (location_id, page, place, vendor_id, item_id, label, colour)
            select id, 1, 2, vendor_id, '@', 'Crème', 'red' from locations where id = '#'",
    ] {
        let text = text.replace('@', &one.to_string()).replace('#', &location.to_string());
        store.project.sql(&text).await?;
    }

    let mut pages: Vec<CataloguePage> = vec![];
    loop {
        let since = pages.last().map(|page| page.cursor);
        let page = ana.server.catalogue(location, since).await?;
        let more = page.more;
        pages.push(page);
        if !more {
            break;
        }
    }
    let sizes: Vec<usize> = pages.iter().map(|page| page.items.len()).collect();
    assert_eq!(sizes, [1_000, 501]);
    assert_eq!(pages[0].settings, None, "the last page has them");
    let last = pages.last().unwrap();
    let found = last.items.iter().find(|found| found.item.id == one).unwrap();
    assert_eq!((found.item.name.as_str(), found.item.price), ("Crème brûlée", Some(amount("11.00"))));
    assert_eq!((found.item.unit.as_deref(), found.item.age_limit), (Some("kg"), Some(18)));
    let codes: Vec<(&str, String)> =
        found.codes.iter().map(|one| (one.code.as_str(), one.factor.decimal().to_string())).collect();
    assert_eq!(codes, [("4006381333931", "1".to_owned()), ("C6", "6".to_owned())]);
    let settings = last.settings.as_ref().unwrap();
    assert_eq!((settings.keys[0].item_id, settings.keys[0].label.as_deref()), (one, Some("Crème")));
    assert_eq!((settings.rules.country.as_deref(), settings.rules.needs_certificate), (Some("US"), false));
    assert_eq!(settings.rules.other_tenders, ["Voucher"]);

    let same = ana.server.catalogue(location, Some(last.cursor)).await?;
    let nothing =
        CataloguePage { cursor: last.cursor, more: false, items: vec![], removed: vec![], settings: None };
    assert_eq!(same, nothing, "nothing changed");
    store.project.sql(&format!("update pos_items set is_active = false where id = '{one}'")).await?;
    let insert = format!(
        "insert into pos_items (id, vendor_id, name, price_is_open, version)
            select '{two}', vendor_id, 'Flowers', true, 0 from locations where id = '{location}'"
    );
    store.project.sql(&insert).await?;
    let delta = ana.server.catalogue(location, Some(last.cursor)).await?;
    assert_eq!((delta.removed, delta.items[0].item.id, delta.items.len()), (vec![one], two, 1));
    assert!(delta.items[0].item.price_is_open && delta.items[0].item.price.is_none());
    assert!(delta.cursor > last.cursor);

    store.project.sql("update pos_selling_rules set selling_on = false").await?;
    let off = ana.server.catalogue(location, Some(delta.cursor)).await?;
    assert_eq!(off.settings.map(|settings| settings.rules.selling_on), Some(false));
    let session = ana.open(store.register().await?, "200.00").await?.0.id;
    assert_eq!(code(ana.server.till(session).await), Some(Code::SellingOff));
    Ok(())
}
