//! Files of items as anybody may hand them in.

use onetill_core::{
    ItemId,
    items::{
        KeptItem,
        compare::{Act, Shop, compare},
        export::export,
        table,
    },
};
use uuid::Uuid;

/// A file is a plan or a word why there is none. Taken up, it changes nothing that it did; and what it made is exported and
/// comes back as it was.
pub(crate) fn file(data: &[u8]) {
    let shop = Shop { taxes: Vec::new(), locations: Vec::new(), tax_code: None, seed: Uuid::nil() };
    let known = KeptItem {
        name: "Tea".to_owned(),
        price: "3.50".parse().ok(),
        version: 1,
        ..KeptItem::new(ItemId(Uuid::from_u128(1)))
    };
    let Ok(table) = table::read(data) else { return };
    let Ok(plan) = compare(&table, std::iter::once(&known), &shop) else { return };
    let mut after = vec![known];
    for item in plan.lines.iter().filter_map(|line| line.act.item()) {
        after.retain(|one| one.id != item.id);
        after.push(item.clone());
    }
    let again = compare(&table, after.iter(), &shop).map(|plan| plan.lines).unwrap_or_default();
    for (first, second) in plan.lines.iter().zip(&again) {
        // A line that was refused may be of an item that another one made, which then is in the file twice.
        let holds = match first.act {
            Act::Refuse(_) => !matches!(second.act, Act::Add(_)),
            _ => matches!(second.act, Act::Same | Act::Refuse(_)),
        };
        assert!(holds, "{first:?} became {second:?}");
    }
    let file = export(after.iter(), &shop.locations);
    let Ok(read) = table::read(&file) else { return };
    let back = compare(&read, after.iter(), &shop).map(|plan| plan.lines).unwrap_or_default();
    assert_eq!(back.len(), after.len(), "{}", String::from_utf8_lossy(&file));
    assert!(back.iter().all(|line| line.act == Act::Same), "{back:?}");
}

pub(crate) fn files() -> Vec<Vec<u8>> {
    let files = [
        "name,price,barcode\nTea,3.50,\nCake,\"1,234.50\",4006381333931\n",
        "id,name,short_name,sku,unit,price,open_price,tax_code,category,age_limit,active,codes\n,Ham,,H-1,kg,12.90,no,,Deli,18,yes,12345 4006381333931*6\n",
        "Token,Item Name,Variation Name,SKU,GTIN,Price\nt,Coffee,Large,S-1,00012345678905,variable\n",
        "Handle,SKU,Name,Category,Sold by weight,Option 1 value,Barcode,Price [Shop]\nham,1,Ham,Deli,Y,,,2.50\nham,2,,,,Thin,,3\n",
        "Handle,Title,Type,Option1 Value,Variant SKU,Variant Price,Variant Barcode,Status\nmug,Mug,,Default Title,M,12.00,'96385074,active\nmug,,,,,,,\n",
        "ID,Type,SKU,\"GTIN, UPC, EAN, or ISBN\",Name,Published,Regular price,Categories\n1,simple,W,,\"Tea, green\",1,\"9,50\",\"Hot > Tea\"\n",
        "sep=;\nArtikel;Preis;EAN\nBr\u{f6}tchen;0,45 \u{20ac};\n",
        "name\tprice\n=cmd|'/C calc'!A0\t1\n\"never closed\t2\n",
    ];
    files.iter().map(|text| text.as_bytes().to_vec()).collect()
}
