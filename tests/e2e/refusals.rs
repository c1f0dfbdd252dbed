//! What the server refuses at *Start shift*: a register out of service, and a project without the database function.

use onetill_local::Engine;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};
use tokio_postgres::NoTls;

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_register_is_explained_and_not_chosen() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;
    window.sign_in(staff("cashier")[0]).await?;
    window.screen(&["choose-register"]).await?;
    window.click("register-M3").await?;
    window.wait_for(PATIENCE, "error", "data-code", &["REGISTER_RETIRED"]).await?;
    assert_eq!(window.screen(&["choose-register"]).await?, "choose-register", "another one can be chosen");
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_function_is_named_with_how_to_deploy_it() -> Result<()> {
    let mut project = Project::start(Engine::real())?;
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;
    window.prepare(staff("cashier")[0], "M1").await?;

    let address = project.backend.database_url().ok_or("a real database has an address")?;
    let (database, connection) = tokio_postgres::connect(&address, NoTls).await?;
    let connection = tokio::spawn(connection);
    database.batch_execute("drop function public.get_or_create_session").await?;
    // The server learns of it when it starts.
    project.backend.take_down();
    project.backend.bring_up()?;

    window.click("start-shift").await?;
    window.wait_for(PATIENCE, "error", "data-code", &["FUNCTION_NOT_DEPLOYED"]).await?;
    let shown = window.all_text().await?;
    for words in ["Atomic session function not deployed", "supabase/migrations", "supabase db push"] {
        assert!(shown.contains(words), "{words:?} is on the screen: {shown}");
    }
    let sessions = database.query_one("select count(*) from public.pos_sessions", &[]).await?;
    assert_eq!(sessions.get::<_, i64>(0), 0, "nothing was opened by another way");
    drop(database);
    connection.await??;
    window.close().await
}
