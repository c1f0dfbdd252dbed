//! What the window may ask for. Each command is one call on the till or the desk; what came of it is in the
//! snapshot.

#![expect(clippy::needless_pass_by_value, reason = "the form in which Tauri hands over its state")]

use crate::{
    desk::{Desk, RealTill},
    paper::{self, Paper},
    updates, window,
};
use jiff::civil;
use onetill_core::{
    ComputerSettings, LocationId, MovementId, MovementRequest, RegisterId, ScreenSettings, SessionId, Tally,
    UserId,
    closing::EndHow,
    view::{ConnectionReport, DemoAccount, SavedFile, Snapshot},
};
use secrecy::SecretString;
use std::sync::Arc;
use tauri::{Runtime, State, WebviewWindow, ipc::Invoke};

type WithPaper<'a> = State<'a, Arc<Paper>>;
type AtDesk<'a> = State<'a, Arc<Desk>>;

/// Every command of this module.
pub(crate) fn handler() -> impl Fn(Invoke<tauri::Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        acknowledge_end,
        acknowledge_set_aside,
        allow_unsent,
        allow_unsent_as,
        approve_count,
        begin_count,
        cancel_start,
        change_register,
        check_now,
        choose_location,
        choose_register,
        close_board,
        close_day,
        close_shift,
        commit_count,
        count_again,
        count_ended,
        demo_accounts,
        dismiss_entry,
        dismiss_fault,
        dismiss_report,
        edit_connection,
        end_shift,
        force_end,
        go_on,
        keep_tally,
        leave_shift,
        lock_screen,
        open_board,
        open_checklist,
        read_day,
        paper::open_drawer,
        paper::print_report,
        paper::save_report_csv,
        paper::save_report_pdf,
        updates::install_update,
        updates::program_version,
        ready,
        record,
        record_again,
        reload_registers,
        save_connection,
        save_diagnostics,
        screen_settings,
        settings,
        settle_uncounted,
        show_x_report,
        show_z_report,
        sign_in,
        sign_out,
        snapshot,
        spot_count,
        start_shift,
        start_shift_counted,
        stop_closing,
        take_back,
        test_connection,
        unlock,
        window::close_told,
        window::is_full_screen,
        window::quit,
        window::set_full_screen,
    ]
}

/// A command on the till; before there is one, the screen offers none of them.
async fn at_work<F: Future<Output = ()>>(desk: &AtDesk<'_>, work: impl FnOnce(Arc<RealTill>) -> F) {
    if let Some(till) = desk.till() {
        work(till).await;
        // What it changed may want another pace: the pulse looks, and counts anew from here.
        desk.look_now();
    }
}

#[tauri::command]
fn snapshot(desk: AtDesk<'_>) -> Snapshot {
    desk.snapshot()
}

/// The page has drawn its first picture: from now on there is something to see.
#[tauri::command]
fn ready<R: Runtime>(window: WebviewWindow<R>) {
    if let Err(cause) = window.show().and_then(|()| window.set_focus()) {
        tracing::error!(%cause, "the window could not be shown");
    }
}

#[tauri::command]
fn settings(desk: AtDesk<'_>) -> ComputerSettings {
    desk.settings()
}

#[tauri::command]
async fn test_connection(desk: AtDesk<'_>, url: String, key: String) -> Result<ConnectionReport, ()> {
    Ok(desk.test_connection(&url, &key).await)
}

#[tauri::command]
async fn save_connection(desk: AtDesk<'_>, url: String, key: String) -> Result<ConnectionReport, ()> {
    Ok(desk.save_connection(url, key).await)
}

#[tauri::command]
fn edit_connection(desk: AtDesk<'_>) {
    desk.edit_connection();
}

#[tauri::command]
async fn sign_in(desk: AtDesk<'_>, email: String, password: String) -> Result<(), ()> {
    let password = SecretString::from(password);
    at_work(&desk, |till| async move { till.sign_in(&email, &password).await }).await;
    Ok(())
}

#[tauri::command]
async fn sign_out(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.sign_out().await }).await;
    Ok(())
}

#[tauri::command(async)]
fn lock_screen(desk: AtDesk<'_>) {
    if let Some(till) = desk.till() {
        till.lock_screen();
    }
}

#[tauri::command]
async fn unlock(desk: AtDesk<'_>, user_id: UserId, password: String) -> Result<(), ()> {
    let password = SecretString::from(password);
    at_work(&desk, |till| async move { till.unlock(user_id, &password).await }).await;
    Ok(())
}

#[tauri::command(async)]
fn screen_settings(desk: AtDesk<'_>) -> ScreenSettings {
    desk.screen_settings()
}

#[tauri::command]
async fn choose_location(desk: AtDesk<'_>, location_id: LocationId) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.choose_location(location_id).await }).await;
    Ok(())
}

#[tauri::command]
async fn reload_registers(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.reload_registers().await }).await;
    Ok(())
}

#[tauri::command]
async fn choose_register(desk: AtDesk<'_>, register_id: RegisterId) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.choose_register(register_id).await }).await;
    Ok(())
}

#[tauri::command]
async fn change_register(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.change_register().await }).await;
    Ok(())
}

#[tauri::command]
async fn start_shift(desk: AtDesk<'_>, opening_cash: String, accept_earlier_day: bool) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.start_shift(&opening_cash, accept_earlier_day).await }).await;
    Ok(())
}

#[tauri::command]
fn cancel_start(desk: AtDesk<'_>) {
    if let Some(till) = desk.till() {
        till.cancel_start();
    }
}

#[tauri::command]
async fn go_on(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.go_on().await }).await;
    Ok(())
}

#[tauri::command]
async fn leave_shift(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.leave_shift().await }).await;
    Ok(())
}

#[tauri::command]
async fn acknowledge_end(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.acknowledge_end().await }).await;
    Ok(())
}

#[tauri::command]
fn check_now(desk: AtDesk<'_>) {
    desk.look_now();
}

#[tauri::command]
fn dismiss_fault(desk: AtDesk<'_>) {
    if let Some(till) = desk.till() {
        till.dismiss_fault();
    }
}

#[tauri::command(async)]
fn acknowledge_set_aside(desk: AtDesk<'_>) {
    if let Some(till) = desk.till() {
        till.acknowledge_set_aside();
    }
}

#[tauri::command(async)]
fn save_diagnostics(desk: AtDesk<'_>) -> SavedFile {
    desk.save_diagnostics()
}

#[tauri::command(async)]
fn record(desk: AtDesk<'_>, paper: WithPaper<'_>, request: MovementRequest) {
    with_drawer(&desk, &paper, |till| till.record(&request));
}

#[tauri::command(async)]
fn take_back(desk: AtDesk<'_>, paper: WithPaper<'_>, movement_id: MovementId, reason: String) {
    with_drawer(&desk, &paper, |till| till.take_back(movement_id, &reason));
}

#[tauri::command(async)]
fn record_again(desk: AtDesk<'_>, movement_id: MovementId) {
    with_queue(&desk, |till| till.record_again(movement_id));
}

#[tauri::command(async)]
fn dismiss_entry(desk: AtDesk<'_>, movement_id: MovementId) {
    with_queue(&desk, |till| till.dismiss_entry(movement_id));
}

/// The same for what moves cash: the drawer opens once the entry is on disk, and not without one.
fn with_drawer(desk: &AtDesk<'_>, paper: &WithPaper<'_>, change: impl FnOnce(&RealTill)) {
    with_queue(desk, |till| {
        let before = till.snapshot();
        change(till);
        paper.open_drawer_for_new_entry(&before, &till.snapshot());
    });
}

/// Changes the queue on disk and has it sent at once, without the window waiting for that.
fn with_queue(desk: &AtDesk<'_>, change: impl FnOnce(&RealTill)) {
    if let Some(till) = desk.till() {
        change(&till);
        desk.look_now();
    }
}

#[tauri::command]
async fn start_shift_counted(desk: AtDesk<'_>, tally: Tally, accept_earlier_day: bool) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.start_shift_counted(tally, accept_earlier_day).await }).await;
    Ok(())
}

#[tauri::command(async)]
fn spot_count(desk: AtDesk<'_>, tally: Tally) {
    with_queue(&desk, |till| till.spot_count(tally));
}

#[tauri::command]
async fn open_checklist(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.open_checklist().await }).await;
    Ok(())
}

#[tauri::command]
async fn begin_count(desk: AtDesk<'_>, take_over: bool) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.begin_count(take_over).await }).await;
    Ok(())
}

#[tauri::command(async)]
fn keep_tally(desk: AtDesk<'_>, tally: Tally) {
    if let Some(till) = desk.till() {
        till.keep_tally(tally);
    }
}

#[tauri::command]
async fn commit_count(desk: AtDesk<'_>, tally: Tally) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.commit_count(tally).await }).await;
    Ok(())
}

#[tauri::command(async)]
fn count_again(desk: AtDesk<'_>) {
    if let Some(till) = desk.till() {
        till.count_again();
    }
}

#[tauri::command]
async fn close_shift(desk: AtDesk<'_>, reason: String, left_in_drawer: String) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.close_shift(&reason, &left_in_drawer).await }).await;
    Ok(())
}

#[tauri::command]
async fn settle_uncounted(desk: AtDesk<'_>, reason: String) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.settle_uncounted(&reason).await }).await;
    Ok(())
}

#[tauri::command]
async fn end_shift(desk: AtDesk<'_>, how: EndHow, reason: String) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.end_shift(how, &reason).await }).await;
    Ok(())
}

#[tauri::command]
async fn force_end(desk: AtDesk<'_>, session_id: SessionId, reason: String) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.force_end(session_id, &reason).await }).await;
    Ok(())
}

#[tauri::command]
async fn count_ended(desk: AtDesk<'_>, session_id: SessionId) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.count_ended(session_id).await }).await;
    Ok(())
}

#[tauri::command]
async fn stop_closing(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.stop_closing().await }).await;
    Ok(())
}

#[tauri::command(async)]
fn allow_unsent(desk: AtDesk<'_>) {
    if let Some(till) = desk.till() {
        till.allow_unsent();
    }
}

#[tauri::command]
async fn allow_unsent_as(desk: AtDesk<'_>, email: String, password: String) -> Result<(), ()> {
    let password = SecretString::from(password);
    at_work(&desk, |till| async move { till.allow_unsent_as(&email, &password).await }).await;
    Ok(())
}

#[tauri::command]
async fn approve_count(desk: AtDesk<'_>, email: String, password: String, note: String) -> Result<(), ()> {
    let password = SecretString::from(password);
    at_work(&desk, |till| async move { till.approve_count(&email, &password, &note).await }).await;
    Ok(())
}

#[tauri::command]
async fn open_board(desk: AtDesk<'_>, location_id: Option<LocationId>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.open_board(location_id).await }).await;
    Ok(())
}

#[tauri::command]
async fn close_board(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.close_board().await }).await;
    Ok(())
}

#[tauri::command]
async fn read_day(desk: AtDesk<'_>, date: Option<civil::Date>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.read_day(date).await }).await;
    Ok(())
}

#[tauri::command]
fn close_day(desk: AtDesk<'_>) {
    if let Some(till) = desk.till() {
        till.close_day();
    }
}

#[tauri::command]
async fn show_x_report(desk: AtDesk<'_>) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.show_x_report().await }).await;
    Ok(())
}

#[tauri::command]
async fn show_z_report(desk: AtDesk<'_>, session_id: SessionId) -> Result<(), ()> {
    at_work(&desk, |till| async move { till.show_z_report(session_id).await }).await;
    Ok(())
}

#[tauri::command]
fn dismiss_report(desk: AtDesk<'_>) {
    if let Some(till) = desk.till() {
        till.dismiss_report();
    }
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
