//! A vendor's database of a given size, filled in bulk: past every trigger, as a restored backup would be.
//!
//! Invariant: what is filled in could have come about through the functions; they find nothing out of place in it.

use onetill_bench::desk::Caller;
use onetill_bench::{Database, Result, Server, VENDOR};
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
}

/// A small chain that opened last week: what every axis begins with.
pub(crate) const SMALL: Shop = Shop { registers: 100, closed: 1000, devices: 1, movements: 10 };

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

impl Shop {
    /// A database of this size, its statistics made, its caches cold.
    pub(crate) async fn fill(self, server: &Server) -> Result<Database<'_>> {
        let database = server.bare().await?;
        database.migrate().await?;
        let id = |kind: &str, number: &str| {
            format!("('000000{kind}-0000-4000-8000-' || lpad(({number})::text, 12, '0'))::uuid")
        };
        let person = |caller: Caller| caller.id().unwrap_or_default().to_string();
        let sql = [
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
        ]
        .iter()
        .fold(FILL.to_owned(), |sql, (name, value)| sql.replace(name, value));
        let superuser = database.superuser().await?;
        superuser.batch_execute(&sql).await?;
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
