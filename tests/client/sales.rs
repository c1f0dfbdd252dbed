//! What was sold, as the client's own adapter reads it from X, Z, the board and the end of a day, on a real PostgreSQL. The
//! sales come over HTTP from a till that shares no code with it.

use hyper::Method;
use onetill_core::{
    Code, SaleKind,
    ports::{CashUp, Closed, Managing, Reports},
    report_lines::{ReportLabel, ReportSection, ReportValue},
    sale::TenderKind,
    sales_sheet::{SaleFlag, SalesSheet},
};
use onetill_db_harness::till::{Cart, Line, Till, void};
use onetill_local::DEMO_ACCOUNTS;
use onetill_tests::{Result, rest::Rest};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::closing::{Store, amount, close, count};

/// Somebody at a till that sells.
struct Seller<'a> {
    rest: &'a Rest,
    person: onetill_tests::rest::Person,
}

impl Seller<'_> {
    async fn call(&self, function: &str, headers: &Value, arguments: &Value) -> Result<Value> {
        let bearer = format!("Bearer {}", self.person.access_token);
        let mut sent = vec![("authorization", bearer.as_str())];
        let own = headers.as_object().into_iter().flatten();
        sent.extend(own.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())));
        let path = format!("/rest/v1/rpc/{function}");
        let answer = self.rest.send_keyed(Method::POST, &path, &sent, Some(arguments)).await?;
        if answer.status.is_success() {
            Ok(answer.body)
        } else {
            Err(format!("{function}: {} {}", answer.status, answer.body).into())
        }
    }

    async fn till(&self, session: Uuid) -> Result<Till> {
        let device = Uuid::new_v4();
        let asked = json!({"p_session_id": session});
        Ok(Till::of(session, device, &self.call("pos_till", &json!({"x-device-id": device}), &asked).await?))
    }

    async fn record(&self, till: &mut Till, arguments: Value) -> Result<Value> {
        let sealed = till.seal(arguments);
        self.call("pos_record_sale", &till.headers(), &sealed).await
    }
}

fn dollars(lines: &[Line]) -> Cart {
    Cart { currency: "USD", ..Cart::of(lines) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sold_is_on_every_sheet_and_what_came_late_beside_them() -> Result<()> {
    let store = Store::open()?;
    let rest = Rest::new(&store.project.backend);
    let [ana, mara, olivia] = [0, 2, 3].map(|at| &DEMO_ACCOUNTS[at]);
    let owner = Seller { rest: &rest, person: rest.sign_in(olivia).await? };
    let seller = Seller { rest: &rest, person: rest.sign_in(ana).await? };
    let (ana, mara) = (store.sign_in(ana).await?, store.sign_in(mara).await?);
    let register = store.register().await?;
    let (session, _) = ana.open(register, "200.00").await?;
    let x = ana.server.x_report(session.id).await?;
    assert_eq!(x.selling, None, "a shop that does not sell by this register reads nothing of it");
    assert!(mara.server.day(session.location_id, None).await?.selling.is_none());

    let on = json!({"p_location_id": session.location_id, "p_rules": {"country": "NL", "selling_on": true}});
    owner.call("pos_save_selling_rules", &json!({}), &on).await?;
    let mut till = seller.till(session.id.0).await?;
    let letter = till.prefix.clone();
    // 50.00 and 7 % for 60.00 in cash; 2 × 10.00 less 2.00 by card; one of 1.00, taken back; one thrown away.
    seller.record(&mut till, dollars(&[Line::of(1, 5_000)]).tendered(6_000).arguments()).await?;
    let card = dollars(&[Line::of(2, 1_000).less(200)]).card(1_926);
    seller.record(&mut till, card.arguments()).await?;
    let told = seller.record(&mut till, dollars(&[Line::of(1, 100)]).arguments()).await?;
    let told = seller.call("pos_sale", &json!({}), &json!({"p_id": told["sale"]["id"]})).await?;
    seller.record(&mut till, void(&told)).await?;
    seller.record(&mut till, dollars(&[Line::of(1, 300)]).kind("discard").arguments()).await?;

    let x = ana.server.x_report(session.id).await?;
    let sold = x.selling.as_deref().ok_or("nothing was sold")?;
    let figures = |sold: &SalesSheet| {
        let sum = &sold.sales;
        let amounts = [sum.gross, sum.discount, sum.net, sum.tax, sum.total].map(|it| it.to_string());
        (sum.count, amounts)
    };
    let expected = (3, ["71.00", "2.00", "69.00", "4.83", "73.83"].map(str::to_owned));
    assert_eq!(figures(sold), expected);
    assert_eq!((sold.voids.count, sold.voids.amount), (1, amount("1.07")));
    assert_eq!((sold.discards.count, sold.refunds.count), (1, 0));
    let [tax] = sold.taxes.as_slice() else { panic!("{:?}", sold.taxes) };
    assert_eq!((tax.base, tax.tax, tax.rate.to_string()), (amount("68.00"), amount("4.76"), "0.07".into()));
    let cash = sold.tenders.iter().find(|one| one.kind == TenderKind::Cash).ok_or("no cash")?;
    assert_eq!((cash.count, cash.amount), (3, amount("53.50")), "the void gave its cash back");
    let [receipts] = sold.receipts.as_slice() else { panic!("{:?}", sold.receipts) };
    assert_eq!((&receipts.prefix, receipts.count, receipts.missing), (&letter, 4, 0));
    assert_eq!(receipts.last.as_deref(), Some(format!("{letter}-000004").as_str()));
    assert!(sold.other_clients.is_none() && sold.ledger_agrees);
    let total = x.lines.iter().find(|line| line.name == "sold.total").ok_or("no line")?;
    assert_eq!((total.section, &total.value), (ReportSection::Sold, &ReportValue::Amount(amount("73.83"))));

    // The till has sold three more that nobody saw yet.
    let heard = json!({"x-device-id": till.device, "x-last-receipt": (till.seq + 3).to_string()});
    seller.call("pos_session", &heard, &json!({"p_session_id": session.id})).await?;
    let board = mara.server.board(session.location_id).await?;
    let row = board.registers.iter().find(|one| one.id == register).ok_or("not on the board")?;
    assert_eq!(row.receipts.iter().map(|one| (&one.prefix, one.missing)).collect::<Vec<_>>(), [(&letter, 3)]);
    assert!(row.flags.iter().all(|one| one.flag == SaleFlag::TaxNotInForce), "{:?}", row.flags);

    // It is counted and closed before they come: they stand beside the Z.
    let counted =
        mara.server.commit_count(&count(session.id, &[("100", 2), ("50", 1), ("1", 3), ("0.50", 1)])).await?;
    let Closed::Here(z) = mara.server.close_session(session.id, &close(Some(counted.id), "")).await? else {
        panic!("it is closed here")
    };
    let sold = z.selling.as_deref().ok_or("nothing was sold")?;
    assert_eq!((figures(sold), sold.receipts[0].missing, sold.late.len()), (expected.clone(), 3, 0));
    let lines: Vec<&ReportLabel> = z.lines.iter().map(|line| &line.label).collect();
    let said = format!("{letter}-000005, {letter}-000006, {letter}-000007");
    assert!(lines.contains(&&ReportLabel::Text(said)), "{lines:?}");
    let late = seller.record(&mut till, dollars(&[Line::of(1, 4_000)]).arguments()).await?;
    assert_eq!(late["outcome"], "late");
    let again = mara.server.z_report(session.id).await?;
    assert_eq!(again.selling, z.selling, "a Z never changes");
    let board = mara.server.board(session.location_id).await?;
    let row = board.registers.iter().find(|one| one.id == register).ok_or("not on the board")?;
    let flag = row.flags.iter().find(|one| one.flag == SaleFlag::Late).ok_or("not flagged")?;
    assert_eq!((flag.entry.total, row.receipts[0].missing), (amount("42.80"), 2));
    let day = mara.server.day(session.location_id, None).await?;
    let of_day = day.selling.as_deref().ok_or("nothing was sold")?;
    assert_eq!(figures(of_day), expected, "the late one is beside the figures of the day, too");
    let [entry] = of_day.late.as_slice() else { panic!("{:?}", of_day.late) };
    assert_eq!((entry.net_cash, entry.kind, entry.settled), (amount("42.80"), SaleKind::Sale, Some(false)));

    let [flagged] = day.flags.iter().filter(|one| one.flag == SaleFlag::Late).collect::<Vec<_>>()[..] else {
        panic!("{:?}", day.flags)
    };
    assert_eq!((flagged.entry.id, &flagged.settled), (entry.id, &None));
    let refused = ana.server.settle_flag(entry.id, SaleFlag::Late, "Mine").await.err();
    assert_eq!(refused.map(|fault| fault.code), Some(Code::ManagerRequired));
    let settled = mara.server.settle_flag(entry.id, SaleFlag::Late, "Found in the bag").await?;
    let day = mara.server.day(session.location_id, None).await?;
    let flagged = day.flags.iter().find(|one| one.flag == SaleFlag::Late).ok_or("it is kept")?;
    assert_eq!(flagged.settled.as_ref(), Some(&settled));
    assert_eq!((&*settled.note, settled.by_name.is_empty()), ("Found in the bag", false));

    // The next Z of the register tells it, once.
    let (next, _) = ana.open(register, "200.00").await?;
    let counted = mara.server.commit_count(&count(next.id, &[("100", 2)])).await?;
    let Closed::Here(z) = mara.server.close_session(next.id, &close(Some(counted.id), "")).await? else {
        panic!("it is closed here")
    };
    let sold = z.selling.as_deref().ok_or("nothing to tell")?;
    assert_eq!(sold.addendum.iter().map(|one| one.total).collect::<Vec<_>>(), [amount("42.80")]);
    assert_eq!(z.lines.iter().filter(|line| line.section == ReportSection::Addendum).count(), 3);
    Ok(())
}
