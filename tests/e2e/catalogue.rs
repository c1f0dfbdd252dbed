//! A manager keeps the catalogue in a real window against a real PostgreSQL: an item, a file, and what another one did.

use onetill_local::Engine;
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use serde_json::json;

use crate::steps::picture;

async fn says(window: &Window, id: &str, words: &str) -> Result<()> {
    within(PATIENCE, words, async || {
        let text = window.text(id).await.unwrap_or_default();
        Ok(if text.contains(words) { Ok(()) } else { Err(format!("{id}: {text:?}")) })
    })
    .await
}

/// Chooses a file, as the system's own dialog does.
async fn choose(window: &Window, text: &str) -> Result<()> {
    let script = "const input = document.querySelector('[data-testid=import-file]');
        const chosen = new DataTransfer();
        chosen.items.add(new File([arguments[0]], 'spring.csv', { type: 'text/csv' }));
        input.files = chosen.files;
        input.dispatchEvent(new Event('change', { bubbles: true }))";
    window.script(script, vec![json!(text)]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_adds_an_item_and_takes_up_a_file_after_seeing_what_it_does() -> Result<()> {
    let project = Project::selling(Engine::real())?;
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;
    window.sign_in(staff("manager").first().ok_or("a manager")?).await?;
    window.screen(&["choose-register"]).await?;
    window.click("open-board").await?;
    window.screen(&["board"]).await?;
    window.click("open-catalogue").await?;
    says(&window, "items", "Apple").await?;
    picture(&window, "catalogue").await?;

    // A new item; what is wrong is said at the field, and what was typed stays.
    window.click("item-new").await?;
    window.fill("item-name", "Ginger beer 0.33 l").await?;
    window.fill("item-code-0", "4006381333932").await?;
    window.fill("item-price", "3,20").await?;
    window.click("item-save").await?;
    says(&window, "item-codes-wrong", "last digit").await?;
    picture(&window, "catalogue-item-wrong").await?;
    window.fill("item-code-0", "4006381333931").await?;
    window.click("item-save").await?;
    says(&window, "item-codes-wrong", "Another item").await?;
    window.fill("item-code-0", "96385074").await?;
    window.click("item-save").await?;
    says(&window, "item-status", "Saved").await?;
    picture(&window, "catalogue-item").await?;
    window.click("item-close").await?;
    window.fill("item-search", "96385074").await?;
    window.click("item-find").await?;
    says(&window, "item-0", "Ginger beer").await?;

    // A file with one line that is new, one that changes, one that is wrong.
    window.click("open-import").await?;
    choose(&window, "name;price;ean\nQuince lemonade;2,80;\nGinger beer 0.33 l;3,40;96385074\nWrong;x;\n")
        .await?;
    says(&window, "import-lines", "zero or more").await?;
    picture(&window, "catalogue-import").await?;
    let rows = |name: &str| format!("select 1 from pos_items where name = '{name}'");
    assert_eq!(project.sql(&rows("Quince lemonade")).await?, 0, "nothing was changed by looking");
    window.click("import-start").await?;
    window.wait_for(PATIENCE, "import-says", "data-progress", &["over"]).await?;
    picture(&window, "catalogue-imported").await?;
    assert_eq!(project.sql(&rows("Quince lemonade")).await?, 1);
    assert_eq!(project.sql("select 1 from pos_items where name like 'Ginger%' and price = 3.40").await?, 1);
    window.click("import-close").await?;

    // Somebody else is faster.
    window.fill("item-search", "quince lemonade").await?;
    window.click("item-find").await?;
    says(&window, "item-0", "Quince lemonade").await?;
    window.click("item-0").await?;
    project.sql("update pos_items set price = 2.90 where name = 'Quince lemonade'").await?;
    window.fill("item-price", "3.00").await?;
    window.click("item-save").await?;
    says(&window, "item-changed", "Somebody else").await?;
    picture(&window, "catalogue-changed").await?;
    window.click("item-theirs").await?;
    within(PATIENCE, "their price", async || {
        let price = window.property("item-price", "value").await?;
        Ok(if price == "2.90" { Ok(()) } else { Err(price) })
    })
    .await?;
    window.click("item-close").await?;

    window.click("export-items").await?;
    says(&window, "exported", "catalogue").await?;
    window.click("close-catalogue").await?;
    window.click("close-board").await?;
    window.screen(&["choose-register"]).await?;
    window.close().await
}
