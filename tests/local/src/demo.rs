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

/// The people of the demo store.
pub const DEMO_ACCOUNTS: &[DemoAccount] = &[];
