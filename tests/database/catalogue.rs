//! The catalogue: handed out page by page and by what changed, kept by who may, and by nobody else.

use onetill_tests::Result;
use onetill_tests::database::desk::{Caller, Desk};
use onetill_tests::database::{MAIN, SECOND, Server};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::selling::{code, shop};

crate::tests![
    a_register_asks_for_what_changed,
    nothing_is_missed_while_two_managers_save,
    items_are_saved_or_refused_by_name,
    taxes_hold_from_their_day_and_at_their_place,
    keys_and_rules_are_whole_or_not_at_all,
    an_import_saves_what_it_can,
    the_later_of_two_managers_is_told,
    managers_find_what_they_look_for,
    all_items_are_read_by_version,
];

async fn catalogue(desk: &Desk, since: &Value, limit: i64) -> Result<Value> {
    let ask = json!({"p_location_id": MAIN, "p_since": since, "p_limit": limit});
    Ok(desk.call("pos_catalogue", &ask).await?)
}

fn names(page: &Value) -> Vec<String> {
    page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| item["name"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn item(name: &str, price: &str) -> Value {
    json!({"name": name, "price": price, "tax_code": "A", "codes": [{"code": format!("40{name}"), "factor": "1"}]})
}

async fn save(desk: &Desk, id: Uuid, item: &Value) -> String {
    code(&desk.call("pos_save_item", &json!({"p_id": id, "p_item": item})).await)
}

async fn a_register_asks_for_what_changed(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let ids: Vec<Uuid> = (1..=7).map(Uuid::from_u128).collect();
    for (number, id) in (1..).zip(&ids) {
        assert_eq!(save(&mia, *id, &item(&format!("I{number}"), "1.00")).await, "saved");
    }
    // The first time in pages, with taxes and rules at the end.
    let (mut since, mut seen) = (Value::Null, Vec::new());
    loop {
        let page = catalogue(&ana, &since, 3).await?;
        seen.extend(names(&page));
        since = page["cursor"].clone();
        assert_eq!(page["rules"].is_null(), page["more"] == true, "rules come with the last page");
        if page["more"] == false {
            assert_eq!(page["taxes"][0]["components"], json!([{"name": "VAT", "rate": "0.07"}]));
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ["I1", "I2", "I3", "I4", "I5", "I6", "I7"]);
    let nothing = catalogue(&ana, &since, 3).await?;
    assert_eq!(
        (names(&nothing), &nothing["removed"], &nothing["rules"], &nothing["cursor"]),
        (vec![], &json!([]), &Value::Null, &since)
    );
    // Whatever changes about an item brings it again, and nothing else.
    let id = |number: usize| ids.get(number - 1).copied().unwrap_or_default();
    let mut change = item("I2", "1.00");
    change["codes"] = json!([{"code": "40I2"}, {"code": "box", "factor": "6"}]);
    save(&mia, id(2), &change).await;
    let mut price = item("I3", "1.00");
    price["prices"] = json!([{"location_id": MAIN, "price": "0.90"}]);
    save(&mia, id(3), &price).await;
    save(&mia, id(4), &item("I4", "1.00")).await;
    let mut gone = item("I5", "1.00");
    gone["is_active"] = json!(false);
    save(&mia, id(5), &gone).await;
    let page = catalogue(&ana, &since, 100).await?;
    assert_eq!(names(&page), ["I2", "I3"], "saved as it was it does not come again");
    assert_eq!(page["removed"], json!([id(5)]));
    assert_eq!(
        page["items"][0]["codes"],
        json!([{"code": "40I2", "factor": "1"}, {"code": "box", "factor": "6"}])
    );
    assert_eq!(page["items"][1]["price"], "0.90", "the location's own");
    // Without a location's own it is the shop's, in that currency.
    let hal = store.desk(Caller::HAL).await?;
    let theirs = hal.call("pos_catalogue", &json!({"p_location_id": SECOND})).await?;
    let third = theirs["items"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|item| item["name"] == "I3")
        .cloned()
        .unwrap_or_default();
    assert_eq!(third["price"], "1");
    assert_eq!(
        code(&hal.call("pos_catalogue", &json!({"p_location_id": MAIN})).await),
        "POS_NOT_ALLOWED_HERE"
    );
    assert_eq!(
        code(&store.desk(Caller::ZED).await?.call("pos_catalogue", &json!({"p_location_id": MAIN})).await),
        "POS_LOCATION_NOT_FOUND"
    );
    // Keys, taxes and rules bring themselves.
    let since = page["cursor"].clone();
    mia.call("pos_save_quick_keys", &json!({"p_location_id": MAIN, "p_page": 1, "p_keys": [{"place": 1, "item_id": id(1), "label": "Tea"}]})).await?;
    let page = catalogue(&ana, &since, 100).await?;
    assert_eq!((names(&page), &page["quick_keys"][0]["label"]), (vec![], &json!("Tea")));
    Ok(())
}

/// Who saved first may commit last: a register that asks in between misses neither.
async fn nothing_is_missed_while_two_managers_save(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia, ola) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?, store.desk(Caller::OLA).await?);
    mia.run("begin").await?;
    save(&mia, Uuid::from_u128(1), &item("slow", "1.00")).await;
    let since = catalogue(&ana, &Value::Null, 100).await?["cursor"].clone();
    let (first, second) = (Uuid::from_u128(2), item("fast", "1.00"));
    let (saved, asked) = tokio::join!(save(&ola, first, &second), async {
        store.until_blocked(ola.process()).await?;
        let page = catalogue(&ana, &since, 100).await?;
        mia.run("commit").await?;
        onetill_tests::Result::Ok(page)
    });
    assert_eq!((saved.as_str(), names(&asked?)), ("saved", vec![]));
    assert_eq!(names(&catalogue(&ana, &since, 100).await?), ["slow", "fast"]);
    Ok(())
}

async fn items_are_saved_or_refused_by_name(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia, zed, hal) = (
        store.desk(Caller::ANA).await?,
        store.desk(Caller::MIA).await?,
        store.desk(Caller::ZED).await?,
        store.desk(Caller::HAL).await?,
    );
    let id = Uuid::from_u128(1);
    assert_eq!(save(&ana, id, &item("Tea", "1")).await, "POS_MANAGER_REQUIRED");
    assert_eq!(save(&hal, id, &item("Tea", "1")).await, "POS_MANAGER_REQUIRED");
    assert_eq!(save(&mia, id, &item("Tea", "1")).await, "saved");
    assert_eq!(save(&mia, id, &item("Tea", "1")).await, "saved");
    assert_eq!(
        save(&zed, id, &item("Mine", "1")).await,
        "POS_ITEM_NOT_FOUND",
        "another vendor's is not theirs to write"
    );
    assert_eq!(save(&mia, Uuid::from_u128(2), &item("Tea", "1")).await, "POS_CODE_TAKEN");
    assert_eq!(save(&zed, Uuid::from_u128(3), &item("Tea", "1")).await, "saved", "codes are the vendor's");
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(201))),
        ("price", json!("-1")),
        ("price", json!("NaN")),
        ("price", json!("1.005")),
        ("price", json!("1000000000")),
        ("price", Value::Null),
        ("age_limit", json!(0)),
        ("age_limit", json!("old")),
        ("sku", json!("x".repeat(65))),
        ("codes", json!([{"code": ""}])),
        ("codes", json!([{"code": "a b"}])),
        ("codes", json!([{"code": "a", "factor": "0"}])),
        ("codes", json!(vec![json!({"code": "a"}); 51])),
        ("prices", json!([{"location_id": MAIN, "price": "-1"}])),
    ] {
        let mut wrong = item("Coffee", "1");
        wrong[field] = value.clone();
        assert_eq!(save(&mia, Uuid::from_u128(4), &wrong).await, "POS_BAD_CATALOGUE", "{field} = {value}");
    }
    let mut elsewhere = item("Coffee", "1");
    elsewhere["prices"] = json!([{"location_id": onetill_tests::database::ELSEWHERE, "price": "1"}]);
    assert_eq!(save(&mia, Uuid::from_u128(4), &elsewhere).await, "POS_LOCATION_NOT_FOUND");
    assert_eq!(
        names(&catalogue(&ana, &Value::Null, 100).await?),
        ["Tea"],
        "nothing of what was refused is there"
    );
    Ok(())
}

async fn taxes_hold_from_their_day_and_at_their_place(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia, owner) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?, store.desk(Caller::OLA).await?);
    let tax = |place: Value, rate: &str, from: &str| json!({"p_location_id": place, "p_code": "B", "p_name": "Reduced", "p_components": [{"name": "VAT", "rate": rate}], "p_valid_from": from});
    assert_eq!(
        code(&mia.call("pos_save_tax", &tax(Value::Null, "0.05", "2020-01-01")).await),
        "POS_OWNER_REQUIRED"
    );
    for (place, rate, from) in [
        (Value::Null, "0.05", "2020-01-01"),
        (Value::Null, "0.06", "2021-01-01"),
        (Value::Null, "0.99", "2999-01-01"),
        (json!(SECOND), "0.10", "2020-01-01"),
    ] {
        assert_eq!(code(&owner.call("pos_save_tax", &tax(place, rate, from)).await), "saved");
    }
    let rates = async |desk: &Desk, place: Uuid| -> Result<Vec<String>> {
        let page = desk.call("pos_catalogue", &json!({"p_location_id": place})).await?;
        let of_b = page["taxes"]
            .as_array()
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .filter(|tax| tax["code"] == "B");
        Ok(of_b.map(|tax| tax["components"][0]["rate"].as_str().unwrap_or_default().to_owned()).collect())
    };
    assert_eq!(rates(&ana, MAIN).await?, ["0.06", "0.99"], "what holds, and what will");
    assert_eq!(rates(&mia, SECOND).await?, ["0.1"], "its own goes on when the shop's changes");
    owner.call("pos_save_tax", &json!({"p_location_id": SECOND, "p_code": "B", "p_name": null, "p_components": null, "p_valid_from": "2020-01-01"})).await?;
    assert_eq!(rates(&mia, SECOND).await?, ["0.06", "0.99"], "taken away again");
    // However the store's own server writes a rate, it is one text: sales are held against that.
    let numbers = "insert into pos_taxes (vendor_id, code, name, components, valid_from)
        select vendor_id, 'N', 'Numbers', '[{\"name\": \"VAT\", \"rate\": 0.070}, {\"name\": \"City\", \"rate\": \"0.0100\"}]', '2020-01-01'
          from pos_taxes limit 1";
    store.desk(Caller::Service).await?.run(numbers).await?;
    let page = ana.call("pos_catalogue", &json!({"p_location_id": MAIN})).await?;
    let kept = page["taxes"].as_array().into_iter().flatten().find(|tax| tax["code"] == "N").cloned();
    assert_eq!(
        kept.unwrap_or_default()["components"],
        json!([{"name": "VAT", "rate": "0.07"}, {"name": "City", "rate": "0.01"}])
    );
    for components in [
        json!([]),
        json!([{"name": "VAT", "rate": "-0.1"}]),
        json!([{"name": "VAT", "rate": "0.0000001"}]),
        json!([{"name": "", "rate": "0.1"}]),
        json!([{"name": "a", "rate": "0.1"}, {"name": "a", "rate": "0.1"}]),
        json!("7 %"),
    ] {
        let mut wrong = tax(Value::Null, "0.1", "2020-01-01");
        wrong["p_components"] = if components.is_string() { json!("\"7 %\"") } else { components.clone() };
        assert_eq!(code(&owner.call("pos_save_tax", &wrong).await), "POS_BAD_CATALOGUE", "{components}");
    }
    Ok(())
}

async fn keys_and_rules_are_whole_or_not_at_all(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia, owner) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?, store.desk(Caller::OLA).await?);
    let tea = Uuid::from_u128(1);
    save(&mia, tea, &item("Tea", "1")).await;
    let keys = |page: i64, keys: Value| json!({"p_location_id": MAIN, "p_page": page, "p_keys": keys});
    let key = |place: i64| json!({"place": place, "item_id": tea, "label": "Tea", "colour": "green"});
    assert_eq!(
        code(&ana.call("pos_save_quick_keys", &keys(1, json!([key(1)]))).await),
        "POS_MANAGER_REQUIRED"
    );
    assert_eq!(code(&mia.call("pos_save_quick_keys", &keys(1, json!([key(1), key(2)]))).await), "saved");
    assert_eq!(code(&mia.call("pos_save_quick_keys", &keys(1, json!([key(3)]))).await), "saved");
    for (page, wrong) in
        [(1, json!([key(1), key(1)])), (1, json!([key(21)])), (21, json!([])), (0, json!([])), (1, json!({}))]
    {
        assert_eq!(
            code(&mia.call("pos_save_quick_keys", &keys(page, wrong.clone())).await),
            "POS_BAD_CATALOGUE",
            "{page} {wrong}"
        );
    }
    let unknown = json!([{"place": 1, "item_id": Uuid::new_v4()}]);
    assert_eq!(code(&mia.call("pos_save_quick_keys", &keys(1, unknown)).await), "POS_ITEM_NOT_FOUND");
    let told = catalogue(&ana, &Value::Null, 100).await?["quick_keys"].clone();
    assert_eq!(told, json!([{"page": 1, "place": 3, "item_id": tea, "label": "Tea", "colour": "green"}]));
    // Managers see what they keep, also what is not sold any more and what holds later; a cashier does not.
    let inactive = json!({"name": "Tea", "price": "1", "is_active": false});
    assert_eq!(save(&mia, tea, &inactive).await, "saved");
    let here = json!({"p_location_id": MAIN});
    let settings = mia.call("pos_catalogue_settings", &here).await?;
    assert_eq!(
        settings["quick_keys"],
        json!([{"page": 1, "place": 3, "item_id": tea, "label": "Tea", "colour": "green", "name": "Tea", "is_active": false}])
    );
    let later = json!({"p_location_id": null, "p_code": "L", "p_name": "Later", "p_components": [{"name": "VAT", "rate": "0.5"}], "p_valid_from": "2999-01-01"});
    let saved = owner.call("pos_save_tax", &later).await?;
    let told = owner.call("pos_catalogue_settings", &here).await?;
    assert_eq!((&saved["taxes"], &told["can_save_taxes"]), (&told["taxes"], &json!(true)));
    let tax = json!({"location_id": null, "code": "L", "name": "Later", "components": [{"name": "VAT", "rate": "0.5"}], "valid_from": "2999-01-01"});
    assert!(told["taxes"].as_array().into_iter().flatten().any(|one| *one == tax), "{told}");
    assert_eq!(settings["can_save_taxes"], json!(false));
    assert_eq!(code(&ana.call("pos_catalogue_settings", &here).await), "POS_MANAGER_REQUIRED");
    let strangers = store.desk(Caller::ZED).await?.call("pos_catalogue_settings", &here).await;
    assert_eq!(code(&strangers), "POS_LOCATION_NOT_FOUND");
    let all = json!({"prices_include_tax": true, "cash_step": "0.05", "cash_half": "down", "discount_percent_limit": "12.5", "sale_limit": "500.00", "refund_limit": null,
        "void_limit": "20.00", "price_override": true, "no_receipt_refund": false, "other_tenders": ["Voucher", "Transfer"], "receipt_header": "Corner", "receipt_footer": null,
        "code_rules": [{"prefix": "20", "item": 5, "price": 5, "places": 2}]});
    owner.call("pos_save_selling_rules", &json!({"p_location_id": MAIN, "p_rules": all})).await?;
    let told = catalogue(&ana, &Value::Null, 100).await?["rules"].clone();
    for (name, value) in all.as_object().into_iter().flatten() {
        let shown = if name == "discount_percent_limit" { &json!("12.50") } else { value };
        assert_eq!(&told[name], shown, "{name}");
    }
    assert_eq!(
        (&told["selling_on"], &told["currency"]),
        (&json!(true), &json!("EUR")),
        "what was not given stays"
    );
    owner
        .call("pos_save_selling_rules", &json!({"p_location_id": MAIN, "p_rules": {"void_limit": "30.00"}}))
        .await?;
    let told = catalogue(&ana, &Value::Null, 100).await?["rules"].clone();
    assert_eq!((&told["void_limit"], &told["cash_half"]), (&json!("30.00"), &json!("down")));
    for wrong in [
        json!({"other_tenders": ["a", "b", "c", "d", "e", "f", "g"]}),
        json!({"other_tenders": [""]}),
        json!({"void_limit": "-1"}),
        json!({"discount_percent_limit": "101"}),
        json!({"cash_half": "sideways"}),
        json!({"code_rules": [{"prefix": "x"}]}),
        json!({"code_rules": {}}),
        json!([]),
    ] {
        let answer =
            owner.call("pos_save_selling_rules", &json!({"p_location_id": MAIN, "p_rules": wrong})).await;
        assert_eq!(code(&answer), "POS_BAD_CATALOGUE", "{wrong}");
    }
    Ok(())
}

async fn an_import_saves_what_it_can(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let mut items: Vec<Value> = (1..=300_u128)
        .map(|number| {
            let mut one = item(&format!("N{number}"), "2.50");
            one["id"] = json!(Uuid::from_u128(number));
            one
        })
        .collect();
    items[6]["price"] = json!("free");
    items[7]["codes"] = json!([{"code": "40N1"}]);
    items[8]["id"] = json!("nine");
    assert_eq!(code(&ana.call("pos_import_items", &json!({"p_items": items})).await), "POS_MANAGER_REQUIRED");
    let answer = mia.call("pos_import_items", &json!({"p_items": items})).await?;
    assert_eq!(answer["saved"], 297);
    let refused: Vec<(i64, &str)> = answer["refused"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (one["no"].as_i64().unwrap_or_default(), one["code"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(refused, [(7, "POS_BAD_CATALOGUE"), (8, "POS_CODE_TAKEN"), (9, "POS_BAD_KEY")]);
    let since = catalogue(&ana, &Value::Null, 5_000).await?;
    assert_eq!(names(&since).len(), 297);
    let again = mia.call("pos_import_items", &json!({"p_items": items})).await?;
    assert_eq!(again["saved"], 297);
    assert_eq!(
        names(&catalogue(&ana, &since["cursor"], 5_000).await?).len(),
        0,
        "the same list again changes nothing"
    );
    let many = json!({"p_items": vec![json!({}); 1_001]});
    assert_eq!(code(&mia.call("pos_import_items", &many).await), "POS_BAD_CATALOGUE");
    Ok(())
}

async fn the_later_of_two_managers_is_told(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (mia, owner) = (store.desk(Caller::MIA).await?, store.desk(Caller::OLA).await?);
    let id = Uuid::from_u128(1);
    let of = |name: &str, version: i64| {
        let mut one = item("Tea", "1.00");
        one["name"] = json!(name);
        one["version"] = json!(version);
        one
    };
    let saved =
        mia.call("pos_save_item", &json!({"p_id": id, "p_item": of("Tea", 0)})).await?["item"].clone();
    let first = saved["version"].as_i64().ok_or("no version")?;
    assert_eq!(
        (&saved["name"], &saved["price"], &saved["is_active"]),
        (&json!("Tea"), &json!("1.00"), &json!(true))
    );
    // A lost answer is asked for again, also after somebody else's change to the very same.
    let again =
        mia.call("pos_save_item", &json!({"p_id": id, "p_item": of("Tea", 0)})).await?["item"].clone();
    assert_eq!(again["version"], first);
    let second = owner.call("pos_save_item", &json!({"p_id": id, "p_item": of("Green tea", first)})).await?["item"]
        ["version"]
        .as_i64()
        .ok_or("no version")?;
    assert!(second > first);
    assert_eq!(save(&mia, id, &of("Black tea", first)).await, "POS_ITEM_CHANGED");
    assert_eq!(save(&mia, id, &of("Green tea", first)).await, "saved", "it is so already");
    let mut codes = of("Green tea", first);
    codes["codes"] = json!([{"code": "40Tea"}, {"code": "new"}]);
    assert_eq!(save(&mia, id, &codes).await, "POS_ITEM_CHANGED", "codes are part of it");
    let found = mia.call("pos_items", &json!({"p_location_id": MAIN})).await?["items"].clone();
    assert_eq!((&found[0]["version"], found[0]["codes"].as_array().map(Vec::len)), (&json!(second), Some(1)));
    codes["version"] = json!(second);
    assert_eq!(save(&mia, id, &codes).await, "saved");
    // Of an import only what was changed is left out.
    let mut items = vec![of("Red tea", first), of("Cake", 0)];
    items[1]["codes"] = json!([]);
    items[0]["id"] = json!(id);
    items[1]["id"] = json!(Uuid::from_u128(2));
    let answer = mia.call("pos_import_items", &json!({"p_items": items})).await?;
    assert_eq!((&answer["saved"], &answer["refused"][0]["code"]), (&json!(1), &json!("POS_ITEM_CHANGED")));
    // Of two that had the same before them one is saved.
    let now = mia.call("pos_items", &json!({"p_location_id": MAIN, "p_search": "green"})).await?["items"][0]
        ["version"]
        .as_i64()
        .ok_or("no version")?;
    let (mut one, mut other) = (of("One", now), of("Other", now));
    for mine in [&mut one, &mut other] {
        mine["codes"] = json!([]);
    }
    let mut codes = [save(&mia, id, &one).await, String::new()];
    codes[1] = save(&owner, id, &other).await;
    codes.sort();
    assert_eq!(codes, ["POS_ITEM_CHANGED", "saved"]);
    Ok(())
}

async fn managers_find_what_they_look_for(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia, hal) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?, store.desk(Caller::HAL).await?);
    for (number, name) in (1..).zip(["Crème brûlée", "crema", "Gruyère AOP", "Sahnebrötchen", "Tea 10 % off"])
    {
        let mut one = item("x", "1.00");
        one["name"] = json!(name);
        one["sku"] = json!(format!("SKU-{number}"));
        one["category"] = json!(if number < 3 { "Dessert" } else { "Other" });
        one["codes"] = json!([{"code": format!("400638133393{number}")}]);
        one["is_active"] = json!(number != 2);
        assert_eq!(save(&mia, Uuid::from_u128(number), &one).await, "saved");
    }
    let find = async |text: &str| -> Result<Vec<String>> {
        Ok(names(&mia.call("pos_items", &json!({"p_location_id": MAIN, "p_search": text})).await?))
    };
    for (text, found) in [
        ("brulee creme", vec!["Crème brûlée"]),
        ("CRÈM", vec!["crema", "Crème brûlée"]),
        ("brötchen", vec!["Sahnebrötchen"]),
        ("sku-3", vec!["Gruyère AOP"]),
        ("dessert", vec!["crema", "Crème brûlée"]),
        ("4006381333934", vec!["Sahnebrötchen"]),
        ("04006381333934", vec!["Sahnebrötchen"]),
        ("%", vec!["Tea 10 % off"]),
        ("_", vec![]),
        ("'; drop table", vec![]),
    ] {
        assert_eq!(find(text).await?, found, "{text}");
    }
    // Page by page, in the order of names.
    let (mut after, mut seen) = (Value::Null, Vec::new());
    loop {
        let ask = json!({"p_location_id": MAIN, "p_after": after, "p_limit": 2});
        let page = mia.call("pos_items", &ask).await?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        assert!(items.len() == 2 || page["more"] == false, "{page}");
        after = items.last().map_or(Value::Null, |last| last["id"].clone());
        seen.extend(names(&page));
        if page["more"] == false {
            assert_eq!((&page["can_save"], &page["taxes"][0]["code"]), (&json!(true), &json!("A")));
            break;
        }
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!((seen.len(), once.len()), (5, 5), "{seen:?}");
    assert_eq!(code(&ana.call("pos_items", &json!({"p_location_id": MAIN})).await), "POS_MANAGER_REQUIRED");
    assert_eq!(code(&hal.call("pos_items", &json!({"p_location_id": SECOND})).await), "POS_MANAGER_REQUIRED");
    let strangers = store.desk(Caller::ZED).await?.call("pos_items", &json!({"p_location_id": MAIN})).await;
    assert_eq!(code(&strangers), "POS_LOCATION_NOT_FOUND");
    // A manager of one location reads, and saves nothing.
    let superuser = store.superuser().await?;
    superuser
        .batch_execute(&format!("update pos_staff set location_id = '{MAIN}' where display_name = 'Mia'"))
        .await?;
    let page = mia.call("pos_items", &json!({"p_location_id": MAIN})).await?;
    assert_eq!((names(&page).len(), &page["can_save"]), (5, &json!(false)));
    Ok(())
}

async fn all_items_are_read_by_version(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let mia = store.desk(Caller::MIA).await?;
    for number in 1..=7 {
        save(&mia, Uuid::from_u128(number), &item(&format!("I{number}"), "1.00")).await;
    }
    let (mut since, mut seen) = (json!(0), Vec::new());
    loop {
        let ask = json!({"p_location_id": MAIN, "p_since": since, "p_limit": 3});
        let page = mia.call("pos_items", &ask).await?;
        if seen.is_empty() {
            // What changes meanwhile comes once more.
            save(&mia, Uuid::from_u128(1), &item("Later", "1.00")).await;
        }
        seen.extend(names(&page));
        since = page["cursor"].clone();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(seen, ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "Later"]);
    let nothing = mia.call("pos_items", &json!({"p_location_id": MAIN, "p_since": since})).await?;
    assert_eq!((names(&nothing), &nothing["more"], &nothing["cursor"]), (vec![], &json!(false), &since));
    Ok(())
}
