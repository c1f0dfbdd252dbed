//! Tells Tauri which commands and capabilities the window has.
//!
//! The package is the workspace's root, so the folders that Tauri would look for beside its manifest are named
//! here, and watched here.

use tauri_build::{AppManifest, Attributes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let commands = AppManifest::new().commands(&[
        "acknowledge_close",
        "demo_accounts",
        "install_update",
        "is_full_screen",
        "press",
        "print_receipt",
        "print_report",
        "program_version",
        "quit",
        "ready",
        "save_diagnostics",
        "save_receipt_pdf",
        "save_report_csv",
        "save_report_pdf",
        "screen_settings",
        "set_full_screen",
        "settings",
        "snapshot",
    ]);
    let attributes =
        Attributes::new().app_manifest(commands).capabilities_path_pattern("./src-tauri/capabilities/*.json");
    tauri_build::try_build(attributes)?;
    Ok(())
}
