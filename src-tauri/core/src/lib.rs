//! The register's domain: what a session is, what a device may believe about it, and what it asks of the world.
//!
//! Invariant of this crate: it is pure. No clock, no randomness, no network, no files and no async runtime live
//! here; time, ids and answers are passed in. Money is [`Amount`], a decimal, never floating point.

pub mod board;
pub mod closing;
pub mod connection;
pub mod count;
pub mod currency;
pub mod day_view;
pub mod device;
pub mod difference;
pub mod fault;
pub mod ids;
pub mod items;
pub mod locale;
pub mod lock;
pub mod money;
pub mod movement;
pub mod next_float;
pub mod opening;
pub mod ports;
pub mod printing;
pub mod queue;
pub mod register;
pub mod report;
mod report_drawing;
pub mod report_lines;
pub mod sale;
pub mod sale_receipt;
mod sales_drawing;
pub mod sales_sheet;
pub mod saved_file;
pub mod scan;
pub mod screen_settings;
pub mod selling;
pub mod selling_view;
pub mod session;
mod setting_value;
pub mod settings;
pub mod staff;
pub mod store_sheet;
pub mod till;
pub mod update;
pub mod view;

pub use closing::Closing;
pub use connection::{Connection, KeyProblem, ProjectKey, ProjectUrl, UrlProblem};
pub use count::{CountId, Tally};
pub use device::Device;
pub use difference::{Difference, OverShort};
pub use fault::{Code, Fault, Retry};
pub use ids::{
    ApprovalId, DeviceId, IntentKey, ItemId, LocationId, RegisterId, SaleId, SessionId, UserId, VendorId,
};
pub use locale::{Language, Locale};
pub use money::{Amount, AmountProblem};
pub use movement::{Movement, MovementId, MovementKind, MovementRequest};
pub use opening::{OpenIntent, Opened, SessionOutcome};
pub use printing::{PaperWidth, PrinterKind, PrinterSettings};
pub use queue::{Entry, EntryContent, EntryId, EntryState};
pub use register::{Register, RegisterAssignment, RegisterStatus};
pub use report::Report;
pub use sale::{Sale, SaleKind};
pub use sale_receipt::SaleSlip;
pub use screen_settings::{LockAfter, ScreenSettings};
pub use selling::{Selling, ShopSettings};
pub use session::{Session, SessionStatus};
pub use setting_value::SettingValue;
pub use settings::{ComputerSettings, Config, ManagedSetting, Project, SettingKey};
pub use staff::{Location, Role, Staff};
pub use till::{Command, CommandName, Outcome, Subject, Till};
pub use update::UpdateSettings;
