//! Tells Tauri which commands and capabilities the window has.
//!
//! The package is the workspace's root, so the folders that Tauri would look for beside its manifest are named
//! here, and watched here.

use tauri_build::{AppManifest, Attributes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let commands = AppManifest::new().commands(&[
        "acknowledge_end",
        "cancel_start",
        "change_register",
        "check_now",
        "choose_location",
        "choose_register",
        "demo_accounts",
        "dismiss_entry",
        "dismiss_fault",
        "edit_connection",
        "go_on",
        "leave_shift",
        "ready",
        "record",
        "record_again",
        "reload_registers",
        "save_connection",
        "sign_in",
        "sign_out",
        "snapshot",
        "start_shift",
        "take_back",
        "test_connection",
    ]);
    let attributes =
        Attributes::new().app_manifest(commands).capabilities_path_pattern("./src-tauri/capabilities/*.json");
    tauri_build::try_build(attributes)?;
    Ok(())
}
