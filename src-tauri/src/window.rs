//! The window on the screen: where it stands, whether it fills the screen, and when it closes.
//!
//! Invariant: it never closes by accident while something would stay behind, and always when somebody means it; also
//! when the page that should ask does not answer any more.

#![expect(clippy::needless_pass_by_value, reason = "the form in which Tauri hands over its state")]

use crate::app_state::AppState;
use onetill_store::{Area, Places, WindowPlace};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tauri::{
    AppHandle, CloseRequestApi, Emitter, LogicalSize, Manager, PhysicalPosition, PhysicalSize, State,
    WebviewWindow, WindowEvent,
};
use tokio::{sync::Notify, time::sleep};

/// A page that has not said for so long that it asks is not going to.
const PAGE_ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// A window that is being dragged is written down once it rests.
const RESTS_AFTER: Duration = Duration::from_millis(500);
/// The window's size where nothing else is known; as in `tauri.conf.json`.
const USUAL: LogicalSize<u32> = LogicalSize { width: 1024, height: 768 };

/// The page is flat: it is painted where it changes, and shown as it is. By way of the graphics card WebKitGTK keeps all
/// of it twice, and where there is no such card every answer to a tap waits for one that is imitated.
#[cfg(target_os = "linux")]
pub(crate) fn draw_plainly(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// The window_state around the page.
pub(crate) struct WindowState {
    file: PathBuf,
    state: Mutex<FrameState>,
    changed: Notify,
}

#[derive(Default)]
struct FrameState {
    place: Option<WindowPlace>,
    kept: Option<WindowPlace>,
    /// The page was told to ask whether to close, and has not said yet that it does.
    untold: Option<Instant>,
    /// Somebody means it.
    leaving: bool,
}

impl WindowState {
    pub(crate) fn new(places: &Places) -> Self {
        Self { file: places.window_file(), state: Mutex::default(), changed: Notify::new() }
    }

    /// Puts the window where it was, before it is shown.
    pub(crate) fn put(&self, window: &WebviewWindow, always_full: bool) -> tauri::Result<()> {
        let monitors = window.available_monitors()?;
        let areas: Vec<Area> = monitors.iter().map(|monitor| area(monitor.work_area())).collect();
        let kept = WindowPlace::load(&self.file);
        let place = kept.and_then(|place| place.on(&areas));
        {
            let mut state = self.lock();
            state.kept = kept;
            state.place = place;
        }
        match place {
            Some(place) => {
                window.set_size(PhysicalSize::new(place.width, place.height))?;
                window.set_position(PhysicalPosition::new(place.x, place.y))?;
                if place.maximised {
                    window.maximize()?;
                }
            }
            // A small screen with a task bar on it has no room for the usual size.
            None => {
                let first = window.primary_monitor()?.or_else(|| monitors.into_iter().next());
                let fits = first.is_none_or(|monitor| {
                    let room = monitor.work_area().size.to_logical::<u32>(monitor.scale_factor());
                    room.width >= USUAL.width && room.height >= USUAL.height
                });
                if !fits {
                    window.maximize()?;
                }
            }
        }
        if always_full || kept.is_some_and(|place| place.full_screen) {
            window.set_fullscreen(true)?;
        }
        Ok(())
    }

    /// Takes note of where the window is.
    fn note(&self, window: &tauri::Window) -> tauri::Result<()> {
        if !window.is_visible()? || window.is_minimized()? {
            return Ok(());
        }
        let full_screen = window.is_fullscreen()?;
        let maximised = window.is_maximized()?;
        let (position, size) = (window.outer_position()?, window.inner_size()?);
        let monitor = monitor_of(window)?;
        // Nothing is asked of the window while this is held: it may be waiting for the same.
        let mut state = self.lock();
        let fills = full_screen || maximised;
        // A window that fills the screen goes back to where it was before; of that place only the monitor counts now.
        let before = state.place.filter(|_| fills);
        let there = WindowPlace {
            x: position.x,
            y: position.y,
            width: size.width,
            height: size.height,
            maximised,
            full_screen,
        };
        let place = match before {
            Some(before) if before.on(&[monitor]).is_some() => WindowPlace {
                maximised: maximised || (full_screen && before.maximised),
                full_screen,
                ..before
            },
            _ => there,
        };
        state.place = Some(place);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Writes the place down if it is another one.
    fn keep(&self) {
        let (place, kept) = {
            let state = self.lock();
            (state.place, state.kept)
        };
        let Some(place) = place.filter(|_| place != kept) else { return };
        match place.save(&self.file) {
            Ok(()) => self.lock().kept = Some(place),
            Err(cause) => tracing::warn!(%cause, "where the window is cannot be kept"),
        }
    }

    /// Whether the window may close now. If not, the page is told to ask.
    fn may_close(&self, app: &AppHandle) -> bool {
        let behind = app.try_state::<Arc<AppState>>().and_then(|app_state| app_state.till()?.exit_warning());
        let mut state = self.lock();
        let page_is_dead = state.untold.is_some_and(|since| since.elapsed() > PAGE_ANSWERS_WITHIN);
        let (Some(behind), false) = (behind, state.leaving || page_is_dead) else {
            state.leaving = true;
            return true;
        };
        tracing::info!(?behind, "the window is not closed unasked");
        state.untold.get_or_insert_with(Instant::now);
        drop(state);
        if let Err(cause) = app.emit("close-asked", behind) {
            tracing::error!(%cause, "the page could not be told to ask");
        }
        false
    }

    fn lock(&self) -> MutexGuard<'_, FrameState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The monitor on which most of the window is.
fn monitor_of(window: &tauri::Window) -> tauri::Result<Area> {
    let whole = Area { x: i32::MIN, y: i32::MIN, width: u32::MAX, height: u32::MAX };
    Ok(window.current_monitor()?.map_or(whole, |monitor| area(monitor.work_area())))
}

fn area(rect: &tauri::PhysicalRect<i32, u32>) -> Area {
    Area { x: rect.position.x, y: rect.position.y, width: rect.size.width, height: rect.size.height }
}

/// What happens to the window.
pub(crate) fn on_event(window: &tauri::Window, event: &WindowEvent) {
    let app = window.app_handle();
    let Some(window_state) = app.try_state::<Arc<WindowState>>() else { return };
    match event {
        WindowEvent::Moved(_) | WindowEvent::Resized(_) => {
            if let Err(cause) = window_state.note(window) {
                tracing::warn!(%cause, "where the window is cannot be told");
            }
        }
        WindowEvent::CloseRequested { api, .. } => close_or_ask(app, &window_state, api),
        _ => {}
    }
}

fn close_or_ask(app: &AppHandle, window_state: &WindowState, api: &CloseRequestApi) {
    if window_state.may_close(app) {
        window_state.keep();
    } else {
        api.prevent_close();
    }
}

/// The program is told to end without its window being asked first, as by the menu of macOS.
pub(crate) fn may_exit(app: &AppHandle) -> bool {
    let gone = app.get_webview_window("main").is_none();
    gone || app.try_state::<Arc<WindowState>>().is_none_or(|window_state| window_state.may_close(app))
}

/// Writes the window's place down whenever it has come to rest.
pub(crate) async fn keep_place(window_state: Arc<WindowState>) {
    loop {
        window_state.changed.notified().await;
        sleep(RESTS_AFTER).await;
        window_state.keep();
    }
}

/// The page asks now.
#[tauri::command]
pub(crate) fn acknowledge_close(window_state: State<'_, Arc<WindowState>>) {
    window_state.lock().untold = None;
}

/// Somebody means it.
#[tauri::command]
pub(crate) fn quit(window: WebviewWindow, window_state: State<'_, Arc<WindowState>>) {
    window_state.lock().leaving = true;
    window_state.keep();
    if let Err(cause) = window.destroy() {
        tracing::error!(%cause, "the window could not be closed");
    }
}

/// Whether the window fills the screen.
#[tauri::command]
pub(crate) fn is_full_screen(window: WebviewWindow) -> bool {
    window.is_fullscreen().unwrap_or_default()
}

/// Makes the window fill the screen, or not; also at the next start, unless the configuration says otherwise.
#[tauri::command]
pub(crate) fn set_full_screen(window: WebviewWindow, window_state: State<'_, Arc<WindowState>>, on: bool) {
    if let Err(cause) = window.set_fullscreen(on) {
        tracing::warn!(%cause, "the window does not change its size");
        return;
    }
    if let Some(place) = &mut window_state.lock().place {
        place.full_screen = on;
    }
    window_state.changed.notify_one();
}
