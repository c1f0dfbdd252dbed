//! The shop's project as the till sees it.
//!
//! Invariant: a session is opened through `get_or_create_session` and nothing else, once per intent however often the
//! request is repeated; what the answer does not say is told as unknown.

use crate::{
    http::{HttpClient, Request, Response},
    keychain::MemoryVault,
    legacy_schema,
    login::{Login, SIGN_IN},
    persist::{RetryPolicy, Timing},
    rest::{OPEN_FUNCTION, Rest, decoded},
    verifier::Verifier,
    wire::{LookResponse, RegistersResponse, RowId, SessionRow, WhoamiResponse},
};
use jiff::SignedDuration;
use onetill_core::{
    Code, Connection, DeviceId, Fault, IntentKey, LocationId, OpenIntent, Opened, Register, Session,
    SessionId, SessionOutcome, Staff, UserId,
    lock::Person,
    ports::{Seen, Server, Vault},
};
use secrecy::SecretString;
use serde_json::json;
use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A list that is also read on a timer.
const READ: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(8),
    total: Duration::from_secs(15),
    repeats: 2,
    harmless: true,
    pressed: false,
    await_schema: false,
};
/// A look that nobody waits for; the next one comes soon anyway.
const LOOK: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(6),
    total: Duration::from_secs(10),
    repeats: 1,
    harmless: true,
    pressed: false,
    await_schema: false,
};
/// Fills in what the answer to an open does not say; the shift starts without it too.
const COMPLETE: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(3),
    total: Duration::from_secs(3),
    repeats: 0,
    harmless: true,
    pressed: true,
    await_schema: false,
};
/// One attempt outlasts the database's own limits (8 s a statement, 10 s for a place), so that its verdict is heard.
const OPEN: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(12),
    total: Duration::from_secs(30),
    repeats: 4,
    harmless: true,
    pressed: true,
    await_schema: true,
};

const WARM: Duration = Duration::from_secs(8);

/// A customer may be waiting: a server that says nothing is not waited for, this computer can decide.
const CONFIRM: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(4),
    total: Duration::from_secs(5),
    repeats: 1,
    harmless: false,
    pressed: true,
    await_schema: false,
};

/// One Supabase project behind core's [`Server`] port. Cheap calls go over one warm connection; every call has a
/// deadline of its own.
pub struct SupabaseServer {
    pub(crate) rest: Rest,
    pub(crate) device: DeviceId,
    staff: RwLock<Option<Staff>>,
    older: AtomicBool,
    verifier: Verifier,
}

/// Who this login belongs to, as the database tells it, and whether that is one of an earlier version.
pub(crate) async fn who(rest: &Rest) -> Result<(Staff, bool), Fault> {
    let request = || Request::post("rest/v1/rpc/pos_whoami", &json!({}));
    let policy = RetryPolicy { pressed: true, await_schema: true, ..READ };
    match rest.call(policy, request, decoded::<WhoamiResponse>).await {
        Err(fault) if fault.code == Code::OlderServer => {
            tracing::warn!(%fault, "an older database: it cannot tell a created session from a joined one");
            Ok((legacy_schema::staff(rest, READ).await?, true))
        }
        response => {
            let response = response?;
            response.fits()?;
            Ok((response.into(), false))
        }
    }
}

impl SupabaseServer {
    /// A client for one project. Nothing is sent yet.
    ///
    /// # Errors
    /// `Internal` when this computer can make no TLS client.
    pub fn new(
        connection: Connection,
        device: DeviceId,
        client_version: &str,
        vault: Arc<dyn Vault>,
    ) -> Result<Self, Fault> {
        Self::with_timing(connection, device, client_version, vault, Timing::real())
    }

    /// The same with every deadline and pause divided by `time_scale`, for drills and tests against a server on this
    /// computer, where a second without an answer is long.
    ///
    /// # Errors
    /// As [`SupabaseServer::new`].
    pub fn with_time_scale(
        connection: Connection,
        device: DeviceId,
        client_version: &str,
        vault: Arc<dyn Vault>,
        time_scale: std::num::NonZeroU32,
    ) -> Result<Self, Fault> {
        let timing = Timing { time_scale: time_scale.get(), ..Timing::real() };
        Self::with_timing(connection, device, client_version, vault, timing)
    }

    fn with_timing(
        connection: Connection,
        device: DeviceId,
        client_version: &str,
        vault: Arc<dyn Vault>,
        timing: Timing,
    ) -> Result<Self, Fault> {
        let http = Arc::new(HttpClient::new(connection, Some(device), client_version)?);
        let login = Arc::new(Login::new(Arc::clone(&http), vault, timing.clone()));
        Ok(Self {
            rest: Rest::new(http, login, timing),
            device,
            staff: RwLock::new(None),
            older: AtomicBool::new(false),
            verifier: Verifier::new(Arc::new(MemoryVault::default())),
        })
    }

    /// The same, keeping what a password is checked against without the server in a vault of its own; else it ends
    /// with the program.
    #[must_use]
    pub fn with_verifier_in(self, vault: Arc<dyn Vault>) -> Self {
        Self { verifier: Verifier::new(vault), ..self }
    }

    async fn whoami(&self) -> Result<Staff, Fault> {
        let (staff, is_older) = who(&self.rest).await?;
        self.older.store(is_older, Ordering::Relaxed);
        self.know(&staff);
        Ok(staff)
    }

    fn know(&self, staff: &Staff) {
        *self.staff.write().unwrap_or_else(PoisonError::into_inner) = Some(staff.clone());
    }

    /// A login beside this device's own: it is in memory alone, and touches nothing of the device's.
    pub(crate) async fn login_beside(
        &self,
        email: &str,
        password: &SecretString,
        policy: RetryPolicy,
    ) -> Result<Rest, Fault> {
        let http = Arc::clone(&self.rest.http);
        let timing = self.rest.timing.clone();
        let login = Arc::new(Login::new(Arc::clone(&http), Arc::new(MemoryVault::default()), timing.clone()));
        login.sign_in(email, password, policy).await?;
        Ok(Rest::new(http, login, timing))
    }

    /// Signs somebody in, and whoever was signed in before out; when it fails, they still are.
    async fn sign_in_instead(
        &self,
        email: &str,
        password: &SecretString,
        policy: RetryPolicy,
        wanted: impl FnOnce(&Staff) -> bool,
    ) -> Result<Staff, Fault> {
        let beside = self.login_beside(email, password, policy).await?;
        let signed_in = match who(&beside).await {
            Ok(signed_in) if wanted(&signed_in.0) => Ok(signed_in),
            Ok(_) => Err(Fault::new(Code::SignedOut, "somebody else answers to this address")),
            Err(fault) => Err(fault),
        };
        match signed_in {
            Ok((staff, is_older)) => {
                self.rest.login.go_on_with(&beside.login).await?;
                self.older.store(is_older, Ordering::Relaxed);
                self.know(&staff);
                Ok(staff)
            }
            Err(fault) => {
                beside.login.sign_out().await;
                Err(fault)
            }
        }
    }

    /// A session in full, if the server can tell it.
    async fn look(
        &self,
        id: SessionId,
        known_revision: i64,
        last_receipt: Option<u64>,
        policy: RetryPolicy,
    ) -> Result<LookResponse, Fault> {
        let body = json!({"p_session_id": id, "p_known_revision": known_revision});
        let request = || Request::post("rest/v1/rpc/pos_session", &body).last_receipt(last_receipt);
        let read = |answer: &Response| {
            let look: LookResponse = decoded(answer)?;
            match &look.session {
                Some(session) if session.id() == id => Ok(look),
                None if look.unchanged => Ok(look),
                _ => Err(crate::classify::unreadable(answer, "it tells of another session")),
            }
        };
        self.rest.call(policy, request, read).await
    }

    /// Whether this very intent opened the session, which the key on the session's row tells. A key that joined is
    /// recorded elsewhere, so the row is asked for and not the key's session.
    async fn opened_by(&self, key: IntentKey, session: &Session) -> Result<bool, Fault> {
        let request = || {
            Request::get("rest/v1/pos_sessions")
                .query("select", "id")
                .query("idempotency_key", format!("eq.{key}"))
        };
        let rows: Vec<RowId> = self.rest.call(COMPLETE, request, decoded).await?;
        Ok(rows.iter().any(|row| row.id == session.id))
    }

    /// How the session came about, as far as it can be found out.
    async fn outcome_of(
        &self,
        intent: &OpenIntent,
        session: &Session,
        returned: Option<SessionOutcome>,
    ) -> SessionOutcome {
        if returned == Some(SessionOutcome::Created) {
            return SessionOutcome::Created;
        }
        // The row names people as the shop's own tables do, which may be otherwise than by login: of an intent that is on
        // record already, only its key tells whether it opened the session.
        let by_another = session.opener_id.is_some_and(|opener| opener != intent.user_id);
        if by_another && (returned == Some(SessionOutcome::Joined) || self.is_older()) {
            return SessionOutcome::Joined;
        }
        // The session may be this person's own: opened here or on another device, or here by a request that a network
        // has doubled and whose twin was answered. Or the header was lost, or never sent by an older function.
        match self.opened_by(intent.key, session).await {
            Ok(true) => SessionOutcome::Created,
            Ok(false) => SessionOutcome::Joined,
            Err(fault) => {
                tracing::warn!(%fault, "whether the session was created or joined is not known");
                returned.unwrap_or(SessionOutcome::Unknown)
            }
        }
    }

    /// The session as the answer's row tells it, with the name that this side knows.
    fn named(&self, mut session: Session) -> Session {
        let staff = self.staff.read().unwrap_or_else(PoisonError::into_inner);
        let opener = staff.as_ref().filter(|staff| session.opener_id == Some(staff.user_id));
        session.opener_name = opener.map(|staff| staff.display_name.clone()).filter(|name| !name.is_empty());
        session
    }

    /// The row with what its columns do not hold: one more read, and none of it needed to go on.
    async fn completed(&self, session: Session) -> Session {
        match self.look(session.id, -1, None, COMPLETE).await {
            Ok(LookResponse { session: Some(response), .. }) => response.into_session(self.device),
            Ok(_) => session,
            Err(fault) => {
                tracing::info!(%fault, "the session is known by its row alone");
                session
            }
        }
    }
}

impl Server for SupabaseServer {
    async fn sign_in(&self, email: &str, password: &SecretString) -> Result<Staff, Fault> {
        let staff = if self.rest.login.is_in() {
            self.sign_in_instead(email, password, SIGN_IN, |_anybody| true).await?
        } else {
            self.rest.login.sign_in(email, password, SIGN_IN).await?;
            match self.whoami().await {
                Ok(staff) => staff,
                Err(fault) => {
                    // Nobody was told that they are signed in, so the next start must not find them signed in.
                    self.rest.login.sign_out().await;
                    return Err(fault);
                }
            }
        };
        self.verifier.learn(&staff, email.trim(), password).await;
        Ok(staff)
    }

    async fn confirm(&self, who: UserId, password: &SecretString) -> Result<Option<Staff>, Fault> {
        let email = match self.verifier.email_of(who).await {
            Some(email) => email,
            None => self.rest.login.email_of(who).ok_or_else(|| {
                Fault::new(Code::SignedOut, "which e-mail address goes with this password is not known here")
            })?,
        };
        let asked = self.sign_in_instead(&email, password, CONFIRM, |staff| staff.user_id == who).await;
        match asked {
            Ok(staff) => {
                self.verifier.learn(&staff, &email, password).await;
                Ok(Some(staff))
            }
            // Nobody has judged the password: a shop behind one address is told to wait as a whole.
            Err(fault) if fault.is_silence() || fault.code == Code::TooManyAttempts => {
                self.verifier.check(who, password, fault).await.map(|()| None)
            }
            Err(fault) => Err(fault),
        }
    }

    fn people(&self) -> Vec<Person> {
        self.verifier.people()
    }

    async fn resume_login(&self) -> Result<Option<Staff>, Fault> {
        self.verifier.recall().await;
        if self.rest.login.resume().await? { self.whoami().await.map(Some) } else { Ok(None) }
    }

    async fn sign_out(&self) {
        let who = self.staff.write().unwrap_or_else(PoisonError::into_inner).take();
        self.verifier.forget(who.map(|staff| staff.user_id)).await;
        self.rest.login.sign_out().await;
    }

    fn login_is_kept(&self) -> bool {
        self.rest.login.is_kept()
    }

    fn is_older(&self) -> bool {
        self.older.load(Ordering::Relaxed)
    }

    fn ahead(&self) -> Option<SignedDuration> {
        self.rest.http.clock.skew()
    }

    /// Opens the connection, and renews the token if it is about to end.
    async fn warm(&self) {
        let budget = WARM / self.rest.timing.time_scale;
        if let Err(error) = self.rest.http.send(Request::get("auth/v1/health"), budget).await {
            tracing::debug!(%error, "the connection is not warm");
        }
        let _asked_again_when_needed = self.rest.login.access(false).await;
    }

    async fn registers(&self, location: LocationId) -> Result<Vec<Register>, Fault> {
        let body = json!({"p_location_id": location});
        let request = || Request::post("rest/v1/rpc/pos_registers", &body);
        match self.rest.call(READ, request, decoded::<RegistersResponse>).await {
            Err(fault) if fault.code == Code::OlderServer => {
                legacy_schema::registers(&self.rest, READ, location).await
            }
            response => response.map(|response| {
                response
                    .registers
                    .into_iter()
                    .map(|register| register.into_register(response.location_id, self.device))
                    .collect()
            }),
        }
    }

    async fn open_session(&self, intent: &OpenIntent) -> Result<Opened, Fault> {
        let body = json!({
            "p_register_id": intent.register_id,
            "p_location_id": intent.location_id,
            "p_vendor_id": intent.vendor_id,
            "p_user_id": intent.user_id,
            "p_opening_cash": intent.opening_cash,
        });
        let request = || Request::post(OPEN_FUNCTION, &body).keyed(intent.key).one_object();
        let read = |answer: &Response| {
            let row: SessionRow = decoded(answer)?;
            if row.register_id() != intent.register_id {
                return Err(crate::classify::unreadable(answer, "it tells of another register"));
            }
            Ok((self.named(row.into_session()), told_outcome(answer)))
        };
        let (mut session, returned) = self.rest.call(OPEN, request, read).await?;

        let outcome = self.outcome_of(intent, &session, returned).await;
        if outcome == SessionOutcome::Created {
            session = self.named(Session { opener_id: Some(intent.user_id), ..session });
        }
        if outcome == SessionOutcome::Joined || !session.status.holds_register() {
            return Ok(Opened { session: self.completed(session).await, outcome });
        }
        Ok(Opened { session, outcome })
    }

    async fn session(
        &self,
        id: SessionId,
        known_revision: i64,
        last_receipt: Option<u64>,
    ) -> Result<Seen, Fault> {
        match self.look(id, known_revision, last_receipt, LOOK).await {
            Ok(LookResponse { session: Some(response), .. }) => {
                Ok(Seen::Session(Box::new(response.into_session(self.device))))
            }
            Ok(LookResponse { session: None, .. }) => Ok(Seen::Unchanged),
            Err(fault) if fault.code == Code::OlderServer => {
                let session = legacy_schema::session(&self.rest, LOOK, id).await?;
                Ok(Seen::Session(Box::new(self.named(session))))
            }
            Err(fault) => Err(fault),
        }
    }
}

pub(crate) fn told_outcome(answer: &Response) -> Option<SessionOutcome> {
    match answer.header("x-session-outcome")? {
        "created" => Some(SessionOutcome::Created),
        "joined" => Some(SessionOutcome::Joined),
        "replayed" => Some(SessionOutcome::Replayed),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
