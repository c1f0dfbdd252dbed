//! The project's PostgreSQL, by its own address.
//!
//! Invariant: a password reaches the connection and nothing else; what is shown of an address never holds one.

use crate::{
    error::{CliError, Result},
    output::Output,
    secrets,
    tls::Trust,
};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_postgres::{
    AsyncMessage, Client, Config, NoTls, config::SslMode, error::DbError, tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

const CONNECT: Duration = Duration::from_secs(10);

/// Where the database is, from the command line or the environment.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct DatabaseArguments {
    /// Address of the database: postgres://user@host:5432/postgres?sslmode=verify-full
    ///
    /// Without a password: that comes from PGPASSWORD, or is asked for. Only in the environment variable may the address
    /// hold one. Copy it from "Connect" in the project's dashboard, direct connection or session pooler.
    #[arg(long, value_name = "ADDRESS", env = "ONETILL_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
}

impl DatabaseArguments {
    /// The address, with the password from wherever it may come from; `None` when none was given.
    pub(crate) fn address(&self) -> Result<Option<Address>> {
        let Some(text) = &self.database_url else { return Ok(None) };
        // An address that is not the environment's own was typed.
        let typed = std::env::var("ONETILL_DATABASE_URL").ok().as_deref() != Some(text);
        let mut address = Address::parse(text, typed)?;
        if address.password.is_none() {
            address.password = secrets::from_environment("PGPASSWORD");
        }
        if address.password.is_none() && !address.on_this_computer {
            address.password = secrets::typed(&format!("Password of {}", address.shown))?;
        }
        Ok(Some(address))
    }

    /// The same where nothing can be done without one.
    pub(crate) fn required(&self) -> Result<Address> {
        self.address()?.ok_or_else(|| {
            CliError::Usage(
                "this needs --database-url (or ONETILL_DATABASE_URL): the address of the database".into(),
            )
        })
    }
}

/// A database's address, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    config: Config,
    trust: Trust,
    password: Option<SecretString>,
    on_this_computer: bool,
    /// Host, port and database, for people.
    pub(crate) shown: String,
}

impl Address {
    /// # Errors
    /// `Usage` when it cannot be one, or was typed with a password in it.
    pub(crate) fn parse(text: &str, typed: bool) -> Result<Self> {
        let bad = |why: &str| CliError::Usage(format!("the database address {why}"));
        let mut url = Url::parse(text.trim()).map_err(|_shows_a_password| {
            bad("is not a web-like address: postgres://user@host:5432/postgres")
        })?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(bad("must begin with postgres://"));
        }
        let Some(host) = url.host_str().map(str::to_owned) else { return Err(bad("names no host")) };
        let port = url.port().unwrap_or(5432);
        if port == 6543 && host.ends_with(".pooler.supabase.com") {
            return Err(bad(
                "is the transaction pooler's (port 6543), which keeps no session: take the direct connection or the \
                 session pooler (port 5432)",
            ));
        }
        let password = url.password().filter(|text| !text.to_ascii_uppercase().contains("YOUR-PASSWORD"));
        if password.is_some() && typed {
            return Err(bad(
                "must not hold the password on the command line, where the process list and the shell's history show \
                 it: leave it out and set PGPASSWORD, or put the whole address into ONETILL_DATABASE_URL",
            ));
        }
        let password = password.map(|text| percent_decode_str(text).decode_utf8()).transpose();
        let password = password.map_err(|_shows_it| bad("has a password that is not UTF-8"))?;
        let password = password.map(|text| SecretString::from(text.into_owned()));
        url.set_password(None).map_err(|()| bad("cannot be read"))?;

        let (mut mode, mut root, mut rest) = (None, None, Vec::new());
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" => root = Some(value.into_owned()),
                _ => rest.push((name.into_owned(), value.into_owned())),
            }
        }
        url.set_query(None);
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
        let on_this_computer = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        let trust = Trust::parse(mode.as_deref(), root.as_deref(), on_this_computer)?;
        let mut config: Config = url
            .as_str()
            .parse()
            .map_err(|cause: tokio_postgres::Error| bad(&format!("cannot be read: {}", chain(&cause))))?;
        config.ssl_mode(match trust {
            Trust::Off => SslMode::Disable,
            Trust::Prefer => SslMode::Prefer,
            _ => SslMode::Require,
        });
        config.application_name("onetillctl");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        let database = url.path().trim_start_matches('/');
        let shown = format!("{host}:{port}/{}", if database.is_empty() { "postgres" } else { database });
        Ok(Self { config, trust, password, on_this_computer, shown })
    }

    pub(crate) fn is_on_this_computer(&self) -> bool {
        self.on_this_computer
    }

    /// # Errors
    /// `Undone` with what stood in the way.
    pub(crate) async fn connect(&self, output: Output) -> Result<Database> {
        if let Some(caution) = self.trust.caution() {
            output.progress(format!("Note: {caution}"));
        }
        let mut config = self.config.clone();
        if let Some(password) = &self.password {
            config.password(password.expose_secret());
        }
        let connected = match self.trust {
            Trust::Off => self.open(&config, NoTls).await,
            _ => self.open(&config, MakeRustlsConnect::new(self.trust.client()?)).await,
        };
        connected.map_err(|cause| CliError::failed(format!("the database at {} : {cause}", self.shown)))
    }

    async fn open<T>(&self, config: &Config, tls: T) -> std::result::Result<Database, String>
    where
        T: MakeTlsConnect<tokio_postgres::Socket> + Send,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as tokio_postgres::tls::TlsConnect<tokio_postgres::Socket>>::Future: Send,
    {
        let (client, mut connection) = config.connect(tls).await.map_err(|cause| chain(&cause))?;
        let (sender, notices) = unbounded_channel();
        tokio::spawn(async move {
            // Ends with the client, or with the connection; whoever waits for an answer is told which.
            while let Some(Ok(message)) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notice(notice) = message {
                    let _nobody_listens = sender.send(notice);
                }
            }
        });
        Ok(Database { client, notices })
    }
}

/// A connection, and what the database says besides its answers.
pub(crate) struct Database {
    pub(crate) client: Client,
    notices: UnboundedReceiver<DbError>,
}

impl Database {
    /// The notices since the last call.
    pub(crate) fn notices(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        while let Ok(notice) = self.notices.try_recv() {
            told.push(notice.message().to_owned());
        }
        told
    }
}

/// A database's refusal with everything that helps, in one line.
pub(crate) fn chain(error: &tokio_postgres::Error) -> String {
    let Some(db) = error.as_db_error() else {
        let mut text = error.to_string();
        let mut next = std::error::Error::source(error);
        while let Some(cause) = next {
            text.push_str(&format!(": {cause}"));
            next = cause.source();
        }
        return text;
    };
    let mut text = format!("{} ({})", db.message(), db.code().code());
    for (what, more) in [("", db.detail()), ("hint: ", db.hint()), ("in ", db.where_())] {
        if let Some(more) = more {
            text.push_str(&format!("; {what}{}", more.replace('\n', " ")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_refused_where_others_could_see_it_and_never_shown() {
        let text = "postgres://postgres:h%40mster@db.example:5432/postgres";
        let CliError::Usage(why) = Address::parse(text, true).unwrap_err() else { panic!("a usage error") };
        assert!(why.contains("PGPASSWORD") && !why.contains("mster"), "{why}");
        let address = Address::parse(text, false).unwrap();
        assert_eq!(address.password.as_ref().unwrap().expose_secret(), "h@mster");
        assert_eq!(address.shown, "db.example:5432/postgres");
        assert!(!format!("{address:?}").contains("mster"));
    }

    #[test]
    fn a_copied_address_works_with_its_placeholder() {
        let address = Address::parse("postgresql://postgres:[YOUR-PASSWORD]@db.example/postgres", true);
        // A bracket is no character of an address; the dashboard writes it all the same.
        assert!(address.unwrap().password.is_none());
    }

    #[test]
    fn refuses_what_would_fail_later() {
        for text in [
            "db.example",
            "mysql://db.example/x",
            "postgres:///postgres",
            "postgres://u@x.pooler.supabase.com:6543/postgres",
            "postgres://u@db.example/x?sslmode=maybe",
            "postgres://u@db.example/x?wrong=1",
        ] {
            assert!(matches!(Address::parse(text, true), Err(CliError::Usage(_))), "{text}");
        }
    }

    #[test]
    fn other_computers_are_spoken_to_in_cipher() {
        let mode = |text: &str| Address::parse(text, true).unwrap().config.get_ssl_mode();
        assert_eq!(mode("postgres://u@db.example/x"), SslMode::Require);
        assert_eq!(mode("postgres://u@127.0.0.1/x"), SslMode::Prefer);
        assert_eq!(mode("postgres://u@db.example/x?sslmode=disable"), SslMode::Disable);
    }
}
