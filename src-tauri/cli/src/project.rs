//! Which Supabase project is meant, and who signs in to it.

use crate::{
    api::{ApiClient, Login},
    error::{CliError, Result},
    secrets,
};
use onetill_core::{Connection, Fault, Project};
use onetill_store::{Places, Settings};
use secrecy::SecretString;
use std::path::PathBuf;

/// The project: flags over the environment over the till's own configuration file.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct ProjectArguments {
    /// Project URL; when absent, the till's configuration on this computer
    #[arg(long, env = "ONETILL_SUPABASE_URL", value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Publishable key (sb_publishable_…); never a secret key
    #[arg(long, env = "ONETILL_SUPABASE_KEY", value_name = "KEY", hide_env_values = true)]
    pub(crate) key: Option<String>,
    /// Configuration file to read instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

impl ProjectArguments {
    /// The project as typed or as configured, not yet judged.
    pub(crate) fn written(&self) -> std::result::Result<Project, Fault> {
        let mut project = match (&self.url, &self.key) {
            // Both given: the file on this computer, if any, has nothing to output.
            (Some(_), Some(_)) => Project::default(),
            _ => {
                let places = Places::from_environment().with_config(self.config.clone());
                Settings::of_files(&places)?.values().supabase.clone()
            }
        };
        if let Some(url) = &self.url {
            project.url.clone_from(url);
        }
        if let Some(key) = &self.key {
            project.key.clone_from(key);
        }
        Ok(project)
    }

    /// The project to talk to.
    pub(crate) fn connection(&self) -> Result<Connection> {
        let supabase = self.written().map_err(|fault| CliError::Usage(fault.detail))?;
        if supabase.is_empty() {
            return Err(CliError::Usage(
                "which project? Give --url and --key, or enroll this computer first (onetillctl enroll)"
                    .into(),
            ));
        }
        supabase.connection().map_err(|fault| CliError::Usage(fault.detail))
    }
}

/// A member of staff who signs in.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct SignInArguments {
    /// E-mail of a member of staff; the password comes from ONETILL_PASSWORD, standard input or the keyboard
    #[arg(long, env = "ONETILL_EMAIL", value_name = "E-MAIL")]
    pub(crate) email: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

impl SignInArguments {
    /// E-mail and password; `None` when no e-mail was given.
    pub(crate) fn credentials(&self) -> Result<Option<(String, SecretString)>> {
        let Some(email) = &self.email else { return Ok(None) };
        let password = if self.password_stdin {
            Some(secrets::from_stdin()?)
        } else {
            match secrets::from_environment("ONETILL_PASSWORD") {
                Some(password) => Some(password),
                None => secrets::typed(&format!("Password of {email}"))?,
            }
        };
        let password = password.ok_or_else(|| {
            CliError::Usage("no password: set ONETILL_PASSWORD, or use --password-stdin".into())
        })?;
        Ok(Some((email.clone(), password)))
    }

    /// Signs in; without an e-mail nothing can be done.
    pub(crate) async fn sign_in(&self, client: &ApiClient) -> Result<Login> {
        let (email, password) = self.credentials()?.ok_or_else(|| {
            CliError::Usage(
                "this needs --email (or ONETILL_EMAIL) of a member of staff to sign in with".into(),
            )
        })?;
        client.sign_in(&email, &password).await.map_err(|why| CliError::failed(format!("signing in: {why}")))
    }
}
