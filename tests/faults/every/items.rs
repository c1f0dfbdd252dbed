//! The catalogue for its managers: looked up, saved one by one and in parts of a file.

use onetill_core::ItemId;
use onetill_core::items::{CatalogueKeeping, KeptItem};
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
