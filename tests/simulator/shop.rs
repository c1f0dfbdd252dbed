//! Two shops of one project: people, stores and registers, the same in both modes.

use jiff::{SignedDuration, Timestamp};
use onetill_core::{
    Location, LocationId, MovementKind, Register, RegisterAssignment, RegisterId, RegisterStatus, Role,
    Staff, UserId, VendorId, ports::Write,
};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::{
    server::{Member, Place},
    shelf::Shop,
    world::Start,
};

/// The demo store's vendor, and one more.
pub(crate) const VENDOR: Uuid = Uuid::from_u128(0x0e71_1100_0000_4000_8000_0000_0000_000a);
pub(crate) const OTHER_VENDOR: Uuid = Uuid::from_u128(0x0e71_1100_0000_4000_8000_0000_0000_00ff);
/// Login, name, role; the first four are the demo store's.
pub(crate) const PEOPLE: [(u8, &str, &str, Role, Uuid); 6] = [
    (0xc3, "ana@demo.onetill.example", "Ana", Role::Cashier, VENDOR),
    (0xc4, "ben@demo.onetill.example", "Ben", Role::Cashier, VENDOR),
    (0xc2, "mara@demo.onetill.example", "Mara", Role::Manager, VENDOR),
    (0xc1, "olivia@demo.onetill.example", "Olivia", Role::Owner, VENDOR),
    (0xd1, "zoe@other.onetill.example", "Zoe", Role::Cashier, OTHER_VENDOR),
    (0xd2, "zed@other.onetill.example", "Zed", Role::Manager, OTHER_VENDOR),
];

pub(crate) fn user(number: u8) -> UserId {
    UserId(Uuid::from_u128(0x0e71_1100_0000_4000_8000_0000_0000_0000 | u128::from(number)))
}

fn location(seed: u64, vendor: Uuid) -> Location {
    let is_first = vendor == VENDOR;
    let limits = [(MovementKind::PayOut, "200.00"), (MovementKind::PayIn, "500.00")];
    let limits = limits.into_iter().filter(|_| is_first);
    Location {
        id: LocationId(Uuid::from_u128(0x10ca << 112 | u128::from(seed) << 8 | u128::from(is_first))),
        name: "Main Street".to_owned(),
        timezone: "UTC".to_owned(),
        currency: "USD".to_owned(),
        business_day_cutoff: "04:00".to_owned(),
        variance_tolerance: Some("5.00".parse().expect("an amount")),
        variance_limit: Some("20.00".parse().expect("an amount")),
        movement_limits: limits.map(|(kind, limit)| (kind, limit.parse().expect("an amount"))).collect(),
        reasons: BTreeMap::new(),
        difference_reasons: None,
    }
}

/// The stores' registers: two that are used and one that is retired in the first, one in the second.
pub(crate) fn places(seed: u64) -> Vec<Place> {
    let place = |number: u8, vendor: Uuid, status| {
        let location = location(seed, vendor);
        Place {
            register: Register {
                id: RegisterId(Uuid::from_u128(0x4e9 << 116 | u128::from(seed) << 8 | u128::from(number))),
                location_id: location.id,
                register_number: format!("S{seed}-{number}"),
                register_name: "Front counter".to_owned(),
                status,
                suggested_opening_cash: "200.00".parse().expect("an amount"),
                open_session: None,
            },
            location,
            vendor: VendorId(vendor),
        }
    };
    vec![
        place(1, VENDOR, RegisterStatus::Active),
        place(2, VENDOR, RegisterStatus::Active),
        place(3, VENDOR, RegisterStatus::Retired),
        place(4, OTHER_VENDOR, RegisterStatus::Active),
    ]
}

pub(crate) fn people(seed: u64) -> Vec<Member> {
    let member = |(number, email, name, role, vendor): (u8, &str, &str, Role, Uuid)| Member {
        email: email.to_owned(),
        staff: Staff {
            user_id: user(number),
            vendor_id: VendorId(vendor),
            vendor_name: "Corner & Quay".to_owned(),
            display_name: name.to_owned(),
            role,
            locations: vec![location(seed, vendor)],
        },
    };
    PEOPLE.into_iter().map(member).collect()
}

/// What the stores sell: the first one as its seed wants it, the other one nothing.
pub(crate) fn shops(seed: u64) -> Vec<Shop> {
    vec![
        Shop::new(seed, location(seed, VENDOR).id),
        Shop { location: location(seed, OTHER_VENDOR).id, ..Shop::default() },
    ]
}

/// Somebody signed in at this register, by this clock.
pub(crate) fn at_work(member: &Member, place: &Place, offset: SignedDuration) -> Start {
    let assignment =
        RegisterAssignment { register: place.register.clone(), location: place.location.clone() };
    Start {
        writes: vec![Write::Staff(Some(member.staff.clone())), Write::Assignment(Some(assignment))],
        login: Some(member.staff.user_id),
        offset,
    }
}

/// A computer as it comes out of its box.
pub(crate) fn blank(offset: SignedDuration) -> Start {
    Start { writes: Vec::new(), login: None, offset }
}

/// A Monday at noon, where no real server tells the time.
pub(crate) fn monday() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().expect("a time")
}
