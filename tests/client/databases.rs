//! This client over databases that are not as it made them: one migrated from the field's stricter schema, whose rows name
//! people by keys of their own, and one that is ahead of it.

use onetill_core::{
    MovementKind, SessionOutcome,
    ports::{CashUp, Closed, Reports, Server},
};
use onetill_local::{DEMO_ACCOUNTS, DemoAccount, Engine};
use onetill_tests::{Project, Result};

use crate::closing::{Store, amount, cash, close, count};

#[tokio::test(flavor = "multi_thread")]
async fn an_own_shift_is_known_where_rows_name_people_by_other_keys() -> Result<()> {
    let store = Store::of(Project::migrated_from_strict(Engine::real())?);
    let ana = store.sign_in(&DemoAccount { email: "ana@strict.example", ..DEMO_ACCOUNTS[0] }).await?;
    let registers = ana.server.registers(ana.location().id).await?;
    let free = registers.iter().find(|register| register.open_session.is_none()).ok_or("a free register")?;
    let held =
        registers.iter().find(|register| register.register_number == "REG-CHS-001").ok_or("register 1")?;
    let joined = ana.open(held.id, "200.00").await?;
    assert_eq!(joined.1, SessionOutcome::Joined);
    assert_eq!(joined.0.opener_id, Some(ana.staff.user_id), "her own, of before the migrations");

    let intent = ana.intent(free.id, "120.00")?;
    let created = ana.server.open_session(&intent).await?;
    assert_eq!(created.outcome, SessionOutcome::Created);
    assert_eq!(
        (created.session.opener_id, created.session.opener_name.as_deref()),
        (Some(ana.staff.user_id), Some("Ana Field"))
    );
    // The same press again, as after a lost reply.
    assert_eq!(
        ana.server.open_session(&intent).await?.outcome,
        SessionOutcome::Created,
        "it is still her own press"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_part_of_a_later_version_is_worked_with() -> Result<()> {
    let store = Store::open()?;
    let later = [
        "create or replace function onetill.schema_version() returns integer language sql immutable set search_path = '' as 'select 2'",
        // Answers say more than this client knows of.
        "do $$ declare f regprocedure; begin
           foreach f in array array['onetill.session_json(public.pos_sessions)', 'onetill.figures(public.pos_sessions)', 'onetill.movement_json(public.pos_cash_movements)',
               'public.pos_whoami()', 'public.pos_registers(uuid)']::regprocedure[] loop
             execute replace(pg_get_functiondef(f), 'jsonb_build_object(', 'jsonb_build_object(''what_comes_later'', ''[{\"a\": null}]''::jsonb, ');
           end loop; end $$",
    ];
    for statement in later {
        store.project.sql(statement).await?;
    }
    let ana = store.sign_in(&DEMO_ACCOUNTS[0]).await?;
    let (session, outcome) = ana.open(store.register().await?, "200.00").await?;
    assert_eq!(outcome, SessionOutcome::Created);
    ana.record(session.id, MovementKind::PayIn, "5.00").await?;
    let counted = ana.server.commit_count(&count(session.id, &[("100", 2), ("5", 1)])).await?;
    let Closed::Here(z) = ana.server.close_session(session.id, &close(Some(counted.id), "")).await? else {
        return Err("closed by somebody else".into());
    };
    assert_eq!(cash(&z).0, Some(amount("205.00")));
    assert_eq!(cash(&ana.server.z_report(session.id).await?), cash(&z));
    Ok(())
}
