//! PNG files that are kept and compared.
//!
//! Invariant: two pictures of the same screen are alike if and only if no place of it looks different to a person.
//! How the edge of a letter is smoothed may differ from one run to the next: a pixel counts as different only where
//! its colour lies outside everything that stood around it before, or the other way round.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::PathBuf;

use onetill_local::repository;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Transformations};

use crate::Result;

/// A channel may differ by so much without anybody seeing it.
const UNSEEN: u8 = 24;
/// One pixel in so many may differ by more: a few edges of letters.
const ONE_IN: usize = 20_000;

/// Where the pictures of the main screens are kept.
#[must_use]
pub fn kept() -> PathBuf {
    repository().join("tests/pictures/kept")
}

/// A colour of more than one pixel in so many is that of a surface.
const SURFACE: usize = 2_000;

/// The nearest of 32 levels of a channel.
fn coarse(channel: u8) -> u8 {
    channel.saturating_add(4) & 0xf8
}

/// The file beside them that names the system on which they were taken.
pub const TAKEN_ON: &str = "taken-on";

/// This system, such as `debian 12`. Another one has other libraries, which draw letters in another way.
#[must_use]
pub fn platform() -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or("unknown").trim_matches('"').to_owned()
    };
    format!("{} {}", value("ID"), value("VERSION_ID"))
}

/// A picture as its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// Reads a PNG file.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(file: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::new(Cursor::new(file));
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let mut bytes = vec![0; reader.output_buffer_size().ok_or("too large a picture")?];
        let info = reader.next_frame(&mut bytes)?;
        let samples = info.color_type.samples();
        let pixels = bytes.get(..info.buffer_size()).unwrap_or_default().chunks_exact(samples);
        let pixels = pixels.map(|pixel| match *pixel {
            [red, green, blue, ..] => [red, green, blue],
            [grey, ..] => [grey; 3],
            [] => [0; 3],
        });
        Ok(Self { width: info.width, height: info.height, pixels: pixels.collect() })
    }

    /// As small a PNG file as it can be: colours that nobody could tell apart become one.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn write(&self) -> Result<Vec<u8>> {
        let mut often: BTreeMap<[u8; 3], usize> = BTreeMap::new();
        for pixel in &self.pixels {
            *often.entry(*pixel).or_default() += 1;
        }
        // Surfaces keep their colour; what is left are the edges of letters.
        let kept =
            |pixel: &[u8; 3]| often.get(pixel).is_some_and(|count| *count * SURFACE > self.pixels.len());
        let coarse = |pixel: &[u8; 3]| if kept(pixel) { *pixel } else { pixel.map(coarse) };
        let pixels: Vec<[u8; 3]> = self.pixels.iter().map(coarse).collect();
        let mut colours = pixels.clone();
        colours.sort_unstable();
        colours.dedup();
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.width, self.height);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::High);
        if colours.len() <= 256 {
            // A screen has few colours: one byte for each pixel, and rows that repeat one another.
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(colours.concat());
            encoder.set_filter(Filter::NoFilter);
            let index = |pixel| colours.binary_search(pixel).ok().and_then(|place| u8::try_from(place).ok());
            let bytes: Option<Vec<u8>> = pixels.iter().map(index).collect();
            encoder.write_header()?.write_image_data(&bytes.ok_or("a colour is not in the palette")?)?;
        } else {
            encoder.set_color(ColorType::Rgb);
            encoder.set_filter(Filter::Adaptive);
            encoder.write_header()?.write_image_data(&pixels.concat())?;
        }
        Ok(file)
    }

    fn at(&self, place: usize) -> [u8; 3] {
        self.pixels.get(place).copied().unwrap_or_default()
    }

    /// Whether the pixel there is unlike everything around that place in `other`.
    fn stands_out(&self, place: usize, other: &Self) -> bool {
        let width = usize::try_from(self.width).unwrap_or(usize::MAX);
        let near = |middle: usize| middle.saturating_sub(1)..=middle + 1;
        let (x, y) = (place % width, place / width);
        let around: Vec<[u8; 3]> = near(y)
            .flat_map(|y| near(x).map(move |x| (x, y)))
            .filter(|(x, _)| *x < width)
            .filter_map(|(x, y)| other.pixels.get(y * width + x).copied())
            .collect();
        self.at(place).into_iter().enumerate().any(|(channel, own)| {
            let values = || around.iter().filter_map(|pixel| pixel.get(channel).copied());
            let least = values().min().unwrap_or_default().saturating_sub(UNSEEN);
            let most = values().max().unwrap_or(u8::MAX).saturating_add(UNSEEN);
            own < least || own > most
        })
    }

    /// What is different in `new`, or `None` when nobody would see a difference.
    #[must_use]
    pub fn difference(&self, new: &Self) -> Option<Difference> {
        if (self.width, self.height) != (new.width, new.height) {
            let why = format!("{}×{} became {}×{} pixels", self.width, self.height, new.width, new.height);
            return Some(Difference { why, picture: new.clone() });
        }
        let differs = |place: usize| {
            let (old, new) = (self.at(place), new.at(place));
            old.iter().zip(new).any(|(old, new)| old.abs_diff(new) > UNSEEN)
        };
        let seen = |place: &usize| self.stands_out(*place, new) || new.stands_out(*place, self);
        let different: Vec<usize> =
            (0..self.pixels.len()).filter(|place| differs(*place)).filter(seen).collect();
        let count = different.len();
        if count * ONE_IN <= self.pixels.len() {
            return None;
        }
        // The old picture, pale, with every difference in red.
        let pale = |channel: u8| 191 + channel / 4;
        let shown = (0..self.pixels.len()).map(|place| match different.binary_search(&place) {
            Ok(_) => [208, 0, 32],
            Err(_) => self.at(place).map(pale),
        });
        let picture = Self { width: self.width, height: self.height, pixels: shown.collect() };
        Some(Difference { why: format!("{count} of {} pixels differ", self.pixels.len()), picture })
    }
}

/// How a picture differs from the one that was kept.
#[derive(Debug, Clone)]
pub struct Difference {
    /// In a few words.
    pub why: String,
    /// Where.
    pub picture: Picture,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(mark: u32) -> Picture {
        let pixels = (0..100 * 100).map(|place| if place < mark { [12, 25, 26] } else { [242, 244, 244] });
        Picture { width: 100, height: 100, pixels: pixels.collect() }
    }

    #[test]
    fn a_picture_looks_the_same_in_its_file() {
        let mut many = screen(50);
        for (place, pixel) in many.pixels.iter_mut().enumerate() {
            *pixel = [(place % 251) as u8, (place % 13 * 19) as u8, (place % 7 * 36) as u8];
        }
        for (picture, what) in [(screen(50), "few colours"), (many, "many colours")] {
            let read = Picture::read(&picture.write().unwrap()).unwrap();
            assert!(picture.difference(&read).is_none(), "{what}");
            let far = picture
                .pixels
                .iter()
                .zip(&read.pixels)
                .filter(|(old, new)| old.iter().zip(*new).any(|(old, new)| old.abs_diff(*new) > 7));
            assert_eq!(far.count(), 0, "{what}: no channel moves by more than a level");
        }
        assert!(Picture::read(b"no picture").is_err());
    }

    #[test]
    fn smoothing_is_no_difference_and_a_moved_word_is() {
        let letter = |at: usize, dark: u8| {
            let mut picture = screen(0);
            for line in 40..48 {
                for (place, pixel) in picture.pixels.iter_mut().enumerate().skip(line * 100 + at).take(5) {
                    // Its edges are lighter than its middle.
                    let edge = if place % 100 == at || place % 100 == at + 4 { 90 } else { 0 };
                    *pixel = [dark + edge; 3];
                }
            }
            picture
        };
        assert!(screen(0).difference(&screen(0)).is_none());
        assert!(letter(20, 12).difference(&letter(20, 12 + UNSEEN)).is_none(), "a little paler");
        assert!(letter(20, 12).difference(&letter(21, 12)).is_none(), "smoothed at another place");
        let found = letter(20, 12).difference(&letter(30, 12)).unwrap();
        assert!(found.why.ends_with("of 10000 pixels differ"), "{}", found.why);
        let red = found.picture.pixels.iter().filter(|pixel| **pixel == [208, 0, 32]).count();
        assert!((48..=80).contains(&red), "where it was and where it is: {red}");
        let small = Picture { width: 1, height: 1, pixels: vec![[0; 3]] };
        assert!(screen(0).difference(&small).unwrap().why.contains("100×100"));
    }
}
