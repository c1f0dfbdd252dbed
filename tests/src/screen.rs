//! What stands on a desktop's screen, pixel by pixel, and a finger to touch it with.
//!
//! Both go past everything that is tested: the display server itself is asked what it shows, and told what was
//! pressed, so that nothing in between has a say in when something happened.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, InputFocus, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::Result;
use crate::desktop::Desktop;

/// Four bytes for each pixel: blue, green, red and one without a meaning.
const PIXEL: u64 = 4;

/// A part of the screen, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// From the left edge.
    pub x: u32,
    /// From the upper edge.
    pub y: u32,
    /// How wide.
    pub width: u32,
    /// How high.
    pub height: u32,
}

/// The picture that the display server keeps, in the form that `xwd` writes.
pub struct Screen {
    file: File,
    begin: u64,
    line: u64,
    lines: u64,
}

impl Screen {
    /// Opens the screen of `desktop`.
    ///
    /// # Errors
    /// When it has pixels of another form than the ones that are read here.
    pub fn open(desktop: &Desktop) -> Result<Self> {
        let file = File::open(desktop.picture_file())?;
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0)?;
        let number = |index: usize| -> Result<u64> {
            let bytes = header.get(index * 4..index * 4 + 4).ok_or("a picture without a header")?;
            Ok(u64::from(u32::from_be_bytes(bytes.try_into()?)))
        };
        if number(11)? != PIXEL * 8 || number(7)? != 0 {
            return Err("the display has other pixels than expected".into());
        }
        let begin = number(0)? + number(19)? * 12;
        Ok(Self { begin, line: number(12)?, lines: number(5)?, file })
    }

    /// The bytes of `area` as they are now, row by row.
    ///
    /// # Errors
    /// When it reaches beyond the screen.
    pub fn read(&self, area: Area) -> Result<Vec<u8>> {
        let row = usize::try_from(u64::from(area.width) * PIXEL)?;
        let mut bytes = vec![0; row * usize::try_from(area.height)?];
        for (y, into) in bytes.chunks_exact_mut(row).enumerate() {
            let offset = (u64::from(area.y) + u64::try_from(y)?) * self.line + u64::from(area.x) * PIXEL;
            self.file.read_exact_at(into, self.begin + offset)?;
        }
        Ok(bytes)
    }

    /// The whole screen.
    #[must_use]
    pub fn whole(&self) -> Area {
        let fits = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Area { x: 0, y: 0, width: fits(self.line / PIXEL), height: fits(self.lines) }
    }
}

/// A finger, as the display server knows one: a pointer with one button.
pub struct Finger {
    server: RustConnection,
    root: Window,
}

impl Finger {
    /// Reaches for the screen of `desktop`.
    ///
    /// # Errors
    /// When its display server does not answer.
    pub fn new(desktop: &Desktop) -> Result<Self> {
        let (server, screen) = x11rb::connect(Some(desktop.display()))?;
        let root = server.setup().roots.get(screen).ok_or("a display without a screen")?.root;
        Ok(Self { server, root })
    }

    /// Where the window of this size stands.
    ///
    /// # Errors
    /// When there is none.
    pub fn window(&self, width: u32, height: u32) -> Result<Area> {
        Ok(self.find(width, height)?.1)
    }

    fn find(&self, width: u32, height: u32) -> Result<(Window, Area)> {
        let mut around = vec![self.root];
        while let Some(one) = around.pop() {
            for child in self.server.query_tree(one)?.reply()?.children {
                let place = self.server.get_geometry(child)?.reply()?;
                let size = (u32::from(place.width), u32::from(place.height));
                let shown =
                    self.server.get_window_attributes(child)?.reply()?.map_state == MapState::VIEWABLE;
                if shown && size == (width, height) {
                    let at = self.server.translate_coordinates(child, self.root, 0, 0)?.reply()?;
                    let (x, y) = (u32::try_from(at.dst_x)?, u32::try_from(at.dst_y)?);
                    return Ok((child, Area { x, y, width, height }));
                }
                around.push(child);
            }
        }
        Err(format!("no window of {width} by {height} pixels").into())
    }

    /// Holds itself above a point.
    ///
    /// # Errors
    /// When the display server does not answer.
    pub fn hover(&self, x: u32, y: u32) -> Result<()> {
        self.tell(MOTION_NOTIFY_EVENT, 0, x, y)?;
        // An answer to anything says that what came before was done.
        self.server.get_input_focus()?.reply()?;
        Ok(())
    }

    /// Presses and lets go where it is, at once.
    ///
    /// # Errors
    /// When the display server does not answer.
    pub fn tap(&self) -> Result<()> {
        self.tell(BUTTON_PRESS_EVENT, 1, 0, 0)?;
        self.tell(BUTTON_RELEASE_EVENT, 1, 0, 0)?;
        Ok(self.server.flush()?)
    }

    fn tell(&self, event: u8, button: u8, x: u32, y: u32) -> Result<()> {
        self.server.xtest_fake_input(event, button, 0, self.root, x.try_into()?, y.try_into()?, 0)?;
        Ok(())
    }
}

/// A keyboard, as the display server knows one.
pub struct Keyboard {
    finger: Finger,
    /// The key of each sign that is typed by one key alone.
    keys: BTreeMap<u32, u8>,
}

impl Keyboard {
    /// Enter, as the display server calls it.
    pub const ENTER: u32 = 0xff0d;
    /// Escape.
    pub const ESCAPE: u32 = 0xff1b;

    /// One whose keys go to the window of this size.
    ///
    /// # Errors
    /// When there is none, or the display server does not answer.
    pub fn new(desktop: &Desktop, width: u32, height: u32) -> Result<Self> {
        let finger = Finger::new(desktop)?;
        let (window, _area) = finger.find(width, height)?;
        let (first, last) = (finger.server.setup().min_keycode, finger.server.setup().max_keycode);
        let mapping = finger.server.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let signs = mapping.keysyms.chunks_exact(usize::from(mapping.keysyms_per_keycode.max(1)));
        let keys =
            (first..=last).zip(signs).filter_map(|(key, signs)| Some((*signs.first()?, key))).collect();
        finger.server.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?;
        finger.server.get_input_focus()?.reply()?;
        Ok(Self { finger, keys })
    }

    /// Presses the key of this sign and lets it go, at once. ASCII is named by itself.
    ///
    /// # Errors
    /// When no key types it alone, or the display server does not answer.
    pub fn press(&self, sign: u32) -> Result<()> {
        let key = *self.keys.get(&sign).ok_or_else(|| format!("no key types {sign:#x}"))?;
        self.finger.tell(KEY_PRESS_EVENT, key, 0, 0)?;
        self.finger.tell(KEY_RELEASE_EVENT, key, 0, 0)?;
        Ok(self.finger.server.flush()?)
    }
}
