//! The catalogue for its managers over the wire: `pos_items`, `pos_save_item`, `pos_import_items`,
//! `pos_catalogue_settings`, `pos_save_quick_keys`, `pos_save_tax`.
//!
//! Invariant: an item is sent with the version at which it was read, so that nobody's change is overwritten unseen, and a
//! lost answer is simply asked again.

use crate::{
    cash_up::PRESSED,
    classify,
    failure::Failure,
    http::{Request, Response},
    rest::decoded,
    selling::PAGE,
    server::SupabaseServer,
};
use onetill_core::{
    Code, Fault, ItemId, LocationId,
    items::{
        CatalogueKeeping, ItemsPage, KeptItem, Refused, TaxName,
        settings::{KeptSettings, KeptTax, PlacedKey},
    },
};
use serde::Deserialize;
use serde_json::json;

/// How many items a manager sees at once.
const ITEMS_OF_A_PAGE: u32 = 50;
/// How many are read at once where all are.
const ITEMS_OF_ALL: u32 = 1_000;

/// `pos_items`.
#[derive(Deserialize)]
pub(crate) struct ItemsResponse {
    location_id: LocationId,
    items: Vec<KeptItem>,
    more: bool,
    cursor: Option<i64>,
    can_save: bool,
    taxes: Vec<TaxName>,
}

/// `pos_save_item`.
#[derive(Deserialize)]
pub(crate) struct SavedResponse {
    item: KeptItem,
}

/// `pos_import_items`.
#[derive(Deserialize)]
pub(crate) struct ImportResponse {
    saved: usize,
    refused: Vec<RefusedResponse>,
}

#[derive(Deserialize)]
struct RefusedResponse {
    no: usize,
    code: String,
    message: String,
}

impl ItemsResponse {
    fn into_page(self) -> ItemsPage {
        ItemsPage {
            items: self.items,
            more: self.more,
            cursor: self.cursor.unwrap_or(0),
            can_save: self.can_save,
            taxes: self.taxes,
        }
    }
}

impl ImportResponse {
    /// Those that were refused; `None` where the answer is not about so many items.
    pub(crate) fn into_refused(self, sent: usize) -> Option<Vec<Refused>> {
        let refused = self.refused.into_iter().map(|RefusedResponse { no, code, message }| {
            let kind = match code.as_str() {
                "POS_CODE_TAKEN" => Code::CodeTaken,
                "POS_ITEM_CHANGED" => Code::ItemChanged,
                _ => Code::BadCatalogue,
            };
            let place = no.checked_sub(1).filter(|place| *place < sent)?;
            Some(Refused { place, fault: Fault::new(kind, format!("{code}: {message}")) })
        });
        let refused: Vec<Refused> = refused.collect::<Option<_>>()?;
        (self.saved.checked_add(refused.len()) == Some(sent)).then_some(refused)
    }
}

impl CatalogueKeeping for SupabaseServer {
    async fn items(
        &self,
        location: LocationId,
        text: &str,
        after: Option<ItemId>,
    ) -> Result<ItemsPage, Fault> {
        let body = json!({"p_location_id": location, "p_search": text, "p_after": after, "p_limit": ITEMS_OF_A_PAGE});
        let request = || Request::post("rest/v1/rpc/pos_items", &body);
        let read = |answer: &Response| {
            let response: ItemsResponse = decoded(answer)?;
            match response.location_id == location {
                true => Ok(response.into_page()),
                false => Err(classify::unreadable(answer, "it tells of another location")),
            }
        };
        self.rest.call(PRESSED, request, read).await
    }

    async fn all_items(&self, location: LocationId, since: i64) -> Result<ItemsPage, Fault> {
        let body = json!({"p_location_id": location, "p_since": since, "p_limit": ITEMS_OF_ALL});
        let request = || Request::post("rest/v1/rpc/pos_items", &body);
        let read = |answer: &Response| {
            let response: ItemsResponse = decoded(answer)?;
            // A page that leads nowhere would be asked for for ever.
            let leads_on = !response.more || response.cursor.is_some_and(|cursor| cursor > since);
            match response.location_id == location && leads_on {
                true => Ok(response.into_page()),
                false => Err(classify::unreadable(answer, "another location, or the same page again")),
            }
        };
        self.rest.call(PAGE, request, read).await
    }

    async fn save_item(&self, item: &KeptItem) -> Result<KeptItem, Fault> {
        let body = json!({"p_id": item.id, "p_item": item});
        let request = || Request::post("rest/v1/rpc/pos_save_item", &body);
        let read = |answer: &Response| {
            let SavedResponse { item: saved } = decoded(answer)?;
            match saved.id == item.id {
                true => Ok(saved),
                false => Err(classify::unreadable(answer, "it tells of another item")),
            }
        };
        self.rest.call(PRESSED, request, read).await
    }

    async fn import_items(&self, items: &[KeptItem]) -> Result<Vec<Refused>, Fault> {
        let body = json!({"p_items": items});
        let request = || Request::post("rest/v1/rpc/pos_import_items", &body);
        let read = |answer: &Response| {
            let response: ImportResponse = decoded(answer)?;
            let refused = response.into_refused(items.len());
            refused.ok_or_else(|| classify::unreadable(answer, "it tells of other items"))
        };
        self.rest.call(PAGE, request, read).await
    }

    async fn kept_settings(&self, location: LocationId) -> Result<KeptSettings, Fault> {
        let body = json!({"p_location_id": location});
        let request = || Request::post("rest/v1/rpc/pos_catalogue_settings", &body);
        self.rest.call(PRESSED, request, |answer| whole(answer, true, true)).await
    }

    async fn save_quick_keys(
        &self,
        location: LocationId,
        page: u8,
        keys: &[PlacedKey],
    ) -> Result<KeptSettings, Fault> {
        let body = json!({"p_location_id": location, "p_page": page, "p_keys": keys});
        let request = || Request::post("rest/v1/rpc/pos_save_quick_keys", &body);
        self.rest.call(PRESSED, request, |answer| whole(answer, true, false)).await
    }

    async fn save_tax(&self, tax: &KeptTax, is_removed: bool) -> Result<KeptSettings, Fault> {
        let KeptTax { location_id, code, name, components, valid_from } = tax;
        let components = (!is_removed).then_some(components);
        let body = json!({"p_location_id": location_id, "p_code": code, "p_name": name, "p_components": components,
            "p_valid_from": valid_from});
        let request = || Request::post("rest/v1/rpc/pos_save_tax", &body);
        self.rest.call(PRESSED, request, |answer| whole(answer, false, true)).await
    }
}

/// Keys and taxes, where the answer tells of those that were asked about.
fn whole(answer: &Response, keys: bool, taxes: bool) -> Result<KeptSettings, Failure> {
    let told: KeptSettings = decoded(answer)?;
    match told.keys.is_some() == keys && told.taxes.is_some() == taxes {
        true => Ok(told),
        false => Err(classify::unreadable(answer, "it tells of something else")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str = r#"{"id":"0198b2de-0000-7000-8000-000000000050","name":"Tea","short_name":null,"sku":"T1","unit":null,"price":"3.50","price_is_open":false,"tax_code":"A","category":"Hot","age_limit":18,"is_active":true,"version":7,"codes":[{"code":"4006381333931","factor":"6"}],"prices":[{"location_id":"0198b2de-0000-7000-8000-0000000000b1","price":"3.00"}]}"#;

    #[test]
    fn items_come_as_they_are_sent() {
        let text = format!(
            r#"{{"location_id":"0198b2de-0000-7000-8000-0000000000b1","items":[{ITEM}],"more":true,"cursor":7,"can_save":true,"taxes":[{{"code":"A","name":"VAT"}}],"server_time":"2026-11-30T10:00:00Z"}}"#
        );
        let page = serde_json::from_str::<ItemsResponse>(&text).unwrap().into_page();
        assert_eq!((page.more, page.cursor, page.can_save, page.taxes.len()), (true, 7, true, 1));
        let again: KeptItem = serde_json::from_value(serde_json::to_value(&page.items[0]).unwrap()).unwrap();
        assert_eq!(again, page.items[0]);
        assert_eq!(again.codes[0].factor.to_string(), "6");
    }

    #[test]
    fn keys_and_taxes_come_as_they_are_kept() {
        let text = r#"{"location_id":"0198b2de-0000-7000-8000-0000000000b1","quick_keys":[{"page":1,"place":2,"item_id":"0198b2de-0000-7000-8000-000000000050","label":null,"colour":"red","name":"Tea","is_active":true}],"taxes":[{"location_id":null,"code":"A","name":"VAT","components":[{"name":"S","rate":"0.0475"}],"valid_from":"2020-01-01"}],"can_save_taxes":true,"server_time":"2026-11-30T10:00:00Z"}"#;
        let read: KeptSettings = serde_json::from_str(text).unwrap();
        let (keys, taxes) = (read.keys.unwrap(), read.taxes.unwrap());
        assert_eq!(
            (keys[0].place, keys[0].colour.as_deref(), keys[0].name.as_str()),
            (2, Some("red"), "Tea")
        );
        assert_eq!(
            (taxes[0].components[0].rate.to_string(), read.can_save_taxes),
            ("0.0475".to_owned(), true)
        );
        let saved: KeptSettings =
            serde_json::from_str(r#"{"outcome":"saved","quick_keys":[],"can_save_taxes":false}"#).unwrap();
        assert_eq!((saved.keys, saved.taxes), (Some(vec![]), None));
    }

    #[test]
    fn what_an_import_refused_is_named_by_its_place_or_the_answer_is_none() {
        let refused = |saved: usize, no: usize, sent: usize| {
            let text = format!(
                r#"{{"outcome":"saved","saved":{saved},"refused":[{{"no":{no},"code":"POS_CODE_TAKEN","message":"x"}}]}}"#
            );
            let read: ImportResponse = serde_json::from_str(&text).unwrap();
            read.into_refused(sent).map(|refused| (refused[0].place, refused[0].fault.code))
        };
        assert_eq!(refused(2, 3, 3), Some((2, Code::CodeTaken)));
        for (saved, no, sent) in [(2, 0, 3), (2, 4, 3), (3, 1, 3), (0, 1, 3), (usize::MAX, 1, 3)] {
            assert_eq!(refused(saved, no, sent), None, "{saved} {no} {sent}");
        }
    }
}
