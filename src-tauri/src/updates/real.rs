//! Looks for newer versions, offers them, and installs one when `onetill_core::update` says so.
//!
//! Invariant: what is installed was signed by its maker, with the key that is built in, for the version that was
//! offered. The shift comes first: right before the installation, and again before the restart, the till is asked
//! whether it is at rest.

use crate::{app_state::AppState, poll_loop::jittered};
use jiff::{Timestamp, tz::TimeZone};
use onetill_core::{
    UpdateSettings,
    update::{Circumstances, Decision, NewerVersion, Offer, ProgramVersion, Rollout, UpdateStage, decide},
};
use semver::Version;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tauri::{
    AppHandle, Emitter,
    utils::{config::BundleType, platform::bundle_type},
};
use tauri_plugin_updater::{Error, Update, UpdaterExt};
use tokio::{sync::Notify, time::timeout};

/// From the start to the first look. With its jitter it keeps forty registers that boot together apart.
const FIRST_LOOK: Duration = Duration::from_secs(180);
/// Between two looks at the list of versions.
const BETWEEN_LOOKS: Duration = Duration::from_secs(4 * 3600);
/// Between two decisions about what was found; each costs a glance at the till.
const BETWEEN_DECISIONS: Duration = Duration::from_secs(5);

/// How long an attempt that failed is remembered: a version that cannot be installed does not fail all through the
/// store's hour.
const ATTEMPT_COUNTS: Duration = Duration::from_secs(2 * 3600);

const LONGEST_LOOK: Duration = Duration::from_secs(30);
const LONGEST_DOWNLOAD: Duration = Duration::from_secs(15 * 60);

/// Keeps this computer's program up to date.
pub(crate) struct Updates {
    app: AppHandle,
    app_state: Arc<AppState>,
    settings: UpdateSettings,
    installed: Version,
    found: Mutex<Option<Found>>,
    shown: Mutex<Option<NewerVersion>>,
    /// The version that a person asked for.
    agreed: Mutex<Option<Version>>,
    wanted: Notify,
}

/// What the list of versions offered last.
#[derive(Clone)]
struct Found {
    offer: Offer,
    update: Update,
    /// What came of an attempt, and when. The next one takes a person, or time.
    tried: Option<(UpdateStage, Instant)>,
}

impl Found {
    fn outcome(&self) -> Option<UpdateStage> {
        self.tried.map(|(stage, _at)| stage)
    }
}

impl Updates {
    /// Begins to look, if this build knows where.
    pub(crate) fn start(app: &AppHandle, app_state: Arc<AppState>) -> Arc<Self> {
        let updates = Arc::new(Self {
            app: app.clone(),
            settings: app_state.update_settings(),
            app_state,
            installed: app.package_info().version.clone(),
            found: Mutex::default(),
            shown: Mutex::default(),
            agreed: Mutex::default(),
            wanted: Notify::new(),
        });
        if !app.config().plugins.0.contains_key("updater") {
            tracing::info!("this build has no key to trust newer versions by, and looks for none");
            return updates;
        }
        match app.plugin(tauri_plugin_updater::Builder::new().build()) {
            Ok(()) => drop(tauri::async_runtime::spawn(Arc::clone(&updates).watch())),
            Err(cause) => tracing::error!(%cause, "no newer versions are looked for"),
        }
        updates
    }

    pub(crate) fn version(&self) -> ProgramVersion {
        ProgramVersion { installed: self.installed.to_string(), newer: lock(&self.shown).clone() }
    }

    /// Somebody wants the newer version now.
    pub(crate) fn agree(&self) {
        *lock(&self.agreed) = lock(&self.shown).as_ref().and_then(|newer| newer.version.parse().ok());
        self.wanted.notify_one();
    }

    async fn watch(self: Arc<Self>) {
        let (first, between) = paces();
        let mut next_look = Instant::now() + jittered(first);
        loop {
            if Instant::now() >= next_look && !self.restart_is_owed() {
                self.look().await;
                next_look = Instant::now() + jittered(between);
            }
            self.consider().await;
            // Whichever comes first; both mean: decide again.
            let _ = timeout(BETWEEN_DECISIONS.min(first), self.wanted.notified()).await;
        }
    }

    /// Reads the list of versions. Silence changes nothing: what was found before stays found.
    async fn look(&self) {
        if !self.settings.check {
            *lock(&self.found) = None;
            return;
        }
        match self.ask().await {
            Ok(update) => {
                let version = update.version.clone();
                let Ok(version) = version.parse().inspect_err(
                    |cause: &semver::Error| tracing::warn!(%cause, version, "offered is no version"),
                ) else {
                    return;
                };
                let offer = Offer { version, rollout: Rollout::told(update.raw_json.get("rollout")) };
                tracing::info!(version = %offer.version, rollout = ?offer.rollout, "the list of versions was read");
                let mut found = lock(&self.found);
                let is_same = |before: &Found| {
                    before.offer.version == offer.version && before.update.signature == update.signature
                };
                let before = found.take().filter(is_same);
                let tried = before.and_then(|before| before.tried);
                let tried = tried.filter(|(_stage, at)| at.elapsed() < ATTEMPT_COUNTS);
                *found = Some(Found { offer, update, tried });
            }
            Err(cause) => tracing::info!(%cause, "the list of versions was not read"),
        }
    }

    async fn ask(&self) -> Result<Update, Error> {
        // Which versions are worth having is decided in core.
        let mut builder =
            self.app.updater_builder().version_comparator(|_installed, _offered| true).timeout(LONGEST_LOOK);
        if !self.settings.server.is_empty() {
            builder = builder.endpoints(vec![self.settings.server.parse()?])?;
        }
        let update = builder.build()?.check().await?;
        update.ok_or(Error::ReleaseNotFound)
    }

    /// Decides about what was found, and does it.
    async fn consider(&self) {
        if self.wants_to_install() {
            // The list is read once more: a rollout that was stopped meanwhile stops here, too.
            self.look().await;
            let found = lock(&self.found).clone();
            if let Some(found) = found.filter(|found| self.decide(&found.offer) == Decision::Install) {
                let tried = self.install(&found.update).await;
                if tried.is_some() {
                    *lock(&self.agreed) = None;
                }
                let tried = tried.map(|stage| (stage, Instant::now()));
                *lock(&self.found) = Some(Found { tried, ..found });
            }
        }
        if self.restart_is_owed() && self.is_at_rest() {
            tracing::info!("the program starts again, as the newer version");
            return self.app.request_restart();
        }
        self.show(self.stage());
    }

    fn restart_is_owed(&self) -> bool {
        lock(&self.found).as_ref().is_some_and(|found| found.outcome() == Some(UpdateStage::AfterRestart))
    }

    /// What failed once is tried again when somebody asks for it, or after another look at the list.
    fn wants_to_install(&self) -> bool {
        let found = lock(&self.found).clone();
        found.is_some_and(|found| {
            let may_try = found.tried.is_none() || self.agreed_to(&found.offer);
            may_try && !self.restart_is_owed() && self.decide(&found.offer) == Decision::Install
        })
    }

    /// Where it stands, if there is something that this device may have.
    fn stage(&self) -> Option<(Version, UpdateStage)> {
        let found = lock(&self.found).clone()?;
        let stage = match self.decide(&found.offer) {
            _ if found.outcome() == Some(UpdateStage::AfterRestart) => UpdateStage::AfterRestart,
            Decision::NotNewer | Decision::NotItsTurn => return None,
            Decision::AfterShift => UpdateStage::AfterShift,
            Decision::Offer | Decision::Install => found.outcome().unwrap_or(UpdateStage::Ready),
        };
        Some((found.offer.version, stage))
    }

    fn decide(&self, offer: &Offer) -> Decision {
        // Before it is set up, nobody knows whether a shift is open in its file.
        let (Some(device), Some(till)) = (self.app_state.device_id(), self.app_state.till()) else {
            return Decision::NotItsTurn;
        };
        let (time, cutoff) = match till.store_clock() {
            Some((time, cutoff)) => (time, Some(cutoff)),
            None => (Timestamp::now().to_zoned_datetime(TimeZone::system()).datetime().time(), None),
        };
        let now = Circumstances {
            installed: &self.installed,
            device,
            at_rest: till.is_at_rest(),
            agreed: self.agreed_to(offer),
            time,
            hour: self.settings.hour.or(cutoff),
            unattended: !asks_password(),
        };
        decide(offer, &now)
    }

    /// Fetches and installs; `None` when a shift was started meanwhile, which goes first.
    async fn install(&self, update: &Update) -> Option<UpdateStage> {
        let version = &update.version;
        self.show(self.stage().map(|(version, _ready)| (version, UpdateStage::Fetching)));
        let mut update = update.clone();
        update.timeout = Some(LONGEST_DOWNLOAD);
        let package = match update.download(|_length, _of| {}, || {}).await {
            Ok(package) => package,
            Err(cause) => {
                tracing::error!(%cause, version, "the newer version was not fetched");
                return Some(if is_forgery(&cause) {
                    UpdateStage::NotGenuine
                } else {
                    UpdateStage::NotFetched
                });
            }
        };
        if !self.is_at_rest() {
            tracing::info!(version, "a shift was started: the newer version waits");
            return None;
        }
        self.show(self.stage().map(|(version, _ready)| (version, UpdateStage::Installing)));
        tracing::info!(version, bytes = package.len(), "the newer version is being installed");
        let installing = tauri::async_runtime::spawn_blocking({
            let update = update.clone();
            move || update.install(package)
        });
        match installing.await {
            Ok(Ok(())) => {
                tracing::info!(version, "the newer version is installed");
                Some(UpdateStage::AfterRestart)
            }
            Ok(Err(cause)) => {
                tracing::error!(%cause, version, "the newer version was not installed");
                Some(if is_forgery(&cause) { UpdateStage::NotGenuine } else { UpdateStage::NotInstalled })
            }
            Err(cause) => {
                tracing::error!(%cause, version, "the newer version was not installed");
                Some(UpdateStage::NotInstalled)
            }
        }
    }

    fn is_at_rest(&self) -> bool {
        self.app_state.till().is_some_and(|till| till.is_at_rest())
    }

    fn agreed_to(&self, offer: &Offer) -> bool {
        lock(&self.agreed).as_ref() == Some(&offer.version)
    }

    /// Tells the window, if there is something new to tell.
    fn show(&self, now: Option<(Version, UpdateStage)>) {
        let newer = now.map(|(version, stage)| NewerVersion {
            version: version.to_string(),
            stage,
            asks_password: asks_password(),
        });
        let mut shown = lock(&self.shown);
        if *shown == newer {
            return;
        }
        shown.clone_from(&newer);
        drop(shown);
        tracing::info!(?newer, "newer version");
        if let Err(cause) = self.app.emit("version", self.version()) {
            tracing::error!(%cause, "the window was not told of a newer version");
        }
    }
}

/// Whether installing takes the password of an administrator: packages of the system do.
fn asks_password() -> bool {
    matches!(bundle_type(), Some(BundleType::Deb | BundleType::Rpm | BundleType::Msi))
}

/// What was fetched is not what was signed, or was signed as another version.
fn is_forgery(cause: &Error) -> bool {
    matches!(
        cause,
        Error::Minisign(_)
            | Error::Base64(_)
            | Error::SignatureUtf8(_)
            | Error::SignedVersionMismatch { .. }
            | Error::MissingSignedVersion
    )
}

/// How long until the first look, and between two; a development build can be told to hurry.
fn paces() -> (Duration, Duration) {
    let hurried = cfg!(debug_assertions)
        .then(|| std::env::var("ONETILL_UPDATE_PACE_MS").ok()?.parse().ok())
        .flatten()
        .map(Duration::from_millis);
    hurried.map_or((FIRST_LOOK, BETWEEN_LOOKS), |pace| (pace, pace))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
