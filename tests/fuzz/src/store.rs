//! The device's own file, as a failing disk or a curious person may leave it.

use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use onetill_core::ports::{DeviceStore, PersistedSelling, PersistedState};
use onetill_store::{ProjectStore, StoreFile};
use rusqlite::{Connection, params};
use serde::{Serialize, de::DeserializeOwned};

const SERVER: &str = "https://shop.example";
const REGISTER: &str = "00000000-0000-4000-8000-000000001001";

/// A file that stays open, and a second way into it that writes what the first will read.
struct Rows {
    store: ProjectStore,
    writer: Connection,
    _folder: tempfile::TempDir,
}

static ROWS: LazyLock<Option<Mutex<Rows>>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().ok()?;
    let path = folder.path().join("onetill.sqlite");
    let store = ProjectStore::new(StoreFile::open(&path).ok()?.file, SERVER.to_owned());
    let writer = Connection::open(&path).ok()?;
    writer.execute_batch("PRAGMA synchronous = OFF").ok()?;
    Some(Mutex::new(Rows { store, writer, _folder: folder }))
});

/// The texts of the rows, one on each line: staff, assignment, active session, intent, movements, an entry, the chain of the
/// receipts, the cart, a parked cart, a receipt.
pub(crate) fn rows(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n').map(|line| (!line.is_empty()).then_some(line));
    let mut line = || lines.next().flatten();
    let (staff, assignment, active, intent, movements, entry) =
        (line(), line(), line(), line(), line(), line().unwrap_or_default());
    let (chain, cart, parked, receipt) = (line(), line(), line(), line());
    let Some(rows) = ROWS.as_ref() else { return };
    let rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
    let written = || -> rusqlite::Result<()> {
        rows.writer.execute(
            "INSERT OR REPLACE INTO project (server, staff, placement) VALUES (?1, ?2, ?3)",
            params![SERVER, staff, assignment],
        )?;
        rows.writer.execute(
            "INSERT OR REPLACE INTO shift (server, vendor, register, intent, active, movements)
             VALUES (?1, 'v', ?2, ?3, ?4, ?5)",
            params![SERVER, REGISTER, intent, active, movements],
        )?;
        rows.writer.execute("DELETE FROM entry", [])?;
        rows.writer.execute(
            "INSERT INTO entry (server, movement, entry) VALUES (?1, 'm', ?2)",
            params![SERVER, entry],
        )?;
        rows.writer.execute(
            "INSERT OR REPLACE INTO selling (server, register, chain, cart) VALUES (?1, ?2, ?3, ?4)",
            params![SERVER, REGISTER, chain, cart],
        )?;
        rows.writer.execute_batch("DELETE FROM parked; DELETE FROM receipt")?;
        if let Some(parked) = parked {
            rows.writer.execute(
                "INSERT INTO parked (server, register, id, parked) VALUES (?1, ?2, 'p', ?3)",
                params![SERVER, REGISTER, parked],
            )?;
        }
        if let Some(receipt) = receipt {
            rows.writer.execute(
                "INSERT INTO receipt (server, register, session, id, made_at, receipt)
                 VALUES (?1, ?2, 's', 'r', 0, ?3)",
                params![SERVER, REGISTER, receipt],
            )?;
        }
        Ok(())
    };
    written().unwrap_or_else(|cause| unreachable!("a row could not be written: {cause}"));
    let Ok(persisted) = rows.store.load() else { return };
    let PersistedState {
        staff,
        assignment,
        active,
        intent,
        movements,
        queue,
        counts,
        closing,
        lock,
        selling: PersistedSelling { shop: _, chain, cart, parked, receipts },
        set_aside: _,
    } = &persisted;
    same_again(chain);
    same_again(cart);
    same_again(parked);
    same_again(receipts);
    same_again(staff);
    same_again(assignment);
    same_again(active);
    same_again(intent);
    same_again(movements);
    same_again(queue);
    same_again(counts);
    same_again(closing);
    same_again(lock);
    if let (Some(place), Some(active)) = (assignment, active) {
        let _date = place.location.business_date(active.session.opened_at);
        let of_server = active.session.expected_cash.unwrap_or_default().decimal();
        let _sum = queue.iter().fold(of_server, |cash, entry| cash + entry.effect());
    }
}

/// What was read can be kept again, and is then the same.
fn same_again<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let again = serde_json::to_string(value).map(|text| serde_json::from_str::<T>(&text).ok());
    assert_eq!(again.ok().flatten().as_ref(), Some(value), "what was read is not what is kept");
}

pub(crate) fn row_seeds() -> Vec<Vec<u8>> {
    let session = r#"{"id":"0198b2de-0000-7000-8000-000000000001","session_number":"1-42","register_id":"00000000-0000-4000-8000-000000001001","location_id":"00000000-0000-4000-8000-0000000000b1","vendor_id":"00000000-0000-4000-8000-0000000000a1","opener_id":null,"opener_name":"Zoë","status":"open","opening_cash":"200.00","opened_at":"2026-03-01T08:00:00Z","business_date":"2026-03-01","revision":7,"totals":{"total_sales":"0","total_transactions":0,"total_cash":"0","total_card":"0"},"expected_cash":"212.34","ended_by_name":null,"closed_at":null}"#;
    let location = r#"{"id":"00000000-0000-4000-8000-0000000000b1","name":"Main Street","timezone":"Europe/Paris","currency":"EUR","business_day_cutoff":"04:00"}"#;
    let movement = r#"{"id":"00000000-0000-4000-8000-0000000000e1","session_id":"0198b2de-0000-7000-8000-000000000001","kind":"pay_in","amount":"12.34","reason":"change","note":"","reference":"","reverses":null,"by_name":"Zoë","recorded_at":"2026-03-01T09:00:00Z"}"#;
    let vendor = "00000000-0000-4000-8000-0000000000a1";
    let user = "00000000-0000-4000-8000-0000000000c1";
    let staff = format!(
        r#"{{"user_id":"{user}","vendor_id":"{vendor}","vendor_name":"Café","display_name":"Zoë","role":"cashier","locations":[{location}]}}"#
    );
    let assignment = format!(
        r#"{{"register":{{"id":"{REGISTER}","location_id":"00000000-0000-4000-8000-0000000000b1","register_number":"1","register_name":"Front","status":"active","suggested_opening_cash":"200.00","open_session":null}},"location":{location}}}"#
    );
    let active = format!(
        r#"{{"session":{session},"outcome":"joined","own_opening_cash":"150.10","heard_at":"2026-03-01T08:00:01Z","agreed_on":null}}"#
    );
    let intent = format!(
        r#"{{"key":"00000000-0000-4000-8000-0000000000f1","register_id":"{REGISTER}","location_id":"00000000-0000-4000-8000-0000000000b1","vendor_id":"{vendor}","user_id":"{user}","opening_cash":"150.10","pressed_at":"2026-03-01T07:59:59Z"}}"#
    );
    let entry = format!(
        r#"{{"movement":{movement},"register_id":"{REGISTER}","session_number":"1-42","vendor_id":"{vendor}","recorded_by":"{user}","state":{{"state":"refused","code":"SESSION_OVER","detail":"over"}}}}"#
    );
    let chain = format!(
        r#"{{"prefix":"1","till":2,"last_receipt":41,"last_entry":42,"last_hash":"{}"}}"#,
        "0".repeat(64)
    );
    let cart = r#"{"Editing":{"id":"0198b2de-0000-7000-8000-000000000002","terms":{"currency":"EUR","prices_include_tax":true},"lines":[],"cart_discount":{"by":"none"},"cart_discount_reason":null,"rates":[],"age_checked":false,"approvals":[]}}"#;
    let parked =
        format!(r#"{{"cart":{cart},"by_name":"Zoë","parked_at":"2026-03-01T09:00:00Z","label":"hat"}}"#);
    let rows =
        [staff, assignment, active, intent, format!("[{movement}]"), entry, chain, cart.to_owned(), parked];
    vec![rows.join("\n").into_bytes()]
}

/// A whole file: opened, or set aside with every byte of it.
pub(crate) fn file(data: &[u8]) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let path: PathBuf = folder.path().join("onetill.sqlite");
    if std::fs::write(&path, data).is_err() {
        return;
    }
    let Ok(opening) = StoreFile::open(&path) else { return };
    for aside in &opening.set_aside {
        assert_eq!(
            std::fs::read(&aside.path).ok().as_deref(),
            Some(data),
            "what was set aside is not what was there"
        );
    }
    let _recalled = ProjectStore::new(opening.file, SERVER.to_owned()).load();
}

pub(crate) fn file_seeds() -> Vec<Vec<u8>> {
    let made = || {
        let folder = tempfile::tempdir().ok()?;
        let path = folder.path().join("onetill.sqlite");
        drop(StoreFile::open(&path).ok()?);
        std::fs::read(&path).ok()
    };
    [made().unwrap_or_default(), Vec::new(), b"SQLite format 3\0".to_vec()].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_good_ones() {
        for seed in row_seeds() {
            rows(&seed);
            let rows = ROWS.as_ref().and_then(|rows| rows.lock().ok());
            let persisted = rows.and_then(|rows| rows.store.load().ok());
            let whole = persisted.is_some_and(|it| {
                it.active.is_some()
                    && it.intent.is_some()
                    && it.movements.len() == 1
                    && it.queue.len() == 1
                    && it.selling.chain.is_some()
                    && it.selling.cart.is_some()
                    && it.selling.parked.len() == 1
            });
            assert!(whole, "the example holds something of everything");
        }
    }
}
