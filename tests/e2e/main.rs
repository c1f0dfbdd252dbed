//! The whole product in its real window: web view, shell, client, HTTP, PostgreSQL.
#![cfg(target_os = "linux")] // the only system whose web view can be driven without a screen

mod bad_input;
mod catalogue;
mod closing_window;
mod day;
mod ends;
mod keychain;
mod lock;
mod managed;
mod memory;
mod offline;
mod older;
mod practice;
mod refusals;
mod restart;
mod scanning;
mod selling;
mod start;
mod steps;
mod stricter;
mod support;
mod walks;
