// The only place that talks to Rust. Everything else is given plain data and this set of calls.
// Invariant: no fault of the till rejects; a rejected call is a mistake of the program and is shown as one.

import { invoke, isTauri } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Command } from "./generated/Command";
import type { ComputerSettings } from "./generated/ComputerSettings";
import type { DemoAccount } from "./generated/DemoAccount";
import type { Fault } from "./generated/Fault";
import type { Outcome } from "./generated/Outcome";
import type { Printable } from "./generated/Printable";
import type { Printed } from "./generated/Printed";
import type { ProgramVersion } from "./generated/ProgramVersion";
import type { ReportLanguage } from "./generated/ReportLanguage";
import type { SaleSlip } from "./generated/SaleSlip";
import type { SavedFile } from "./generated/SavedFile";
import type { ScreenSettings } from "./generated/ScreenSettings";
import type { Snapshot } from "./generated/Snapshot";
import type { ExitWarning } from "./generated/ExitWarning";

/** What came of a press: what it came to, or what stood in its way. */
export type Answer = { outcome: Outcome; fault: null } | { outcome: null; fault: Fault };

export type Bridge = {
  snapshot(): Promise<Snapshot>;
  /** Calls back with every new snapshot; resolves once listening. */
  onSnapshot(changed: (snapshot: Snapshot) => void): Promise<void>;
  /** Asks for anything that changes the till. `Snapshot.may` says what is not refused. */
  press(command: Command): Promise<Answer>;
  demoAccounts(): Promise<DemoAccount[]>;
  /** How this computer is set up, and what of it nobody here may change. */
  settings(): Promise<ComputerSettings>;
  /** How the window behaves on this computer. */
  screenSettings(): Promise<ScreenSettings>;
  /** Writes one file for support and says where it is. */
  saveDiagnostics(): Promise<SavedFile>;
  /** Prints the sheet of a shift or of a store; resolves with what came of it, at the latest after about 40 seconds. The shift never waits for it. */
  printReport(p: { report: Printable; language: ReportLanguage }): Promise<Printed>;
  /** Saves it among the downloads; a file that is there stays. */
  saveReportPdf(p: { report: Printable; language: ReportLanguage }): Promise<SavedFile>;
  saveReportCsv(p: { report: Printable; language: ReportLanguage }): Promise<SavedFile>;
  /** Prints the receipt of a sale, refund or void, as a copy where it may be on paper already; as patient as a report. */
  printReceipt(p: { slip: SaleSlip; language: ReportLanguage }): Promise<Printed>;
  /** Saves it among the downloads. */
  saveReceiptPdf(p: { slip: SaleSlip; language: ReportLanguage }): Promise<SavedFile>;
  /** Calls back with what came of the drawer that a movement opened; resolves once listening. */
  onDrawer(told: (printed: Printed) => void): Promise<void>;
  /** Which version runs, and a newer one where there is one. */
  programVersion(): Promise<ProgramVersion>;
  /** Calls back when that changes; resolves once listening. */
  onVersion(changed: (version: ProgramVersion) => void): Promise<void>;
  /** Installs the newer version now; what comes of it is told by `onVersion`. */
  installUpdate(): Promise<void>;
  /** Calls back when the window was asked to close and something would stay behind; resolves once listening. */
  onCloseAsked(asked: (behind: ExitWarning) => void): Promise<void>;
  /** The page asks now whether to close. */
  acknowledgeClose(): Promise<void>;
  /** Closes the program; what stays behind was said. */
  quit(): Promise<void>;
  isFullScreen(): Promise<boolean>;
  /** Fills the screen, or not; also at the next start, unless the configuration says otherwise. */
  setFullScreen(p: { on: boolean }): Promise<void>;
  /** The first screen is drawn: the shell may show the window. */
  ready(): Promise<void>;
};

/** The bridge to Rust, or nothing when the page was opened in a plain browser. */
export function tauriBridge(): Bridge | null {
  if (!isTauri()) return null;
  return {
    snapshot: () => invoke("snapshot"),
    async onSnapshot(changed) {
      await listen<Snapshot>("snapshot", (event) => changed(event.payload));
    },
    async press(command) {
      try {
        return { outcome: await invoke<Outcome>("press", { command }), fault: null };
      } catch (cause) {
        if (isFault(cause)) return { outcome: null, fault: cause };
        throw cause;
      }
    },
    demoAccounts: () => invoke("demo_accounts"),
    settings: () => invoke("settings"),
    screenSettings: () => invoke("screen_settings"),
    saveDiagnostics: () => invoke("save_diagnostics"),
    printReport: (p) => invoke("print_report", p),
    saveReportPdf: (p) => invoke("save_report_pdf", p),
    saveReportCsv: (p) => invoke("save_report_csv", p),
    printReceipt: (p) => invoke("print_receipt", p),
    saveReceiptPdf: (p) => invoke("save_receipt_pdf", p),
    async onDrawer(told) {
      await listen<Printed>("drawer", (event) => told(event.payload));
    },
    programVersion: () => invoke("program_version"),
    async onVersion(changed) {
      await listen<ProgramVersion>("version", (event) => changed(event.payload));
    },
    installUpdate: () => invoke("install_update"),
    async onCloseAsked(asked) {
      await listen<ExitWarning>("close-asked", (event) => asked(event.payload));
    },
    acknowledgeClose: () => invoke("acknowledge_close"),
    quit: () => invoke("quit"),
    isFullScreen: () => invoke("is_full_screen"),
    setFullScreen: (p) => invoke("set_full_screen", p),
    ready: () => invoke("ready"),
  };
}

/** A fault of the till is told by its code; whatever else rejects is a text of the program's own. */
function isFault(cause: unknown): cause is Fault {
  return typeof cause === "object" && cause !== null && "code" in cause && "detail" in cause;
}
