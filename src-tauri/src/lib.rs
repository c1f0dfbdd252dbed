//! The Tauri shell: wiring, thin commands, the window and the log. No business rule lives here; those are in
//! `onetill-core`.

mod app_state;
mod commands;
mod logging;
mod pace;
mod platform;
mod poll_loop;
mod print_service;
mod updates;
mod window;

use app_state::AppState;
use onetill_core::{Code, Fault};
use onetill_store::{Instance, InstanceProblem, Places, Settings, StoreFile};
use std::{
    io,
    process::ExitCode,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};
use window::WindowState;

/// After this time the window is shown whatever its page does.
const LONGEST_WITHOUT_WINDOW: Duration = Duration::from_secs(10);

/// How long a start waits for a till that is just ending to be gone.
const LONGEST_FOR_THE_ONE_BEFORE: Duration = Duration::from_secs(15);

/// Runs the till until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    let places = Places::from_environment();
    let _logging = logging::start(&places.logs());
    tracing::info!(system = std::env::consts::OS, data = %places.data.display(), "the till starts");
    if let Err(cause) = onetill_store::forbid_core_dumps() {
        tracing::error!(%cause, "a crash may leave an image of the memory on the disk");
    }
    // What the disk holds is read while the window system starts.
    let opening = {
        let places = places.clone();
        thread::spawn(move || (Settings::load(&places), open_data(&places)))
    };
    match open_window(places, opening) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            tracing::error!(%cause, "the till could not start");
            eprintln!("Onetill could not start: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn open_window(places: Places, opening: JoinHandle<Disk>) -> Result<(), Box<dyn std::error::Error>> {
    let mut context = tauri::generate_context!();
    if let Some(own) = places.own_identity() {
        // A till with its own data folder is a till of its own: web view storage and "already running" follow it.
        let config = context.config_mut();
        config.identifier = format!("{}.{own}", config.identifier);
    }
    tauri::Builder::default()
        .setup(move |app| Ok(set_up(app.handle(), &places, opening)?))
        .on_window_event(|window, event| {
            window::on_event(window, event);
            if matches!(event, WindowEvent::Focused(true))
                && let Some(app_state) = window.try_state::<Arc<AppState>>()
            {
                app_state.poll_now();
            }
        })
        .invoke_handler(commands::handler())
        .build(context)?
        .run(|app, event| {
            if let RunEvent::ExitRequested { code: None, api, .. } = event
                && !window::may_exit(app)
            {
                api.prevent_exit();
            }
        });
    Ok(())
}

/// The data folder, owned, and the device's file in it; or why not.
type Opened = Result<(Instance, Result<StoreFile, Fault>), InstanceProblem>;

/// How this computer is set up, and what was opened.
type Disk = (Result<Settings, Fault>, Opened);

/// Starts the till on what was opened meanwhile.
fn set_up(app: &AppHandle, places: &Places, opening: JoinHandle<Disk>) -> Result<(), InstanceProblem> {
    take_calls(app);
    let (settings, opened) = opening.join().unwrap_or_else(|_panicked| {
        let why = "reading the data folder failed, see the log";
        (Ok(Settings::default()), Err(InstanceProblem::Folder(io::Error::other(why))))
    });
    let file = match opened {
        Ok((instance, file)) => {
            app.manage(instance);
            file
        }
        Err(InstanceProblem::AlreadyRunning) => return Err(InstanceProblem::AlreadyRunning),
        // Without its folder there is no till, but a window that says why.
        Err(cause) => Err(Fault::new(Code::StoreFailed, format!("{}: {cause}", places.data.display()))),
    };
    // A till whose configuration cannot be read has no printer; the set-up screen tells why.
    let printer = settings.as_ref().ok().and_then(|settings| settings.values().printer.clone());
    let printing = print_service::PrintService::new(app.clone(), places.clone(), printer.unwrap_or_default());
    app.manage(Arc::new(printing));
    let version = app.package_info().version.to_string();
    tracing::info!(version, "started");
    let app_state =
        Arc::new(AppState::new(places.clone(), settings, file, version, platform::Window::new(app.clone())));
    app.manage(Arc::clone(&app_state));
    let window_state = Arc::new(WindowState::new(places));
    if let Some(window) = app.get_webview_window("main") {
        #[cfg(target_os = "linux")]
        if let Err(cause) = window::draw_plainly(&window) {
            tracing::warn!(%cause, "the page is drawn by way of the graphics card");
        }
        if let Err(cause) = window_state.put(&window, app_state.screen_settings().full_screen) {
            tracing::warn!(%cause, "the window could not be put where it was");
        }
    }
    app.manage(Arc::clone(&window_state));
    tauri::async_runtime::spawn(window::keep_place(window_state));
    app.manage(updates::Updates::start(app, Arc::clone(&app_state)));
    tauri::async_runtime::spawn(poll_loop::run(app_state));
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        // The page says when it has painted. If it never does, its plain words are better than no window.
        tokio::time::sleep(LONGEST_WITHOUT_WINDOW).await;
        if app.get_webview_window("main").is_some_and(|window| !window.is_visible().unwrap_or(true)) {
            tracing::error!("the page did not say that it has painted");
            bring_to_front(&app);
        }
    });
    Ok(())
}

/// The lock on the folder decides who is the till; then its file is opened. A start that meets a till which is just
/// ending waits until that is gone.
fn open_data(places: &Places) -> Opened {
    let deadline = Instant::now() + LONGEST_FOR_THE_ONE_BEFORE;
    loop {
        match Instance::take(&places.data) {
            Ok(instance) => return Ok((instance, open_file(places))),
            Err(InstanceProblem::AlreadyRunning) if Instant::now() <= deadline => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(cause) => return Err(cause),
        }
    }
}

/// Takes the name by which a second start calls this window. A second start ends in here, once it has brought the first
/// one's window to the front; one that meets a till which is just ending waits until the name is free, too. Without its
/// name nobody can call this window, but it may still be the only one: that the lock decides.
fn take_calls(app: &AppHandle) {
    let deadline = Instant::now() + LONGEST_FOR_THE_ONE_BEFORE;
    loop {
        let call = tauri_plugin_single_instance::init(|app, _arguments, _folder| bring_to_front(app));
        match app.plugin(call) {
            Ok(()) => return,
            Err(cause) => tracing::info!(%cause, "the name is not free"),
        }
        if Instant::now() > deadline {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn open_file(places: &Places) -> Result<StoreFile, Fault> {
    let opening = StoreFile::open(&places.store_file())?;
    for aside in &opening.set_aside {
        tracing::error!(?aside, "the device's file could not be used and was set aside");
    }
    Ok(opening.file)
}

fn bring_to_front(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main")
        && let Err(cause) = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus())
    {
        tracing::warn!(%cause, "the window did not come to the front");
    }
}
