//! Every decoder of what comes from wire or disk, as a function of bytes that must not panic and must keep what it
//! promises, with honest examples to begin from.
//!
//! They are run for seconds within the tests, by [`mutate`] from a fixed seed, and for as long as you like by
//! `cargo xtask fuzz`, where libFuzzer looks for bytes that reach code which nothing before has reached. What it found
//! stays in `found/`, and is tried again with every test.

mod items;
pub mod mutate;
mod sales;
mod seeds;
mod store;

use onetill_core::{Amount, Connection, ProjectKey, ProjectUrl};
use onetill_store::config;
use onetill_supabase::fuzz as wire;
use onetillctl::fuzz as console;

/// One decoder.
#[derive(Clone, Copy)]
pub struct Target {
    /// How it is asked for.
    pub name: &'static str,
    /// Takes whatever bytes; panics where it finds a mistake.
    pub run: fn(&[u8]),
    /// What the decoder is meant for.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

const fn target(name: &'static str, run: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Target {
    Target { name, run, seeds }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    target("refusal", wire::refusal, seeds::refusals),
    target("auth_refusal", wire::auth_refusal, seeds::auth_refusals),
    target("success", wire::success, seeds::successes),
    target("money", wire::money, seeds::money),
    target("date", wire::date, seeds::dates),
    target("store_rows", store::rows, store::row_seeds),
    target("store_file", store::file, store::file_seeds),
    target("config", config, seeds::configs),
    target("address_and_key", address_and_key, seeds::addresses),
    target("enrolment_link", console::enrolment_link, || vec![console::good_link().into_bytes()]),
    target("enrolment_picture", console::enrolment_picture, console::good_pictures),
    target("signed_ticket", console::signed_ticket, seeds::tickets),
    target("database_address", console::database_address, seeds::database_addresses),
    target("log", console::log, seeds::logs),
    target("sale", sales::entry, sales::entries),
    target("cart", sales::cart, sales::carts),
    target("scan", sales::scanned, sales::scans),
    target("items_file", items::file, items::files),
];

/// `config.toml`: understood, or refused without a word of what may be a key.
fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match config::parse(text) {
        Ok(config) => drop(config.supabase.connection()),
        Err(why) => assert!(!why.contains("sb_publishable_"), "the fault quotes the file: {why}"),
    }
}

/// What an installer types: the project's address and key on two lines, and an amount on a third.
fn address_and_key(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (url, key, amount) = (ProjectUrl::parse(line()), ProjectKey::parse(line()), line());
    if let Ok(url) = &url {
        let again = ProjectUrl::parse(&url.to_string());
        assert_eq!(again.as_ref(), Ok(url), "what is written down is not read back");
        let endpoint = url.endpoint("rest/v1/rpc/x");
        assert!(endpoint.path().ends_with("/rest/v1/rpc/x"), "{endpoint}");
        assert!(endpoint.password().is_none() && endpoint.query().is_none(), "{endpoint}");
    }
    if let Ok(key) = &key {
        assert!(!key.header().starts_with("sb_secret_"), "a secret key passed");
        assert!(key.header().bytes().all(|byte| byte.is_ascii_graphic()), "no header: {:?}", key.header());
    }
    if let (Ok(url), Ok(key)) = (url, key) {
        let shown = format!("{:?}", Connection { url, key });
        assert!(shown.contains("ProjectKey(…)"), "the key shows: {shown}");
    }
    if let Ok(amount) = Amount::for_drawer(amount) {
        assert!(amount >= Amount::ZERO && amount.to_string().parse() == Ok(amount), "{amount}");
    }
}
