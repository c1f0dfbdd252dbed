//! Who may sign in to the demo store, and what it sells beside what `supabase/selling_seed.sql` says.

use onetill_core::{LocationId, VendorId};
use onetill_goods::Goods;
use uuid::Uuid;

/// The store.
const VENDOR: VendorId = VendorId(Uuid::from_u128(0x0e71_1100_0000_4000_8000_0000_0000_000a));
/// Its second location.
const HARBOR: LocationId = LocationId(Uuid::from_u128(0x0e71_1100_0000_4000_8000_0000_0000_00b2));
/// With those of the file it has two hundred items.
const GOODS: u32 = 176;

/// SQL for the goods that are made up; `None` where they cannot be written down, which no item causes.
pub(crate) fn goods() -> Option<String> {
    let goods = Goods {
        seed: 19,
        locations: vec![HARBOR],
        tax_code: Some("SALES".to_owned()),
        // In New York.
        adult_age: Some(21),
    };
    onetill_goods::insert(VENDOR, &goods.items(GOODS).collect::<Vec<_>>()).ok()
}

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
