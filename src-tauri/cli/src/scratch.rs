//! Registers to try things on, and how nothing of the trial stays behind.
//!
//! Who may make one: nobody through the API, because a register belongs to the shop's books. So a trial either gets the
//! database's own login and makes a register that is removed afterwards with everything on it, or it is lent a register
//! of the shop that is free, and the shift that it opened there is cancelled afterwards.
//! Invariant: only what the trial itself opened is removed or cancelled.

use crate::{
    api::{ApiClient, Login, Request, Response, TransportError},
    database::{Database, chain},
    error::{CliError, Result},
};
use onetill_core::{Amount, IntentKey};
use serde_json::{Value, json};
use uuid::Uuid;

/// A register and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Register {
    pub(crate) id: Uuid,
    pub(crate) location: Uuid,
    pub(crate) vendor: Uuid,
    /// As people call it.
    pub(crate) number: String,
}

/// One press of *Start shift*, sent once.
pub(crate) async fn press(
    client: &ApiClient,
    login: &Login,
    register: &Register,
    cash: Amount,
    key: Uuid,
) -> std::result::Result<Response, TransportError> {
    let body = json!({
        "p_register_id": register.id,
        "p_location_id": register.location,
        "p_vendor_id": register.vendor,
        "p_user_id": login.user,
        "p_opening_cash": cash,
    });
    client.send(Request::post("rest/v1/rpc/get_or_create_session", &body).keyed(IntentKey(key))).await
}

/// Makes `count` registers where this person works.
pub(crate) async fn make(
    database: &mut Database,
    login: &Login,
    purpose: &str,
    count: usize,
) -> Result<Vec<Register>> {
    let failed = |cause: tokio_postgres::Error| {
        CliError::failed(format!("making a scratch register: {}", chain(&cause)))
    };
    let is_current = has_table(database, "public.pos_staff").await?;
    // A database from before the staff table keeps its people in `users`.
    let whose = if is_current {
        "select l.vendor_id, l.id from public.pos_staff s join public.locations l on l.vendor_id = s.vendor_id
           where s.user_id = $1 and s.is_active and (s.location_id is null or s.location_id = l.id) order by l.id limit 1"
    } else {
        "select l.vendor_id, l.id from public.users u join public.locations l on l.vendor_id = u.vendor_id
           where u.id = $1 order by l.id limit 1"
    };
    let place = database.client.query_opt(whose, &[&login.user.0]).await.map_err(failed)?;
    let place =
        place.ok_or_else(|| CliError::Failed("the person who signed in works at no location".into()))?;
    let (vendor, location): (Uuid, Uuid) = (place.get(0), place.get(1));
    let batch = Uuid::new_v4().simple().to_string();
    let short: String = batch.chars().take(8).collect();
    let registers: Vec<Register> = (1..=count)
        .map(|n| Register {
            id: Uuid::new_v4(),
            location,
            vendor,
            number: if count == 1 { format!("{purpose}-{short}") } else { format!("{purpose}-{short}-{n}") },
        })
        .collect();
    let ids: Vec<Uuid> = registers.iter().map(|register| register.id).collect();
    let numbers: Vec<&str> = registers.iter().map(|register| register.number.as_str()).collect();
    database
        .client
        .execute(
            "insert into public.pos_registers (id, vendor_id, location_id, register_number, register_name, status)
             select x.id, $3, $4, x.number, 'Scratch, removed after the trial', 'active'
               from unnest($1::uuid[], $2::text[]) x(id, number)",
            &[&ids, &numbers, &vendor, &location],
        )
        .await
        .map_err(failed)?;
    Ok(registers)
}

/// Ends whatever is open on these registers, so that the next round finds them free.
pub(crate) async fn free(database: &Database, registers: &[Register]) -> Result<()> {
    let ids: Vec<Uuid> = registers.iter().map(|register| register.id).collect();
    // Cancelled leaves no Z report behind; a database without our part knows no such status.
    let sql = if has_table(database, "public.pos_session_participants").await? {
        "update public.pos_sessions set status = 'cancelled', ended_at = now()
           where register_id = any($1) and status = 'open'"
    } else {
        "update public.pos_sessions set status = 'closed', closed_at = now()
           where register_id = any($1) and status = 'open'"
    };
    let freed = database.client.execute(sql, &[&ids]).await;
    freed
        .map(drop)
        .map_err(|cause| CliError::failed(format!("freeing the scratch register: {}", chain(&cause))))
}

/// Removes registers that [`make`] made, with everything on them.
pub(crate) async fn remove(database: &mut Database, registers: &[Register]) -> Result<()> {
    let ids: Vec<Uuid> = registers.iter().map(|register| register.id).collect();
    let has_participants = has_table(database, "public.pos_session_participants").await?;
    let has_movements = has_table(database, "public.pos_cash_movements").await?;
    let removed: std::result::Result<(), tokio_postgres::Error> = async {
        let step = database.client.transaction().await?;
        // Whoever still asks for one of them waits from here on, and then there is none, instead of opening on a
        // register that goes.
        step.execute("select from public.pos_registers where id = any($1) for update", &[&ids]).await?;
        if has_participants {
            step.execute(
                "delete from public.pos_session_participants p using public.pos_sessions s
                   where s.id = p.session_id and s.register_id = any($1)",
                &[&ids],
            )
            .await?;
        }
        if has_movements {
            // The shop's own triggers write the float down; nobody recorded anything.
            step.execute(
                "delete from public.pos_cash_movements m using public.pos_sessions s
                   where s.id = m.session_id and s.register_id = any($1)",
                &[&ids],
            )
            .await?;
        }
        step.execute("delete from public.pos_sessions where register_id = any($1)", &[&ids]).await?;
        step.execute("delete from public.pos_registers where id = any($1)", &[&ids]).await?;
        step.commit().await
    }
    .await;
    removed.map_err(|cause| {
        let numbers: Vec<&str> = registers.iter().take(3).map(|register| register.number.as_str()).collect();
        CliError::failed(format!(
            "removing the scratch registers ({}, …): {}",
            numbers.join(", "),
            chain(&cause)
        ))
    })
}

/// Every session on this register, open or not.
pub(crate) async fn sessions(database: &Database, register: &Register) -> Result<Vec<(Uuid, String)>> {
    let rows = database
        .client
        .query("select id, status::text from public.pos_sessions where register_id = $1", &[&register.id])
        .await
        .map_err(|cause| CliError::failed(chain(&cause)))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

async fn has_table(database: &Database, name: &str) -> Result<bool> {
    let row = database.client.query_one("select to_regclass($1) is not null", &[&name]).await;
    row.map(|row| row.get(0)).map_err(|cause| CliError::failed(chain(&cause)))
}

/// A register of the shop, by id or number, that is in service and free.
pub(crate) async fn lend(client: &ApiClient, wanted: &str) -> Result<Register> {
    let person = asked(client, "pos_whoami", &json!({})).await?;
    let id_at = |value: &Value, name: &str| value.get(name)?.as_str()?.parse::<Uuid>().ok();
    let unreadable = || CliError::Failed("the server's list of registers cannot be read".into());
    let vendor = id_at(&person, "vendor_id").ok_or_else(unreadable)?;
    let mut found = Vec::new();
    for place in person.get("locations").and_then(Value::as_array).into_iter().flatten() {
        let location = id_at(place, "id").ok_or_else(unreadable)?;
        let told = asked(client, "pos_registers", &json!({"p_location_id": location})).await?;
        for row in told.get("registers").and_then(Value::as_array).into_iter().flatten() {
            let id = id_at(row, "id").ok_or_else(unreadable)?;
            let number = row.get("register_number").and_then(Value::as_str).unwrap_or_default().to_owned();
            if number == wanted || id.to_string() == wanted.to_ascii_lowercase() {
                let is_free = row.get("open_session").is_none_or(Value::is_null)
                    && row.get("status").and_then(Value::as_str) == Some("active");
                found.push((Register { id, location, vendor, number }, is_free));
            }
        }
    }
    match found.pop() {
        None => Err(CliError::Usage(format!("there is no register {wanted} where this person works"))),
        Some(_) if !found.is_empty() => {
            Err(CliError::Usage(format!("several registers are called {wanted}: give the id instead")))
        }
        Some((_, false)) => Err(CliError::Failed(format!(
            "register {wanted} has an open shift or is retired: the drill needs a free one"
        ))),
        Some((register, true)) => Ok(register),
    }
}

/// Cancels the shift that is open on a lent register, if this person opened it.
pub(crate) async fn cancel(client: &ApiClient, login: &Login, register: &Register) -> Result<()> {
    let told = asked(client, "pos_registers", &json!({"p_location_id": register.location})).await?;
    let rows = told.get("registers").and_then(Value::as_array);
    let open = rows.into_iter().flatten().find_map(|row| {
        let same = row.get("id")?.as_str()?.parse() == Ok(register.id);
        if same { row.get("open_session").filter(|open| !open.is_null()) } else { None }
    });
    let Some(open) = open else { return Ok(()) };
    if open.get("opener_id").and_then(Value::as_str) != Some(&login.user.to_string()) {
        return Err(CliError::Failed(format!(
            "register {} was opened by somebody else meanwhile",
            register.number
        )));
    }
    let reason = "Opened by a drill of onetillctl.";
    let body = json!({"p_key": Uuid::new_v4(), "p_session_id": open.get("id"), "p_reason": reason});
    asked(client, "pos_cancel_session", &body).await.map(drop)
}

/// Calls one of the register's functions; a refusal ends the command.
pub(crate) async fn asked(client: &ApiClient, function: &str, arguments: &Value) -> Result<Value> {
    let answer = client.rpc(function, arguments).await;
    let answer = answer.map_err(|error| CliError::failed(format!("{function}: {error}")))?;
    match answer.json() {
        Some(json) if answer.worked() => Ok(json),
        _ => Err(CliError::failed(format!("{function}: {}", answer.refusal()))),
    }
}
