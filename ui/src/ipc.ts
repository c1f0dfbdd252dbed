// The only place that talks to Rust. Everything else is given plain data and this set of commands.
// Invariant: no domain fault rejects; a rejected command is a mistake of the program and is shown as one.

import { invoke, isTauri } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Amount } from "./generated/Amount";
import type { ConnectionReport } from "./generated/ConnectionReport";
import type { DemoAccount } from "./generated/DemoAccount";
import type { LocationId } from "./generated/LocationId";
import type { MovementId } from "./generated/MovementId";
import type { MovementRequest } from "./generated/MovementRequest";
import type { RegisterId } from "./generated/RegisterId";
import type { Snapshot } from "./generated/Snapshot";

export type Bridge = {
  snapshot(): Promise<Snapshot>;
  /** Calls back with every new snapshot; resolves once listening. */
  onSnapshot(changed: (snapshot: Snapshot) => void): Promise<void>;
  demoAccounts(): Promise<DemoAccount[]>;
  testConnection(p: { url: string; key: string }): Promise<ConnectionReport>;
  saveConnection(p: { url: string; key: string }): Promise<ConnectionReport>;
  editConnection(): Promise<void>;
  signIn(p: { email: string; password: string }): Promise<void>;
  signOut(): Promise<void>;
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
  /** Records a movement; resolves once it is on disk, or once the snapshot says why not. */
  record(p: { request: MovementRequest }): Promise<void>;
  /** Records the opposite of a movement, pointing at it; resolves like `record`. */
  takeBack(p: { movementId: MovementId; reason: string }): Promise<void>;
  /** Records a refused entry anew, in the shift that runs now; resolves like `record`. */
  recordAgain(p: { movementId: MovementId }): Promise<void>;
  /** Takes a refused entry off the list; resolves like `record`. */
  dismissEntry(p: { movementId: MovementId }): Promise<void>;
  /** The first screen is painted: the shell may show the window. */
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
    testConnection: (p) => invoke("test_connection", p),
    saveConnection: (p) => invoke("save_connection", p),
    editConnection: () => invoke("edit_connection"),
    signIn: (p) => invoke("sign_in", p),
    signOut: () => invoke("sign_out"),
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
    record: (p) => invoke("record", p),
    takeBack: (p) => invoke("take_back", p),
    recordAgain: (p) => invoke("record_again", p),
    dismissEntry: (p) => invoke("dismiss_entry", p),
    ready: () => invoke("ready"),
  };
}
