//! A project in the field that has only one of the earlier functions, on a real PostgreSQL: shifts are started and
//! joined, and what such a server cannot do is said and not pretended.

use std::sync::Arc;

use onetill_core::ports::{Ledger, Seen, Server};
use onetill_core::till::Till;
use onetill_core::{
    Code, Command, Connection, DeviceId, IntentKey, Movement, MovementId, MovementKind, MovementRequest,
    OpenIntent, ProjectKey, ProjectUrl, RegisterId, Role, SessionOutcome, SessionStatus, Staff, Tally,
};
use onetill_core::{connection::Limitation, view::Screen};
use onetill_local::Engine;
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::computer::{Computer, Eyes, press as till_press};
use onetill_tests::{Project, Result};
use uuid::Uuid;

const PASSWORD: &str = "onetill-demo";

fn client(project: &Project) -> Result<SupabaseServer> {
    let url = ProjectUrl::parse(&project.backend.url())?;
    let key = ProjectKey::parse(project.backend.publishable_key())?;
    let vault = Arc::new(MemoryVault::default());
    Ok(SupabaseServer::new(Connection { url, key }, DeviceId(Uuid::new_v4()), "test", vault)?)
}

fn press(staff: &Staff, register_id: RegisterId) -> OpenIntent {
    OpenIntent {
        key: IntentKey(Uuid::new_v4()),
        register_id,
        location_id: staff.locations[0].id,
        vendor_id: staff.vendor_id,
        user_id: staff.user_id,
        opening_cash: "150.10".parse().unwrap(),
        tally: Tally::Nothing,
        pressed_at: jiff::Timestamp::now(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shifts_start_and_are_joined_with_each_earlier_function() -> Result<()> {
    for function in ["function_table.sql", "function_setof.sql", "function_nowait.sql"] {
        works_with(function).await.map_err(|error| format!("{function}: {error}"))?;
    }
    Ok(())
}

async fn works_with(function: &str) -> Result<()> {
    let project = Project::legacy(Engine::real(), function)?;
    let key = project.backend.publishable_key();
    let report = onetill_supabase::test_connection(&project.backend.url(), key, "test").await;
    assert!(report.passed(), "a till can be set up: {report:?}");
    assert_eq!(
        report.limitations,
        [Limitation::CurrentPart, Limitation::Guard],
        "and what is missing is told"
    );

    let (mina, kofi) = (client(&project)?, client(&project)?);
    let manager = mina.sign_in("mina@field.example", &PASSWORD.into()).await?;
    let cashier = kofi.sign_in("kofi@field.example", &PASSWORD.into()).await?;
    assert!(mina.is_older() && kofi.is_older());
    assert_eq!((manager.role, cashier.role), (Role::Manager, Role::Cashier));
    assert_eq!((manager.vendor_name.as_str(), manager.display_name.as_str()), ("Field Store", "Mina Field"));
    let customer = client(&project)?.sign_in("cy@buyer.example", &PASSWORD.into()).await;
    assert_eq!(customer.map_err(|fault| fault.code), Err(Code::NotStaff));

    let registers = mina.registers(manager.locations[0].id).await?;
    assert_eq!(registers.len(), 3, "{registers:?}");
    let register = registers[0].id;
    let opened = mina.open_session(&press(&manager, register)).await?;
    assert_eq!(opened.outcome, SessionOutcome::Unknown, "nobody said so, so nobody claims it");
    assert_eq!(opened.session.opening_cash, "150.10".parse()?);
    assert_eq!(opened.session.opener_name.as_deref(), Some("Mina Field"));
    let joined = kofi.open_session(&press(&cashier, register)).await?;
    assert_eq!((joined.outcome, joined.session.id), (SessionOutcome::Joined, opened.session.id));
    let id = opened.session.id;

    // The same press once more, and a listed shift: one session.
    assert_eq!(mina.open_session(&press(&manager, register)).await?.session.id, id);
    let listed = kofi.registers(manager.locations[0].id).await?;
    assert_eq!(listed[0].open_session.as_ref().map(|session| session.id), Some(id));

    let pay_in = Movement {
        id: MovementId(Uuid::new_v4()),
        session_id: id,
        kind: MovementKind::PayIn,
        amount: "1.00".parse()?,
        reason: "test".to_owned(),
        note: String::new(),
        reference: String::new(),
        reverses: None,
        by_name: String::new(),
        recorded_at: jiff::Timestamp::now(),
        sent_at: None,
    };
    let refused = mina.record_movement(&pay_in, manager.user_id).await.map_err(|fault| fault.code);
    assert_eq!(refused, Err(Code::OlderServer));

    let Seen::Session(seen) = mina.session(id, 0, None).await? else {
        return Err("it knows no revisions".into());
    };
    assert!(seen.id == id && seen.status == SessionStatus::Open);
    // An earlier client closes it.
    assert_eq!(project.sql("update pos_sessions set status = 'closed', closed_at = now()").await?, 2);
    let Seen::Session(seen) = kofi.session(id, 0, None).await? else {
        return Err("it knows no revisions".into());
    };
    assert!(seen.status == SessionStatus::Closed && seen.closed_at.is_some(), "{seen:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_runs_a_shift_there_and_says_what_it_cannot_do() -> Result<()> {
    let project = Project::legacy(Engine::real(), "function_table.sql")?;
    let folder = tempfile::tempdir()?;
    let store = || -> Result<ProjectStore> {
        Ok(ProjectStore::new(StoreFile::open(&folder.path().join("till.sqlite"))?.file, "shop".to_owned()))
    };
    let screen = Eyes::default();
    let till = Till::open("shop", client(&project)?, store()?, Computer, screen.clone())?;
    let (email, password) = ("mina@field.example".to_owned(), PASSWORD.into());
    till_press(&till, Command::SignIn { email, password }).await?;
    let shown = screen.last().unwrap();
    assert!(shown.older_server && shown.fault.is_none(), "{:?}", shown.fault);
    let Screen::ChooseRegister { registers: Some(registers), .. } = &shown.screen else {
        return Err(format!("{:?}", shown.screen).into());
    };
    till_press(&till, Command::ChooseRegister { register_id: registers[1].id }).await?;
    let opening_cash = "200.00".to_owned();
    till_press(&till, Command::StartShift { opening_cash, accept_earlier_day: true }).await?;
    let Screen::Register { session, .. } = screen.last().unwrap().screen else {
        return Err(format!("{:?}", screen.last().unwrap()).into());
    };
    assert_eq!(session.opener_name.as_deref(), Some("Mina Field"));

    let request = MovementRequest {
        kind: MovementKind::PayIn,
        amount: "5.00".to_owned(),
        reason: "change".to_owned(),
        note: String::new(),
        reference: String::new(),
    };
    let refused = till_press(&till, Command::Record { request }).await.map_err(|fault| fault.code);
    assert_eq!(refused, Err(Code::OlderServer));
    let shown = screen.last().unwrap();
    assert_eq!(shown.unsent, 0, "nothing waits for what will not come");
    till_press(&till, Command::DismissFault).await?;
    let refused = till_press(&till, Command::OpenChecklist).await.map_err(|fault| fault.code);
    assert_eq!(refused, Err(Code::OlderServer));

    // Ended by an earlier client, as the next look tells.
    project.sql("update pos_sessions set status = 'closed', closed_at = now()").await?;
    till.poll().await;
    assert!(
        matches!(screen.last().unwrap().screen, Screen::Fenced { .. }),
        "{:?}",
        screen.last().unwrap().screen
    );
    Ok(())
}
