//! The file of a till whose shift was running when it was last ended.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use onetill_core::device::ActiveSession;
use onetill_core::ports::{DeviceStore, Write};
use onetill_core::sale::{
    AmountKey, Cart, ChainHead, Digest, Editing, Item, KeptReceipt, Quantity, Stamp, TaxRate,
};
use onetill_core::selling::{Catalogue, CataloguePage, QuickKey, ShopSettings, TaxComponent, TaxInForce};
use onetill_core::session::{Drawer, Totals};
use onetill_core::{
    Amount, Entry, EntryContent, EntryState, ItemId, Location, LocationId, ProjectUrl, Register,
    RegisterAssignment, RegisterId, RegisterStatus, Role, SaleId, Session, SessionId, SessionOutcome,
    SessionStatus, Staff, UserId, VendorId,
};
use onetill_goods::Goods;
use onetill_store::{CatalogueFile, ProjectStore, StoreFile};
use onetill_tests::Result;
use onetill_tests::stock::stock;
use uuid::Uuid;

use crate::NO_SERVER;

/// Where, by whom and since when there is a shift.
struct Shift {
    staff: Staff,
    register: Register,
    location: Location,
    session: Session,
}

/// One at a register where nothing is sold.
pub(crate) fn shift(data: &Path) -> Result<()> {
    store(data)?.save(&writes(running()))?;
    Ok(())
}

/// One at a register that sells: a page of favourites, a cart of one line, and so many sales that wait for the server.
pub(crate) fn sales(data: &Path, waiting: u32) -> Result<()> {
    let shift = running();
    let (shop, register) = (shop()?, shift.register.id);
    let rates = shop.rates(shift.location.business_date(Timestamp::now()).ok_or("no date")?);
    let mut head = ChainHead {
        prefix: shift.register.register_number.clone(),
        till: 1,
        last_receipt: 0,
        last_entry: 0,
        last_hash: Digest::default(),
    };
    let mut more = Vec::new();
    for number in 0..waiting {
        let stamp = Stamp { session_id: shift.session.id, by: shift.staff.user_id, now: Timestamp::now() };
        let sealed =
            cart(number, &shop, &rates)?.pay(Role::Cashier, &shop.rules)?.done(None, &head, stamp)?;
        head = sealed.head;
        more.push(Write::Entry(Entry {
            content: EntryContent::Sale(Box::new(sealed.sale.clone())),
            register_id: register,
            session_number: shift.session.session_number.clone(),
            vendor_id: shift.staff.vendor_id,
            recorded_by: shift.staff.user_id,
            state: EntryState::Waiting,
        }));
        more.push(Write::Receipt(
            register,
            Box::new(KeptReceipt::new(sealed.sale, shift.staff.display_name.clone(), stamp.now)),
        ));
    }
    more.push(Write::Chain(register, head));
    more.push(Write::Cart(register, Some(Box::new(Cart::Editing(cart(waiting, &shop, &rates)?)))));
    more.push(Write::Shop(shift.location.id, shop));
    let mut all = writes(shift);
    all.extend(more);
    store(data)?.save(&all)?;
    Ok(())
}

/// The catalogue of that register, with so many items.
pub(crate) fn catalogue(data: &Path, items: u32) -> Result<()> {
    let here = running().location.id;
    let nothing = CataloguePage { cursor: 1, more: false, items: vec![], removed: vec![], settings: None };
    CatalogueFile::open(&data.join("onetill.catalogue.sqlite"))?.apply(here, &nothing)?;
    stock(data, here, &Goods::new(7), items)
}

fn store(data: &Path) -> Result<ProjectStore> {
    let url = ProjectUrl::parse(NO_SERVER)?.to_string();
    Ok(ProjectStore::new(StoreFile::open(&data.join("onetill.sqlite"))?.file, url))
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn cart(number: u32, shop: &ShopSettings, rates: &[TaxRate]) -> Result<Editing> {
    let cart = Editing::new(SaleId(id(1_000 + u128::from(number))), shop.rules.terms(&shop.currency));
    let key = AmountKey { name: "Coffee to go".to_owned(), tax_code: Some("VAT".to_owned()) };
    Ok(cart.add_amount("3.50".parse()?, "2".parse::<Quantity>()?, &key, None, rates)?)
}

fn shop() -> Result<ShopSettings> {
    let rules = r#"{"selling_on": true, "country": "NL", "prices_include_tax": true, "price_override": false,
        "no_receipt_refund": true, "other_tenders": ["Voucher"]}"#;
    let keys = (1..=20_u8).map(|place| QuickKey {
        page: 1,
        place,
        item_id: ItemId(id(100 + u128::from(place))),
        label: None,
        colour: Some(if place % 2 == 0 { "green" } else { "brown" }.to_owned()),
        item: Some(Item {
            id: ItemId(id(100 + u128::from(place))),
            name: format!("Something for sale, no. {place}"),
            unit: None,
            price: Some(Amount::from(rust_decimal::Decimal::new(i64::from(place) * 45, 2))),
            price_is_open: false,
            tax_code: Some("VAT".to_owned()),
            age_limit: None,
        }),
    });
    Ok(ShopSettings {
        currency: "EUR".to_owned(),
        rules: serde_json::from_str(rules)?,
        taxes: vec![TaxInForce {
            code: "VAT".to_owned(),
            name: "VAT".to_owned(),
            components: vec![TaxComponent { name: "VAT".to_owned(), rate: "0.21".parse()? }],
            valid_from: "2020-01-01".parse()?,
        }],
        keys: keys.collect(),
        read_at: Some(1),
    })
}

fn writes(Shift { staff, register, location, session }: Shift) -> Vec<Write> {
    let active = ActiveSession {
        session,
        outcome: SessionOutcome::Created,
        own_opening_cash: Amount::ZERO,
        heard_at: Timestamp::now(),
        agreed_on: None,
    };
    vec![
        Write::Staff(Some(staff)),
        Write::Assignment(Some(RegisterAssignment { register, location })),
        Write::Session(active),
    ]
}

fn running() -> Shift {
    let now = Timestamp::now();
    let location = Location {
        id: LocationId(id(1)),
        name: "Main Street".to_owned(),
        timezone: "UTC".to_owned(),
        currency: "EUR".to_owned(),
        business_day_cutoff: "04:00".to_owned(),
        variance_tolerance: None,
        variance_limit: None,
        movement_limits: BTreeMap::new(),
        reasons: BTreeMap::new(),
        difference_reasons: None,
    };
    let register = Register {
        id: RegisterId(id(2)),
        location_id: location.id,
        register_number: "REG-1".to_owned(),
        register_name: "Front counter".to_owned(),
        status: RegisterStatus::Active,
        suggested_opening_cash: Amount::ZERO,
        open_session: None,
    };
    let staff = Staff {
        user_id: UserId(id(3)),
        vendor_id: VendorId(id(4)),
        vendor_name: "Corner Goods".to_owned(),
        display_name: "Ana Lindqvist".to_owned(),
        role: Role::Cashier,
        locations: vec![location.clone()],
    };
    let session = Session {
        id: SessionId(id(5)),
        session_number: "REG-1-000127".to_owned(),
        register_id: register.id,
        location_id: location.id,
        vendor_id: staff.vendor_id,
        opener_id: Some(staff.user_id),
        opener_name: Some(staff.display_name.clone()),
        status: SessionStatus::Open,
        opening_cash: Amount::ZERO,
        opened_at: now,
        business_date: location.business_date(now),
        revision: 4,
        totals: Totals::default(),
        expected_cash: None,
        ended_by_name: None,
        closed_at: None,
        counting: None,
        drawer: Drawer::default(),
        close_kind: None,
        end_reason: None,
        devices: Vec::new(),
    };
    Shift { staff, register, location, session }
}
