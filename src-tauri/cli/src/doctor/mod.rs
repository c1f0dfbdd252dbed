//! `onetillctl doctor`: everything that matters, each thing passed, failed or not checkable, and what to do about it.

mod computer;
mod database;
mod report;
mod server;

pub(crate) use report::{Finished, Status};
pub(crate) use server::function_is_there;

use crate::{
    api::ApiClient,
    database::DatabaseArguments,
    error::{CliError, Result},
    output::Output,
    project::{ProjectArguments, SignInArguments},
};
use onetill_store::Places;
use report::Report;

/// Check project, sign-in, database and this computer, and say what to do about what is wrong.
///
/// Nothing is changed by it. The more it is given, the more it sees: address and key; a member of staff to sign in as; the
/// database's address. Without any, it takes the till's own configuration on this computer.
#[derive(clap::Args, Debug)]
#[group(skip)]
#[command(after_help = "\
Examples:
  onetillctl doctor                                          on a register PC that is enrolled
  onetillctl doctor --url https://shop.example --key sb_publishable_… --email mara@shop.example
  onetillctl doctor --database-url postgres://postgres@db.example.com/postgres
  onetillctl doctor > page.txt && lp page.txt                on paper")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) project: ProjectArguments,
    #[command(flatten)]
    pub(crate) sign_in: SignInArguments,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
    /// Leave this computer out: it is not the register
    #[arg(long)]
    pub(crate) no_computer: bool,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments, output: Output) -> Result<()> {
    let (page, project) = examine(arguments, output).await?;
    page.print(&project, output);
    match page.count(Status::Failed) {
        0 => Ok(()),
        failed => Err(CliError::ProblemsFound(format!("{failed} check(s) failed"))),
    }
}

/// The page, and which project it is about.
pub(crate) async fn examine(arguments: &Arguments, output: Output) -> Result<(Finished, String)> {
    let address = arguments.database.address()?;
    let credentials = arguments.sign_in.credentials()?;
    let mut report = Report::default();
    let connection = server::settings(arguments.project.written(), address.is_some(), &mut report);
    let project = connection.as_ref().map(|connection| connection.url.host()).unwrap_or_default();

    // First, because it sees more than a sign-in does; the first word on a check is the one that counts.
    database::all(address.as_ref(), output, &mut report).await;
    if let Some(connection) = connection {
        match ApiClient::new(connection.clone()) {
            Ok(client) => {
                if server::project(&client, &connection, &mut report).await {
                    server::staff(&client, credentials, address.is_none(), &mut report).await;
                }
            }
            Err(why) => {
                report.failed("tls", why, "This computer can make no TLS client; reinstall its certificates.")
            }
        }
    }
    if arguments.no_computer {
        for id in ["config", "autostart", "data_folder", "disk", "store", "keychain", "printer"] {
            report.not_checkable(id, "left out");
        }
    } else {
        computer::all(&Places::from_environment().with_config(arguments.project.config.clone()), &mut report)
            .await;
    }
    Ok((report.finish(), project))
}
