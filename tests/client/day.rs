//! A whole day of two devices and a manager, with the till itself, its file and the network, and no window.

use std::path::Path;
use std::sync::Arc;

use onetill_core::{
    Code, Connection, MovementKind, MovementRequest, ProjectKey, ProjectUrl, Tally, Till,
    closing::EndHow,
    count::Needs,
    report::{Counted, Tender},
    view::{ClosingStep, Screen},
};
use onetill_local::{Backend, DEMO_ACCOUNTS, DemoAccount, Engine};
use onetill_store::{ProjectStore, StoreFile};
use onetill_supabase::{MemoryVault, SupabaseServer};
use onetill_tests::computer::{Computer, Eyes};
use onetill_tests::{Project, Result, rest::Rest, scratch};

struct Desk {
    till: Till<SupabaseServer, ProjectStore, Computer, Eyes>,
}

impl Desk {
    /// Starts the program on the files in this folder.
    fn start(backend: &Backend, folder: &Path) -> Result<Self> {
        let url = ProjectUrl::parse(&backend.url())?;
        let key = ProjectKey::parse(backend.publishable_key())?;
        let file = StoreFile::open(&folder.join("onetill.sqlite"))?.file;
        let vault = Arc::new(MemoryVault::default());
        let server = SupabaseServer::new(Connection { url, key }, file.device_id(), "test", vault)?;
        let store = ProjectStore::new(file, "shop".to_owned());
        Ok(Self { till: Till::open("shop", server, store, Computer, Eyes::default())? })
    }

    async fn sign_in(&self, account: &DemoAccount) {
        self.till.sign_in(account.email, &account.password.into()).await;
    }

    async fn work_on(&self, number: &str, cash: &str) -> Result<()> {
        let Screen::ChooseRegister { registers: Some(registers), .. } = self.screen() else {
            return Err(format!("no list: {:?}", self.screen()).into());
        };
        let register = registers.iter().find(|register| register.register_number == number);
        self.till.choose_register(register.ok_or("no such register")?.id).await;
        self.till.start_shift(cash, false).await;
        Ok(())
    }

    fn screen(&self) -> Screen {
        self.till.snapshot().screen
    }

    fn code(&self) -> Option<Code> {
        self.till.snapshot().fault.map(|fault| fault.code)
    }

    fn step(&self) -> Result<ClosingStep> {
        match self.screen() {
            Screen::Closing { step, .. } => Ok(step),
            other => Err(format!("no closing: {other:?} {:?}", self.till.snapshot().fault).into()),
        }
    }

    async fn record(&self, kind: MovementKind, cash: &str) {
        self.till.record(&MovementRequest {
            kind,
            amount: cash.to_owned(),
            reason: "test".to_owned(),
            note: String::new(),
            reference: String::new(),
        });
        self.till.look().await;
    }
}

fn sum(cash: &str) -> Tally {
    Tally::Sum { amount: cash.parse().unwrap() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_two_devices_and_a_manager() -> Result<()> {
    let project = Project::start(Engine::real())?;
    let register = Rest::new(&project.backend).another_register().await?;
    let [ana, ben, mara] = [0, 1, 2].map(|at| &DEMO_ACCOUNTS[at]);
    let (first_folder, second_folder) = (scratch()?, scratch()?);
    let first = Desk::start(&project.backend, first_folder.path())?;
    let second = Desk::start(&project.backend, second_folder.path())?;
    first.sign_in(ana).await;
    first.work_on(&register.number, "200.00").await?;
    second.sign_in(ben).await;
    second.work_on(&register.number, "150.00").await?;
    first.record(MovementKind::PayIn, "60.00").await;
    second.record(MovementKind::PayOut, "10.00").await;
    let Screen::Register { session, .. } = second.screen() else { panic!("{:?}", second.screen()) };

    // Ana counts. Ben's till tells him so and takes nothing new; Ana's knows its own count again, also after a crash.
    first.till.open_checklist().await;
    let ClosingStep::Checklist { others, unsent: 0, may_cancel: false, .. } = first.step()? else {
        panic!("{:?}", first.step())
    };
    assert!(others.iter().any(|device| device.by_name == "Ben" && device.last_seen.is_some()), "{others:?}");
    first.till.begin_count(false).await;
    for _look in 0..3 {
        first.till.look().await;
    }
    assert!(matches!(first.step()?, ClosingStep::Count { .. }), "{:?}", first.step());
    second.till.look().await;
    second.record(MovementKind::PayOut, "1.00").await;
    assert_eq!(second.code(), Some(Code::CountInProgress));
    assert!(second.till.snapshot().queue.is_empty(), "refused before the queue");
    first.till.keep_tally(sum("222.00"));
    drop(first);
    let first = Desk::start(&project.backend, first_folder.path())?;
    let ClosingStep::Count { tally, .. } = first.step()? else { panic!("{:?}", first.step()) };
    assert_eq!(tally, sum("222.00"), "nothing typed is lost");
    first.sign_in(ana).await;
    for _look in 0..3 {
        first.till.look().await;
    }

    // 28.00 short: Mara signs in beside Ana, who stays signed in.
    first.till.commit_count(sum("222.00")).await;
    let ClosingStep::Result { needs: Needs::Approval, proposal, .. } = first.step()? else {
        panic!("{:?} {:?}", first.step(), first.code())
    };
    assert_eq!((proposal.left.to_string(), proposal.taken.to_string()), ("200.00".into(), "22.00".into()));
    first.till.approve_count(mara.email, &mara.password.into(), "seen").await;
    assert_eq!(first.till.snapshot().staff.map(|staff| staff.display_name).as_deref(), Some("Ana"));
    first.till.close_shift("", "200.00").await;
    assert_eq!(first.code(), Some(Code::ReasonRequired));
    first.till.close_shift("a note was missing", "200.00").await;
    let ClosingStep::Closed { report } = first.step()? else {
        panic!("{:?} {:?}", first.step(), first.code())
    };
    let cash = report.tenders.iter().find(|line| line.tender == Tender::Cash).unwrap();
    assert_eq!(cash.expected, Some("250.00".parse()?));
    assert_eq!(
        cash.counted,
        Counted::Counted { amount: "222.00".parse()?, difference: Some("-28.00".parse()?) }
    );

    // Ben's till learns that it is over, and he can read the sheet.
    second.till.look().await;
    assert!(matches!(second.screen(), Screen::Fenced { .. }), "{:?}", second.screen());
    second.till.show_z_report(session.id).await;
    let copy = second.till.snapshot().report.ok_or("no report")?;
    assert_eq!(copy.tenders, report.tenders);
    second.till.dismiss_report();
    second.till.acknowledge_end().await;

    // The next shift begins with what was left, is ended without a count, and counted by Mara from the board.
    first.till.acknowledge_end().await;
    let Screen::StartShift { register, .. } = first.screen() else { panic!("{:?}", first.screen()) };
    assert_eq!(register.suggested_opening_cash, "200.00".parse()?);
    first.till.start_shift("200.00", false).await;
    first.till.open_checklist().await;
    first.till.end_shift(EndHow::CountLater, "closing time").await;
    assert_eq!(first.step()?, ClosingStep::Ended);
    first.till.acknowledge_end().await;
    second.till.sign_out().await;
    second.sign_in(mara).await;
    second.till.open_board(Some(register.location_id)).await;
    let Screen::Board { board: Some(board), .. } = second.screen() else { panic!("{:?}", second.screen()) };
    let row = board.registers.iter().find(|one| one.id == register.id).ok_or("not on the board")?;
    let owed = row.uncounted.first().ok_or("nothing is owed")?.id;
    second.till.count_ended(owed).await;
    second.till.commit_count(sum("200.00")).await;
    second.till.close_shift("", "200.00").await;
    assert!(matches!(second.step()?, ClosingStep::Closed { .. }), "{:?} {:?}", second.step(), second.code());
    second.till.acknowledge_end().await;
    second.till.read_day(None).await;
    let Screen::Board { day: Some(day), .. } = second.screen() else { panic!("{:?}", second.screen()) };
    assert_eq!(day.z_reports.iter().filter(|sheet| sheet.register_id == register.id).count(), 2);

    // One opened by mistake goes away without a trace in the figures.
    first.till.start_shift("200.00", false).await;
    first.till.open_checklist().await;
    first.till.end_shift(EndHow::Cancel, "").await;
    assert_eq!(first.step()?, ClosingStep::Cancelled, "{:?}", first.code());
    Ok(())
}
