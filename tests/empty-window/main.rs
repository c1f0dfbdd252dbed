//! The least that a Tauri window can be: what `cargo xtask bench start` holds the till's own start against.
//!
//! It is an example of the same package, so that both are built from the same dependencies with the same profile.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!("tests/empty-window/tauri.conf.json"))
}
