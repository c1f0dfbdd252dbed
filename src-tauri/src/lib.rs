//! The Tauri shell: wiring, thin commands, the window and the log. No business rule lives here; those are in
//! `onetill-core`.

mod commands;
mod desk;
mod journal;
mod paper;
mod pulse;
mod world;

use desk::Desk;
use onetill_store::{Instance, Places, StoreFile};
use std::{process::ExitCode, sync::Arc, time::Duration};
use tauri::{AppHandle, Manager, WindowEvent};

/// After this time the window is shown whatever its page does.
const LONGEST_WITHOUT_WINDOW: Duration = Duration::from_secs(10);

/// Runs the till until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    let places = Places::from_environment();
    let _journal = journal::start(&places.logs());
    if let Err(cause) = onetill_store::forbid_core_dumps() {
        tracing::error!(%cause, "a crash may leave an image of the memory on the disk");
    }
    match open_window(places) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            tracing::error!(%cause, "the till could not start");
            eprintln!("Onetill could not start: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn open_window(places: Places) -> Result<(), Box<dyn std::error::Error>> {
    let mut context = tauri::generate_context!();
    if let Some(own) = places.own_identity() {
        // A till with its own data folder is a till of its own: web view storage and "already running" follow it.
        let config = context.config_mut();
        config.identifier = format!("{}.{own}", config.identifier);
    }
    tauri::Builder::default()
        // A second start brings the first one's window to the front and ends.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| bring_to_front(app)))
        .setup(move |app| Ok(set_up(app.handle(), places)?))
        .on_window_event(|window, event| {
            if matches!(event, WindowEvent::Focused(true))
                && let Some(desk) = window.try_state::<Arc<Desk>>()
            {
                desk.look_now();
            }
        })
        .invoke_handler(commands::handler())
        .run(context)?;
    Ok(())
}

/// Takes the data folder, opens the device's file, and puts the desk to work.
fn set_up(app: &AppHandle, places: Places) -> Result<(), onetill_store::InstanceProblem> {
    app.manage(Instance::take(&places.data)?);
    let file = StoreFile::open(&places.store_file()).map(|opening| {
        if let Some(aside) = &opening.set_aside {
            tracing::error!(path = %aside.display(), "the device's file could not be used and was set aside");
        }
        opening.file
    });
    app.manage(Arc::new(paper::Paper::new(app.clone(), places.clone())));
    let desk = Arc::new(Desk::new(places, file, world::Window::new(app.clone())));
    app.manage(Arc::clone(&desk));
    tauri::async_runtime::spawn(pulse::beat(desk));
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

fn bring_to_front(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main")
        && let Err(cause) = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus())
    {
        tracing::warn!(%cause, "the window did not come to the front");
    }
}
