//! A vendor's database of a given size, filled in bulk: past every trigger, as a restored backup would be.
//!
//! Invariant: what is filled in could have come about through the functions; they find nothing out of place in it.

use onetill_db_harness::desk::Caller;
use onetill_db_harness::{Database, Result, Server, VENDOR};
use tokio_postgres::Client;
use uuid::Uuid;

/// How much there is of everything that may grow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shop {
    /// With an open shift each, ten of them at a location.
    pub(crate) registers: u32,
    /// All that were ever closed, each with its Z report.
    pub(crate) closed: u32,
    /// On each open shift.
    pub(crate) devices: u32,
    /// In each open shift.
    pub(crate) movements: u32,
    /// Sale lines in all closed shifts, five to a sale; where there are any, each open shift has twenty sales as well.
    pub(crate) lines: u32,
}

/// A small chain that opened last week: what every axis begins with.
pub(crate) const SMALL: Shop = Shop { registers: 100, closed: 1000, devices: 1, movements: 10, lines: 0 };

/// Registers of one location.
const TOGETHER: u32 = 10;

/// Everybody is heard of: that is written once a minute, and polls come thirty times as often.
const FILL: &str = "
    set session_replication_role = replica;
    insert into vendors (id, store_name) values ('{vendor}', 'Scale');
    insert into auth.users (id, email) values ('{cashier}', 'ana@scale.example'), ('{manager}', 'mia@scale.example');
    insert into pos_staff (user_id, person_id, vendor_id, role, display_name)
      values ('{cashier}', '{cashier}', '{vendor}', 'cashier', 'Ana'), ('{manager}', '{manager}', '{vendor}', 'manager', 'Mia');
    insert into locations (id, vendor_id, name, timezone, business_day_cutoff)
      select {location}, '{vendor}', 'Location ' || i, 'UTC', '00:00' from generate_series(0, ({registers} - 1) / {together}) i;
    insert into pos_registers (id, vendor_id, location_id, register_number, register_name, number_prefix, last_session_number)
      select {register}, '{vendor}', {location_of}, 'R' || i, 'Register ' || i, 'R' || i, {closed} / {registers} + 2
        from generate_series(0, {registers} - 1) i;
    insert into pos_sessions (session_number, register_id, location_id, vendor_id, user_id, opened_by, status, opening_cash, opened_at, business_date,
        total_transactions, revision, ended_at, ended_by, closed_at, closed_by, close_kind, was_counted, closing_cash, expected_cash,
        cash_difference, left_in_drawer)
      select 'R' || i || '-' || lpad(n::text, 6, '0'), {register}, {location_of}, '{vendor}', '{cashier}', '{cashier}', 'closed', 200, opened, (opened at time zone 'UTC')::date,
          n, 4, opened + interval '8 hours', '{cashier}', opened + interval '8 hours', '{cashier}', 'normal', true, 200, 200, 0, 200
        from (select k % {registers} as i, k / {registers} + 1 as n,
            now() - interval '12 hours' * ({closed} / {registers} + 1 - k / {registers}) as opened
          from generate_series(0, {closed} - 1) k) past;
    insert into pos_z_reports (session_id, vendor_id, register_id, z_number, report)
      select id, vendor_id, register_id, total_transactions, '{\"cash_difference\": \"0.00\"}' from pos_sessions;
    insert into pos_sessions (id, session_number, register_id, location_id, vendor_id, user_id, opened_by, status, opening_cash, opened_at, business_date)
      select {session}, 'R' || i || '-open', {register}, {location_of}, '{vendor}', '{cashier}', '{cashier}', 'open', 200, now(), (now() at time zone 'UTC')::date
        from generate_series(0, {registers} - 1) i;
    insert into pos_session_participants (session_id, vendor_id, user_id, device, opening_cash)
      select {session}, '{vendor}', '{cashier}', {device}, 200 from generate_series(0, {registers} - 1) i, generate_series(1, {devices}) d;
    insert into onetill.seen (session_id, user_id, device, at)
      select {session}, '{cashier}', {device}, now() + interval '1 day' from generate_series(0, {registers} - 1) i, generate_series(1, {devices}) d;
    insert into pos_cash_movements (session_id, vendor_id, register_id, location_id, user_id, recorded_by, movement_type, amount, reason, created_at)
      select {session}, '{vendor}', {register}, {location_of}, '{cashier}', '{cashier}', (array['pay_in', 'pay_out'])[1 + m % 2], 5 + m % 7, 'Stamps',
          now() + interval '1 millisecond' * m
        from generate_series(0, {registers} - 1) i, generate_series(1, {movements}) m;
    set session_replication_role = origin;";

/// What was sold: the closed shifts' first, then twenty in each open one, numbered by register.
const SELL: &str = "
    set session_replication_role = replica;
    update locations set country = 'US';
    insert into pos_selling_rules (vendor_id, selling_on) values ('{vendor}', true);
    insert into pos_taxes (vendor_id, code, name, components, valid_from)
      values ('{vendor}', 'A', 'VAT', '[{\"name\": \"VAT\", \"rate\": \"0.07\"}]', '2000-01-01');
    create temporary table sold as
      select row_number() over (order by x.opened_at, x.id, x.n) as k, x.id as session_id, x.register_id, x.location_id, x.business_date, x.opened_at,
          row_number() over (partition by x.register_id order by x.opened_at, x.id, x.n) as seq
        from (select s.*, n from pos_sessions s, generate_series(1, case s.status when 'open' then 20 else {lines} / 5 / {closed} end) n) x;
    insert into pos_tills (register_id, till, device, location_id, vendor_id, issued, arrived, chain_seq, chain_hash)
      select register_id, 1, {device_of_one}, location_id, '{vendor}', max(seq), max(seq), max(seq), sha256('link')
        from sold group by register_id, location_id;
    insert into pos_sales (id, session_id, register_id, location_id, vendor_id, user_id, device, kind, till, receipt_seq, receipt_number, currency, prices_include_tax,
        gross, discount, net, tax, total, cash_rounding, net_cash, net_card, net_other, line_count, business_date, created_at, digest, chain_seq, prev_hash, hash)
      select {sale}, session_id, register_id, location_id, '{vendor}', '{cashier}', {device_of_one}, 'sale', 1, seq, 'R-A-' || lpad(seq::text, 6, '0'), 'USD', false,
          10, 0, 10, 0.70, 10.70, 0, 10.70, 0, 0, 5, business_date, opened_at + interval '1 second' * seq, sha256('entry'), seq, sha256('link'), sha256('link')
        from sold order by k;
    insert into pos_sale_lines (sale_id, no, vendor_id, name, quantity, unit_price, gross, discount, cart_discount, net, tax_code)
      select {sale}, no, '{vendor}', 'Tea', 1, 2, 2, 0, 0, 2, 'A' from sold, generate_series(1, 5) no order by k, no;
    insert into pos_sale_taxes (sale_id, no, vendor_id, tax_code, component, rate, base, tax)
      select {sale}, 1, '{vendor}', 'A', 'VAT', 0.07, 10, 0.70 from sold order by k;
    insert into pos_sale_tenders (sale_id, no, vendor_id, kind, amount, tendered, change)
      select {sale}, 1, '{vendor}', 'cash', 10.70, 20, 9.30 from sold order by k;
    update pos_sessions s set total_sales = 214, total_cash = 214, total_transactions = 20, walk_in_sales = 20, ledger_sales = 214, ledger_cash = 214, ledger_transactions = 20
      where status = 'open';
    drop table sold;
    set session_replication_role = origin;";

impl Shop {
    /// A database of this size, its statistics made, its caches cold.
    pub(crate) async fn fill(self, server: &Server) -> Result<Database<'_>> {
        let database = server.bare().await?;
        database.migrate().await?;
        let id = |kind: &str, number: &str| {
            format!("('000000{kind}-0000-4000-8000-' || lpad(({number})::text, 12, '0'))::uuid")
        };
        let person = |caller: Caller| caller.id().unwrap_or_default().to_string();
        let values = [
            ("{vendor}", VENDOR.to_string()),
            ("{cashier}", person(Caller::ANA)),
            ("{manager}", person(Caller::MIA)),
            ("{location_of}", id("bb", "i / {together}")),
            ("{location}", id("bb", "i")),
            ("{register}", id("dd", "i")),
            ("{session}", id("ee", "i")),
            ("{device}", id("ff", "d")),
            ("{together}", TOGETHER.to_string()),
            ("{registers}", self.registers.to_string()),
            ("{closed}", self.closed.to_string()),
            ("{devices}", self.devices.to_string()),
            ("{movements}", self.movements.to_string()),
            ("{lines}", self.lines.to_string()),
            ("{sale}", id("01", "k")),
            ("{device_of_one}", id("ff", "1")),
        ];
        let written =
            |sql: &str| values.iter().fold(sql.to_owned(), |sql, (name, value)| sql.replace(name, value));
        let superuser = database.superuser().await?;
        superuser.batch_execute(&written(FILL)).await?;
        if self.lines > 0 {
            superuser.batch_execute(&written(SELL)).await?;
        }
        superuser.batch_execute("vacuum analyze").await?;
        Ok(database)
    }

    /// What a client knows that has seen everything in an open shift: one change of its own, and what hangs on it.
    pub(crate) fn revision(self) -> u32 {
        1 + self.devices + self.movements
    }

    /// Register, location and open shift of one of its registers.
    pub(crate) fn place(self, register: u32) -> [Uuid; 3] {
        [id(0xdd, register), id(0xbb, register / TOGETHER), id(0xee, register)]
    }
}

/// A connection in this person's name, on the first device of every shift.
pub(crate) async fn connect(database: &Database<'_>, caller: Caller) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(&database.url(), tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let claims = serde_json::json!({"sub": caller.id(), "role": caller.role()});
    let headers = serde_json::json!({"x-device-id": id(0xff, 1)});
    client
        .batch_execute(&format!(
            "set role {}; select set_config('request.jwt.claims', '{claims}', false), set_config('request.headers', '{headers}', false)",
            caller.role()
        ))
        .await?;
    Ok(client)
}

/// The decimal digits of the number stand in the hexadecimal id, as in the filling.
fn id(kind: u32, number: u32) -> Uuid {
    format!("000000{kind:02x}-0000-4000-8000-{number:012}").parse().unwrap_or_default()
}
