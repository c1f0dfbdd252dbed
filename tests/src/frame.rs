//! The frame around the app's window, worked as a window manager works it: the tests' displays have none.
//!
//! Invariant: a request has been carried out when its method returns; one that is only sent may be lost with the
//! connection.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::Result;

/// Where a window is on its display, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// The app's window on a display.
pub struct Frame {
    display: RustConnection,
    window: Window,
}

impl Frame {
    /// Finds it; `None` while there is none to see.
    ///
    /// # Errors
    /// When the display does not answer.
    pub fn find(display: &str) -> Result<Option<Self>> {
        let (display, screen) = RustConnection::connect(Some(display))?;
        let root = display.setup().roots.get(screen).ok_or("no screen")?.root;
        let mut found = None;
        for window in display.query_tree(root)?.reply()?.children {
            let class =
                display.get_property(false, window, AtomEnum::WM_CLASS, AtomEnum::STRING, 0, 64)?.reply()?;
            let is_app = String::from_utf8_lossy(&class.value).to_lowercase().contains("onetill");
            let seen = display.get_window_attributes(window)?.reply()?.map_state == MapState::VIEWABLE;
            if is_app && seen {
                found = Some(window);
            }
        }
        Ok(found.map(|window| Self { display, window }))
    }

    /// Asks the window to close, as its cross and Alt+F4 do.
    ///
    /// # Errors
    /// When the display does not answer.
    pub fn ask_to_close(&self) -> Result<()> {
        let atom = |name: &[u8]| -> Result<u32> { Ok(self.display.intern_atom(false, name)?.reply()?.atom) };
        let message = [atom(b"WM_DELETE_WINDOW")?, 0, 0, 0, 0];
        let event = ClientMessageEvent::new(32, self.window, atom(b"WM_PROTOCOLS")?, message);
        Ok(self.display.send_event(false, self.window, EventMask::NO_EVENT, event)?.check()?)
    }

    /// Moves the window and gives it a size.
    ///
    /// # Errors
    /// When the display does not answer.
    pub fn put(&self, place: Place) -> Result<()> {
        let wanted = ConfigureWindowAux::new().x(place.x).y(place.y).width(place.width).height(place.height);
        Ok(self.display.configure_window(self.window, &wanted)?.check()?)
    }

    /// Where it is.
    ///
    /// # Errors
    /// When the display does not answer.
    pub fn place(&self) -> Result<Place> {
        let told = self.display.get_geometry(self.window)?.reply()?;
        Ok(Place {
            x: i32::from(told.x),
            y: i32::from(told.y),
            width: u32::from(told.width),
            height: u32::from(told.height),
        })
    }
}
