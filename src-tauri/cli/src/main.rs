//! The installer's console.

fn main() -> std::process::ExitCode {
    onetillctl::run()
}
