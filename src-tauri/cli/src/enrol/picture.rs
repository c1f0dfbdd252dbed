//! The enrolment link as a picture: a QR code that is printed, shown on a screen, or photographed.
//!
//! Invariants: a picture is only another way for the link to arrive, and is believed no more than one; what a hostile
//! picture can make this computer do is bounded before it is decoded.

use crate::error::{CliError, Result};
use fast_qr::{ECL, QRBuilder};
use image::{GrayImage, ImageError, ImageFormat, ImageReader, Limits, Luma, imageops};
use std::{fs::File, io::Read, path::Path};

/// A photograph of a telephone has up to 10 MB.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// Its longer side has up to 8,000 pixels.
const MOST_PIXELS: u32 = 8_192;
const MOST_MEMORY: u64 = 320 * 1024 * 1024;
/// What the search is given: enough to read a code that fills a quarter of the picture's width.
const SEARCHED_PIXELS: u32 = 2_048;

/// Pixels of one module, so that a printer does not smear them.
const MODULE: u32 = 8;
/// Light modules around the code, as the standard wants.
const MARGIN: u32 = 4;

/// Draws the link as a picture in PNG.
pub(crate) fn draw(link: &str) -> Result<Vec<u8>> {
    let code = QRBuilder::new(link).ecl(ECL::M).build().map_err(|cause| {
        CliError::Usage(format!("the link is too long for a QR code ({cause:?}): leave something out"))
    })?;
    let size = u32::try_from(code.size).map_err(CliError::failed)?;
    let side = (size + 2 * MARGIN) * MODULE;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let module = |at: u32| (at / MODULE).checked_sub(MARGIN).filter(|at| *at < size);
        let dark = match (module(x), module(y)) {
            (Some(x), Some(y)) => code.data.get((y * size + x) as usize).is_some_and(|module| module.value()),
            _ => false,
        };
        Luma([if dark { 0 } else { u8::MAX }])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).map_err(CliError::failed)?;
    Ok(bytes.into_inner())
}

/// Reads the link from a picture in a file.
pub(crate) fn read(path: &Path) -> Result<String> {
    let at = |cause: &dyn std::fmt::Display| CliError::Failed(format!("{}: {cause}", path.display()));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|cause| at(&cause))?;
    // One more than allowed tells that there is more, whatever the file says of its length.
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|cause| at(&cause))?;
    link_in(&bytes).map_err(|why| CliError::Usage(format!("{}: {why}", path.display())))
}

/// Finds the one enrolment link in a picture.
pub(crate) fn link_in(bytes: &[u8]) -> std::result::Result<String, String> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("larger than {} MB: take a smaller picture", MOST_BYTES / 1024 / 1024));
    }
    let picture = decoded(bytes)?;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let pixel = u32::try_from(x).ok().zip(u32::try_from(y).ok());
        pixel.and_then(|(x, y)| picture.get_pixel_checked(x, y)).map_or(u8::MAX, |Luma([grey])| *grey)
    });
    let grids = prepared.detect_grids();
    if grids.is_empty() {
        return Err("no QR code is seen in it: take the picture straight, sharp and from near".into());
    }
    let mut links: Vec<String> = grids
        .iter()
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
        .filter(|text| text.starts_with(super::link::BEGINS))
        .collect();
    links.sort();
    links.dedup();
    match (links.pop(), links.is_empty()) {
        (Some(link), true) => Ok(link),
        (Some(_), false) => Err("several enrolment codes are seen in it: take one at a time".into()),
        (None, _) => {
            Err("the QR code in it cannot be read, or is no enrolment code: take the picture anew".into())
        }
    }
}

/// The picture in grey, no larger than is searched.
fn decoded(bytes: &[u8]) -> std::result::Result<GrayImage, String> {
    let reader = || {
        let mut reader = ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().ok()?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(MOST_PIXELS);
        limits.max_image_height = Some(MOST_PIXELS);
        limits.max_alloc = Some(MOST_MEMORY);
        reader.limits(limits);
        matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)).then_some(reader)
    };
    let neither = || "neither a PNG nor a JPEG picture".to_owned();
    let refused = |cause: ImageError| match cause {
        ImageError::Limits(_) => format!("too large: at most {MOST_PIXELS} pixels on a side"),
        other => format!("a damaged picture ({other})"),
    };
    let (width, height) = reader().ok_or_else(neither)?.into_dimensions().map_err(refused)?;
    let picture = reader().ok_or_else(neither)?.decode().map_err(refused)?.into_luma8();
    let longest = width.max(height);
    if longest <= SEARCHED_PIXELS {
        return Ok(picture);
    }
    let scaled = |side: u32| (u64::from(side) * u64::from(SEARCHED_PIXELS) / u64::from(longest)).max(1);
    let side = |side: u32| u32::try_from(scaled(side)).unwrap_or(SEARCHED_PIXELS);
    Ok(imageops::thumbnail(&picture, side(width), side(height)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::DynamicImage;
    use std::io::Cursor;

    fn link(letters: usize) -> String {
        format!("{}{}", super::super::link::BEGINS, "a1_-".repeat(letters / 4))
    }

    fn jpeg(picture: &GrayImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    fn drawn(link: &str) -> GrayImage {
        image::load_from_memory(&draw(link).unwrap()).unwrap().into_luma8()
    }

    #[test]
    fn what_was_drawn_is_read() {
        for letters in [40, 500, 900] {
            assert_eq!(link_in(&draw(&link(letters)).unwrap()).unwrap(), link(letters));
        }
        assert!(draw(&link(4000)).is_err(), "no code holds that");
    }

    #[test]
    fn a_photograph_is_read_too() {
        let code = drawn(&link(480));
        // Turned, grey on grey, in a corner of a large picture, and compressed.
        let mut photograph = GrayImage::from_pixel(3000, 2200, Luma([170]));
        let mut dull = imageops::rotate90(&code);
        dull.pixels_mut().for_each(|Luma([grey])| *grey = if *grey < 128 { 60 } else { 200 });
        let larger = imageops::resize(&dull, 1500, 1500, imageops::FilterType::Triangle);
        imageops::overlay(&mut photograph, &larger, 1200, 500);
        assert_eq!(link_in(&jpeg(&photograph)).unwrap(), link(480));
    }

    #[test]
    fn two_different_codes_are_one_too_many() {
        let (one, other) = (drawn(&link(80)), drawn(&link(84)));
        let mut both = GrayImage::from_pixel(one.width() + other.width(), 600, Luma([255]));
        imageops::overlay(&mut both, &one, 0, 0);
        imageops::overlay(&mut both, &other, i64::from(one.width()), 0);
        assert!(link_in(&jpeg(&both)).unwrap_err().contains("several"));
    }

    #[test]
    fn hostile_pictures_are_refused_before_they_cost_anything() {
        let empty = jpeg(&GrayImage::from_pixel(300, 300, Luma([255])));
        assert!(link_in(&empty).unwrap_err().contains("no QR code"));
        assert!(link_in(b"GIF89a").unwrap_err().contains("neither"));
        assert!(link_in(&vec![0; 17 * 1024 * 1024]).unwrap_err().contains("larger"));
        let other = draw("https://thief.example").unwrap();
        assert!(link_in(&other).unwrap_err().contains("no enrolment code"));

        let good = draw(&link(200)).unwrap();
        assert!(link_in(&good[..good.len() / 2]).unwrap_err().contains("damaged"));
        // A few bytes that claim to be a hundred thousand pixels wide: its header's sum is right, too.
        let mut huge = good;
        huge[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
        let sum = crc(&huge[12..29]);
        huge[29..33].copy_from_slice(&sum.to_be_bytes());
        let why = link_in(&huge).unwrap_err();
        assert!(why.contains("too large"), "{why}");
        // Wide within bounds, and blank: decoded, searched, and nothing found.
        let blank = DynamicImage::new_luma8(8_192, 16).into_luma8();
        assert!(link_in(&jpeg(&blank)).is_err());
    }

    /// The sum of a PNG chunk.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
        })
    }
}
