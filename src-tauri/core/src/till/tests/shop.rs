//! The half of the world in memory that sells: the sales ledger, the catalogue on the server and its copy here.

use super::world::Bench;
use crate::{
    Code, Fault, ItemId, LocationId, Sale, SaleId, SaleKind, SessionId, Staff,
    items::{
        CatalogueKeeping, ItemsPage, KeptItem, Refused, TaxName,
        settings::{KeptKey, KeptSettings, KeptTax, PlacedKey},
    },
    ports::Managing,
    sale::{Cart, ChainHead, Item, Original, Quantity, Returned, SellingRules, check_refund},
    selling::{
        ApprovalAsked, Catalogue, CataloguePage, FoundItem, QuickKey, RulesChange, SaleOnServer,
        SaleRecorded, SaleRef, SaleSummary, Selling, ShopSettings, TaxComponent, TaxInForce,
    },
};
use secrecy::SecretString;
use std::collections::VecDeque;
use uuid::Uuid;

/// What the server knows of selling, and what this device has of the catalogue.
#[derive(Default)]
pub(super) struct Shop {
    /// Selling is on, by these rules.
    pub(super) settings: Option<ShopSettings>,
    /// The items on the server, with a code each.
    pub(super) items: Vec<(Item, String)>,
    /// Answers to entries, in order; where there is none, they are recorded.
    pub(super) answers: VecDeque<Result<(), Fault>>,
    /// The session was settled: what comes is late.
    pub(super) late: bool,
    /// The catalogue has another page, however often it is asked for one, and how often that was.
    pub(super) more: bool,
    pub(super) pages_asked: usize,
    /// Rules, taxes and keys come with every page.
    pub(super) always_tells: bool,
    /// Answers to questions for a receipt or an approval; where there is none, they are good.
    pub(super) reads: VecDeque<Result<(), Fault>>,
    /// What was approved.
    pub(super) approved: Vec<ApprovalAsked>,
    /// What was recorded, in order.
    pub(super) sales: Vec<Sale>,
    /// The highest receipt that a poll or a sale told of.
    pub(super) told: Option<u64>,
    /// Where the chain stands as the server says; `None`: as the sales say.
    pub(super) head: Option<ChainHead>,
    /// The catalogue as managers keep it, answers to what they ask, and how many items came at once.
    pub(super) kept: Vec<KeptItem>,
    pub(super) item_answers: VecDeque<Result<(), Fault>>,
    pub(super) parts: Vec<usize>,
    /// Keys and taxes as managers keep them.
    pub(super) keys: Vec<KeptKey>,
    pub(super) taxes: Vec<KeptTax>,
    here: Vec<(Item, String)>,
    cursor: Option<i64>,
}

pub(super) fn item(number: u128, name: &str, price: Option<&str>) -> Item {
    Item {
        id: ItemId(Uuid::from_u128(number)),
        name: name.into(),
        unit: None,
        price: price.map(|price| price.parse().unwrap()),
        price_is_open: price.is_none(),
        tax_code: Some("V".into()),
        age_limit: None,
    }
}

/// A shop with 7 % on top of its prices.
pub(super) fn settings() -> ShopSettings {
    let rules = r#"{"selling_on": true, "prices_include_tax": false, "discount_percent_limit": "10", "void_limit": "60.00",
        "price_override": false, "no_receipt_refund": true, "other_tenders": ["Voucher"]}"#;
    ShopSettings {
        currency: "EUR".into(),
        rules: serde_json::from_str(rules).unwrap(),
        taxes: vec![TaxInForce {
            code: "V".into(),
            name: "VAT".into(),
            components: vec![TaxComponent { name: "VAT".into(), rate: "0.07".parse().unwrap() }],
            valid_from: "2000-01-01".parse().unwrap(),
        }],
        keys: Vec::new(),
        read_at: None,
    }
}

/// A key of the screen.
pub(super) fn key(item: &Item) -> QuickKey {
    QuickKey { page: 1, place: 1, item_id: item.id, label: None, colour: None, item: None }
}

impl Selling for Bench {
    async fn till(&self, _session: SessionId) -> Result<ChainHead, Fault> {
        self.set(|table| {
            let shop = &table.shop;
            if !shop.settings.as_ref().is_some_and(|settings| settings.rules.selling_on) {
                return Err(Fault::new(Code::SellingOff, "POS_SELLING_OFF"));
            }
            let last = shop.sales.last();
            Ok(shop.head.clone().unwrap_or_else(|| ChainHead {
                prefix: "REG-1".into(),
                till: 2,
                last_receipt: shop.sales.iter().filter_map(|sale| sale.receipt.seq).max().unwrap_or(0),
                last_entry: last.map_or(0, |sale| sale.receipt.chain_seq),
                last_hash: last.map_or_else(Default::default, |sale| sale.receipt.hash),
            }))
        })
    }

    async fn record_sale(&self, sale: &Sale, last_receipt: u64) -> Result<SaleRecorded, Fault> {
        self.set(|table| {
            let asked =
                matches!(&table.file.selling.cart, Some(Cart::AwaitingServer(one)) if one.entry() == sale);
            assert!(
                asked || table.file.queue.iter().any(|entry| entry.sale() == Some(sale)),
                "an entry is on disk before it is sent"
            );
            table.shop.told = Some(last_receipt);
            let answer = table.shop.answers.pop_front().unwrap_or(Ok(()));
            // A lost answer is one whose request ran.
            let ran = has_run(&answer);
            let replayed = table.shop.sales.iter().any(|known| known.id == sale.id);
            if ran && !replayed {
                table.shop.weigh(sale)?;
                table.shop.sales.push(sale.clone());
            }
            let (late, revision) = (table.shop.late, table.revision());
            answer.map(|()| SaleRecorded { late, flags: Vec::new(), revision, replayed })
        })
    }

    async fn catalogue(&self, _location: LocationId, since: Option<i64>) -> Result<CataloguePage, Fault> {
        self.set(|table| {
            table.shop.pages_asked += 1;
            let is_news = since.is_none() || table.shop.always_tells;
            Ok(CataloguePage {
                cursor: 1,
                more: table.shop.more,
                items: Vec::new(),
                removed: Vec::new(),
                settings: table.shop.settings.clone().filter(|_| is_news),
            })
        })
    }

    async fn sale(&self, which: &SaleRef) -> Result<SaleOnServer, Fault> {
        self.set(|table| {
            table.shop.reads.pop_front().unwrap_or(Ok(()))?;
            let is_it = |sale: &&Sale| match which {
                SaleRef::Id(id) => sale.id == *id,
                SaleRef::Number(number) => sale.receipt.number.as_ref() == Some(number),
            };
            let sale = table.shop.sales.iter().find(is_it).cloned();
            let sale = sale.ok_or_else(|| Fault::new(Code::SaleNotFound, "POS_SALE_NOT_FOUND"))?;
            Ok(table.shop.on_server(sale))
        })
    }

    async fn sales(&self, _session: SessionId, _before: Option<SaleId>) -> Result<Vec<SaleSummary>, Fault> {
        Ok(Vec::new())
    }

    async fn selling_rules(&self, _location: LocationId) -> Result<SellingRules, Fault> {
        Ok(self.set(|table| table.shop.settings.clone()).unwrap_or_else(settings).rules)
    }

    async fn save_selling_rules(
        &self,
        _location: LocationId,
        change: &RulesChange,
    ) -> Result<SellingRules, Fault> {
        self.set(|table| {
            let shop = table.shop.settings.get_or_insert_with(settings);
            shop.rules.selling_on = change.selling_on;
            shop.rules.country.clone_from(&change.country);
            Ok(shop.rules.clone())
        })
    }

    async fn approve_sale(
        &self,
        email: &str,
        password: &SecretString,
        approvals: &[ApprovalAsked],
    ) -> Result<Staff, Fault> {
        let manager = self.verify_manager(email, password).await?;
        if !manager.role.manages() {
            return Err(Fault::new(Code::ManagerRequired, "POS_MANAGER_REQUIRED"));
        }
        self.set(|table| {
            let answer = table.shop.reads.pop_front().unwrap_or(Ok(()));
            if has_run(&answer) {
                table.shop.approved.extend(approvals.iter().cloned());
            }
            answer.map(|()| manager)
        })
    }
}

impl CatalogueKeeping for Bench {
    async fn items(
        &self,
        _location: LocationId,
        text: &str,
        _after: Option<ItemId>,
    ) -> Result<ItemsPage, Fault> {
        self.set(|table| {
            let found = table.shop.kept.iter().filter(|item| item.name.contains(text)).cloned().collect();
            table.shop.item_answers.pop_front().unwrap_or(Ok(())).map(|()| page_of(found, false))
        })
    }

    async fn all_items(&self, _location: LocationId, since: i64) -> Result<ItemsPage, Fault> {
        self.set(|table| {
            let mut later: Vec<KeptItem> =
                table.shop.kept.iter().filter(|item| item.version > since).cloned().collect();
            later.sort_by_key(|item| item.version);
            let more = later.len() > 2;
            later.truncate(2);
            table.shop.item_answers.pop_front().unwrap_or(Ok(())).map(|()| page_of(later, more))
        })
    }

    async fn save_item(&self, item: &KeptItem) -> Result<KeptItem, Fault> {
        self.set(|table| {
            let answer = table.shop.item_answers.pop_front().unwrap_or(Ok(()));
            let saved = if has_run(&answer) { table.shop.keep(item) } else { Ok(item.clone()) };
            answer.and(saved)
        })
    }

    async fn import_items(&self, items: &[KeptItem]) -> Result<Vec<Refused>, Fault> {
        self.set(|table| {
            let answer = table.shop.item_answers.pop_front().unwrap_or(Ok(()));
            if !has_run(&answer) {
                return answer.map(|()| Vec::new());
            }
            let refused = items.iter().enumerate().filter_map(|(place, item)| {
                table.shop.keep(item).err().map(|fault| Refused { place, fault })
            });
            let refused = refused.collect();
            answer?;
            table.shop.parts.push(items.len());
            Ok(refused)
        })
    }

    async fn kept_settings(&self, _location: LocationId) -> Result<KeptSettings, Fault> {
        self.set(|table| {
            let answer = table.shop.item_answers.pop_front().unwrap_or(Ok(()));
            answer.map(|()| table.shop.kept_settings())
        })
    }

    async fn save_quick_keys(
        &self,
        _location: LocationId,
        page: u8,
        keys: &[PlacedKey],
    ) -> Result<KeptSettings, Fault> {
        self.set(|table| {
            let answer = table.shop.item_answers.pop_front().unwrap_or(Ok(()));
            if has_run(&answer) {
                table.shop.keys.retain(|key| key.page != page);
                table.shop.keys.extend(keys.iter().map(|key| KeptKey {
                    page,
                    place: key.place,
                    item_id: key.item_id,
                    label: Some(key.label.clone()).filter(|label| !label.is_empty()),
                    colour: Some(key.colour.clone()).filter(|colour| !colour.is_empty()),
                    name: "An item".into(),
                    is_active: true,
                }));
            }
            answer.map(|()| KeptSettings { taxes: None, ..table.shop.kept_settings() })
        })
    }

    async fn save_tax(&self, tax: &KeptTax, is_removed: bool) -> Result<KeptSettings, Fault> {
        self.set(|table| {
            let answer = table.shop.item_answers.pop_front().unwrap_or(Ok(()));
            if has_run(&answer) {
                let of = |tax: &KeptTax| (tax.location_id, tax.code.clone(), tax.valid_from);
                table.shop.taxes.retain(|known| of(known) != of(tax));
                table.shop.taxes.extend((!is_removed).then(|| tax.clone()));
            }
            answer.map(|()| KeptSettings { keys: None, ..table.shop.kept_settings() })
        })
    }
}

impl Shop {
    fn kept_settings(&self) -> KeptSettings {
        let (keys, taxes) = (Some(self.keys.clone()), Some(self.taxes.clone()));
        KeptSettings { keys, taxes, can_save_taxes: true }
    }
}

/// A lost answer is one whose request ran.
fn has_run(answer: &Result<(), Fault>) -> bool {
    answer.as_ref().err().is_none_or(|fault| fault.retry == crate::Retry::OutcomeUnknown)
}

fn page_of(items: Vec<KeptItem>, more: bool) -> ItemsPage {
    let cursor = items.iter().map(|item| item.version).max().unwrap_or(0);
    let taxes = vec![TaxName { code: "V".into(), name: "VAT".into() }];
    ItemsPage { items, more, cursor, can_save: true, taxes }
}

impl Shop {
    /// Refuses what cannot be true of a refund or a void, as the server does.
    fn weigh(&self, sale: &Sale) -> Result<(), Fault> {
        let Some(original) = sale.original_id else { return Ok(()) };
        let original = self.sales.iter().find(|known| known.id == original);
        let original = original.ok_or_else(|| Fault::new(Code::SaleNotFound, "POS_SALE_NOT_FOUND"))?;
        if self.of(original).any(|known| known.kind == SaleKind::Void) {
            return Err(Fault::new(Code::AlreadyVoided, "POS_ALREADY_VOIDED"));
        }
        match sale.kind {
            SaleKind::Refund => check_refund(sale, original, &Returned::of(self.of(original)))
                .map_err(|broken| Fault::new(Code::NothingLeft, broken.to_string())),
            _ => Ok(()),
        }
    }

    fn of(&self, original: &Sale) -> impl Iterator<Item = &Sale> {
        self.sales.iter().filter(|known| known.original_id == Some(original.id))
    }

    fn on_server(&self, sale: Sale) -> SaleOnServer {
        let returned = Returned::of(self.of(&sale));
        let refunds = self.of(&sale).map(|refund| SaleSummary {
            id: refund.id,
            receipt_number: refund.receipt.number.clone(),
            kind: refund.kind,
            original_id: refund.original_id,
            total: refund.totals.total,
            tenders: refund.tenders.clone(),
            by_name: "Ana".into(),
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            device_time: None,
            late: false,
            flags: Vec::new(),
        });
        let refunds: Vec<SaleSummary> = refunds.collect();
        SaleOnServer {
            voided: refunds.iter().any(|refund| refund.kind == SaleKind::Void),
            original: Original { sale, returned },
            by_name: "Ana".into(),
            business_date: None,
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            late: false,
            flags: Vec::new(),
            refunds,
        }
    }

    /// Keeps an item as the server does.
    pub(super) fn keep(&mut self, item: &KeptItem) -> Result<KeptItem, Fault> {
        let before = self.kept.iter().position(|known| known.id == item.id);
        let version = before.map_or(0, |at| self.kept[at].version);
        if before.is_some_and(|at| self.kept[at].differs(item).is_empty()) {
            return Ok(KeptItem { version, ..item.clone() });
        }
        if version != item.version {
            return Err(Fault::new(Code::ItemChanged, "POS_ITEM_CHANGED"));
        }
        let last = self.kept.iter().map(|known| known.version).max().unwrap_or(0);
        let saved = KeptItem { version: last + 1, ..item.clone() };
        match before {
            Some(at) => self.kept[at] = saved.clone(),
            None => self.kept.push(saved.clone()),
        }
        Ok(saved)
    }
}

impl Catalogue for Bench {
    fn cursor(&self, _location: LocationId) -> Result<Option<i64>, Fault> {
        Ok(self.set(|table| table.shop.cursor))
    }

    fn apply(&self, _location: LocationId, page: &CataloguePage) -> Result<(), Fault> {
        self.set(|table| {
            table.shop.cursor = Some(page.cursor);
            table.shop.here.clone_from(&table.shop.items);
        });
        Ok(())
    }

    fn item(&self, _location: LocationId, id: ItemId) -> Result<Option<Item>, Fault> {
        let known = |here: &[(Item, String)]| here.iter().find(|(item, _)| item.id == id).cloned();
        Ok(self.set(|table| known(&table.shop.here)).map(|(item, _)| item))
    }

    fn by_code(&self, _location: LocationId, code: &str) -> Result<Option<FoundItem>, Fault> {
        let known = |here: &[(Item, String)]| here.iter().find(|(_, known)| known == code).cloned();
        let found = self.set(|table| known(&table.shop.here));
        Ok(found.map(|(item, _)| FoundItem { item, sku: None, factor: Quantity::ONE }))
    }

    fn search(&self, _location: LocationId, typed: &str) -> Result<Vec<FoundItem>, Fault> {
        let here = self.set(|table| table.shop.here.clone());
        let found = here.into_iter().filter(|(item, _)| item.name.contains(typed));
        Ok(found.map(|(item, _)| FoundItem { item, sku: None, factor: Quantity::ONE }).collect())
    }
}
