//! Tells Tauri which commands and capabilities the window has.
//!
//! The package is the workspace's root, so the folders that Tauri would look for beside its manifest are named
//! here, and watched here.

use tauri_build::{AppManifest, Attributes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let commands = AppManifest::new().commands(&[
        "acknowledge_end",
        "acknowledge_set_aside",
        "allow_unsent",
        "allow_unsent_as",
        "approve_count",
        "begin_count",
        "cancel_start",
        "change_register",
        "check_now",
        "choose_location",
        "choose_register",
        "close_board",
        "close_day",
        "close_shift",
        "close_told",
        "commit_count",
        "count_again",
        "count_ended",
        "demo_accounts",
        "dismiss_entry",
        "dismiss_fault",
        "dismiss_report",
        "edit_connection",
        "end_shift",
        "force_end",
        "go_on",
        "install_update",
        "is_full_screen",
        "keep_tally",
        "leave_shift",
        "lock_screen",
        "open_board",
        "open_checklist",
        "open_drawer",
        "print_report",
        "program_version",
        "quit",
        "read_day",
        "ready",
        "record",
        "record_again",
        "reload_registers",
        "save_connection",
        "save_diagnostics",
        "save_report_csv",
        "save_report_pdf",
        "screen_settings",
        "set_full_screen",
        "settings",
        "settle_uncounted",
        "show_x_report",
        "show_z_report",
        "sign_in",
        "sign_out",
        "snapshot",
        "spot_count",
        "start_shift",
        "start_shift_counted",
        "stop_closing",
        "take_back",
        "test_connection",
        "unlock",
    ]);
    let attributes =
        Attributes::new().app_manifest(commands).capabilities_path_pattern("./src-tauri/capabilities/*.json");
    tauri_build::try_build(attributes)?;
    Ok(())
}
