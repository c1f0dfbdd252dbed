//! Jobs on their way to a printer that is well, or off, empty, deaf, stuck, or breaks off.

use super::sample::{language, on, z};
use crate::{Condition, Job, Printed, Printer, Timeouts, Trouble};
use onetill_core::{PaperWidth, PrinterKind, PrinterSettings};
use onetill_printer_emulator::{Emulator, Mood};
use std::{sync::Arc, time::Duration};

fn settings(address: std::net::SocketAddr) -> PrinterSettings {
    PrinterSettings {
        kind: PrinterKind::Network,
        address: address.to_string(),
        drawer: true,
        ..PrinterSettings::default()
    }
}

/// Long enough for this computer, short enough for a test that waits for it to run out.
fn timeouts() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        answer: Duration::from_secs(2),
        print: Duration::from_secs(10),
        first_end: Duration::from_secs(10),
    }
}

fn connected(timeouts: Timeouts) -> (Emulator, Arc<Printer>) {
    let emulator = Emulator::start(48).unwrap();
    let printer = Printer::new(settings(emulator.address()), timeouts);
    (emulator, printer)
}

fn job() -> Job {
    Job::report(&z(), &language("de"), &on(PaperWidth::Wide), false)
}

#[tokio::test]
async fn a_job_is_done_when_the_printer_says_so() {
    let (emulator, printer) = connected(timeouts());
    assert_eq!(printer.print("z", job()).await, Printed::Done);
    let paper = emulator.paper();
    assert_eq!((paper.receipts.len(), paper.faults), (1, vec![]));
    emulator.set(Mood::PaperLow);
    assert_eq!(printer.condition().await, Condition::Ready { paper_low: true });
    assert_eq!(
        printer.print("z", job()).await,
        Printed::Done,
        "asked for again after it ended, it is another job"
    );
}

#[tokio::test]
async fn an_impatient_repeat_prints_nothing_more() {
    let (emulator, printer) = connected(timeouts());
    let all: Vec<_> = (0..8)
        .map(|_| {
            let printer = Arc::clone(&printer);
            tokio::spawn(async move { printer.print("z", job()).await })
        })
        .collect();
    // The test's runtime has one thread, so all eight ask before the job's task has ended.
    for one in all {
        assert_eq!(one.await.unwrap(), Printed::Done);
    }
    assert_eq!(emulator.paper().receipts.len(), 1);
    assert_eq!(emulator.connections(), 1);
}

#[tokio::test]
async fn a_job_goes_on_when_nobody_waits_for_it() {
    let (emulator, printer) = connected(timeouts());
    let asked = Arc::clone(&printer);
    let waiting = tokio::spawn(async move { asked.print("z", job()).await });
    tokio::task::yield_now().await;
    waiting.abort();
    let (emulator, done) = tokio::task::spawn_blocking(move || {
        let done = emulator.wait_until(|paper| paper.receipts.len() == 1);
        (emulator, done)
    })
    .await
    .unwrap();
    assert!(done.is_ok(), "the receipt came out");
    assert_eq!(emulator.paper().faults, Vec::<String>::new());
}

#[tokio::test]
async fn a_printer_that_cannot_print_gets_nothing_and_says_why() {
    let (emulator, printer) = connected(timeouts());
    for (mood, why) in [(Mood::PaperOut, Trouble::PaperOut), (Mood::CoverOpen, Trouble::CoverOpen)] {
        emulator.set(mood);
        assert_eq!(printer.print("z", job()).await, Printed::NotPrinted { why });
        assert_eq!(printer.condition().await, Condition::Not(why));
    }
    assert_eq!(emulator.paper().receipts.len(), 0, "nothing waits in it to come out later");
    emulator.set(Mood::Ready);
    assert_eq!(printer.print("z", job()).await, Printed::Done, "and with paper it prints");
}

#[tokio::test]
async fn a_printer_that_is_off_is_told_as_such() {
    let off = settings(Emulator::switched_off().unwrap());
    let printer = Printer::new(off, timeouts());
    assert_eq!(printer.print("z", job()).await, Printed::NotPrinted { why: Trouble::Unreachable });
    assert_eq!(printer.open_drawer().await, Printed::NotPrinted { why: Trouble::Unreachable });
}

#[tokio::test]
async fn a_deaf_printer_prints_and_is_not_believed_more_than_that() {
    let (emulator, printer) = connected(Timeouts { answer: Duration::from_millis(50), ..timeouts() });
    emulator.set(Mood::Deaf);
    assert_eq!(printer.condition().await, Condition::Silent);
    assert_eq!(printer.print("z", job()).await, Printed::HandedOver);
    let done = tokio::task::spawn_blocking(move || emulator.wait_until(|paper| paper.receipts.len() == 1))
        .await
        .unwrap();
    assert_eq!(done.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn a_job_that_does_not_end_is_neither_done_nor_undone() {
    let (emulator, printer) = connected(Timeouts { print: Duration::from_millis(200), ..timeouts() });
    assert_eq!(printer.print("z", job()).await, Printed::Done, "it tells the end of a job");
    emulator.set(Mood::Stuck);
    assert_eq!(printer.print("z", job()).await, Printed::Unsure { why: Trouble::Slow });
    emulator.set(Mood::KeepsEnds);
    assert_eq!(printer.print("z", job()).await, Printed::Unsure { why: Trouble::Slow }, "it did before");
}

#[tokio::test]
async fn a_printer_that_never_tells_an_end_is_waited_for_once_and_not_doubted() {
    let short = Duration::from_millis(100);
    let (emulator, printer) = connected(Timeouts { first_end: short, ..timeouts() });
    emulator.set(Mood::KeepsEnds);
    assert_eq!(printer.print("z", job()).await, Printed::HandedOver);
    assert_eq!(
        (emulator.paper().receipts.len(), emulator.connections()),
        (1, 1),
        "asked over the same connection"
    );
    // Nobody asks it again: it would answer now.
    emulator.set(Mood::Ready);
    assert_eq!(printer.print("z", job()).await, Printed::HandedOver);
}

#[tokio::test]
async fn the_drawer_does_not_wait_for_a_printer_that_does_not_tell_its_end() {
    let (emulator, printer) = connected(Timeouts { first_end: Duration::from_secs(60), ..timeouts() });
    emulator.set(Mood::KeepsEnds);
    let paper = Arc::clone(&printer);
    let waiting = tokio::spawn(async move { paper.print("z", job()).await });
    let printed = emulator.clone();
    let printed = tokio::task::spawn_blocking(move || printed.wait_until(|paper| paper.receipts.len() == 1));
    assert!(printed.await.unwrap().is_ok());
    assert_eq!(printer.open_drawer().await, Printed::HandedOver);
    let opened = emulator.clone();
    let opened =
        tokio::task::spawn_blocking(move || opened.wait_until(|paper| paper.kicks == 1)).await.unwrap();
    assert_eq!(opened.unwrap().faults, Vec::<String>::new());
    assert!(!waiting.is_finished(), "the report is still waited for");
    assert_eq!(emulator.connections(), 1, "printers take one at a time");
    waiting.abort();
}

#[tokio::test]
async fn what_a_printer_tells_by_itself_is_no_answer() {
    let (emulator, printer) = connected(timeouts());
    emulator.set(Mood::Talkative);
    assert_eq!(printer.condition().await, Condition::Not(Trouble::PaperOut));
    let printed = printer.print("z", job()).await;
    assert_eq!(printed, Printed::NotPrinted { why: Trouble::PaperOut });
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_heard_before_the_job_counts_as_handed_over() {
    let (emulator, printer) = connected(Timeouts { answer: Duration::from_millis(300), ..timeouts() });
    emulator.set(Mood::PaperOutLate);
    assert_eq!(printer.print("z", job()).await, Printed::Unsure { why: Trouble::PaperOut });
}

#[tokio::test]
async fn a_connection_that_breaks_within_a_job_leaves_doubt() {
    let (emulator, printer) = connected(timeouts());
    emulator.set(Mood::BreaksOff(200));
    let printed = printer.print("z", job()).await;
    assert_eq!(printed, Printed::Unsure { why: Trouble::ConnectionLost });
    assert!(printed.may_be_on_paper());
    assert_eq!(emulator.paper().receipts.len(), 0);
}

#[tokio::test]
async fn the_drawer_opens_even_without_paper() {
    let (emulator, printer) = connected(timeouts());
    emulator.set(Mood::PaperOut);
    assert_eq!(printer.open_drawer().await, Printed::HandedOver);
    let done =
        tokio::task::spawn_blocking(move || emulator.wait_until(|paper| paper.kicks == 1)).await.unwrap();
    assert!(done.is_ok());
}

#[tokio::test]
async fn the_drawer_waits_for_no_paper_that_waits() {
    let (emulator, printer) = connected(timeouts());
    let (told, mut ended) = tokio::sync::mpsc::unbounded_channel();
    // The test's runtime has one thread: each asks before any job has got anywhere.
    for name in ["report", "another", "drawer"] {
        let (printer, told) = (Arc::clone(&printer), told.clone());
        tokio::spawn(async move {
            match name {
                "drawer" => printer.open_drawer().await,
                paper => printer.print(paper, job()).await,
            };
            told.send(name).unwrap();
        });
    }
    let order = [ended.recv().await, ended.recv().await, ended.recv().await];
    let place = |name| order.iter().position(|ended| *ended == Some(name));
    assert!(place("drawer") < place("another") && place("report") < place("another"), "{order:?}");
    let paper = emulator.paper();
    assert_eq!((paper.kicks, paper.receipts.len(), paper.faults), (1, 2, vec![]));
}

#[tokio::test]
async fn a_till_without_printer_or_drawer_says_so() {
    let none = Printer::new(PrinterSettings::default(), timeouts());
    assert_eq!(none.print("z", job()).await, Printed::NotPrinted { why: Trouble::NoPrinter });
    let bare = PrinterSettings { drawer: false, ..settings(Emulator::switched_off().unwrap()) };
    assert_eq!(
        Printer::new(bare, timeouts()).open_drawer().await,
        Printed::NotPrinted { why: Trouble::NoDrawer }
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_queue_that_is_not_there_refuses() {
    let settings = PrinterSettings {
        kind: PrinterKind::Queue,
        queue: "no-such-queue-of-onetill".into(),
        ..PrinterSettings::default()
    };
    let printed = Printer::new(settings, timeouts()).print("z", job()).await;
    assert_eq!(printed, Printed::NotPrinted { why: Trouble::QueueRefused });
}
