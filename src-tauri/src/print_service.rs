//! What the window may ask of the printer, the cash drawer and the folder for files.
//!
//! Invariant: nothing here touches the shift. A printer that does not work is told about, and that is all it does.

#![expect(clippy::needless_pass_by_value, reason = "the form in which Tauri hands over its state")]

use onetill_core::{
    Code, Fault, PrinterSettings, Report, SaleId, SaleSlip, SessionId,
    saved_file::SavedFile,
    store_sheet::{Printable, StoreSheetKind},
};
use onetill_print::{Job, Language, Printed, Printer, Timeouts};
use onetill_store::{Places, saved};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};
use tauri::{AppHandle, Emitter, State};

/// The printer of this computer, and which sheets and receipts it may have printed.
pub(crate) struct PrintService {
    app: AppHandle,
    places: Places,
    printer: Arc<Printer>,
    printed: Mutex<HashSet<SessionId>>,
    receipts: Mutex<HashSet<SaleId>>,
}

impl PrintService {
    pub(crate) fn new(app: AppHandle, places: Places, settings: PrinterSettings) -> Self {
        let printer = Printer::new(settings, Timeouts::default());
        Self { app, places, printer, printed: Mutex::default(), receipts: Mutex::default() }
    }

    /// A Z that may be on paper already is printed as a copy, here and in files.
    fn is_copy(&self, sheet: &Printable) -> bool {
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        z_of(sheet).is_some_and(|report| printed.contains(&report.session_id))
    }

    async fn print(&self, sheet: &Printable, language: &Language) -> Printed {
        let job = Job::report(sheet, language, self.printer.settings(), self.is_copy(sheet));
        let printed = self.printer.print(&name_of(sheet), job).await;
        if let Some(report) = z_of(sheet).filter(|_| printed.may_be_on_paper()) {
            self.printed.lock().unwrap_or_else(PoisonError::into_inner).insert(report.session_id);
        }
        printed
    }

    /// Prints the receipt of a sale, a refund or a void, as a copy where it may be on paper already. The job goes on when
    /// nobody waits for it; where cash moved, the drawer is opened by itself and before any paper that waits.
    pub(crate) async fn print_receipt(&self, slip: &SaleSlip, language: &Language) -> Printed {
        let name = format!("receipt {}", slip.sale.id);
        let job = Job::receipt(slip, language, self.printer.settings(), self.is_printed(slip));
        let printed = self.printer.print(&name, job).await;
        if printed.may_be_on_paper() {
            self.receipts.lock().unwrap_or_else(PoisonError::into_inner).insert(slip.sale.id);
        }
        printed
    }

    /// Whether this receipt may be on paper already.
    fn is_printed(&self, slip: &SaleSlip) -> bool {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner).contains(&slip.sale.id)
    }

    /// Opens the drawer for a count.
    pub(crate) async fn open_drawer(&self) -> Printed {
        let printed = self.printer.open_drawer().await;
        tracing::info!(?printed, "the drawer is opened for a count");
        printed
    }

    /// Opens the drawer, where there is one, for an entry that was recorded. The window hears by the event `drawer` what
    /// came of it, and does not wait for that.
    pub(crate) fn open_drawer_for_entry(self: &Arc<Self>) {
        if !self.printer.settings().drawer {
            return;
        }
        let paper = Arc::clone(self);
        tauri::async_runtime::spawn(async move {
            let printed = paper.printer.open_drawer().await;
            tracing::info!(?printed, "the drawer is opened for an entry");
            if let Err(cause) = paper.app.emit("drawer", printed) {
                tracing::error!(%cause, "what came of the drawer did not reach the window");
            }
        });
    }

    /// Saves a file of the catalogue's items among the downloads.
    pub(crate) fn save_catalogue(&self, bytes: &[u8]) -> SavedFile {
        self.save("catalogue.csv", Ok(bytes.to_vec()))
    }

    fn save(&self, name: &str, bytes: Result<Vec<u8>, String>) -> SavedFile {
        let saved = bytes
            .map_err(|cause| Fault::new(Code::Internal, cause))
            .and_then(|bytes| saved::save(&self.places, name, &bytes));
        match saved {
            Ok(path) => SavedFile { path: Some(path.display().to_string()), fault: None },
            Err(fault) => SavedFile { path: None, fault: Some(fault) },
        }
    }
}

/// The report of a Z; `None` of everything else.
fn z_of(sheet: &Printable) -> Option<&Report> {
    match sheet {
        Printable::Report(report) if report.settlement().is_some() => Some(report),
        Printable::Report(_) | Printable::Store(_) => None,
    }
}

/// What a sheet is called in a folder and in a queue.
fn name_of(sheet: &Printable) -> String {
    let (name, date) = match sheet {
        Printable::Report(report) => {
            let sheet = report.settlement().map_or_else(|| "X".to_owned(), |z| format!("Z {}", z.z_number));
            (format!("{sheet} {}", report.session_number), report.business_date)
        }
        Printable::Store(sheet) => {
            let of = match sheet.of {
                StoreSheetKind::Day => "Day",
                StoreSheetKind::Board => "Registers",
            };
            (format!("{of} {}", sheet.location_name), sheet.business_date)
        }
    };
    date.map_or_else(|| name.clone(), |date| format!("{name} {date}"))
}

#[tauri::command]
pub(crate) async fn print_report(
    paper: State<'_, Arc<PrintService>>,
    report: Printable,
    language: Language,
) -> Result<Printed, ()> {
    Ok(paper.print(&report, &language).await)
}

#[tauri::command(async)]
pub(crate) fn save_report_pdf(
    paper: State<'_, Arc<PrintService>>,
    report: Printable,
    language: Language,
) -> SavedFile {
    let bytes = onetill_print::pdf(&report, &language, paper.is_copy(&report));
    paper.save(&format!("{}.pdf", name_of(&report)), bytes)
}

#[tauri::command(async)]
pub(crate) fn save_report_csv(
    paper: State<'_, Arc<PrintService>>,
    report: Printable,
    language: Language,
) -> SavedFile {
    paper.save(&format!("{}.csv", name_of(&report)), Ok(onetill_print::csv(&report, &language)))
}

#[tauri::command]
pub(crate) async fn print_receipt(
    paper: State<'_, Arc<PrintService>>,
    slip: SaleSlip,
    language: Language,
) -> Result<Printed, ()> {
    Ok(paper.print_receipt(&slip, &language).await)
}

#[tauri::command(async)]
pub(crate) fn save_receipt_pdf(
    paper: State<'_, Arc<PrintService>>,
    slip: SaleSlip,
    language: Language,
) -> SavedFile {
    let bytes = onetill_print::receipt_pdf(&slip, &language, paper.is_printed(&slip));
    let number = slip.sale.receipt.number.as_deref().unwrap_or_default();
    paper.save(&format!("{number}.pdf"), bytes)
}
