//! The server's half of the catalogue that managers keep, as a model.
//!
//! Invariant: an item written again as it is stays as it is; one that somebody changed since is not overwritten.

use onetill_core::{
    Code, Fault, ItemId, LocationId, Role, Staff, VendorId,
    items::{
        ItemsPage, KeptItem, Refused,
        settings::{KeptKey, KeptSettings, KeptTax, PlacedKey},
    },
};

use crate::server::{Records, Told, refused};

/// The items of every shop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    items: Vec<(VendorId, KeptItem)>,
    keys: Vec<(LocationId, KeptKey)>,
    taxes: Vec<(VendorId, KeptTax)>,
    version: i64,
}

impl Records {
    fn manages_at(&self, me: &Staff, location: LocationId) -> Told<()> {
        if !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        if self.places.iter().any(|place| place.location.id == location && place.vendor != me.vendor_id) {
            return refused(Code::Forbidden);
        }
        Ok(())
    }

    /// `pos_items`, by name.
    pub(crate) fn items(
        &self,
        me: &Staff,
        location: LocationId,
        text: &str,
        after: Option<ItemId>,
    ) -> Told<ItemsPage> {
        self.manages_at(me, location)?;
        let mut found: Vec<KeptItem> = self.kept.of(me).filter(|item| item.name.contains(text)).collect();
        found.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
        if let Some(at) = found.iter().position(|item| Some(item.id) == after) {
            found.drain(..=at);
        }
        let more = found.len() > 3;
        found.truncate(3);
        Ok(page(found, more))
    }

    /// The same by version.
    pub(crate) fn all_items(&self, me: &Staff, location: LocationId, since: i64) -> Told<ItemsPage> {
        self.manages_at(me, location)?;
        let mut later: Vec<KeptItem> = self.kept.of(me).filter(|item| item.version > since).collect();
        later.sort_by_key(|item| item.version);
        let more = later.len() > 3;
        later.truncate(3);
        Ok(page(later, more))
    }

    /// `pos_save_item`.
    pub(crate) fn save_item(&mut self, me: &Staff, item: &KeptItem) -> Told<KeptItem> {
        if !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        self.kept.save(me, item)
    }

    /// `pos_import_items`.
    pub(crate) fn import_items(&mut self, me: &Staff, items: &[KeptItem]) -> Told<Vec<Refused>> {
        if !me.role.manages() {
            return refused(Code::ManagerRequired);
        }
        let saved = items.iter().enumerate();
        let refused = saved
            .filter_map(|(place, item)| self.kept.save(me, item).err().map(|fault| Refused { place, fault }));
        Ok(refused.collect())
    }

    /// `pos_catalogue_settings`.
    pub(crate) fn kept_settings(&self, me: &Staff, location: LocationId) -> Told<KeptSettings> {
        self.manages_at(me, location)?;
        let keys = self.kept.keys.iter().filter(|(at, _)| *at == location).map(|(_, key)| key.clone());
        let taxes = self.kept.taxes.iter().filter(|(of, _)| *of == me.vendor_id).map(|(_, tax)| tax.clone());
        let can_save_taxes = me.role == Role::Owner;
        Ok(KeptSettings { keys: Some(keys.collect()), taxes: Some(taxes.collect()), can_save_taxes })
    }

    /// `pos_save_quick_keys`.
    pub(crate) fn save_quick_keys(
        &mut self,
        me: &Staff,
        location: LocationId,
        page: u8,
        keys: &[PlacedKey],
    ) -> Told<KeptSettings> {
        self.manages_at(me, location)?;
        let new = |key: &PlacedKey| KeptKey {
            page,
            place: key.place,
            item_id: key.item_id,
            label: Some(key.label.clone()).filter(|label| !label.is_empty()),
            colour: Some(key.colour.clone()).filter(|colour| !colour.is_empty()),
            name: String::new(),
            is_active: true,
        };
        self.kept.keys.retain(|(at, key)| (*at, key.page) != (location, page));
        self.kept.keys.extend(keys.iter().map(|key| (location, new(key))));
        Ok(KeptSettings { taxes: None, ..self.kept_settings(me, location)? })
    }

    /// `pos_save_tax`.
    pub(crate) fn save_tax(
        &mut self,
        me: &Staff,
        location: LocationId,
        tax: &KeptTax,
        is_removed: bool,
    ) -> Told<KeptSettings> {
        if me.role != Role::Owner {
            return refused(Code::OwnerRequired);
        }
        let of = |tax: &KeptTax| (tax.location_id, tax.code.clone(), tax.valid_from);
        self.kept.taxes.retain(|(vendor, known)| (*vendor, of(known)) != (me.vendor_id, of(tax)));
        self.kept.taxes.extend((!is_removed).then(|| (me.vendor_id, tax.clone())));
        Ok(KeptSettings { keys: None, ..self.kept_settings(me, location)? })
    }
}

impl Kept {
    fn of(&self, me: &Staff) -> impl Iterator<Item = KeptItem> {
        self.items.iter().filter(|(vendor, _)| *vendor == me.vendor_id).map(|(_, item)| item.clone())
    }

    fn save(&mut self, me: &Staff, item: &KeptItem) -> Result<KeptItem, Fault> {
        let before = self.items.iter().position(|(_, known)| known.id == item.id);
        let known = before.and_then(|at| self.items.get(at)).map(|(_, known)| known.clone());
        if let Some(known) = &known
            && known.differs(item).is_empty()
        {
            return Ok(known.clone());
        }
        if known.as_ref().map_or(0, |known| known.version) != item.version {
            return refused(Code::ItemChanged);
        }
        self.version += 1;
        let saved = KeptItem { version: self.version, ..item.clone() };
        self.items.retain(|(_, known)| known.id != item.id);
        self.items.push((me.vendor_id, saved.clone()));
        Ok(saved)
    }
}

fn page(items: Vec<KeptItem>, more: bool) -> ItemsPage {
    let cursor = items.iter().map(|item| item.version).max().unwrap_or(0);
    ItemsPage { items, more, cursor, can_save: true, taxes: Vec::new() }
}
