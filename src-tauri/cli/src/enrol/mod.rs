//! `onetillctl enroll`: makes this computer a register's.
//!
//! Invariants: a secret key is never written; what is there already is replaced only when that is asked for; a link is
//! used only with its signature checked.

mod flags;
pub(crate) mod link;
pub(crate) mod picture;

use crate::{
    error::{CliError, Result},
    output::Output,
    printer::PrinterArguments,
    project::SignInArguments,
};
use flags::SettingFlags;
use jiff::{SignedDuration, Timestamp};
use link::Ticket;
use onetill_core::{
    Config, Connection, Fault, Project, RegisterAssignment, SettingKey,
    ports::{self, DeviceStore, Server},
};
use onetill_store::{
    Instance, Places, ProjectStore, Settings, StoreFile,
    autostart::{self, Kept},
    config,
};
use onetill_supabase::{MemoryVault, SupabaseServer};
use std::{
    fs,
    io::Write,
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
  onetillctl enroll --qr photograph.jpg --trust PUBLIC-KEY
  onetillctl enroll --from store-7.toml --locale de --autostart on
  onetillctl enroll --from store-7.toml --whole-computer --lock supabase.url,supabase.key

The file is TOML: url, key, and if wanted location, register, valid_until and any other setting as in config.toml.
--whole-computer writes the file that holds for everybody at this computer and lies below each person's own;
what --lock names, nobody there can change. It takes an administrator.")]
pub(crate) struct Arguments {
    /// Project URL
    #[arg(long, value_name = "URL", conflicts_with_all = ["from", "link", "qr"], requires = "key")]
    url: Option<String>,
    /// Publishable key (sb_publishable_…)
    #[arg(long, value_name = "KEY", conflicts_with_all = ["from", "link", "qr"], requires = "url")]
    key: Option<String>,
    /// Read address, key and register from a TOML file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["link", "qr"])]
    from: Option<PathBuf>,
    /// Read them from a signed enrolment link
    #[arg(long, value_name = "LINK", conflicts_with = "qr")]
    link: Option<String>,
    /// Read the link from a picture of its QR code, PNG or JPEG
    #[arg(long, value_name = "PICTURE")]
    qr: Option<PathBuf>,
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
    #[command(flatten)]
    settings: SettingFlags,
    /// Write the configuration of the whole computer, below each person's own
    #[arg(long, conflicts_with = "config")]
    whole_computer: bool,
    /// Settings that nobody at this computer may change
    #[arg(long, value_name = "SETTING", value_delimiter = ',', requires = "whole_computer", value_parser = flags::setting())]
    lock: Vec<SettingKey>,
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
  onetillctl enrolment-link --signing-key enrolment.key --url https://shop.example --key sb_publishable_… --register M1
  onetillctl enrolment-link --signing-key enrolment.key --url https://shop.example --key sb_publishable_… --qr store-7.png")]
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
    #[command(flatten)]
    settings: SettingFlags,
    /// Write the link as a picture of a QR code, too (PNG); never over an existing file
    #[arg(long, value_name = "PICTURE")]
    qr: Option<PathBuf>,
    /// How long it can be used
    #[arg(long, default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
}

/// Runs `enroll`.
pub(crate) async fn run(arguments: &Arguments, output: Output) -> Result<()> {
    let ticket = ticket(arguments)?;
    let places = Places::from_environment().with_config(arguments.config.clone());
    let connection = ticket.settings.supabase.connection().map_err(|fault| CliError::Usage(fault.detail))?;
    let fresh = Config { supabase: spelled(&connection), ..ticket.settings.clone() };
    let path = write(arguments, &fresh, &places)?;
    output.line(format!("Written: {} ({})", path.display(), connection.url));

    let mut kept = None;
    match (&ticket.register, arguments.sign_in.email.is_some() && !arguments.whole_computer) {
        (Some(register), true) => {
            let assignment = place(arguments, &ticket, register, &connection, &places).await?;
            let shown =
                format!("{} {}", assignment.register.register_number, assignment.register.register_name);
            output.line(format!("Register: {shown}, {}", assignment.location.name));
            kept = Some(assignment.register.register_number);
        }
        (Some(register), false) => {
            output.line(format!(
                "Register {register} is chosen at the till's first start; with --email it is chosen now."
            ));
        }
        (None, _) => output.line("The register is chosen at the till's first start."),
    }
    at_login(arguments, &fresh, &places, output)?;
    output.document(&serde_json::json!({
        "outcome": "enrolled", "config": path, "project": connection.url.to_string(), "register": kept,
    }));
    Ok(())
}

/// The project as the till itself spells it, so that enrolling again the same way changes nothing.
fn spelled(connection: &Connection) -> Project {
    Project { url: connection.url.to_string(), key: connection.key.header().to_owned() }
}

/// Puts what was asked for into the person's file, or the whole computer's. Says which.
fn write(arguments: &Arguments, fresh: &Config, places: &Places) -> Result<PathBuf> {
    let unreadable = |fault: Fault| match arguments.replace {
        true => Ok(Config::default()),
        false => Err(CliError::Failed(format!("{}; --replace writes it anew", fault.detail))),
    };
    let machine = config::load_machine(&places.machine_config);
    let (path, mut config, above) = if arguments.whole_computer {
        (&places.machine_config, machine.or_else(unreadable)?, Config::default())
    } else {
        let machine = machine.map_err(|fault| CliError::failed(fault.detail))?;
        (&places.config, config::load(&places.config).or_else(unreadable)?, machine)
    };
    let is_other = !config.supabase.is_empty() && config.supabase != fresh.supabase;
    if is_other && !arguments.replace {
        return Err(CliError::Failed(format!(
            "{} names another project or key already; --replace writes it anew",
            path.display()
        )));
    }
    for key in SettingKey::ALL.iter().copied().filter(|key| fresh.sets(*key)) {
        if !above.locked.contains(&key) {
            config.take(key, fresh);
        } else if !above.agrees(key, fresh) {
            return Err(CliError::Failed(format!(
                "{key} is locked at this computer by {}: its administrator changes it there",
                places.machine_config.display()
            )));
        }
    }
    if !arguments.lock.is_empty() {
        config.locked.clone_from(&arguments.lock);
    }
    if let Some(key) = config.locked.iter().find(|key| !config.sets(**key)) {
        return Err(CliError::Usage(format!("{key} cannot be locked without being set")));
    }
    config::save(&config, path).map_err(|fault| CliError::failed(fault.detail))?;
    if arguments.whole_computer
        && let Some(folder) = path.parent()
    {
        let refused = |cause| CliError::failed(format!("{}: its rights: {cause}", folder.display()));
        onetill_store::for_administrators_only(folder).map_err(refused)?;
    }
    Ok(path.clone())
}

/// Lets the till start at login, or not, now: a till that was never started could not do it.
fn at_login(arguments: &Arguments, fresh: &Config, places: &Places, output: Output) -> Result<()> {
    if fresh.autostart.is_none() {
        return Ok(());
    }
    let program = autostart::program().filter(|_there| !arguments.whole_computer);
    let Some(program) = program else {
        output.line("The start at login is brought in order by the till's first start.");
        return Ok(());
    };
    let settings = Settings::of_files(places).map_err(|fault| CliError::failed(fault.detail))?;
    match autostart::keep(places, settings.values().autostart, &program).map_err(CliError::failed)? {
        Kept::On => output.line(format!("Starts at login: {}", program.display())),
        Kept::Off => output.line("Does not start at login."),
        Kept::NotThisTill => output.line("A till with a data folder of its own does not start at login."),
        Kept::Untouched => {}
    }
    Ok(())
}

fn ticket(arguments: &Arguments) -> Result<Ticket> {
    let mut ticket = match arguments {
        Arguments { url: Some(url), key: Some(key), .. } => Ticket::of(url, key),
        Arguments { from: Some(path), .. } => {
            let text = read(path)?;
            // The parser's own words would quote the line, which may hold the key.
            let ticket: Ticket = toml::from_str(&text)
                .map_err(|cause| CliError::Usage(format!("{}: {}", path.display(), cause.message())))?;
            if ticket.valid_until.is_some_and(|until| until < Timestamp::now()) {
                return Err(CliError::Usage(format!("{} ran out: ask for a new one", path.display())));
            }
            ticket
        }
        Arguments { link, qr, .. } if link.is_some() || qr.is_some() => {
            let trusted = arguments.trust.as_deref().ok_or_else(|| {
                CliError::Usage(
                    "a link needs --trust (or ONETILL_ENROLMENT_KEY): the public key it is signed with"
                        .into(),
                )
            })?;
            let trusted =
                if Path::new(trusted).is_file() { read(Path::new(trusted))? } else { trusted.to_owned() };
            let text = match (link, qr) {
                (_, Some(picture)) => picture::read(picture)?,
                (text, None) => text.clone().unwrap_or_default(),
            };
            link::open(&text, &trusted, Timestamp::now())?
        }
        _ => {
            return Err(CliError::Usage(
                "from what? Give --url and --key, --from FILE, --link LINK, or --qr PICTURE".into(),
            ));
        }
    };
    ticket.register = arguments.register.clone().or(ticket.register);
    ticket.location = arguments.location.clone().or(ticket.location);
    arguments.settings.put_into(&mut ticket.settings);
    ticket.settings.printer = arguments.printer.settings().or(ticket.settings.printer);
    Ok(ticket)
}

/// Finds the register and keeps it in the till's own file.
async fn place(
    arguments: &Arguments,
    ticket: &Ticket,
    wanted: &str,
    connection: &Connection,
    places: &Places,
) -> Result<RegisterAssignment> {
    let credentials = arguments.sign_in.credentials()?;
    let (email, password) = credentials.ok_or_else(|| CliError::Usage("--register needs --email".into()))?;
    let _till_does_not_run = Instance::take(&places.data)
        .map_err(|problem| CliError::failed(format!("{}: {problem}", places.data.display())))?;
    let opening = StoreFile::open(&places.store_file()).map_err(|fault| CliError::failed(fault.detail))?;
    let failed = |fault: Fault| CliError::failed(fault);
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
                    found.push(RegisterAssignment { register, location: location.clone() });
                }
            }
        }
        Ok(found)
    }
    .await;
    server.sign_out().await;
    let mut found = found?;
    let assignment = match (found.pop(), found.is_empty()) {
        (Some(assignment), true) => assignment,
        (Some(_), false) => {
            return Err(CliError::Usage(format!("several stores have a register {wanted}: add --location")));
        }
        (None, _) => {
            return Err(CliError::Usage(format!("there is no register {wanted} where {email} works")));
        }
    };
    let store = ProjectStore::new(opening.file, connection.url.to_string());
    store.save(&[ports::Write::Assignment(Some(assignment.clone()))]).map_err(failed)?;
    Ok(assignment)
}

/// Runs `enrolment-key`.
pub(crate) fn make_key(arguments: &KeyArguments, output: Output) -> Result<()> {
    let (secret, public) = link::new_key()?;
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let written = file.open(&arguments.out).and_then(|mut file| {
        file.write_all(secret.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|cause| CliError::failed(format!("{}: {cause}", arguments.out.display())))?;
    output.line(format!("Signing key: {} (keep it secret, keep a copy)", arguments.out.display()));
    output.line(format!("Public key, for every computer: {public}"));
    output.document(&serde_json::json!({"signing_key": arguments.out, "public_key": public}));
    Ok(())
}

/// Runs `enrolment-link`.
pub(crate) fn make_link(arguments: &LinkArguments, output: Output) -> Result<()> {
    let LinkArguments { url, key, register, location, printer, days, .. } = arguments;
    let mut ticket = Ticket::of(url, key);
    let connection = ticket.settings.supabase.connection().map_err(|fault| CliError::Usage(fault.detail))?;
    ticket.settings.supabase = spelled(&connection);
    ticket.settings.printer = printer.settings();
    arguments.settings.put_into(&mut ticket.settings);
    ticket.register.clone_from(register);
    ticket.location.clone_from(location);
    let valid = SignedDuration::from_hours(24 * i64::from(*days));
    ticket.valid_until = Some(Timestamp::now().checked_add(valid).map_err(CliError::failed)?);
    let link = link::sign(&ticket, &read(&arguments.signing_key)?)?;
    if let Some(path) = &arguments.qr {
        let written = |mut file: fs::File| file.write_all(&picture::draw(&link)?).map_err(CliError::failed);
        let file = fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(CliError::failed);
        file.and_then(written).map_err(|why| CliError::Failed(format!("{}: {why}", path.display())))?;
        output.progress(format!("Written: {}", path.display()));
    }
    output.line(&link);
    output
        .document(&serde_json::json!({"link": link, "qr": arguments.qr, "valid_until": ticket.valid_until}));
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|cause| CliError::failed(format!("{}: {cause}", path.display())))
}
