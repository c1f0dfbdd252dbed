//! `onetillctl enroll`: makes this computer a register's.
//!
//! Invariants: a secret key is never written; what is there already is replaced only when that is asked for; a link is
//! used only with its signature checked.

pub(crate) mod link;

use crate::{
    end::{End, Result},
    printer::PrinterArguments,
    project::SignInArguments,
    say::Say,
};
use jiff::{SignedDuration, Timestamp};
use link::Ticket;
use onetill_core::{
    Connection, Placement,
    ports::{DeviceStore, Server},
};
use onetill_store::{
    Instance, Places, ProjectStore, StoreFile,
    config::{Config, Supabase},
};
use onetill_supabase::{MemoryVault, SupabaseServer};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Write this computer's configuration, from flags, a file or a signed link.
///
/// With --register and --email it also signs in once, finds the register and keeps it for the till, so that nobody has to
/// choose. Without, the till asks at its first start.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl enroll --url https://shop.example --key sb_publishable_…
  onetillctl enroll --from store-7.toml --register M1 --email mara@shop.example
  onetillctl enroll --from store-7.toml --printer tcp://192.168.1.50 --paper 80 --drawer
  onetillctl enroll --link 'onetill://enroll/1/…' --trust PUBLIC-KEY

The file is TOML: url, key, and if wanted location, register, valid_until and a table [printer] as in config.toml.")]
pub(crate) struct Arguments {
    /// Project URL
    #[arg(long, value_name = "URL", conflicts_with_all = ["from", "link"], requires = "key")]
    url: Option<String>,
    /// Publishable key (sb_publishable_…)
    #[arg(long, value_name = "KEY", conflicts_with_all = ["from", "link"], requires = "url")]
    key: Option<String>,
    /// Read address, key and register from a TOML file
    #[arg(long, value_name = "FILE", conflicts_with = "link")]
    from: Option<PathBuf>,
    /// Read them from a signed enrolment link
    #[arg(long, value_name = "LINK")]
    link: Option<String>,
    /// The public key that links must be signed with; a file of that content also does
    // One key in 64 begins with a hyphen.
    #[arg(long, value_name = "KEY", env = "ONETILL_ENROLMENT_KEY", allow_hyphen_values = true)]
    trust: Option<String>,
    /// The register of this computer, by number or id
    #[arg(long, value_name = "REGISTER")]
    register: Option<String>,
    /// Its store, by name or id, where register numbers repeat
    #[arg(long, value_name = "LOCATION")]
    location: Option<String>,
    #[command(flatten)]
    printer: PrinterArguments,
    /// Replace a configuration that names another project
    #[arg(long)]
    replace: bool,
    /// Configuration file to write instead of the usual one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    sign_in: SignInArguments,
}

/// Make the key pair that signs enrolment links.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl enrolment-key --out enrolment.key     keep the file; give the printed public key to every computer")]
pub(crate) struct KeyArguments {
    /// Where the signing key goes; never over an existing file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Make a signed enrolment link for one computer or for all of them.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl enrolment-link --signing-key enrolment.key --url https://shop.example --key sb_publishable_… --register M1")]
pub(crate) struct LinkArguments {
    /// The file that enrolment-key wrote
    #[arg(long, value_name = "FILE")]
    signing_key: PathBuf,
    /// Project URL
    #[arg(long, value_name = "URL")]
    url: String,
    /// Publishable key (sb_publishable_…)
    #[arg(long, value_name = "KEY")]
    key: String,
    /// The register, by number or id
    #[arg(long, value_name = "REGISTER")]
    register: Option<String>,
    /// Its store, by name or id, where register numbers repeat
    #[arg(long, value_name = "LOCATION")]
    location: Option<String>,
    #[command(flatten)]
    printer: PrinterArguments,
    /// How long it can be used
    #[arg(long, default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
}

/// Runs `enroll`.
pub(crate) async fn run(arguments: &Arguments, say: Say) -> Result<()> {
    let ticket = ticket(arguments)?;
    let places = Places::from_environment().with_config(arguments.config.clone());
    let mut config = match Config::load(&places.config) {
        Ok(config) => config,
        Err(_) if arguments.replace => Config::default(),
        Err(fault) => return Err(End::Undone(format!("{}; --replace writes it anew", fault.detail))),
    };
    let supabase = Supabase { url: ticket.url.clone(), key: ticket.key.clone() };
    let wanted = Config { supabase, ..Config::default() };
    let connection = wanted.connection().map_err(|fault| End::Usage(fault.detail))?;
    // As the till itself spells them, so that enrolling again the same way changes nothing.
    let fresh = Supabase { url: connection.url.to_string(), key: connection.key.header().to_owned() };
    if !config.is_empty() && config.supabase != fresh && !arguments.replace {
        return Err(End::Undone(format!(
            "{} names another project or key already; --replace writes it anew",
            places.config.display()
        )));
    }
    config.supabase = fresh;
    if let Some(printer) = &ticket.printer {
        config.printer = printer.clone();
    }
    config.save(&places.config).map_err(|fault| End::undone(fault.detail))?;
    say.line(format!("Written: {} ({})", places.config.display(), connection.url));

    let mut kept = None;
    match (&ticket.register, arguments.sign_in.email.is_some()) {
        (Some(register), true) => {
            let placement = place(arguments, &ticket, register, &connection, &places).await?;
            let shown =
                format!("{} {}", placement.register.register_number, placement.register.register_name);
            say.line(format!("Register: {shown}, {}", placement.location.name));
            kept = Some(placement.register.register_number);
        }
        (Some(register), false) => {
            say.line(format!(
                "Register {register} is chosen at the till's first start; with --email it is chosen now."
            ));
        }
        (None, _) => say.line("The register is chosen at the till's first start."),
    }
    say.document(&serde_json::json!({
        "outcome": "enrolled", "config": places.config, "project": connection.url.to_string(), "register": kept,
    }));
    Ok(())
}

fn ticket(arguments: &Arguments) -> Result<Ticket> {
    let mut ticket = match arguments {
        Arguments { url: Some(url), key: Some(key), .. } => {
            Ticket { url: url.clone(), key: key.clone(), ..Ticket::default() }
        }
        Arguments { from: Some(path), .. } => {
            let text = read(path)?;
            // The parser's own words would quote the line, which may hold the key.
            let ticket: Ticket = toml::from_str(&text)
                .map_err(|cause| End::Usage(format!("{}: {}", path.display(), cause.message())))?;
            if ticket.valid_until.is_some_and(|until| until < Timestamp::now()) {
                return Err(End::Usage(format!("{} ran out: ask for a new one", path.display())));
            }
            ticket
        }
        Arguments { link: Some(text), .. } => {
            let trusted = arguments.trust.as_deref().ok_or_else(|| {
                End::Usage(
                    "a link needs --trust (or ONETILL_ENROLMENT_KEY): the public key it is signed with"
                        .into(),
                )
            })?;
            let trusted =
                if Path::new(trusted).is_file() { read(Path::new(trusted))? } else { trusted.to_owned() };
            link::open(text, &trusted, Timestamp::now())?
        }
        _ => return Err(End::Usage("from what? Give --url and --key, --from FILE, or --link LINK".into())),
    };
    ticket.register = arguments.register.clone().or(ticket.register);
    ticket.location = arguments.location.clone().or(ticket.location);
    ticket.printer = arguments.printer.settings().or(ticket.printer);
    Ok(ticket)
}

/// Finds the register and keeps it in the till's own file.
async fn place(
    arguments: &Arguments,
    ticket: &Ticket,
    wanted: &str,
    connection: &Connection,
    places: &Places,
) -> Result<Placement> {
    let credentials = arguments.sign_in.credentials()?;
    let (email, password) = credentials.ok_or_else(|| End::Usage("--register needs --email".into()))?;
    let _till_does_not_run = Instance::take(&places.data)
        .map_err(|problem| End::undone(format!("{}: {problem}", places.data.display())))?;
    let opening = StoreFile::open(&places.store_file()).map_err(|fault| End::undone(fault.detail))?;
    let failed = |fault: onetill_core::Fault| End::undone(fault);
    let version = concat!("onetillctl/", env!("CARGO_PKG_VERSION"));
    let vault = Arc::new(MemoryVault::default());
    let server =
        SupabaseServer::new(connection.clone(), opening.file.device_id(), version, vault).map_err(failed)?;
    let staff = server.sign_in(&email, &password).await.map_err(failed)?;
    let found = async {
        let mut found = Vec::new();
        for location in &staff.locations {
            let meant = |name: &str| name == location.name || name == location.id.to_string();
            if ticket.location.as_deref().is_some_and(|name| !meant(name)) {
                continue;
            }
            for register in server.registers(location.id).await.map_err(failed)? {
                if register.register_number == wanted || register.id.to_string() == wanted {
                    found.push(Placement { register, location: location.clone() });
                }
            }
        }
        Ok(found)
    }
    .await;
    server.sign_out().await;
    let mut found = found?;
    let placement = match (found.pop(), found.is_empty()) {
        (Some(placement), true) => placement,
        (Some(_), false) => {
            return Err(End::Usage(format!("several stores have a register {wanted}: add --location")));
        }
        (None, _) => return Err(End::Usage(format!("there is no register {wanted} where {email} works"))),
    };
    let store = ProjectStore::new(opening.file, connection.url.to_string());
    store.keep_placement(Some(&placement)).map_err(failed)?;
    Ok(placement)
}

/// Runs `enrolment-key`.
pub(crate) fn make_key(arguments: &KeyArguments, say: Say) -> Result<()> {
    let (secret, public) = link::new_key()?;
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let written = file.open(&arguments.out).and_then(|mut file| {
        use std::io::Write;
        file.write_all(secret.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|cause| End::undone(format!("{}: {cause}", arguments.out.display())))?;
    say.line(format!("Signing key: {} (keep it secret, keep a copy)", arguments.out.display()));
    say.line(format!("Public key, for every computer: {public}"));
    say.document(&serde_json::json!({"signing_key": arguments.out, "public_key": public}));
    Ok(())
}

/// Runs `enrolment-link`.
pub(crate) fn make_link(arguments: &LinkArguments, say: Say) -> Result<()> {
    let LinkArguments { url, key, register, location, printer, days, .. } = arguments;
    let supabase = Supabase { url: url.clone(), key: key.clone() };
    let connection =
        Config { supabase, ..Config::default() }.connection().map_err(|fault| End::Usage(fault.detail))?;
    let valid = SignedDuration::from_hours(24 * i64::from(*days));
    let ticket = Ticket {
        url: connection.url.to_string(),
        key: connection.key.header().to_owned(),
        register: register.clone(),
        location: location.clone(),
        printer: printer.settings(),
        valid_until: Some(Timestamp::now().checked_add(valid).map_err(End::undone)?),
    };
    let link = link::sign(&ticket, &read(&arguments.signing_key)?)?;
    say.line(&link);
    say.document(&serde_json::json!({"link": link, "valid_until": ticket.valid_until}));
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|cause| End::undone(format!("{}: {cause}", path.display())))
}
