//! One connection in the role of one caller, and what the database answers it.

use std::fmt;

use serde_json::Value;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};
use uuid::Uuid;

use crate::Result;
use crate::{MAIN, VENDOR, register};

/// In whose name a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Nobody: the publishable key alone.
    Anonymous,
    /// A signed-in account.
    User(Uuid),
    /// The store's own server with the secret key.
    Service,
}

impl Caller {
    /// The account of that number in the tests' store.
    const fn number(number: u128) -> Self {
        Self::User(Uuid::from_u128(0x0000_00cc_0000_4000_8000_0000_0000_0000 | number))
    }

    /// A cashier of the main location.
    pub const ANA: Self = Self::number(1);
    /// Another cashier of the main location.
    pub const BEN: Self = Self::number(2);
    /// The manager.
    pub const MIA: Self = Self::number(3);
    /// The owner.
    pub const OLA: Self = Self::number(4);
    /// A cashier who left: the account still signs in.
    pub const LEFT: Self = Self::number(5);
    /// A cashier of the second location.
    pub const HAL: Self = Self::number(6);
    /// The manager of the other vendor.
    pub const ZED: Self = Self::number(7);
    /// An account that is nobody's staff.
    pub const VISITOR: Self = Self::number(8);

    /// The account's id, of a signed-in account.
    #[must_use]
    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id),
            Self::Anonymous | Self::Service => None,
        }
    }

    /// The role that the REST endpoint would take on.
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::Anonymous => "anon",
            Self::User(_) => "authenticated",
            Self::Service => "service_role",
        }
    }
}

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Our own code, or PostgreSQL's SQLSTATE, or `connection` when no answer came at all.
    pub code: String,
    /// The HTTP status that our own refusals ask for.
    pub status: Option<u64>,
    /// The HTTP headers that our own refusals ask for.
    pub headers: Value,
    /// What our own refusals say beside the code.
    pub details: Value,
    /// The text, for the person who reads the failed test.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<tokio_postgres::Error> for Refusal {
    fn from(error: tokio_postgres::Error) -> Self {
        let plain = |code: &str, message: String| Self {
            code: code.into(),
            status: None,
            headers: Value::Null,
            details: Value::Null,
            message,
        };
        let Some(said) = error.as_db_error() else { return plain("connection", error.to_string()) };
        // A killed backend says so before it goes; whether it had committed it does not say.
        if said.code().code().starts_with("57P0") {
            return plain("connection", said.message().into());
        }
        let parsed = (
            serde_json::from_str::<Value>(said.message()),
            serde_json::from_str::<Value>(said.detail().unwrap_or_default()),
        );
        match parsed {
            (Ok(body), Ok(detail)) if said.code().code() == "PGRST" => Self {
                code: text(&body, "/code"),
                status: detail.get("status").and_then(Value::as_u64),
                headers: detail.get("headers").cloned().unwrap_or_default(),
                details: serde_json::from_str(&text(&body, "/details")).unwrap_or_default(),
                message: text(&body, "/message"),
            },
            _ => plain(said.code().code(), said.message().into()),
        }
    }
}

/// What `get_or_create_session` answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The session's id.
    pub session: Uuid,
    /// `created`, `joined` or `replayed`; empty when the function does not say.
    pub outcome: String,
    /// The sixteen columns by name, as PostgreSQL writes them.
    pub columns: Vec<(String, Option<String>)>,
}

impl Opened {
    /// One column as text; empty where it is null or missing.
    #[must_use]
    pub fn column(&self, name: &str) -> &str {
        self.columns
            .iter()
            .find(|(known, _)| known == name)
            .and_then(|(_, value)| value.as_deref())
            .unwrap_or_default()
    }
}

/// What one press of Start shift asks for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The register, location and vendor named in the call.
    pub place: (Option<Uuid>, Option<Uuid>, Option<Uuid>),
    /// The user named in the call.
    pub user: Option<Uuid>,
    /// The opening cash as an SQL literal; none leaves the argument away.
    pub cash: Option<String>,
    /// The idempotency key.
    pub key: Option<Uuid>,
    /// The device.
    pub device: Option<Uuid>,
}

impl Ask {
    /// Start a shift on a register of the main location with 200.00, naming nobody.
    #[must_use]
    pub fn on(number: u32) -> Self {
        Self {
            place: (Some(register(number)), Some(MAIN), Some(VENDOR)),
            user: None,
            cash: Some("200.00".into()),
            key: None,
            device: None,
        }
    }

    /// With this idempotency key.
    #[must_use]
    pub fn key(self, key: Uuid) -> Self {
        Self { key: Some(key), ..self }
    }

    /// With this opening cash, an SQL literal.
    #[must_use]
    pub fn cash(self, cash: &str) -> Self {
        Self { cash: Some(cash.into()), ..self }
    }

    /// From this device.
    #[must_use]
    pub fn device(self, device: Uuid) -> Self {
        Self { device: Some(device), ..self }
    }

    /// As one request: the headers, the call, and the header of the answer.
    #[must_use]
    pub fn sql(&self) -> String {
        let headers = serde_json::json!({"idempotency-key": self.key, "x-device-id": self.device});
        let id = |id: Option<Uuid>| id.map_or_else(|| "null".into(), |id| format!("'{id}'"));
        let (register, location, vendor) = self.place;
        let cash = self.cash.as_ref().map(|cash| format!(", p_opening_cash => {cash}")).unwrap_or_default();
        format!(
            "select set_config('request.headers', '{headers}', true); \
             select * from get_or_create_session(p_register_id => {}, p_location_id => {}, p_vendor_id => {}, \
             p_user_id => {}{cash}); \
             select current_setting('response.headers', true) as response_headers",
            id(register),
            id(location),
            id(vendor),
            id(self.user)
        )
    }
}

/// One connection in the role of one caller.
pub struct Desk {
    client: Client,
    caller: Caller,
    process: i32,
}

impl Desk {
    /// Connects and takes on the caller's role and claims.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn sit(url: &str, caller: Caller) -> Result<Self> {
        let (client, _) = connect(url).await?;
        let process = client.query_one("select pg_backend_pid()", &[]).await?.get(0);
        let claims = serde_json::json!({"sub": caller.id(), "role": caller.role()});
        client
            .batch_execute(&format!(
                "set role {}; select set_config('request.jwt.claims', '{claims}', false)",
                caller.role()
            ))
            .await?;
        Ok(Self { client, caller, process })
    }

    /// Who speaks.
    #[must_use]
    pub fn caller(&self) -> Caller {
        self.caller
    }

    /// The server process behind it.
    #[must_use]
    pub fn process(&self) -> i32 {
        self.process
    }

    /// The connection itself, in the caller's role.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Statements, in one transaction unless they say otherwise.
    ///
    /// # Errors
    /// With the first refusal; the transaction is rolled back.
    pub async fn run(&self, sql: &str) -> std::result::Result<Vec<SimpleQueryMessage>, Refusal> {
        Ok(self.client.simple_query(sql).await?)
    }

    /// Opens or joins a session, in a transaction of its own unless one is under way.
    ///
    /// # Errors
    /// With the refusal.
    pub async fn open(&self, ask: &Ask) -> std::result::Result<Opened, Refusal> {
        let answer = self.client.simple_query(&ask.sql()).await?;
        let mut opened = Opened { session: Uuid::nil(), outcome: String::new(), columns: Vec::new() };
        for message in answer {
            let SimpleQueryMessage::Row(row) = message else { continue };
            match row.columns().first().map(tokio_postgres::SimpleColumn::name) {
                Some("id") => {
                    opened.columns = (row.columns().iter().enumerate())
                        .map(|(at, column)| (column.name().to_owned(), row.get(at).map(str::to_owned)))
                        .collect();
                    opened.session = row.get(0).and_then(|id| id.parse().ok()).unwrap_or_default();
                }
                Some("response_headers") => {
                    let headers: Value =
                        serde_json::from_str(row.get(0).unwrap_or_default()).unwrap_or_default();
                    opened.outcome = text(&headers, "/0/X-Session-Outcome");
                }
                _ => {}
            }
        }
        Ok(opened)
    }

    /// Calls a function as one request with these headers.
    ///
    /// # Errors
    /// With the refusal.
    pub async fn call_from(
        &self,
        headers: &Value,
        function: &str,
        arguments: &Value,
    ) -> std::result::Result<Value, Refusal> {
        let headers = headers.to_string().replace('\'', "''");
        let request = format!("select set_config('request.headers', '{headers}', true)");
        let answer =
            self.client.simple_query(&format!("{request}; {}", call_sql(function, arguments))).await?;
        let texts = answer.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        Ok(serde_json::from_str(texts.last().unwrap_or_default()).unwrap_or_default())
    }

    /// Calls a function that returns one JSON object, its arguments by name.
    ///
    /// # Errors
    /// With the refusal.
    pub async fn call(&self, function: &str, arguments: &Value) -> std::result::Result<Value, Refusal> {
        let answer = self.client.simple_query(&call_sql(function, arguments)).await?;
        let text = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        Ok(serde_json::from_str(text.unwrap_or_default()).unwrap_or_default())
    }
}

/// The text at a JSON pointer; empty where there is none.
pub(super) fn text(json: &Value, pointer: &str) -> String {
    json.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The statement of a call with named arguments.
#[must_use]
pub fn call_sql(function: &str, arguments: &Value) -> String {
    let literal = |value: &Value| match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Array(_) | Value::Object(_) => format!("'{}'", value.to_string().replace('\'', "''")),
    };
    let arguments: Vec<String> = arguments
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name} => {}", literal(value)))
        .collect();
    format!("select public.{function}({})", arguments.join(", "))
}

/// A connection, and what drives it.
pub(crate) async fn connect(url: &str) -> Result<(Client, tokio::task::JoinHandle<()>)> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // Ends with the client; what it reports is reported to the client's calls as well.
    let driver = tokio::spawn(async move {
        let _closed = connection.await;
    });
    Ok((client, driver))
}
