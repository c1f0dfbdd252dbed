//! The catalogue for its managers: looked up, saved one by one and in parts of a file; keys and taxes.

use onetill_core::items::settings::{KeptTax, PlacedKey};
use onetill_core::items::{CatalogueKeeping, KeptItem};
use onetill_core::selling::TaxComponent;
use onetill_core::{ItemId, LocationId, Role};
use onetill_tests::Result;
use uuid::Uuid;

use super::Call;
use super::selling::rows;
use super::verdict::{Trouble, Verdict, check};
use crate::shop::{Device, Shop};

/// An item that nobody else has.
fn item() -> KeptItem {
    let id = Uuid::new_v4();
    KeptItem { name: format!("Item {id}"), price: "2.50".parse().ok(), ..KeptItem::new(ItemId(id)) }
}

pub(super) async fn read(shop: &Shop, manager: &Device, call: Call, trouble: Trouble) -> Verdict {
    let server = manager.ready().await?;
    let location = shop.location(&manager.staff).await?.id;
    let known = server.save_item(&item()).await?;
    let ask = async || match call {
        Call::Items => server.items(location, &known.name, None).await,
        _ => server.all_items(location, known.version - 1).await,
    };
    let (first, again) = trouble.read(manager, ask).await?;
    for told in first.iter().chain([&again]) {
        check(told.items.contains(&known), || format!("told {told:?}"))?;
    }
    Ok(())
}

pub(super) async fn save(shop: &Shop, manager: &Device, trouble: Trouble) -> Verdict {
    let server = manager.ready().await?;
    let new = item();
    let kept = async || rows(shop, "pos_items", "id", new.id.0).await;
    let save = async || server.save_item(&new).await;
    let (first, again) = trouble.write(manager, save, async || Ok(!kept().await?.is_empty())).await?;
    check(first.is_none_or(|first| first == again), || format!("saved twice: {again:?}"))?;
    check(again.name == new.name && again.version > 0, || format!("told {again:?}"))?;
    check(kept().await?.len() == 1, || "not one item".to_owned())
}

pub(super) async fn import(shop: &Shop, manager: &Device, trouble: Trouble) -> Verdict {
    let server = manager.ready().await?;
    let new = [item(), item()];
    let kept = async || rows(shop, "pos_items", "id", new[1].id.0).await;
    let import = async || server.import_items(&new).await;
    let (first, again) = trouble.write(manager, import, async || Ok(!kept().await?.is_empty())).await?;
    for refused in first.iter().chain([&again]) {
        check(refused.is_empty(), || format!("refused {refused:?}"))?;
    }
    check(kept().await?.len() == 1, || "not one item".to_owned())
}

pub(super) async fn settings(shop: &Shop, manager: &Device, trouble: Trouble) -> Verdict {
    let server = manager.ready().await?;
    let location = shop.location(&manager.staff).await?.id;
    let (first, again) = trouble.read(manager, async || server.kept_settings(location).await).await?;
    for told in first.iter().chain([&again]) {
        let is_owner = manager.staff.role == Role::Owner;
        let is_whole = told.keys.is_some() && told.taxes.is_some() && told.can_save_taxes == is_owner;
        check(is_whole, || format!("told {told:?}"))?;
    }
    Ok(())
}

pub(super) async fn keys(shop: &Shop, manager: &Device, trouble: Trouble) -> Verdict {
    let server = manager.ready().await?;
    let location = shop.location(&manager.staff).await?.id;
    let item = server.save_item(&item()).await?;
    let key = PlacedKey { place: 3, item_id: item.id, label: "Key".to_owned(), colour: String::new() };
    let kept = async || rows(shop, "pos_quick_keys", "item_id", item.id.0).await;
    let save = async || server.save_quick_keys(location, 2, std::slice::from_ref(&key)).await;
    let (first, again) = trouble.write(manager, save, async || Ok(!kept().await?.is_empty())).await?;
    for told in first.iter().chain([&again]) {
        let is_there = told.keys.iter().flatten().any(|one| (one.place, one.item_id) == (3, item.id));
        check(is_there, || format!("told {told:?}"))?;
    }
    check(kept().await?.len() == 1, || "one key in several places".to_owned())
}

/// A tax that nobody else has.
fn new_tax(location: LocationId) -> Result<KeptTax> {
    Ok(KeptTax {
        location_id: Some(location),
        code: Uuid::new_v4().simple().to_string(),
        name: "Tax".to_owned(),
        components: vec![TaxComponent { name: "State".to_owned(), rate: "0.0475".parse()? }],
        valid_from: "2027-01-01".parse()?,
    })
}

pub(super) async fn tax(shop: &Shop, trouble: Trouble) -> Verdict {
    let owner = &Device::new(shop, 3).await?;
    let server = owner.ready().await?;
    let location = shop.location(&owner.staff).await?.id;
    let tax = new_tax(location)?;
    let code = &tax.code;
    let kept = async || shop.rest.rows(&format!("/rest/v1/pos_taxes?code=eq.{code}")).await;
    let save = async || server.save_tax(&tax, false).await;
    let (first, again) = trouble.write(owner, save, async || Ok(!kept().await?.is_empty())).await?;
    for told in first.iter().chain([&again]) {
        check(told.taxes.iter().flatten().any(|one| *one == tax), || format!("told {told:?}"))?;
    }
    check(kept().await?.len() == 1, || "one tax in several rows".to_owned())
}
