//! The web client that is in the field already, on one database before and after the migrations: nothing it did before
//! stops working, and what it adds up is what Onetill adds up, to the cent.
//!
//! It speaks with the secret key, several statements a sale, and leaves movements and totals to the database's triggers.
//! [`WebClient`] says what it says; before and after are the same calls.

use std::sync::OnceLock;

use onetill_local::repository;
use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller, Desk, Refusal};
use onetill_tests::database::{Database, Server, migrations};
use serde_json::{Value, json};
use tokio_postgres::SimpleQueryMessage;
use uuid::Uuid;

crate::tests![
    nothing_it_did_before_stops_working,
    every_file_leaves_a_working_shop,
    its_figures_are_the_same_to_the_cent,
    it_closes_while_onetill_counts,
    what_comes_after_the_close_changes_nothing,
    side_by_side_with_onetill,
    what_it_closed_reads_well,
    what_triggers_write_is_no_movement,
    an_unused_shift_is_cancelled,
    its_movements_are_reversed_once,
];

/// The functions that such a database has for opening a shift, one of them each.
pub(crate) const FUNCTIONS: [&str; 3] = ["function_table", "function_setof", "function_nowait"];

const fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0000 | number)
}

/// The shop of the strict imitation, its one location, and its people: as `users` knows them and by their login.
pub(crate) const SHOP: Uuid = id(0xa1);
pub(crate) const CHARLES_STREET: Uuid = id(0xb1);
pub(crate) const ANA: Uuid = id(0xe1);
pub(crate) const ANA_S_LOGIN: Uuid = id(0xc1);
pub(crate) const MAX_S_LOGIN: Uuid = id(0xc2);
/// Register 1 has this shift open, with sales and movements; register 3 has none.
pub(crate) const OPEN_SHIFT: Uuid = id(0xd101);

/// The register of that number.
pub(crate) const fn counter(number: u128) -> Uuid {
    id(0x1000 | number)
}

/// What the open shift of register 1 has in its drawer: 200.00 + 53.50 + 10.00 - 15.00.
const OPEN_SHIFT_S_DRAWER: &str = "248.50";

/// The strict imitation as delivered, with one of the functions.
pub(crate) async fn strict<'s>(server: &'s Server, function: &str) -> Result<Database<'s>> {
    let database = server.bare().await?;
    database.run_file("tests/database/legacy/tables_strict.sql").await?;
    if function == "function_nowait" {
        // It came with an index that two open shifts on one register would have refused: one of them is over.
        database
            .superuser()
            .await?
            .batch_execute(
                "update pos_sessions set status = 'closed', closed_at = now() where session_number like '%202';
                 create unique index idx_pos_sessions_one_open_per_register on pos_sessions (register_id) where status = 'open'",
            )
            .await?;
    }
    database.run_file(&format!("tests/database/legacy/{function}.sql")).await?;
    Ok(database)
}

/// All the migrations as one text: how a deployment runs them, in one transaction. As they are when they are first asked for.
pub(crate) fn all_migrations() -> Result<&'static str> {
    static ALL: OnceLock<String> = OnceLock::new();
    if let Some(all) = ALL.get() {
        return Ok(all);
    }
    let files = migrations()?;
    let texts = files.iter().map(|file| std::fs::read_to_string(repository().join(file)));
    let all = texts.collect::<std::io::Result<Vec<_>>>()?.join("\n");
    Ok(ALL.get_or_init(|| all))
}

/// Makes Max the owner and takes Ana on as a cashier, as a shop does it after the migrations.
pub(crate) async fn take_on_staff(database: &Database<'_>) -> Result<Desk> {
    let appoint = format!("select onetill.appoint_owner('max@strict.example', '{SHOP}')");
    database.superuser().await?.batch_execute(&appoint).await?;
    let owner = database.desk(Caller::User(MAX_S_LOGIN)).await?;
    let ana = json!({"p_email": "ana@strict.example", "p_role": "cashier", "p_location_id": null, "p_display_name": "Ana Field"});
    owner.call("pos_save_staff", &ana).await?;
    Ok(owner)
}

/// The strict imitation, migrated, with its staff confirmed; the owner's desk and the cashier's.
pub(crate) async fn migrated<'s>(server: &'s Server, function: &str) -> Result<(Database<'s>, Desk, Desk)> {
    let database = strict(server, function).await?;
    database.superuser().await?.batch_execute(all_migrations()?).await?;
    let owner = take_on_staff(&database).await?;
    let cashier = database.desk(Caller::User(ANA_S_LOGIN)).await?;
    Ok((database, owner, cashier))
}

type Answer<T> = std::result::Result<T, Refusal>;

/// What came of each act, by its name: the shift's figures after it, or why it failed.
pub(crate) type Acts = Vec<(String, Answer<String>)>;

/// The web client of the field: what its server says to the database.
pub(crate) struct WebClient {
    desk: Desk,
}

impl WebClient {
    pub(crate) async fn of(database: &Database<'_>) -> Result<Self> {
        Ok(Self { desk: database.desk(Caller::Service).await? })
    }

    /// One statement that gives one value back.
    async fn value(&self, sql: &str) -> Answer<String> {
        let mut value = String::new();
        for message in self.desk.run(sql).await? {
            if let SimpleQueryMessage::Row(row) = message {
                row.get(0).unwrap_or_default().clone_into(&mut value);
            }
        }
        Ok(value)
    }

    /// The id of the row that a statement wrote; a statement that found no row did not do what the client wanted.
    async fn row(&self, sql: &str) -> Answer<Uuid> {
        let value = self.value(sql).await?;
        value.parse().map_err(|error| Refusal {
            code: "no row".into(),
            status: None,
            headers: Value::Null,
            details: Value::Null,
            message: format!("nothing came of it ({error}): {sql}"),
        })
    }

    /// Opens or joins with the five arguments, naming a person.
    pub(crate) async fn open(&self, register: Uuid, person: Uuid) -> Answer<Uuid> {
        self.row(&format!(
            "select id from get_or_create_session(p_register_id => '{register}', p_location_id => '{CHARLES_STREET}', \
             p_vendor_id => '{SHOP}', p_user_id => '{person}', p_opening_cash => 200.00)"
        ))
        .await
    }

    /// A sale: one transaction; movement and totals are the triggers' work.
    pub(crate) async fn sell(&self, session: Uuid, method: &str, subtotal: &str, tax: &str) -> Answer<Uuid> {
        self.row(&format!(
            "insert into pos_transactions (transaction_number, location_id, register_id, session_id, user_id, vendor_id, \
               transaction_type, subtotal, tax_amount, total_amount, payment_method) \
             select 'T-' || gen_random_uuid(), location_id, register_id, id, '{ANA}', vendor_id, 'walk_in_sale', {subtotal}, {tax}, \
               {subtotal} + {tax}, '{method}' from pos_sessions where id = '{session}' returning id"
        ))
        .await
    }

    /// Adds a note to a sale. Its trigger counts the sale once more: a flaw of that client, and not ours to mend.
    pub(crate) async fn note(&self, sale: Uuid) -> Answer<Uuid> {
        self.row(&format!("update pos_transactions set notes = 'gift' where id = '{sale}' returning id"))
            .await
    }

    /// Marks a sale as refunded, which changes no total.
    pub(crate) async fn refund(&self, sale: Uuid) -> Answer<Uuid> {
        self.row(&format!(
            "update pos_transactions set payment_status = 'refunded' where id = '{sale}' returning id"
        ))
        .await
    }

    /// A movement under one of its words, with the sign of its effect.
    pub(crate) async fn movement(&self, session: Uuid, word: &str, amount: &str) -> Answer<Uuid> {
        self.row(&format!(
            "insert into pos_cash_movements (session_id, register_id, user_id, location_id, vendor_id, movement_type, amount, reason) \
             select id, register_id, '{ANA}', location_id, vendor_id, '{word}', {amount}, 'at the counter' \
             from pos_sessions where id = '{session}' returning id"
        ))
        .await
    }

    /// Notes on the register which shift it has.
    pub(crate) async fn point_at(&self, register: Uuid, session: Uuid) -> Answer<Uuid> {
        self.row(&format!(
            "update pos_registers set current_session_id = '{session}', last_active_at = now(), device_name = 'Counter' \
             where id = '{register}' returning id"
        ))
        .await
    }

    /// Closes: expected is float plus cash sales, without movements or refunds, as that client has it.
    pub(crate) async fn close(&self, session: Uuid, counted: &str) -> Answer<Uuid> {
        self.row(&format!(
            "update pos_sessions set status = 'closed', closing_cash = {counted}, expected_cash = opening_cash + total_cash, \
               cash_difference = {counted} - (opening_cash + total_cash), closed_at = now(), closing_notes = 'done' \
             where id = '{session}' and status = 'open' returning id"
        ))
        .await
    }

    /// Its figures, and what is in the drawer by the rules of that client alone.
    pub(crate) async fn figures(&self, session: Uuid) -> Answer<String> {
        self.value(&format!(
            "select format('sales %s, cash %s, card %s, %s transactions, %s walk-ins, drawer %s', s.total_sales, s.total_cash, s.total_card, \
               s.total_transactions, s.walk_in_sales, {}) from pos_sessions s where s.id = '{session}'",
            DRAWER
        ))
        .await
    }

    /// What is in the drawer by the rules of that client alone.
    pub(crate) async fn drawer(&self, session: Uuid) -> Answer<String> {
        self.value(&format!("select {DRAWER} from pos_sessions s where s.id = '{session}'")).await
    }

    /// From here on in this transaction: somebody who signed in, or the secret key again.
    async fn speak_as(&self, caller: Caller) -> Answer<()> {
        let claims = json!({"sub": caller.id(), "role": caller.role()});
        let sql = format!(
            "set local role {}; select set_config('request.jwt.claims', '{claims}', true)",
            caller.role()
        );
        self.desk.run(&sql).await.map(drop)
    }

    /// One act, with everything that the database checks at its end; taken back where it fails.
    async fn attempt<T>(&self, act: impl Future<Output = Answer<T>>) -> Answer<T> {
        self.desk.run("savepoint act").await?;
        let done = match act.await {
            Ok(value) => self.desk.run("set constraints all immediate").await.map(|_| value),
            Err(refusal) => Err(refusal),
        };
        let end = if done.is_ok() { "release savepoint act" } else { "rollback to savepoint act" };
        self.desk.run(end).await?;
        done
    }

    /// An act on a shift, and the figures it leaves.
    async fn act(
        &self,
        acts: &mut Acts,
        name: String,
        session: Uuid,
        act: impl Future<Output = Answer<Uuid>>,
    ) -> Option<Uuid> {
        let done = self.attempt(act).await;
        let row = done.as_ref().ok().copied();
        let outcome = match done {
            Ok(_) => self.figures(session).await,
            Err(refusal) => Err(refusal),
        };
        acts.push((name, outcome));
        row
    }
}

/// The drawer of the session `s`.
const DRAWER: &str = "(s.opening_cash + s.total_cash + coalesce((select sum(m.amount) from pos_cash_movements m where m.session_id = s.id \
     and m.movement_type in ('paid_in', 'paid_out', 'refund', 'no_sale')), 0))::numeric(12,2)";

/// Every act of the web client, each in its turn, and all of it taken back.
pub(crate) async fn rehearse(database: &Database<'_>) -> Result<Acts> {
    let web = WebClient::of(database).await?;
    let mut acts = Acts::new();
    web.desk.run("begin").await?;
    let joined = web.attempt(web.open(counter(1), ANA)).await;
    acts.push(("register 1: joins the open shift".into(), joined.map(|session| session.to_string())));
    a_day(&web, &mut acts, "register 1", OPEN_SHIFT).await;
    let again = web.attempt(web.open(counter(1), ANA)).await;
    acts.push(("register 1: opens again".into(), again.map(|_| String::new())));
    web.desk.run("rollback").await?;

    web.desk.run("begin").await?;
    match web.attempt(web.open(counter(3), ANA)).await {
        Ok(session) => {
            acts.push(("register 3: opens".into(), web.figures(session).await));
            web.act(
                &mut acts,
                "register 3: points at its shift".into(),
                session,
                web.point_at(counter(3), session),
            )
            .await;
            a_day(&web, &mut acts, "register 3", session).await;
        }
        Err(refusal) => acts.push(("register 3: opens".into(), Err(refusal))),
    }
    web.desk.run("rollback").await?;

    for (name, person) in
        [("by token: opens, named by users.id", ANA), ("by token: opens, named by login", ANA_S_LOGIN)]
    {
        web.desk.run("begin").await?;
        web.speak_as(Caller::User(ANA_S_LOGIN)).await?;
        let opened = web.attempt(web.open(counter(3), person)).await;
        web.speak_as(Caller::Service).await?;
        acts.push((
            name.into(),
            match opened {
                Ok(session) => web.figures(session).await,
                Err(refusal) => Err(refusal),
            },
        ));
        web.desk.run("rollback").await?;
    }
    Ok(acts)
}

/// From the first sale to the close of a shift that is open, and what still comes after it.
async fn a_day(web: &WebClient, acts: &mut Acts, register: &str, session: Uuid) {
    let name = |act: &str| format!("{register}: {act}");
    let cash =
        web.act(acts, name("sells for cash"), session, web.sell(session, "cash", "50.00", "3.50")).await;
    let card =
        web.act(acts, name("sells by card"), session, web.sell(session, "card", "18.69", "1.31")).await;
    if let Some(cash) = cash {
        web.act(acts, name("adds a note to a cash sale"), session, web.note(cash)).await;
    }
    if let Some(card) = card {
        web.act(acts, name("marks a card sale as refunded"), session, web.refund(card)).await;
    }
    for (act, word, amount) in [
        ("pays in", "paid_in", "10.00"),
        ("pays out", "paid_out", "-15.00"),
        ("opens the drawer without a sale", "no_sale", "0.00"),
        ("refunds from the drawer", "refund", "-5.25"),
    ] {
        web.act(acts, name(act), session, web.movement(session, word, amount)).await;
    }
    web.act(acts, name("closes"), session, web.close(session, "240.00")).await;
    // What comes late has no figures to compare: a settled shift holds still only after the migrations.
    let late = web.attempt(web.sell(session, "cash", "1.00", "0.00")).await;
    acts.push((name("sells on a shift that is closed"), late.map(|_| String::new())));
    if let Some(sale) = cash {
        let late = web.attempt(web.note(sale)).await;
        acts.push((name("adds a note to a sale of a closed shift"), late.map(|_| String::new())));
    }
}

/// That is no act of this shop: a login is nobody whom one of its shifts could name.
const BY_LOGIN: &str = "by token: opens, named by login";

/// What worked before and does not work now, or has other figures. Where something did not work before, the figures of
/// what comes after it are no measure.
pub(crate) fn lost(before: &Acts, after: &Acts, figures: bool) -> Vec<String> {
    let figures = figures && before.iter().all(|(name, outcome)| outcome.is_ok() || name == BY_LOGIN);
    let mut lost = Vec::new();
    for (name, was) in before.iter().filter_map(|(name, outcome)| Some((name, outcome.as_ref().ok()?))) {
        match after.iter().find(|(other, _)| other == name).map(|(_, outcome)| outcome) {
            None => lost.push(format!("{name}: is not reached any more")),
            Some(Err(refusal)) => lost.push(format!("{name}: {refusal}")),
            Some(Ok(is)) if figures && is != was => lost.push(format!("{name}: {is}, and was {was}")),
            Some(Ok(_)) => {}
        }
    }
    lost
}

const NONE: [String; 0] = [];

async fn nothing_it_did_before_stops_working(server: &Server) -> Result<()> {
    for function in FUNCTIONS {
        let database = strict(server, function).await?;
        let before = rehearse(&database).await?;
        let failed: Vec<&str> =
            before.iter().filter(|(_, outcome)| outcome.is_err()).map(|(name, _)| name.as_str()).collect();
        assert_eq!(failed, [BY_LOGIN], "{function}: what fails before us");
        assert_eq!(before.len(), 28, "{function}: nothing was skipped before us");
        database.migrate().await?;
        take_on_staff(&database).await?;
        let after = rehearse(&database).await?;
        assert_eq!(lost(&before, &after, true), NONE, "{function}: worked before");
        let failed: Vec<_> = after.iter().filter(|(_, outcome)| outcome.is_err()).collect();
        assert!(failed.is_empty(), "{function}: {failed:#?}");
    }
    Ok(())
}

async fn every_file_leaves_a_working_shop(server: &Server) -> Result<()> {
    let files = migrations()?;
    for (done, function) in (1..=files.len()).zip(FUNCTIONS.into_iter().cycle()) {
        let database = strict(server, function).await?;
        // Nobody gives themselves a role here, so who works here may go on at once.
        database.superuser().await?.batch_execute("alter table users enable row level security").await?;
        let before = rehearse(&database).await?;
        for file in files.iter().take(done) {
            database.run_file(file).await?;
        }
        let after = rehearse(&database).await?;
        assert_eq!(lost(&before, &after, true), NONE, "{function}, cut off after {}", files[done - 1]);
    }
    Ok(())
}

/// What Onetill says of a shift to its manager.
async fn expected(owner: &Desk, session: Uuid) -> Result<String> {
    let report = owner.call("pos_x_report", &json!({"p_session_id": session})).await?;
    Ok(report["expected_cash"].as_str().unwrap_or_default().to_owned())
}

/// The same day, for good, on a database that was migrated in the middle of it and on one that never was.
async fn its_figures_are_the_same_to_the_cent(server: &Server) -> Result<()> {
    for function in FUNCTIONS {
        let (ours, theirs) = (strict(server, function).await?, strict(server, function).await?);
        let (web, twin) = (WebClient::of(&ours).await?, WebClient::of(&theirs).await?);
        let mut shifts = Vec::new();
        for client in [&web, &twin] {
            assert_eq!(client.drawer(OPEN_SHIFT).await?, OPEN_SHIFT_S_DRAWER);
            shifts.push(client.open(counter(3), ANA).await?);
        }
        for client in [&web, &twin] {
            client.sell(OPEN_SHIFT, "cash", "0.93", "0.06").await?;
        }
        ours.migrate().await?;
        let owner = take_on_staff(&ours).await?;
        let (mine, its_twin) = (shifts[0], shifts[1]);
        for (session, other) in [(OPEN_SHIFT, OPEN_SHIFT), (mine, its_twin)] {
            for (client, session) in [(&web, session), (&twin, other)] {
                let sale = client.sell(session, "cash", "19.99", "1.41").await?;
                let card = client.sell(session, "card", "100.00", "7.01").await?;
                client.note(sale).await?;
                client.refund(card).await?;
                client.movement(session, "paid_in", "0.01").await?;
                client.movement(session, "paid_out", "-15.00").await?;
                client.movement(session, "no_sale", "0").await?;
                client.movement(session, "refund", "-21.40").await?;
            }
            let figures = web.figures(session).await?;
            assert_eq!(figures, twin.figures(other).await?, "{function}: the migrated shop and its twin");
            assert_eq!(expected(&owner, session).await?, twin.drawer(other).await?, "{function}: {figures}");
        }
        // 248.50 + 0.99 + two times 21.40, because of the note, + 0.01 - 15.00 - 21.40
        assert_eq!(expected(&owner, OPEN_SHIFT).await?, "255.90", "{function}");
        assert_eq!(expected(&owner, mine).await?, "206.41", "{function}");

        let closed = "select format('%s %s %s %s', status, closing_cash, expected_cash, cash_difference) from pos_sessions where id = ";
        for (session, other) in [(OPEN_SHIFT, OPEN_SHIFT), (mine, its_twin)] {
            web.close(session, "250.10").await?;
            twin.close(other, "250.10").await?;
            let (mine, its) = (
                web.value(&format!("{closed}'{session}'")).await?,
                twin.value(&format!("{closed}'{other}'")).await?,
            );
            assert_eq!(mine, its, "{function}: what a close writes down");
        }
    }
    Ok(())
}

/// Ana opens a register that is free; the shift's id.
async fn ana_opens(cashier: &Desk, register: Uuid) -> Result<Uuid> {
    let place = (Some(register), Some(CHARLES_STREET), Some(SHOP));
    let ask = Ask {
        place,
        user: Some(ANA_S_LOGIN),
        cash: Some("200.00".into()),
        key: Some(Uuid::new_v4()),
        device: None,
    };
    let opened = cashier.open(&ask).await?;
    assert_eq!(opened.outcome, "created", "register {register} is free");
    Ok(opened.session)
}

async fn it_closes_while_onetill_counts(server: &Server) -> Result<()> {
    for function in FUNCTIONS {
        let (database, owner, cashier) = migrated(server, function).await?;
        let web = WebClient::of(&database).await?;
        let session = ana_opens(&cashier, counter(3)).await?;
        cashier.call("pos_begin_count", &json!({"p_key": Uuid::new_v4(), "p_session_id": session})).await?;
        // A sale that was on its way still counts, and so does its close.
        web.sell(session, "cash", "5.00", "0.35").await?;
        web.close(session, "205.35").await?;
        let count = json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_kind": "closing", "p_amount": "205.35"});
        let refused = cashier.call("pos_commit_count", &count).await.err().map(|refusal| refusal.code);
        assert_eq!(refused.as_deref(), Some("POS_SESSION_OVER"), "{function}: the count comes too late");
        let seen = owner.call("pos_session", &json!({"p_session_id": session})).await?;
        assert_eq!(seen["session"]["status"], "closed", "{function}");
        assert_eq!(
            seen["session"]["counting"],
            Value::Null,
            "{function}: nobody counts a shift that is over"
        );
        assert_eq!(seen["session"]["closing_cash"], "205.35", "{function}");
        ana_opens(&cashier, counter(3)).await?;
    }
    Ok(())
}

async fn what_comes_after_the_close_changes_nothing(server: &Server) -> Result<()> {
    for function in FUNCTIONS {
        let (database, owner, cashier) = migrated(server, function).await?;
        let superuser = database.superuser().await?;
        let web = WebClient::of(&database).await?;
        let row = async |session: Uuid| -> Result<String> {
            let whole = "select to_jsonb(s) - 'revision' - 'updated_at' from pos_sessions s where id = $1";
            Ok(superuser.query_one(whole, &[&session]).await?.get::<_, Value>(0).to_string())
        };
        // One that the web client closed, one that Onetill closed, one that was cancelled.
        let sale = web.sell(OPEN_SHIFT, "cash", "10.00", "0.00").await?;
        web.close(OPEN_SHIFT, "258.50").await?;
        let counted = ana_opens(&cashier, counter(3)).await?;
        let its_sale = web.sell(counted, "cash", "10.00", "0.00").await?;
        let count = Uuid::new_v4();
        cashier
            .call(
                "pos_commit_count",
                &json!({"p_id": count, "p_session_id": counted, "p_kind": "closing", "p_amount": "210.00"}),
            )
            .await?;
        cashier
            .call(
                "pos_close_session",
                &json!({"p_key": Uuid::new_v4(), "p_session_id": counted, "p_count_id": count}),
            )
            .await?;
        let cancelled = ana_opens(&cashier, counter(3)).await?;
        cashier
            .call("pos_cancel_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": cancelled}))
            .await?;

        for (session, sale) in [(OPEN_SHIFT, Some(sale)), (counted, Some(its_sale)), (cancelled, None)] {
            let before = row(session).await?;
            let z_before = owner
                .call("pos_z_report", &json!({"p_session_id": session}))
                .await
                .map_err(|refusal| refusal.code);
            web.sell(session, "cash", "7.00", "0.49").await?;
            web.sell(session, "card", "7.00", "0.49").await?;
            if let Some(sale) = sale {
                web.note(sale).await?;
                web.refund(sale).await?;
            }
            assert_eq!(row(session).await?, before, "{function}: a settled shift holds still");
            let z_after = owner
                .call("pos_z_report", &json!({"p_session_id": session}))
                .await
                .map_err(|refusal| refusal.code);
            assert_eq!(
                z_before.map(|z| z["z_report"].clone()),
                z_after.map(|z| z["z_report"].clone()),
                "{function}: and so does its Z report"
            );
            let noted: i64 = superuser
                .query_one(
                    "select count(*) from onetill.reconciliations where rule = 'late_totals' and row_id = $1",
                    &[&session],
                )
                .await?
                .get(0);
            assert_eq!(noted, if sale.is_some() { 3 } else { 2 }, "{function}: what came late is on record");
        }
        let listed = owner.call("pos_reconciliations", &json!({})).await?;
        let late = listed["reconciliations"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|entry| entry["rule"] == "late_totals")
            .count();
        assert_eq!(late, 8, "{function}: and the owner can read it");
        // Real movements do not come late: the drawer was counted without them.
        for session in [OPEN_SHIFT, counted, cancelled] {
            let refused = web.movement(session, "paid_out", "-1.00").await.err().map(|refusal| refusal.code);
            assert_eq!(refused.as_deref(), Some("POS_SESSION_OVER"), "{function}");
        }
    }
    Ok(())
}

async fn side_by_side_with_onetill(server: &Server) -> Result<()> {
    for function in FUNCTIONS {
        let (database, owner, cashier) = migrated(server, function).await?;
        let web = WebClient::of(&database).await?;
        let session = ana_opens(&cashier, counter(3)).await?;
        let mut movements = 0;
        for (kind, amount) in
            [("pay_in", "20.00"), ("pay_out", "4.10"), ("safe_drop", "50.00"), ("no_sale", "0")]
        {
            let movement = json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": kind, "p_amount": amount,
                "p_reason": "at the counter", "p_note": null});
            assert_eq!(
                cashier.call("pos_record_movement", &movement).await?["outcome"],
                "recorded",
                "{function}: {kind}"
            );
            movements += 1;
            // Between any two of Onetill's, the web client works on its own register and on this one.
            web.sell(OPEN_SHIFT, "cash", "1.00", "0.00").await?;
            web.movement(OPEN_SHIFT, "paid_out", "-0.50").await?;
            web.sell(session, "cash", "2.00", "0.00").await?;
        }
        // 200.00 + 20.00 - 4.10 - 50.00 + 4 × 2.00, and 248.50 + 4 × 0.50
        assert_eq!(expected(&owner, session).await?, "173.90", "{function}");
        assert_eq!(expected(&owner, OPEN_SHIFT).await?, "250.50", "{function}");
        assert_eq!(
            web.open(counter(3), ANA).await?,
            session,
            "{function}: the web client joins what Onetill opened"
        );
        let listed = cashier.call("pos_movements", &json!({"p_session_id": session})).await?;
        assert_eq!(listed["movements"].as_array().map(Vec::len), Some(movements), "{function}: {listed:#}");

        let count = Uuid::new_v4();
        cashier.call("pos_begin_count", &json!({"p_key": Uuid::new_v4(), "p_session_id": session})).await?;
        let counted = cashier
            .call(
                "pos_commit_count",
                &json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": "173.40"}),
            )
            .await?;
        assert_eq!(counted["count"]["cash_difference"], "-0.50", "{function}");
        let closed = cashier
            .call(
                "pos_close_session",
                &json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count}),
            )
            .await?;
        assert_eq!(closed["z_report"]["expected_cash"], "173.90", "{function}");
        assert_eq!(closed["z_report"]["totals"]["total_cash"], "8.00", "{function}");
        assert_eq!(
            expected(&owner, OPEN_SHIFT).await?,
            "250.50",
            "{function}: the other register is untouched"
        );
        web.close(OPEN_SHIFT, "250.50").await?;
    }
    Ok(())
}

/// The words under which the triggers repeat what is known already.
const REPEATS: [&str; 3] = ["opening", "sale", "closing"];

async fn what_it_closed_reads_well(server: &Server) -> Result<()> {
    for function in FUNCTIONS {
        let (database, owner, _) = migrated(server, function).await?;
        let web = WebClient::of(&database).await?;
        let session = web.open(counter(3), ANA).await?;
        web.sell(session, "cash", "50.00", "3.50").await?;
        web.movement(session, "paid_out", "-3.50").await?;
        let board = owner.call("pos_board", &json!({"p_location_id": CHARLES_STREET})).await?;
        let on_board = |board: &Value| {
            board["registers"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|register| register["id"] == counter(3).to_string())
                .cloned()
                .unwrap_or_default()
        };
        let open = on_board(&board)["open_session"].clone();
        assert_eq!(
            (&open["id"], &open["opener_name"], &open["expected_cash"]),
            (&json!(session), &json!("Ana Field"), &json!("250.00")),
            "{function}: open on the board"
        );
        let x_before = owner.call("pos_x_report", &json!({"p_session_id": session})).await?;
        web.close(session, "253.50").await?;

        let seen = owner.call("pos_session", &json!({"p_session_id": session})).await?["session"].clone();
        for (field, value) in [
            ("status", json!("closed")),
            ("was_counted", json!(true)),
            ("closing_cash", json!("253.50")),
            ("expected_cash", json!("253.50")),
            ("cash_difference", json!("0.00")),
            ("close_kind", json!("normal")),
            ("opener_name", json!("Ana Field")),
        ] {
            assert_eq!(seen[field], value, "{function}: {field} as the web client closed it, in {seen:#}");
        }
        assert_eq!(seen["totals"]["total_cash"], "53.50", "{function}");
        assert!(seen["closed_at"].is_string() && seen["ended_at"].is_string(), "{function}: {seen:#}");
        let x = owner.call("pos_x_report", &json!({"p_session_id": session})).await?;
        assert_eq!((&x["status"], &x["expected_cash"]), (&json!("closed"), &json!("253.50")), "{function}");
        let z = owner.call("pos_z_report", &json!({"p_session_id": session})).await?["z_report"].clone();
        for (field, value) in [
            ("closed_elsewhere", json!(true)),
            ("z_number", json!(1)),
            ("opener_name", json!("Ana Field")),
            ("counted_cash", json!("253.50")),
            ("expected_cash", json!("253.50")),
            // The web client leaves pay-ins and pay-outs out of what it expects; the ledger does not.
            ("expected_by_ledger", x_before["expected_cash"].clone()),
        ] {
            assert_eq!(z[field], value, "{function}: {field} of the Z report in {z:#}");
        }

        let board = on_board(&owner.call("pos_board", &json!({"p_location_id": CHARLES_STREET})).await?);
        assert_eq!(board["open_session"], Value::Null, "{function}: its register is free");
        let waits =
            |list: &Value| list.as_array().into_iter().flatten().any(|entry| entry["id"] == json!(session));
        assert!(!waits(&board["uncounted"]), "{function}: it was counted");
        let day = owner.call("pos_day", &json!({"p_location_id": CHARLES_STREET})).await?;
        assert!(!waits(&day["uncounted"]) && !waits(&day["open"]), "{function}: nothing of it waits");
        let in_the_day =
            |id: &Value| day["z_reports"].as_array().into_iter().flatten().any(|z| z["session_id"] == *id);
        assert!(in_the_day(&json!(session)), "{function}: the day has its Z report: {day:#}");
        // The two that were open before the migrations and were put right wait for their count, in words.
        let old = owner
            .call("pos_day", &json!({"p_location_id": CHARLES_STREET, "p_business_date": "2025-11-12"}))
            .await?;
        let uncounted = old["uncounted"].as_array().map_or(0, Vec::len);
        assert_eq!(uncounted, if function == "function_nowait" { 1 } else { 2 }, "{function}: {old:#}");
    }
    Ok(())
}

async fn what_triggers_write_is_no_movement(server: &Server) -> Result<()> {
    for function in FUNCTIONS {
        let (database, owner, cashier) = migrated(server, function).await?;
        let web = WebClient::of(&database).await?;
        let session = ana_opens(&cashier, counter(3)).await?;
        web.sell(session, "cash", "50.00", "3.50").await?;
        web.movement(session, "paid_in", "2.00").await?;
        let (count, key) = (Uuid::new_v4(), Uuid::new_v4());
        cashier
            .call(
                "pos_commit_count",
                &json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": "255.50"}),
            )
            .await?;
        let closed = cashier
            .call("pos_close_session", &json!({"p_key": key, "p_session_id": session, "p_count_id": count}))
            .await?;
        web.close(OPEN_SHIFT, "248.50").await?;

        for session in [session, OPEN_SHIFT] {
            let written = web.value(&format!("select string_agg(distinct movement_type, ' ' order by movement_type) from pos_cash_movements \
                where session_id = '{session}' and movement_type in ('opening', 'sale', 'closing')")).await?;
            assert_eq!(written, "closing opening sale", "{function}: the triggers did their work");
            let listed = owner.call("pos_movements", &json!({"p_session_id": session})).await?;
            let x = owner.call("pos_x_report", &json!({"p_session_id": session})).await?;
            let shown: Vec<&Value> =
                [&listed["movements"], &x["movements"], &closed["z_report"]["movements"]]
                    .into_iter()
                    .filter_map(Value::as_array)
                    .flatten()
                    .collect();
            assert!(!shown.is_empty(), "{function}: the real ones are shown");
            for movement in shown {
                let word = movement["type"].as_str().unwrap_or_default();
                assert!(!REPEATS.contains(&word), "{function}: {movement} repeats another figure");
            }
            // Nor can one be reversed.
            let row = web.value(&format!("select id from pos_cash_movements where session_id = '{session}' and movement_type = 'sale' limit 1")).await?;
            let reversal = json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": "reversal", "p_amount": "53.50",
                "p_reason": null, "p_note": null, "p_reverses": row});
            assert!(
                owner.call("pos_record_movement", &reversal).await.is_err(),
                "{function}: a repeated figure is no movement to reverse"
            );
        }
    }
    Ok(())
}

async fn an_unused_shift_is_cancelled(server: &Server) -> Result<()> {
    for function in FUNCTIONS {
        let (database, _, cashier) = migrated(server, function).await?;
        let web = WebClient::of(&database).await?;
        let by_onetill = ana_opens(&cashier, counter(3)).await?;
        let rows = web
            .value(&format!("select count(*) from pos_cash_movements where session_id = '{by_onetill}'"))
            .await?;
        assert_eq!(rows, "1", "{function}: the trigger wrote an opening");
        let cancelled = cashier
            .call("pos_cancel_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": by_onetill}))
            .await?;
        assert_eq!(cancelled["outcome"], "cancelled", "{function}");
        let by_web = web.open(counter(3), ANA).await?;
        let cancelled = cashier
            .call("pos_cancel_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": by_web}))
            .await?;
        assert_eq!(cancelled["outcome"], "cancelled", "{function}: whoever opened it");
        let used = web.open(counter(3), ANA).await?;
        web.movement(used, "no_sale", "0").await?;
        let refused =
            cashier.call("pos_cancel_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": used})).await;
        assert_eq!(
            refused.err().map(|refusal| refusal.code).as_deref(),
            Some("POS_SESSION_NOT_EMPTY"),
            "{function}: somebody used it"
        );
    }
    Ok(())
}

async fn its_movements_are_reversed_once(server: &Server) -> Result<()> {
    for function in FUNCTIONS {
        let (database, owner, cashier) = migrated(server, function).await?;
        let web = WebClient::of(&database).await?;
        // What it paid out before the migrations comes back: 248.50 + 15.00.
        let old = web.value(&format!("select id from pos_cash_movements where session_id = '{OPEN_SHIFT}' and reason = 'window cleaner'")).await?;
        let reversal = json!({"p_id": Uuid::new_v4(), "p_session_id": OPEN_SHIFT, "p_type": "reversal", "p_amount": "15.00",
            "p_reason": "he never came", "p_note": null, "p_reverses": old});
        cashier.call("pos_record_movement", &reversal).await?;
        assert_eq!(expected(&owner, OPEN_SHIFT).await?, "263.50", "{function}");
        // And what it does since, in a shift that was open during the migrations and in a new one.
        for session in [OPEN_SHIFT, web.open(counter(3), ANA).await?] {
            let start = expected(&owner, session).await?;
            for (word, amount, kind, unsigned) in [
                ("paid_out", "-15.00", "pay_out", "15.00"),
                ("paid_in", "10.00", "pay_in", "10.00"),
                ("refund", "-5.25", "pay_out", "5.25"),
            ] {
                let movement = web.movement(session, word, amount).await?;
                assert_ne!(expected(&owner, session).await?, start, "{function}: {word} moved the drawer");
                let listed = owner.call("pos_movements", &json!({"p_session_id": session})).await?;
                let shown = listed["movements"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .find(|shown| shown["id"] == json!(movement))
                    .cloned()
                    .unwrap_or_default();
                assert_eq!(
                    (&shown["kind"], &shown["amount"]),
                    (&json!(kind), &json!(unsigned)),
                    "{function}: {word} in the words of today"
                );
                let reverse = |id: Uuid| {
                    json!({"p_id": id, "p_session_id": session, "p_type": "reversal", "p_amount": unsigned,
                    "p_reason": "typed wrong", "p_note": null, "p_reverses": movement})
                };
                let once = Uuid::new_v4();
                assert_eq!(
                    cashier.call("pos_record_movement", &reverse(once)).await?["outcome"],
                    "recorded",
                    "{function}: {word}"
                );
                assert_eq!(expected(&owner, session).await?, start, "{function}: {word} is undone");
                assert_eq!(
                    cashier.call("pos_record_movement", &reverse(once)).await?["outcome"],
                    "replayed",
                    "{function}: {word}"
                );
                let twice = cashier
                    .call("pos_record_movement", &reverse(Uuid::new_v4()))
                    .await
                    .err()
                    .map(|refusal| refusal.code);
                assert_eq!(twice.as_deref(), Some("POS_ALREADY_REVERSED"), "{function}: {word}");
            }
        }
    }
    Ok(())
}
