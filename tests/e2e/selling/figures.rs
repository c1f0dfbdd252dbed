//! The figures of the acceptance table, typed in by a manager store after store: on the screen, on paper, in files, and in
//! the books. What is typed and what must come of it are the hand-made vectors of the same names.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use onetill_local::{Engine, repository};
use onetill_printer_emulator::Emulator;
use onetill_tests::rest::Rest;
use onetill_tests::till::{ENTER, Till, Window, function_key};
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::{choose, press, receipts, stage, to_the_next_customer};
use crate::steps::{picture, press_start, says};

/// The scenarios 1 to 7, some of them paid in two ways.
const TABLE: [&str; 11] = [
    "exclusive: 50.00 at 7 % paid with 60.00",
    "exclusive: 18.81 in cash with a step of 0.05",
    "exclusive: the same by card is not rounded",
    "components share one rounded tax",
    "inclusive: two rates",
    "inclusive: a net of exactly half a cent is rounded up",
    "exclusive: tax is rounded once for all lines of a rate",
    "Swiss rounding in cash",
    "Swiss rounding of what a card leaves",
    "inclusive: a line discount of 10 %",
    "a cart discount goes by what each line comes to",
];
const VENDOR: &str = "0e711100-0000-4000-8000-00000000000a";
const FLOAT: &str = "200.00";

/// A store that sells by the terms of its cases.
struct Store {
    name: String,
    register: Uuid,
    cases: Vec<Case>,
}

/// One sale of the table. Its tax codes have names of their own, so that many cases fit into one store.
struct Case {
    /// What its tax codes begin with.
    mark: String,
    vector: Value,
}

/// What all of it happens at.
struct Desk {
    window: Window,
    printer: Emulator,
    rest: Rest,
    /// Receipts on paper so far, and pulses for the drawer.
    printed: usize,
    kicks: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_of_the_table_are_the_same_on_screen_paper_in_files_and_in_the_books() -> Result<()> {
    let project = Project::selling(Engine::real())?;
    let stores = stores()?;
    for store in &stores {
        store.open(&project).await?;
    }
    let till = Till::enrolled(&project.backend)?;
    let printer = Emulator::start(48)?;
    till.prints_on(printer.address())?;
    let window = till.open().await?;
    window.sign_in(staff("manager")[0]).await?;
    let mut desk = Desk { window, printer, rest: Rest::new(&project.backend), printed: 0, kicks: 0 };
    for store in &stores {
        desk.work_in(store).await.map_err(|error| format!("in {}: {error}", store.name))?;
    }
    assert_eq!(desk.printer.paper().faults, Vec::<String>::new(), "nothing that a printer would garble");
    desk.window.close().await
}

/// The table, divided among stores of the same terms.
fn stores() -> Result<Vec<Store>> {
    let text = std::fs::read_to_string(repository().join("tests/vectors/named.jsonl"))?;
    let all: Vec<Value> = text.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?;
    let mut by_terms: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for (number, name) in TABLE.iter().enumerate() {
        let vector =
            all.iter().find(|one| one["name"] == *name).ok_or_else(|| format!("no vector {name}"))?;
        let terms =
            ["currency", "prices_include_tax", "cash_step"].map(|term| vector["totals"][term].to_string());
        let case = Case { mark: format!("N{number}"), vector: vector.clone() };
        by_terms.entry(terms.join(" ")).or_default().push(case);
    }
    let store = |(number, (_terms, cases))| Store {
        name: format!("Store {number}"),
        register: Uuid::new_v4(),
        cases,
    };
    Ok(by_terms.into_iter().enumerate().map(store).collect())
}

impl Store {
    fn register_number(&self) -> String {
        self.name.replace("Store ", "S")
    }

    /// The store, its register, its rules and its taxes.
    async fn open(&self, project: &Project) -> Result<()> {
        let totals = &self.cases.first().ok_or("a store without a case")?.vector["totals"];
        let (location, register) = (Uuid::new_v4(), self.register);
        let (name, number) = (&self.name, self.register_number());
        let currency = totals["currency"].as_str().unwrap_or_default();
        let country = match currency {
            "USD" => "US",
            "CHF" => "CH",
            _ => "NL",
        };
        let (includes, step) = (totals["prices_include_tax"] == true, money(&totals["cash_step"]));
        let mut sql = format!(
            "with store as (
               insert into public.locations (id, vendor_id, name, timezone, currency, business_day_cutoff, country)
                 values ('{location}', '{VENDOR}', '{name}', 'Europe/Zurich', '{currency}', '04:00', '{country}')
                 returning id),
             register as (
               insert into public.pos_registers (id, vendor_id, location_id, register_number, register_name, status)
                 select '{register}', '{VENDOR}', id, '{number}', 'Front', 'active' from store),
             rules as (
               insert into public.pos_selling_rules (vendor_id, location_id, selling_on, prices_include_tax, cash_step)
                 select '{VENDOR}', id, true, {includes}, nullif({step}, 0) from store)
             insert into public.pos_taxes (vendor_id, location_id, code, name, components, valid_from)
               select '{VENDOR}', store.id, t.code, t.code, t.components::jsonb, '2020-01-01'
                 from store, (values "
        );
        for (place, (code, components)) in self.cases.iter().flat_map(Case::taxes).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(sql, "{comma}('{code}', '{components}')")?;
        }
        sql.push_str(") as t (code, components)");
        project.sql(&sql).await?;
        Ok(())
    }
}

impl Case {
    fn code(&self, of: &Value) -> String {
        format!("{}{}", self.mark, of["tax_code"].as_str().unwrap_or_default())
    }

    /// Its tax codes, each with its components.
    fn taxes(&self) -> Vec<(String, Value)> {
        let mut codes: Vec<(String, Value)> = Vec::new();
        for row in list(&self.vector, "taxes") {
            let code = self.code(row);
            let component = serde_json::json!({"name": row["component"], "rate": row["rate"]});
            match codes.iter_mut().find(|(known, _)| *known == code) {
                Some((_, Value::Array(components))) => components.push(component),
                _ => codes.push((code, Value::Array(vec![component]))),
            }
        }
        codes
    }

    fn total(&self, name: &str) -> Decimal {
        money(&self.vector["totals"][name])
    }
}

impl Desk {
    /// A shift in a store: every case, then the figures of all of them.
    async fn work_in(&mut self, store: &Store) -> Result<()> {
        let window = &self.window;
        window.screen(&["choose-register"]).await?;
        choose(window, &store.name, &store.register_number()).await?;
        press_start(window, FLOAT).await?;
        window.sells().await?;
        for (number, case) in (1..).zip(&store.cases) {
            let name = &case.vector["name"];
            self.sell(store, number, case).await.map_err(|error| format!("{name}: {error}"))?;
        }
        let last = store.cases.last().ok_or("no case")?;
        to_the_next_customer(&self.window).await?;
        self.in_a_file(last).await?;
        self.all_together(store).await
    }

    async fn sell(&mut self, store: &Store, number: usize, case: &Case) -> Result<()> {
        type_in(&self.window, case).await?;
        self.on_screen(case).await?;
        pay(&self.window, case).await?;
        says(&self.window, "done", &format!("-A-{number:06}")).await?;
        let cash = list(&case.vector, "tenders").find(|tender| tender["kind"] == "cash");
        if let Some(change) = cash.map(|cash| money(&cash["change"])).filter(|change| !change.is_zero()) {
            says(&self.window, "done-change", &change.to_string()).await?;
        }
        picture(&self.window, &format!("figures-{}", case.mark)).await?;
        self.on_paper(case, cash.is_some())?;
        self.in_the_books(store, number, case).await
    }

    /// The cart, before it is paid.
    async fn on_screen(&self, case: &Case) -> Result<()> {
        says(&self.window, "cart-total", &case.total("total").to_string()).await?;
        let taxes = texts(&self.window, "[data-testid=cart-tax]").await?;
        let wanted: Vec<String> =
            list(&case.vector, "taxes").map(|row| money(&row["tax"]).to_string()).collect();
        let figures: Vec<String> = taxes.iter().map(|text| figure(text)).collect();
        assert_eq!(figures, wanted, "the taxes on the screen");
        let amounts = self.window.attributes("cart-line", "data-amount").await?;
        let shown: Vec<Decimal> = amounts.iter().filter_map(|amount| amount.parse().ok()).collect();
        let lines = list(&case.vector, "lines");
        let wanted: Vec<Decimal> =
            lines.map(|line| money(&line["gross"]) - money(&line["discount"])).collect();
        assert_eq!(shown, wanted, "the lines on the screen");
        Ok(())
    }

    /// The receipt, line by line, and what the drawer did.
    fn on_paper(&mut self, case: &Case, for_cash: bool) -> Result<()> {
        self.printed += 1;
        self.kicks += usize::from(for_cash);
        let paper = self.printer.wait_until(|paper| paper.receipts.len() == self.printed);
        let paper =
            paper.map_err(|paper| format!("{} receipts, not {}", paper.receipts.len(), self.printed))?;
        let text = paper.text(self.printed - 1);
        for (label, amount) in drawn(case) {
            assert!(
                text.lines().any(|line| line.trim().starts_with(&label) && figure(line) == amount),
                "{label} {amount} is not on the paper:\n{text}"
            );
        }
        assert_eq!(paper.kicks, self.kicks, "the drawer opens for cash alone");
        Ok(())
    }

    /// The rows of the sale on the server.
    async fn in_the_books(&self, store: &Store, number: usize, case: &Case) -> Result<()> {
        let rows = receipts(&self.rest, &format!("register_id=eq.{}", store.register), number).await?;
        let sale = rows.last().ok_or("no row")?;
        assert_eq!(sale["flags"], serde_json::json!([]), "{sale}");
        let figures = ["gross", "discount", "net", "tax", "total", "cash_rounding", "net_cash", "net_card"];
        for name in figures {
            assert_eq!(money(&sale[name]), case.total(name), "{name} of {sale}");
        }
        let parts: [(&str, &[&str]); 3] = [
            ("lines", &["unit_price", "gross", "discount", "cart_discount", "net"]),
            ("taxes", &["base", "tax"]),
            ("tenders", &["amount", "tendered", "change"]),
        ];
        for (part, names) in parts {
            let id = sale["id"].as_str().unwrap_or_default();
            let rows = self.rest.rows(&format!("/rest/v1/pos_sale_{part}?sale_id=eq.{id}&order=no")).await?;
            let of = |row: &Value| names.iter().map(|name| money(&row[*name])).collect::<Vec<_>>();
            let wanted: Vec<_> = list(&case.vector, part).map(of).collect();
            assert_eq!(rows.iter().map(of).collect::<Vec<_>>(), wanted, "{part} of {sale}");
        }
        Ok(())
    }

    /// The last receipt as a PDF.
    async fn in_a_file(&self, case: &Case) -> Result<()> {
        self.window.click("pdf-last").await?;
        let document = lopdf::Document::load(saved(&self.window, "selling-said").await?)?;
        let pages: Vec<u32> = document.get_pages().into_keys().collect();
        let text = document.extract_text(&pages)?;
        for (label, amount) in drawn(case) {
            let label = label.split(' ').next().unwrap_or_default();
            assert!(
                text.contains(label) && text.contains(&amount),
                "{label} {amount} is not in the PDF:\n{text}"
            );
        }
        Ok(())
    }

    /// The shift with all of it: its row, the sheet of the shift, the X report as a table; then it is left.
    async fn all_together(&self, store: &Store) -> Result<()> {
        let window = &self.window;
        let sum = |name: &str| store.cases.iter().map(|case| case.total(name)).sum::<Decimal>();
        let query = format!("/rest/v1/pos_sessions?register_id=eq.{}", store.register);
        let rows = self.rest.rows(&query).await?;
        let [row] = rows.as_slice() else { return Err(format!("not one shift: {rows:?}").into()) };
        for prefix in ["total", "ledger"] {
            for (column, figure) in [("sales", "total"), ("cash", "net_cash"), ("card", "net_card")] {
                let column = format!("{prefix}_{column}");
                assert_eq!(money(&row[&column]), sum(figure), "{column}");
            }
            assert_eq!(row[&format!("{prefix}_transactions")], store.cases.len());
        }
        assert_eq!(money(&row["walk_in_sales"]), Decimal::from(store.cases.len()), "a count");

        window.click("open-shift").await?;
        let expected = FLOAT.parse::<Decimal>()? + sum("net_cash");
        says(window, "expected-cash", &expected.to_string()).await?;
        window.click("x-report").await?;
        window.wait_for(PATIENCE, "report", "data-sheet", &["x"]).await?;
        window.click("save-csv").await?;
        let table = std::fs::read_to_string(saved(window, "paper-told").await?)?;
        let cash = store.cases.iter().flat_map(|case| list(&case.vector, "tenders"));
        let by = |kind: &str| -> Decimal {
            cash.clone().filter(|one| one["kind"] == kind).map(|one| money(&one["amount"])).sum()
        };
        let figures = ["gross", "net", "tax", "total"].map(|name| (format!("sold.{name}"), sum(name)));
        let rest = [
            ("sold.discount".to_owned(), -sum("discount")),
            ("cash_rounding".to_owned(), sum("cash_rounding")),
            ("tender.cash".to_owned(), by("cash")),
            ("tender.card".to_owned(), by("card")),
        ];
        for (name, amount) in figures.into_iter().chain(rest) {
            let row = table.lines().find(|line| line.starts_with(&format!("\"{name}\"")));
            // The amount, and after it a column of words that is empty here.
            let told = row.map(|row| row.trim_end().rsplit(',').nth(1).unwrap_or_default());
            let told = told.map(str::parse::<Decimal>).transpose()?.unwrap_or_default();
            assert_eq!(told, amount, "{name} in\n{table}");
        }
        window.click("dismiss-report").await?;
        window.gone("report").await?;
        window.click("open-shift").await?;
        window.click("leave-shift").await?;
        window.click("confirm-leave").await?;
        window.screen(&["start-shift"]).await?;
        window.click("change-register").await
    }
}

/// Types the lines as they come over the counter, each sold as its tax code, and takes off what is taken off.
async fn type_in(window: &Window, case: &Case) -> Result<()> {
    for (number, line) in (1..).zip(list(&case.vector, "lines")) {
        let digits = line["unit_price"].as_str().unwrap_or_default().replace('.', "");
        let many = line["quantity"].as_str().filter(|many| *many != "1").map(|many| format!("{many}*"));
        window.keys(format!("{}{digits}", many.unwrap_or_default()).chars()).await?;
        press(window, "[data-testid^=amount-key-]", &case.code(line)).await?;
        within(PATIENCE, "its line", async || {
            let lines = window.attributes("cart-line", "data-amount").await?;
            Ok(if lines.len() == number { Ok(()) } else { Err(format!("{lines:?}")) })
        })
        .await?;
        if let Some(percent) = line["discount_percent"].as_str() {
            take_off(window, 0, percent).await?;
        }
    }
    match case.vector["cart_discount"].as_str() {
        Some(amount) => take_off(window, 4, amount).await,
        None => Ok(()),
    }
}

async fn take_off(window: &Window, kind: usize, much: &str) -> Result<()> {
    window.keys([function_key(3)]).await?;
    window.click(&format!("discount-kind-{kind}")).await?;
    window.click("discount-reason-0").await?;
    window.fill("discount-typed", much).await?;
    window.click("discount-yes").await?;
    window.gone("discount-yes").await
}

/// Takes the tenders in their order; what is left of a card is due in cash.
async fn pay(window: &Window, case: &Case) -> Result<()> {
    window.keys([ENTER]).await?;
    stage(window, "paying").await?;
    let tenders: Vec<&Value> = list(&case.vector, "tenders").collect();
    for (place, tender) in tenders.iter().enumerate() {
        let digits = |name: &str| money(&tender[name]).to_string().replace('.', "");
        if tender["kind"] == "card" {
            if place + 1 < tenders.len() {
                window.keys(digits("amount").chars()).await?;
            }
            window.click("pay-card").await?;
            window.click("tender-taken").await?;
        } else {
            says(window, "pay-due", &money(&tender["amount"]).to_string()).await?;
            let handed = if tender["change"] == "0.00" { String::new() } else { digits("tendered") };
            window.keys(handed.chars().chain([ENTER])).await?;
        }
    }
    Ok(())
}

/// What a receipt says of a case: with what each line begins, and the amount at its end.
fn drawn(case: &Case) -> Vec<(String, String)> {
    let text = |amount: Decimal| amount.abs().to_string();
    let mut rows = vec![
        ("Without tax".to_owned(), text(case.total("net"))),
        ("Total".to_owned(), text(case.total("total"))),
    ];
    for tax in list(&case.vector, "taxes") {
        rows.push((tax["component"].as_str().unwrap_or_default().to_owned(), text(money(&tax["tax"]))));
    }
    for line in list(&case.vector, "lines") {
        rows.push((case.code(line), text(money(&line["gross"]))));
        if line["discount"].is_string() {
            rows.push(("Discount".to_owned(), text(money(&line["discount"]))));
        }
    }
    if let Some(amount) = case.vector["cart_discount"].as_str() {
        rows.push(("Discount on everything".to_owned(), amount.to_owned()));
    }
    let rounding = case.total("cash_rounding");
    for tender in list(&case.vector, "tenders") {
        let [amount, tendered, change] = ["amount", "tendered", "change"].map(|name| money(&tender[name]));
        if tender["kind"] == "card" {
            rows.push(("Card".to_owned(), text(amount)));
            continue;
        }
        rows.push(("Cash".to_owned(), text(tendered)));
        if !rounding.is_zero() {
            rows.push(("Cash rounding".to_owned(), text(rounding)));
            rows.push(("Due in cash".to_owned(), text(amount)));
        }
        if !change.is_zero() {
            rows.push(("Change".to_owned(), text(change)));
        }
    }
    rows
}

async fn texts(window: &Window, selector: &str) -> Result<Vec<String>> {
    const TEXTS: &str = "return [...document.querySelectorAll(arguments[0])].map((it) => it.textContent)";
    Ok(serde_json::from_value(window.script(TEXTS, vec![Value::from(selector)]).await?)?)
}

/// The file that was saved, once the window says where.
async fn saved(window: &Window, id: &str) -> Result<String> {
    says(window, id, "Saved: ").await?;
    let told = window.property(id, "textContent").await?;
    Ok(told.split_once("Saved: ").ok_or("no path")?.1.trim().to_owned())
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + Clone {
    of[name].as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// An amount, however it is written; zero where there is none.
fn money(value: &Value) -> Decimal {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut amount: Decimal = text.parse().unwrap_or_default();
    amount.rescale(2);
    amount
}

/// The digits of the amount at the end of a line.
fn figure(line: &str) -> String {
    let digits = |text: &str| text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect::<String>();
    line.split([' ', '\u{a0}', '\u{202f}']).map(digits).rfind(|digits| !digits.is_empty()).unwrap_or_default()
}
