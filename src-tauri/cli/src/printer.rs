//! The receipt printer of this computer, as the installer sees it: how it is named, how it is, and a page to try it with.

use crate::{
    error::{CliError, Result},
    output::Output,
};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use onetill_core::printing::{Columns, DrawerPin, Letters, PROFILES, Profile, Pulse};
use onetill_core::{PaperWidth, PrinterSettings, SettingValue};
use onetill_print::{Condition, Job, Printed, Printer, Timeouts, Trouble};
use onetill_store::{Places, Settings};
use std::path::PathBuf;

/// A printer as flags.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub(crate) struct PrinterArguments {
    /// The receipt printer: none, tcp://HOST[:PORT] or queue:NAME
    #[arg(long, value_name = "PRINTER", value_parser = PrinterSettings::from_flag)]
    printer: Option<PrinterSettings>,
    /// The width of its paper in millimetres: 80, 76 or 58
    #[arg(long, value_name = "MM", requires = "printer", value_parser = number::<u16, PaperWidth>)]
    paper: Option<PaperWidth>,
    /// The family of printers that it belongs to
    #[arg(long, requires = "printer", value_parser = profiles())]
    profile: Option<&'static Profile>,
    /// Letters in a line, where a ruler shows that they are not those of its family
    #[arg(long, value_name = "LETTERS", requires = "printer", value_parser = number::<u8, Columns>)]
    columns: Option<Columns>,
    /// How letters reach its paper: PAGE@NUMBER (1252@16, 858@19), ascii, or drawn
    #[arg(long, value_name = "HOW", requires = "printer")]
    letters: Option<Letters>,
    /// A cash drawer hangs on it
    #[arg(long, requires = "printer")]
    drawer: bool,
    /// How the drawer is wired: 2 or 5
    #[arg(long, value_name = "PIN", requires = "drawer", value_parser = number::<u8, DrawerPin>)]
    drawer_pin: Option<DrawerPin>,
    /// How long the pulse for the drawer is, in milliseconds
    #[arg(long, value_name = "MS", requires = "drawer", value_parser = number::<u16, Pulse>)]
    drawer_pulse: Option<Pulse>,
}

/// Every family by its name, with the models in the help.
fn profiles() -> impl TypedValueParser<Value = &'static Profile> {
    let known = PROFILES.iter().map(|profile| PossibleValue::new(profile.name).help(profile.models));
    PossibleValuesParser::new(known).try_map(|name| Profile::named(&name))
}

/// A number within its bounds.
fn number<N, T>(text: &str) -> std::result::Result<T, String>
where
    N: std::str::FromStr<Err: std::fmt::Display>,
    T: TryFrom<N, Error = String>,
{
    T::try_from(text.parse::<N>().map_err(|cause| cause.to_string())?)
}

impl PrinterArguments {
    /// What the flags say; `None` where they say nothing.
    pub(crate) fn settings(&self) -> Option<PrinterSettings> {
        let printer = self.printer.clone()?;
        Some(PrinterSettings {
            width: self.paper.unwrap_or_default(),
            profile: self.profile.unwrap_or_else(Profile::standard),
            columns: self.columns,
            letters: self.letters,
            drawer: self.drawer,
            drawer_pin: self.drawer_pin,
            drawer_pulse_ms: self.drawer_pulse,
            ..printer
        })
    }
}

/// Print a page to try the receipt printer with, and open the drawer that hangs on it.
///
/// The page shows the width of the paper and the letters that receipts need. Without --printer it goes to the printer
/// that this computer is configured with. A ruler that goes on in a second line needs fewer --columns; letters that come
/// out wrong need other --letters, which --find-letters shows; a drawer that stays shut may be wired to the other pin,
/// which --find-pin shows.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl printer-test
  onetillctl printer-test --printer tcp://192.168.1.50 --paper 58
  onetillctl printer-test --printer queue:Receipts --drawer
  onetillctl printer-test --printer tcp://192.168.1.50 --profile epson-42 --find-letters")]
pub(crate) struct Arguments {
    #[command(flatten)]
    printer: PrinterArguments,
    /// Print one line for each table of letters that printers have: the line that reads well names what to set
    #[arg(long)]
    find_letters: bool,
    /// Send a pulse to pin 2 of the drawer, and two seconds later to pin 5
    #[arg(long)]
    find_pin: bool,
    /// Configuration file to read instead of the usual one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs `printer-test`.
pub(crate) async fn run(arguments: &Arguments, output: Output) -> Result<()> {
    let settings = match arguments.printer.settings() {
        Some(settings) => settings,
        None => configured(&Places::from_environment().with_config(arguments.config.clone()))?,
    };
    if settings.is_none() {
        return Err(CliError::Usage("this computer has no printer configured: give --printer".into()));
    }
    let printer = Printer::new(settings.clone(), Timeouts::default());
    let page =
        if arguments.find_letters { Job::letters(&settings) } else { Job::page(&page(&settings), &settings) };
    told("the page", printer.print("test", page).await, output)?;
    if arguments.find_letters {
        output.line("Set `letters` to what stands before the line that reads well; `ascii` or `drawn` where none does.");
    }
    if arguments.find_pin {
        find_pin(&settings, output).await?;
    } else if settings.drawer {
        told("the drawer", printer.open_drawer().await, output)?;
    }
    output.document(&serde_json::json!({"outcome": "printed"}));
    Ok(())
}

/// Tries both ways in which a drawer is wired, slowly enough to see which of them it was.
async fn find_pin(settings: &PrinterSettings, output: Output) -> Result<()> {
    for (pin, number) in [(DrawerPin::Two, 2), (DrawerPin::Five, 5)] {
        let wired = PrinterSettings { drawer: true, drawer_pin: Some(pin), ..settings.clone() };
        let printed = Printer::new(wired, Timeouts::default()).open_drawer().await;
        told(&format!("the drawer at pin {number}"), printed, output)?;
        if pin == DrawerPin::Two {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        }
    }
    output.line("Set `drawer_pin` to the one at which it opened.");
    Ok(())
}

/// The printer in the till's own configuration.
pub(crate) fn configured(places: &Places) -> Result<PrinterSettings> {
    let settings = Settings::load(places).map_err(|fault| CliError::Failed(fault.detail))?;
    Ok(settings.values().printer.clone().unwrap_or_default())
}

/// How a printer is: what was found, and what to do where it is not ready.
pub(crate) async fn look(settings: PrinterSettings) -> std::result::Result<String, (String, &'static str)> {
    let place = match settings.queue.as_str() {
        "" => settings.endpoint(),
        queue => format!("queue {queue}"),
    };
    match Printer::new(settings, Timeouts::default()).condition().await {
        Condition::Ready { paper_low: false } => Ok(format!("{place}: ready")),
        Condition::Ready { paper_low: true } => Ok(format!("{place}: ready, the paper is near its end")),
        Condition::Silent => Ok(format!("{place}: reachable; it does not tell how it is")),
        Condition::Not(trouble) => {
            let (found, todo) = words(trouble);
            Err((format!("{place}: {found}"), todo))
        }
    }
}

fn told(what: &str, printed: Printed, output: Output) -> Result<()> {
    match printed {
        Printed::Done => output.line(format!("{what}: done")),
        Printed::HandedOver => {
            output.line(format!("{what}: sent; this printer does not say what came of it"))
        }
        Printed::NotPrinted { why } => {
            let (found, todo) = words(why);
            return Err(CliError::Failed(format!("{what}: {found}. {todo}")));
        }
        Printed::Unsure { why } => {
            let (found, todo) = words(why);
            return Err(CliError::Failed(format!(
                "{what} was sent, and then {found}. Look at the printer. {todo}"
            )));
        }
    }
    Ok(())
}

fn words(trouble: Trouble) -> (&'static str, &'static str) {
    match trouble {
        Trouble::NoPrinter => ("no printer is configured", "Enroll this computer with --printer."),
        Trouble::NoDrawer => ("no drawer is configured", "Enroll this computer with --printer and --drawer."),
        Trouble::Unreachable => (
            "nothing answers there",
            "Switch the printer on, check its cable and its address (its self-test page shows it).",
        ),
        Trouble::PaperOut => ("it is out of paper", "Put a new roll in."),
        Trouble::CoverOpen => ("its cover is open", "Close the cover."),
        Trouble::Offline => ("it says that it cannot print", "Look at its lamps; switch it off and on."),
        Trouble::Slow => ("it took too long", "Look at its lamps; switch it off and on."),
        Trouble::ConnectionLost => ("the connection broke", "Check its cable and its power."),
        Trouble::QueueRefused => {
            ("this computer has no such print queue, or it refuses jobs", "Set the queue up, or resume it.")
        }
    }
}

/// A ruler as wide as the paper, and the letters that four languages and their currencies need.
fn page(settings: &PrinterSettings) -> String {
    let columns = settings.columns();
    let ruler: String = ('1'..='9').chain(['0']).cycle().take(columns).collect();
    format!(
        "Onetill\n{}\n{ruler}\nÄÖÜ äöü ß àâçèéêëîïôùûœ\náéíóúñ ¿¡ 1.234,50 € £ ¥ $\n{ruler}",
        settings.describe()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_as_wide_as_the_paper_and_no_wider() {
        for width in [PaperWidth::Narrow, PaperWidth::Wide] {
            let text = page(&PrinterSettings { width, ..PrinterSettings::default() });
            let ruler = text.lines().nth(2).map(|line| line.chars().count());
            assert_eq!(ruler, Some(PrinterSettings { width, ..PrinterSettings::default() }.columns()));
        }
    }
}
