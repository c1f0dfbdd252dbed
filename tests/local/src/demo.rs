//! Who may sign in to the demo store.

/// One account of `supabase/seed.sql`.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct DemoAccount {
    /// As shown to people.
    pub name: &'static str,
    /// To sign in with.
    pub email: &'static str,
    /// To sign in with; public, like the whole demo store.
    pub password: &'static str,
    /// What the account may do there.
    pub role: &'static str,
}

/// The people of the demo store. The cashiers work at its first location, the others at both.
pub const DEMO_ACCOUNTS: &[DemoAccount] = &[
    account("Ana", "ana@demo.onetill.example", "cashier"),
    account("Ben", "ben@demo.onetill.example", "cashier"),
    account("Mara", "mara@demo.onetill.example", "manager"),
    account("Olivia", "olivia@demo.onetill.example", "owner"),
];

const fn account(name: &'static str, email: &'static str, role: &'static str) -> DemoAccount {
    DemoAccount { name, email, password: "onetill-demo", role }
}
