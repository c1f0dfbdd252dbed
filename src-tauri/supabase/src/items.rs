//! The catalogue for its managers over the wire: `pos_items`, `pos_save_item`, `pos_import_items`.
//!
//! Invariant: an item is sent with the version at which it was read, so that nobody's change is overwritten unseen, and a
//! lost answer is simply asked again.

use crate::{
    cash_up::PRESSED,
    classify,
    http::{Request, Response},
    rest::decoded,
    selling::PAGE,
    server::SupabaseServer,
};
use onetill_core::{
    Code, Fault, ItemId, LocationId,
    items::{CatalogueKeeping, ItemsPage, KeptItem, Refused, TaxName},
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
