//! A receipt printer is configured, asked how it is, and tried.

use crate::ctl::Call;
use onetill_printer_emulator::{Emulator, Mood};
use onetill_tests::{Result, scratch};

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_is_enrolled_tried_and_examined() -> Result<()> {
    let folder = scratch()?;
    let config = folder.path().join("config.toml");
    let call =
        |arguments: &[&str]| -> Result<Call> { Ok(Call::new(arguments)?.env("ONETILL_CONFIG", &config)) };
    call(&["printer-test"])?.run().await?.expect(2);

    let emulator = Emulator::start(32)?;
    let address = format!("tcp://{}", emulator.address());
    let enroll = ["enroll", "--url", "https://shop.example", "--key", "sb_publishable_shown"];
    let printer = ["--printer", &address, "--paper", "58", "--drawer"];
    call(&[&enroll[..], &printer[..]].concat())?.run().await?.expect(0);
    let written = std::fs::read_to_string(&config)?;
    assert!(written.contains("[printer]") && written.contains("width = 58"), "{written}");
    call(&enroll)?.run().await?.expect(0);
    assert_eq!(
        std::fs::read_to_string(&config)?,
        written,
        "enrolling again without a printer keeps the one there is"
    );

    let said = call(&["printer-test"])?.run().await?.expect(0);
    assert!(said.out.contains("the page: done"), "{}", said.out);
    let paper = emulator.wait_until(|paper| paper.kicks == 1).map_err(|paper| format!("{paper:?}"))?;
    assert_eq!(paper.faults, Vec::<String>::new());
    assert!(paper.text(0).contains("áéíóúñ ¿¡ 1.234,50 €"), "{}", paper.text(0));

    let said = call(&["printer-test", "--find-letters", "--find-pin"])?.run().await?.expect(0);
    assert!(said.out.contains("`drawer_pin`") && said.out.contains("`letters`"), "{}", said.out);
    let paper = emulator.wait_until(|paper| paper.pulses.len() == 3).map_err(|paper| format!("{paper:?}"))?;
    assert_eq!(paper.pulses, [(2, 50), (2, 50), (5, 50)]);
    assert!(paper.text(1).contains("1252@16: ÄÖÜäöüßéèñ¿£€"), "{}", paper.text(1));

    for (mood, status) in [(Mood::Ready, "passed"), (Mood::PaperOut, "failed")] {
        emulator.set(mood);
        let page = call(&["--json", "doctor"])?.run().await?.json();
        let checks = page["checks"].as_array().into_iter().flatten();
        let told = checks.filter(|check| check["id"] == "printer").map(|check| &check["status"]);
        assert_eq!(told.collect::<Vec<_>>(), [status], "{mood:?}: {page}");
    }
    let said = call(&["printer-test"])?.run().await?.expect(3);
    assert!(said.err.contains("out of paper"), "{}", said.err);
    let off = format!("tcp://{}", Emulator::switched_off()?);
    let said = call(&["printer-test", "--printer", &off])?.run().await?.expect(3);
    assert!(said.err.contains("nothing answers"), "{}", said.err);
    call(&["printer-test", "--printer", "usb"])?.run().await?.expect(2);
    let wired = ["--drawer", "--drawer-pin", "5", "--drawer-pulse", "120"];
    let own = ["--profile", "epson-42", "--columns", "44", "--letters", "858@19"];
    let (enroll, printer) = (&enroll[..], ["--printer", &address]);
    call(&[enroll, &printer, &own, &wired].concat())?.run().await?.expect(0);
    let written = std::fs::read_to_string(&config)?;
    for line in [
        "profile = \"epson-42\"",
        "columns = 44",
        "letters = \"858@19\"",
        "drawer_pin = 5",
        "drawer_pulse_ms = 120",
    ] {
        assert!(written.contains(line), "{line} in {written}");
    }
    for wrong in [["--profile", "epson"], ["--columns", "12"], ["--letters", "latin"]] {
        call(&[enroll, &printer, &wrong].concat())?.run().await?.expect(2);
    }
    Ok(())
}
