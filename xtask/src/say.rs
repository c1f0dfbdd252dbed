//! How the commands speak to the developer: one style, colour only where it can be seen.

use std::io::IsTerminal;
use std::time::Duration;

fn styled(style: &str, text: &str) -> String {
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if colour { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
}

/// What happens next.
pub(crate) fn header(text: &str) {
    println!("\n{}", styled("1;36", &format!("== {text}")));
}

/// Why, or with what.
pub(crate) fn note(text: &str) {
    println!("   {text}");
}

/// It went well.
pub(crate) fn good(text: &str) {
    println!("{}", styled("1;32", &format!("   {text}")));
}

/// It did not.
pub(crate) fn bad(text: &str) {
    println!("{}", styled("1;31", &format!("   {text}")));
}

/// The last word of a command that failed.
pub(crate) fn error(text: &str) {
    eprintln!("\n{} {text}", styled("1;31", "error:"));
}

/// `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=9 => format!("{seconds}.{} s", duration.subsec_millis() / 100),
        10..=59 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(430)), "0.4 s");
        assert_eq!(duration(Duration::from_millis(12_900)), "12 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }
}
