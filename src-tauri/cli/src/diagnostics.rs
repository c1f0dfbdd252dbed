//! `onetillctl diagnostics`: the till's own diagnostics and what the doctor finds, in one text file for support.

use crate::{
    doctor,
    error::{CliError, Result},
    output::Output,
};
use onetill_store::{Places, diagnostics};
use std::{fs, path::PathBuf};

/// Collect versions, configuration, the till's file, doctor and logs into one file for support.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl diagnostics --out register-3.txt
  onetillctl diagnostics --email mara@shop.example --out register-3.txt")]
pub(crate) struct Arguments {
    #[command(flatten)]
    doctor: doctor::Arguments,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "onetill-diagnostics.txt")]
    out: PathBuf,
}

/// Runs the command. What the doctor found does not decide how it ends.
pub(crate) async fn run(arguments: &Arguments, output: Output) -> Result<()> {
    let places = Places::from_environment().with_config(arguments.doctor.project.config.clone());
    output.progress("Asking the doctor");
    let (page, project) = doctor::examine(&arguments.doctor, output).await?;
    output.progress("Collecting");
    let program = format!(
        "onetillctl {}\nschema version {}",
        env!("CARGO_PKG_VERSION"),
        crate::migrations::schema_version().unwrap_or_default()
    );
    let text = diagnostics::text(&places, &program, &[("doctor", page.text(&project))]);
    fs::write(&arguments.out, &text)
        .map_err(|cause| CliError::failed(format!("{}: {cause}", arguments.out.display())))?;
    output.line(format!(
        "Written: {} ({} KB). Read it before you send it.",
        arguments.out.display(),
        text.len() / 1024
    ));
    output.document(&serde_json::json!({"outcome": "written", "file": arguments.out, "bytes": text.len()}));
    Ok(())
}
