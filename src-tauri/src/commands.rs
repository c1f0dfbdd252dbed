//! What the window may call. Whatever changes the till comes through one door, [`press`]; the rest reads, or concerns
//! the window, paper and updates.

#![expect(clippy::needless_pass_by_value, reason = "the form in which Tauri hands over its state")]

use crate::{
    app_state::AppState,
    print_service::{self, PrintService},
    updates, window,
};
use onetill_core::{
    Command, ComputerSettings, Fault, Outcome, ScreenSettings,
    saved_file::SavedFile,
    view::{DemoAccount, Snapshot},
};
use std::sync::Arc;
use tauri::{Runtime, State, WebviewWindow, ipc::Invoke};

type App<'a> = State<'a, Arc<AppState>>;

/// Every command of this module.
pub(crate) fn handler() -> impl Fn(Invoke<tauri::Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        demo_accounts,
        print_service::print_receipt,
        print_service::print_report,
        print_service::save_receipt_pdf,
        print_service::save_report_csv,
        print_service::save_report_pdf,
        press,
        ready,
        save_diagnostics,
        screen_settings,
        settings,
        snapshot,
        updates::install_update,
        updates::program_version,
        window::acknowledge_close,
        window::is_full_screen,
        window::quit,
        window::set_full_screen,
    ]
}

/// Does what a person pressed. The answer is the answer to this press.
#[tauri::command]
async fn press(
    app: App<'_>,
    paper: State<'_, Arc<PrintService>>,
    command: Command,
) -> Result<Outcome, Fault> {
    if let Command::OpenDrawer = command {
        app.allowed(command.name())?;
        return Ok(Outcome::Drawer { printed: paper.open_drawer().await });
    }
    if let Command::Search { text } = &command {
        return app.search(text);
    }
    let is_export = matches!(command, Command::ExportItems);
    let outcome = app.press(command).await?;
    match app.till().and_then(|till| till.take_export()).filter(|_| is_export) {
        Some(export) => Ok(Outcome::Saved { file: paper.save_catalogue(&export) }),
        None => Ok(outcome),
    }
}

#[tauri::command]
fn snapshot(app: App<'_>) -> Snapshot {
    app.snapshot()
}

/// The page has drawn its first picture: from now on there is something to see.
#[tauri::command]
fn ready<R: Runtime>(window: WebviewWindow<R>) {
    if let Err(cause) = window.show().and_then(|()| window.set_focus()) {
        tracing::error!(%cause, "the window could not be shown");
    }
}

#[tauri::command]
fn settings(app: App<'_>) -> ComputerSettings {
    app.settings()
}

#[tauri::command(async)]
fn screen_settings(app: App<'_>) -> ScreenSettings {
    app.screen_settings()
}

#[tauri::command(async)]
fn save_diagnostics(app: App<'_>) -> SavedFile {
    app.save_diagnostics()
}

/// The demo store's accounts, where a development build was started with them.
#[tauri::command]
fn demo_accounts() -> Vec<DemoAccount> {
    if !cfg!(debug_assertions) {
        return Vec::new();
    }
    std::env::var("ONETILL_DEMO_ACCOUNTS")
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}
