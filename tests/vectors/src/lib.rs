//! Carts with their answers, made by an oracle that computes slowly and exactly in fractions of integers.
//!
//! Invariant: nothing here knows the code that it judges. The file that it makes is the same on every computer.

pub mod carts;
mod dice;
mod entries;
pub mod oracle;

pub use entries::Mistake;

/// How many carts the file has.
pub const CARTS: u32 = 10_000;

/// The whole file, a JSON object on each line.
///
/// # Errors
/// None that a cart could cause; what serializing would report.
pub fn generated() -> Result<String, serde_json::Error> {
    let mut file = String::new();
    for number in 1..=CARTS {
        file.push_str(&serde_json::to_string(&carts::cart(number))?);
        file.push('\n');
    }
    Ok(file)
}
