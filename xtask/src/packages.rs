//! The system packages of Debian and Ubuntu, and what to look for elsewhere.

/// What a command is about to do decides what must be installed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Needs {
    /// Building and opening the desktop app.
    pub(crate) app: bool,
    /// Driving the app's real window without a screen.
    pub(crate) windows: bool,
    /// A real PostgreSQL.
    pub(crate) postgres: bool,
    /// A browser that draws every screen.
    pub(crate) browser: bool,
    /// Formatting, lints and the checks of what is not Rust.
    pub(crate) checks: bool,
    /// Building and trying packages.
    pub(crate) bundles: bool,
    /// Building for Windows, and trying that.
    pub(crate) cross: bool,
}

impl Needs {
    /// What building and testing for this computer need. A gigabyte that only `windows` wants is not among it.
    pub(crate) const EVERYTHING: Self = Self {
        app: true,
        windows: true,
        postgres: true,
        browser: true,
        checks: true,
        bundles: true,
        cross: false,
    };
}

/// A Debian package and the reason it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
    /// Newer and older distributions do not carry it; the tests that want it then say so.
    pub(crate) optional: bool,
}

const fn package(name: &'static str, why: &'static str) -> Package {
    Package { name, why, optional: false }
}

const fn optional(name: &'static str, why: &'static str) -> Package {
    Package { name, why, optional: true }
}

const APP: &[Package] = &[
    package("build-essential", "compiles the parts that are not Rust (SQLite, cryptography)"),
    package("pkg-config", "finds the libraries below"),
    package("libwebkit2gtk-4.1-dev", "the web view that draws the window"),
    package("libayatana-appindicator3-dev", "desktop integration of the window"),
    package("librsvg2-dev", "icons"),
    package("libxdo-dev", "keyboard and menu events"),
    package("libssl-dev", "OpenSSL's headers, on Tauri's list of prerequisites"),
    package("fonts-dejavu-core", "letters: a bare system has none"),
];

const WINDOWS: &[Package] = &[
    package("webkit2gtk-driver", "clicks and reads in the real window"),
    package("xvfb", "a display without a screen"),
    package("dbus-x11", "the message bus a desktop session has"),
    package("gnome-keyring", "the keychain that holds the sign-in"),
];

const POSTGRES: &[Package] = &[
    optional("postgresql-15", "the oldest PostgreSQL that the database part supports"),
    optional("postgresql-15-plpgsql-check", "checks every line of the database functions"),
];

const BROWSER: &[Package] = &[
    // Ubuntu has it in another form; there the check says how to name a browser.
    optional("chromium", "draws every screen for the checks of contrast and layout"),
];

const CHECKS: &[Package] = &[package("python3-venv", "holds the linter of the release workflows")];

const BUNDLES: &[Package] = &[
    package("rpm", "installs the rpm into an empty folder, to try it"),
    package("desktop-file-utils", "checks the entry in the menu of programs"),
];

const CROSS: &[Package] = &[
    package("cargo-web", "a cargo whose compiler comes with the sources of its standard library"),
    package("rustc-web", "that compiler"),
    package("rust-web-src", "those sources: the standard library for Windows is built from them"),
    package("gcc-mingw-w64-x86-64", "compiles and links for Windows"),
    package("nsis", "makes the installer"),
    package("wine64", "runs what was built"),
];

/// The Debian packages for `needs`.
pub(crate) fn debian(needs: Needs) -> Vec<Package> {
    let groups = [
        (needs.app, APP),
        (needs.windows, WINDOWS),
        (needs.postgres, POSTGRES),
        (needs.browser, BROWSER),
        (needs.checks, CHECKS),
        (needs.bundles, BUNDLES),
        (needs.cross, CROSS),
    ];
    groups.into_iter().filter(|(wanted, _)| *wanted).flat_map(|(_, group)| group.iter().copied()).collect()
}

/// A program that must be on the PATH where there is no list of packages, and how to get it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static [&'static str],
    pub(crate) how: &'static str,
}

const fn program(name: &'static str, arguments: &'static [&'static str], how: &'static str) -> Program {
    Program { name, arguments, how }
}

/// What to look for on a system other than Debian and its relatives.
pub(crate) fn elsewhere(needs: Needs) -> Vec<Program> {
    let mut programs = Vec::new();
    if cfg!(target_os = "macos") && needs.app {
        programs.push(program(
            "xcode-select",
            &["--print-path"],
            "Xcode's command line tools: run `xcode-select --install`",
        ));
    }
    if cfg!(target_os = "linux") && needs.app {
        programs.extend([
            program("cc", &["--version"], "a C compiler: Fedora `gcc`, Arch `base-devel`, openSUSE `gcc`"),
            program(
                "pkg-config",
                &["--exists", "webkit2gtk-4.1"],
                "WebKitGTK 4.1 with headers, and pkg-config: Fedora `webkit2gtk4.1-devel pkgconf`, \
                 Arch `webkit2gtk-4.1 pkgconf`, openSUSE `webkit2gtk3-devel pkgconf`",
            ),
            program(
                "pkg-config",
                &["--exists", "librsvg-2.0"],
                "librsvg with headers: Fedora `librsvg2-devel`, Arch `librsvg`, openSUSE `librsvg-devel`",
            ),
        ]);
    }
    if needs.cross {
        programs.push(program(
            "/usr/bin/rustc",
            &["--print", "target-libdir", "--target", "x86_64-pc-windows-gnu"],
            "this builds for Windows with Debian 12's packages rustc-web, cargo-web and rust-web-src only",
        ));
    }
    if needs.checks {
        let python = if cfg!(windows) { "python" } else { "python3" };
        programs.push(program(
            python,
            &["--version"],
            "Python 3, which holds the linter of the release workflows",
        ));
    }
    if cfg!(target_os = "linux") && needs.windows {
        programs.extend([
            program(
                "WebKitWebDriver",
                &["--version"],
                "WebKitWebDriver: Fedora and openSUSE have it in the WebKitGTK packages, Arch in `webkit2gtk-4.1`",
            ),
            program(
                "Xvfb",
                &["-version"],
                "Xvfb: Fedora `xorg-x11-server-Xvfb`, Arch and openSUSE `xorg-server-xvfb`",
            ),
            program("dbus-daemon", &["--version"], "D-Bus: package `dbus-daemon` or `dbus`"),
            program("gnome-keyring-daemon", &["--version"], "the keychain: package `gnome-keyring`"),
        ]);
    }
    programs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_alone_needs_no_desktop() {
        assert_eq!(debian(Needs::default()), []);
        let names: Vec<_> =
            debian(Needs { postgres: true, ..Needs::default() }).iter().map(|package| package.name).collect();
        assert_eq!(names, ["postgresql-15", "postgresql-15-plpgsql-check"]);
    }

    #[test]
    fn no_package_is_listed_twice_and_each_says_why() {
        let all = debian(Needs { cross: true, ..Needs::EVERYTHING });
        for (index, package) in all.iter().enumerate() {
            assert!(!package.why.is_empty(), "{} has no reason", package.name);
            assert!(
                !all[index + 1..].iter().any(|other| other.name == package.name),
                "{} twice",
                package.name
            );
        }
    }
}
