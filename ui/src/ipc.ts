// The only place that talks to Rust. Everything else is given plain data and this set of commands.
// Invariant: no domain fault rejects; a rejected command is a mistake of the program and is shown as one.

import { invoke, isTauri } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Amount } from "./generated/Amount";
import type { ComputerSettings } from "./generated/ComputerSettings";
import type { ConnectionReport } from "./generated/ConnectionReport";
import type { DemoAccount } from "./generated/DemoAccount";
import type { EndHow } from "./generated/EndHow";
import type { LocationId } from "./generated/LocationId";
import type { MovementId } from "./generated/MovementId";
import type { MovementRequest } from "./generated/MovementRequest";
import type { Printed } from "./generated/Printed";
import type { ProgramVersion } from "./generated/ProgramVersion";
import type { RegisterId } from "./generated/RegisterId";
import type { SessionId } from "./generated/SessionId";
import type { Report } from "./generated/Report";
import type { ReportLanguage } from "./generated/ReportLanguage";
import type { SavedFile } from "./generated/SavedFile";
import type { ScreenSettings } from "./generated/ScreenSettings";
import type { Snapshot } from "./generated/Snapshot";
import type { StaysBehind } from "./generated/StaysBehind";
import type { Tally } from "./generated/Tally";
import type { UserId } from "./generated/UserId";

export type Bridge = {
  snapshot(): Promise<Snapshot>;
  /** Calls back with every new snapshot; resolves once listening. */
  onSnapshot(changed: (snapshot: Snapshot) => void): Promise<void>;
  demoAccounts(): Promise<DemoAccount[]>;
  /** How this computer is set up, and what of it nobody here may change. */
  settings(): Promise<ComputerSettings>;
  testConnection(p: { url: string; key: string }): Promise<ConnectionReport>;
  saveConnection(p: { url: string; key: string }): Promise<ConnectionReport>;
  editConnection(): Promise<void>;
  signIn(p: { email: string; password: string }): Promise<void>;
  signOut(): Promise<void>;
  /** Locks the till; what runs, runs on. Only `unlock` and `signIn` do anything until it is opened. */
  lockScreen(): Promise<void>;
  /** Opens the till by the password of who has locked it, or of a colleague whom the screen offers. */
  unlock(p: { userId: UserId; password: string }): Promise<void>;
  /** How the window behaves on this computer. */
  screenSettings(): Promise<ScreenSettings>;
  chooseLocation(p: { locationId: LocationId }): Promise<void>;
  reloadRegisters(): Promise<void>;
  chooseRegister(p: { registerId: RegisterId }): Promise<void>;
  changeRegister(): Promise<void>;
  startShift(p: { openingCash: Amount; acceptEarlierDay: boolean }): Promise<void>;
  cancelStart(): Promise<void>;
  /** The shift of an earlier business date is accepted. */
  goOn(): Promise<void>;
  /** This device leaves the session, which stays open for others. */
  leaveShift(): Promise<void>;
  /** Asks the server now, not at the next poll. */
  checkNow(): Promise<void>;
  /** The notice that the shift is over has been read. */
  acknowledgeEnd(): Promise<void>;
  dismissFault(): Promise<void>;
  /** Somebody has read which earlier files of this device could not be used. */
  acknowledgeSetAside(): Promise<void>;
  /** Writes one file for support and says where it is. */
  saveDiagnostics(): Promise<SavedFile>;
  /** Records a movement; resolves once it is on disk, or once the snapshot says why not. */
  record(p: { request: MovementRequest }): Promise<void>;
  /** Records the opposite of a movement, pointing at it; resolves like `record`. */
  takeBack(p: { movementId: MovementId; reason: string }): Promise<void>;
  /** Records a refused entry anew, in the shift that runs now; resolves like `record`. */
  recordAgain(p: { movementId: MovementId }): Promise<void>;
  /** Takes a refused entry off the list; resolves like `record`. */
  dismissEntry(p: { movementId: MovementId }): Promise<void>;
  /** Starts the shift with a float that was counted piece by piece. */
  startShiftCounted(p: { tally: Tally; acceptEarlierDay: boolean }): Promise<void>;
  /** Keeps a count of the running shift's drawer beside it; resolves like `record`. */
  spotCount(p: { tally: Tally }): Promise<void>;
  /** Shows what speaks against closing the shift that runs here. */
  openChecklist(): Promise<void>;
  /** Announces the count; `takeOver` ends another device's count, which takes a manager. */
  beginCount(p: { takeOver: boolean }): Promise<void>;
  /** Keeps what was typed so far: with every field that changed. */
  keepTally(p: { tally: Tally }): Promise<void>;
  /** Hands the count in. */
  commitCount(p: { tally: Tally }): Promise<void>;
  /** Counts once more; the attempt that was made stays on record. */
  countAgain(): Promise<void>;
  /** Settles the shift with its count. */
  closeShift(p: { reason: string; leftInDrawer: Amount }): Promise<void>;
  /** Settles an ended shift that nobody will count. */
  settleUncounted(p: { reason: string }): Promise<void>;
  /** From the checklist: ends the shift, to be counted later, or cancels it. */
  endShift(p: { how: EndHow; reason: string }): Promise<void>;
  /** Ends a forgotten shift that the board, or this register's own screen, shows. */
  forceEnd(p: { sessionId: SessionId; reason: string }): Promise<void>;
  /** Counts an ended shift that the board shows. */
  countEnded(p: { sessionId: SessionId }): Promise<void>;
  /** Goes back to the running shift, or to the board. */
  stopClosing(): Promise<void>;
  /** A manager who is signed in lets the close go on although entries were not sent. */
  allowUnsent(): Promise<void>;
  /** The same by a manager who signs in beside the cashier, for this alone. */
  allowUnsentAs(p: { email: string; password: string }): Promise<void>;
  /** A manager signs in beside the cashier and accepts the difference. */
  approveCount(p: { email: string; password: string; note: string }): Promise<void>;
  /** Every register of a store; null for this computer's. */
  openBoard(p: { locationId: LocationId | null }): Promise<void>;
  closeBoard(): Promise<void>;
  /** The end of a business date (YYYY-MM-DD) on the open board; null for today's. */
  readDay(p: { date: string | null }): Promise<void>;
  closeDay(): Promise<void>;
  showXReport(): Promise<void>;
  /** The Z report of any settled shift, as a copy. */
  showZReport(p: { sessionId: SessionId }): Promise<void>;
  dismissReport(): Promise<void>;
  /** Prints a report; resolves with what came of it, at the latest after about 40 seconds. The shift never waits for it. */
  printReport(p: { report: Report; language: ReportLanguage }): Promise<Printed>;
  /** Saves a report among the downloads; a file that is there stays. */
  saveReportPdf(p: { report: Report; language: ReportLanguage }): Promise<SavedFile>;
  saveReportCsv(p: { report: Report; language: ReportLanguage }): Promise<SavedFile>;
  /** Opens the cash drawer for a count. A movement that was recorded opens it by itself. */
  openDrawer(): Promise<Printed>;
  /** Calls back with what came of the drawer that a movement opened; resolves once listening. */
  onDrawer(told: (printed: Printed) => void): Promise<void>;
  /** Which version runs, and a newer one where there is one. */
  programVersion(): Promise<ProgramVersion>;
  /** Calls back when that changes; resolves once listening. */
  onVersion(changed: (version: ProgramVersion) => void): Promise<void>;
  /** Installs the newer version now; what comes of it is told by `onVersion`. */
  installUpdate(): Promise<void>;
  /** Calls back when the window was asked to close and something would stay behind; resolves once listening. */
  onCloseAsked(asked: (behind: StaysBehind) => void): Promise<void>;
  /** The page asks now whether to close. */
  closeTold(): Promise<void>;
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
    demoAccounts: () => invoke("demo_accounts"),
    settings: () => invoke("settings"),
    testConnection: (p) => invoke("test_connection", p),
    saveConnection: (p) => invoke("save_connection", p),
    editConnection: () => invoke("edit_connection"),
    signIn: (p) => invoke("sign_in", p),
    signOut: () => invoke("sign_out"),
    lockScreen: () => invoke("lock_screen"),
    unlock: (p) => invoke("unlock", p),
    screenSettings: () => invoke("screen_settings"),
    chooseLocation: (p) => invoke("choose_location", p),
    reloadRegisters: () => invoke("reload_registers"),
    chooseRegister: (p) => invoke("choose_register", p),
    changeRegister: () => invoke("change_register"),
    startShift: (p) => invoke("start_shift", p),
    cancelStart: () => invoke("cancel_start"),
    goOn: () => invoke("go_on"),
    leaveShift: () => invoke("leave_shift"),
    checkNow: () => invoke("check_now"),
    acknowledgeEnd: () => invoke("acknowledge_end"),
    dismissFault: () => invoke("dismiss_fault"),
    acknowledgeSetAside: () => invoke("acknowledge_set_aside"),
    saveDiagnostics: () => invoke("save_diagnostics"),
    record: (p) => invoke("record", p),
    takeBack: (p) => invoke("take_back", p),
    recordAgain: (p) => invoke("record_again", p),
    dismissEntry: (p) => invoke("dismiss_entry", p),
    startShiftCounted: (p) => invoke("start_shift_counted", p),
    spotCount: (p) => invoke("spot_count", p),
    openChecklist: () => invoke("open_checklist"),
    beginCount: (p) => invoke("begin_count", p),
    keepTally: (p) => invoke("keep_tally", p),
    commitCount: (p) => invoke("commit_count", p),
    countAgain: () => invoke("count_again"),
    closeShift: (p) => invoke("close_shift", p),
    settleUncounted: (p) => invoke("settle_uncounted", p),
    endShift: (p) => invoke("end_shift", p),
    forceEnd: (p) => invoke("force_end", p),
    countEnded: (p) => invoke("count_ended", p),
    stopClosing: () => invoke("stop_closing"),
    allowUnsent: () => invoke("allow_unsent"),
    allowUnsentAs: (p) => invoke("allow_unsent_as", p),
    approveCount: (p) => invoke("approve_count", p),
    openBoard: (p) => invoke("open_board", p),
    closeBoard: () => invoke("close_board"),
    readDay: (p) => invoke("read_day", p),
    closeDay: () => invoke("close_day"),
    showXReport: () => invoke("show_x_report"),
    showZReport: (p) => invoke("show_z_report", p),
    dismissReport: () => invoke("dismiss_report"),
    printReport: (p) => invoke("print_report", p),
    saveReportPdf: (p) => invoke("save_report_pdf", p),
    saveReportCsv: (p) => invoke("save_report_csv", p),
    openDrawer: () => invoke("open_drawer"),
    async onDrawer(told) {
      await listen<Printed>("drawer", (event) => told(event.payload));
    },
    programVersion: () => invoke("program_version"),
    async onVersion(changed) {
      await listen<ProgramVersion>("version", (event) => changed(event.payload));
    },
    installUpdate: () => invoke("install_update"),
    async onCloseAsked(asked) {
      await listen<StaysBehind>("close-asked", (event) => asked(event.payload));
    },
    closeTold: () => invoke("close_told"),
    quit: () => invoke("quit"),
    isFullScreen: () => invoke("is_full_screen"),
    setFullScreen: (p) => invoke("set_full_screen", p),
    ready: () => invoke("ready"),
  };
}
