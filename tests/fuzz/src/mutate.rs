//! Bytes that are almost right: an example, damaged in a few places.
//!
//! Invariant: the same seed gives the same bytes on every computer, so a finding can be had again.

use fastrand::Rng;

/// What decoders stumble over, put in where something else was expected.
pub const WORDS: &[&str] = &[
    "null",
    "true",
    "\"\"",
    "{}",
    "[]",
    "-0",
    "0.",
    "1e999",
    "NaN",
    "\"NaN\"",
    "\"Infinity\"",
    "\u{feff}",
    "\u{0}",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "\u{1f4a5}",
    "99999999999999999999999999999999999",
    "-1",
    "\r\n",
    "\t",
    "%00",
    "0.00000000000000000000000000000000001",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":{\"a\":",
    "9999-12-31T23:59:59.999999999Z",
    "infinity",
    "-infinity",
    "294276-12-31T00:00:00+00:00",
    "\"code\":",
    "\"message\":",
    "PGRST301",
    "sb_secret_",
    "eyJ",
    "://",
    "@",
    "..",
];

/// The longest that is made; a network's answers are bounded as well.
const LONGEST: usize = 64 * 1024;

/// One of the examples, damaged; now and then with a piece of another one.
pub fn damaged(examples: &[Vec<u8>], random: &mut Rng) -> Vec<u8> {
    let one = |random: &mut Rng| random.choice(examples).cloned().unwrap_or_default();
    let mut bytes = one(random);
    for _ in 0..random.usize(1..6) {
        let at = random.usize(0..=bytes.len());
        let until = (at + random.usize(0..24)).min(bytes.len());
        match random.u8(0..8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..until)),
            2 => bytes.insert(at, random.u8(..)),
            3 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.u8(0..8)),
            4 => {
                let word = random.choice(WORDS).copied().unwrap_or_default();
                bytes.splice(at..until, word.bytes());
            }
            5 => {
                let piece: Vec<u8> = bytes.get(at..until).unwrap_or_default().to_vec();
                for _ in 0..random.usize(1..40) {
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
            6 => {
                let other = one(random);
                let from = random.usize(0..=other.len());
                bytes.splice(at.., other.get(from..).unwrap_or_default().iter().copied());
            }
            _ => bytes.iter_mut().skip(at).take(until - at).for_each(|byte| *byte = random.u8(..)),
        }
        bytes.truncate(LONGEST);
    }
    bytes
}
