//! Passwords: from the environment, from standard input, or typed; never from a flag, where the process list and the
//! shell's history would show them.

use crate::error::{CliError, Result};
use secrecy::SecretString;
use std::io::{BufRead, IsTerminal};

/// The password from this environment variable, if it holds one.
pub(crate) fn from_environment(name: &str) -> Option<SecretString> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(SecretString::from)
}

/// The first line of standard input.
pub(crate) fn from_stdin() -> Result<SecretString> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(CliError::failed)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(CliError::Usage("standard input holds no password".into()));
    }
    Ok(SecretString::from(password))
}

/// Asks whoever sits there; `None` where nobody does.
pub(crate) fn typed(what: &str) -> Result<Option<SecretString>> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let password = rpassword::prompt_password(format!("{what}: ")).map_err(CliError::failed)?;
    Ok(Some(SecretString::from(password)))
}
