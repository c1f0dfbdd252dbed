//! The stricter schema of the field, migrated while a shift was open on it: a cashier goes on with that shift in the real
//! window, to the cent, and the shop's own server goes on beside it.

use onetill_local::{DemoAccount, Engine};
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};

use crate::steps::{begin_count, count_pieces, picture, press_start, record, says};

#[tokio::test(flavor = "multi_thread")]
async fn a_cashier_goes_on_with_the_shift_that_was_open() -> Result<()> {
    let project = Project::migrated_from_strict(Engine::real())?;
    let ana = DemoAccount { email: "ana@strict.example", ..*staff("cashier")[0] };
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;

    // The float was 200.00; the web client sold for 53.50 in cash, paid 10.00 in and 15.00 out: 248.50 in the drawer.
    window.prepare(&ana, "REG-CHS-001").await?;
    press_start(&window, "200.00").await?;
    window.wait_for(PATIENCE, "outcome", "data-outcome", &["joined"]).await?;
    let of_the_web = ["no_sale 0.00 recorded", "pay_out 15.00 recorded", "pay_in 10.00 recorded"];
    lists_in_any_order(&window, &of_the_web).await?;
    picture(&window, "strict-01-joined").await?;
    record(&window, "pay_out", "8.50").await?;

    // Meanwhile the shop's server sells for cash on the same shift, by its own triggers.
    project
        .sql(
            "insert into pos_transactions (transaction_number, location_id, session_id, vendor_id, transaction_type, subtotal, tax_amount, total_amount, payment_method)
               select 'T-9', location_id, id, vendor_id, 'walk_in_sale', 20, 0, 20, 'cash' from pos_sessions where session_number like '%-101'",
        )
        .await?;

    // 248.50 - 8.50 + 20.00 = 260.00.
    begin_count(&window).await?;
    count_pieces(&window, &[("100", "2"), ("20", "3")]).await?;
    window.wait_for(PATIENCE, "count-result", "data-difference", &["exact"]).await?;
    picture(&window, "strict-02-exact").await?;
    window.click("close-shift").await?;
    window.wait_for(PATIENCE, "report", "data-sheet", &["z"]).await?;
    says(&window, "report", "Pay-outs (2)").await?;
    picture(&window, "strict-03-z").await?;

    // The shop's server opens the next shift by the five arguments, and closes it as it always did.
    let web = "do $$ declare v_id uuid; begin
         perform set_config('request.jwt.claims', '{\"role\": \"service_role\"}', true);
         select id into v_id from get_or_create_session('00000000-0000-4000-8000-000000001001', '00000000-0000-4000-8000-0000000000b1',
           '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000e1', 150.00);
         update pos_sessions set status = 'closed', closing_cash = 150, expected_cash = 150, cash_difference = 0, closed_at = now() where id = v_id and status = 'open';
         if not found then raise 'the web client cannot close'; end if;
       end $$";
    project.sql(web).await?;
    window.close().await
}

/// The web client wrote them in one statement, at one time.
async fn lists_in_any_order(window: &onetill_tests::till::Window, expected: &[&str]) -> Result<()> {
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    onetill_tests::within(PATIENCE, &format!("the entries {expected:?}"), async || {
        let mut seen = crate::steps::movements(window).await?;
        seen.sort_unstable();
        Ok(if seen == expected { Ok(()) } else { Err(format!("{seen:?}")) })
    })
    .await
}
