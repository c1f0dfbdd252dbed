// What can be looked at: every state of the fixtures, and what people open on top of them.

import type { CommandName } from "../generated/CommandName";
import type { ComputerSettings } from "../generated/ComputerSettings";
import type { ConnectionReport } from "../generated/ConnectionReport";
import type { NewerVersion } from "../generated/NewerVersion";
import type { ExitWarning } from "../generated/ExitWarning";
import type { Snapshot } from "../generated/Snapshot";
import type { Answer } from "../ipc";
import { cash, choose, counter, fault, joinedWithRefused, setup, signIn, snapshot, start, states } from "./fixtures";

export type Show = {
  /** What the till tells; nothing yet while the window starts. */
  snapshot: Snapshot | null;
  /** The test ids of what is pressed, one after the other. */
  press?: readonly string[];
  /** The test id of a field and what is typed into it, before anything is pressed. */
  type?: readonly [string, string];
  /** What comes of a command, where it is not the usual. */
  answers?: Partial<Record<CommandName, Answer>>;
  /** Whatever is asked takes longer than anybody waits. */
  late?: boolean;
  /** What the connection test finds, where it is not the usual. */
  report?: ConnectionReport;
  demo?: boolean;
  /** A newer version of the program. */
  newer?: NewerVersion;
  /** How the computer is set up, where that shows. */
  settings?: ComputerSettings;
  /** The window was asked to close. */
  leaving?: ExitWarning;
  /** A mistake of the window itself. */
  trouble?: string;
  /** The page was opened in a plain browser. */
  noBridge?: boolean;
};

export const connectionReport: ConnectionReport = {
  checks: [
    { name: "settings", was_run: true, fault: null },
    { name: "reach", was_run: true, fault: null },
    { name: "key", was_run: true, fault: fault("WRONG_KEY", "401 Invalid API key") },
    { name: "function", was_run: false, fault: null },
  ],
  limitations: [],
};

/** A project with an earlier database part. */
const olderReport: ConnectionReport = {
  checks: (["settings", "reach", "key", "function"] as const).map((name) => ({ name, was_run: true, fault: null })),
  limitations: ["current-part", "guard"],
};

const newer = (stage: NewerVersion["stage"], asks_password = false): NewerVersion => ({ version: "1.5.0", stage, asks_password });

/** A computer of a fleet. */
export const managed: ComputerSettings = {
  locale: null,
  prints_receipts: false,
  managed: [
    { key: "supabase.url", value: "https://harbour-bakery.supabase.co" },
    { key: "supabase.key", value: null },
    { key: "printer", value: "192.168.1.50" },
    { key: "locale", value: "en" },
    { key: "autostart", value: "true" },
  ],
};

const plain = Object.fromEntries(Object.entries(states).map(([name, told]): [string, Show] => [name, { snapshot: told }]));
const of = (name: string, ...press: string[]): Show => ({ snapshot: states[name] ?? null, press });

export const shows: Record<string, Show> = {
  ...plain,
  starting: { snapshot: null, late: true },
  "no-bridge": { snapshot: null, noBridge: true },
  trouble: { snapshot: states["register"] ?? null, trouble: "TypeError: undefined is not an object (evaluating 'a.b')" },
  "setup-report": { snapshot: snapshot(setup), press: ["test-connection"] },
  "setup-older": { snapshot: snapshot(setup), press: ["test-connection"], report: olderReport },
  "setup-testing": { snapshot: snapshot(setup), press: ["test-connection"], late: true },
  "sign-in-demo": { snapshot: snapshot(signIn), demo: true },
  "choose-late": { snapshot: snapshot({ ...choose, registers: null }, { busy: "loading-registers" }), late: true },
  "start-late": { snapshot: snapshot(start, { busy: "starting-shift" }), late: true },
  "start-count": { snapshot: snapshot(start), press: ["entry-1"] },
  settings: of("start", "settings"),
  "update-ready": { ...of("start"), newer: newer("ready", true) },
  "update-fetching": { ...of("choose"), newer: newer("fetching") },
  "update-not-genuine": { ...of("sign-in"), newer: newer("not-genuine") },
  "update-not-installed": { ...of("start"), newer: newer("not-installed", true) },
  "update-after-shift": { ...of("register", "settings"), newer: newer("after-shift") },
  "settings-managed": { ...of("start", "settings"), settings: managed },
  "setup-managed": { snapshot: snapshot({ ...setup, url: "https://harbour-bakery.supabase.co" }), settings: managed },
  leave: of("register", "leave-shift"),
  "sign-in-again": of("register-sign-in-needed", "sign-in-again"),
  "locked-other": of("locked", "lock-other"),
  "locked-somebody": of("locked", "lock-somebody"),
  "locked-empty": of("locked", "unlock"),
  close: { snapshot: states["register"] ?? null, leaving: { shift: true, count: false, unsent: 0 } },
  "close-counting": { snapshot: states["closing-count-draft"] ?? null, leaving: { shift: true, count: true, unsent: 2 } },
  "close-unsent": { snapshot: states["start"] ?? null, leaving: { shift: false, count: false, unsent: 1 } },
  "pay-in": of("register", "action-pay_in"),
  "pay-out": of("register", "action-pay_out"),
  "pay-out-unexplained": of("register", "action-pay_out", "movement-record"),
  "safe-drop": of("register", "action-safe_drop"),
  "float-top-up": of("register", "action-float_top_up"),
  "no-sale": of("register", "action-no_sale"),
  "pay-out-limit": of("register-limits", "action-pay_out"),
  "pay-in-limit": of("register-limits", "action-pay_in"),
  "spot-count": of("register", "spot-count"),
  "spot-count-nothing": of("register", "spot-count", "spot-keep"),
  "allow-unsent": of("closing-checklist-unsent", "allow-unsent"),
  "allow-unsent-manager": of("closing-checklist-unsent-manager", "allow-unsent"),
  "allow-unsent-wrong": of("closing-manager-wrong", "allow-unsent"),
  "end-later": of("closing-checklist", "end-later"),
  "cancel-shift": of("closing-checklist-unused", "cancel-shift"),
  "take-over": of("closing-checklist-take-over", "take-over"),
  "count-nothing": of("closing-count", "commit-count"),
  "count-stop": of("closing-count-draft", "stop-counting"),
  "count-skip": of("closing-count-ended", "skip-count", "skip-count-yes"),
  "count-late": { ...of("closing-count-draft", "commit-count"), late: true },
  approve: of("closing-result-approval", "approve"),
  "close-unexplained": of("closing-result", "close-shift"),
  "change-float": of("closing-result", "change-float"),
  "print-report": of("closing-closed", "print-report"),
  "save-report": of("closing-closed", "save-pdf"),
  "count-drawer": of("closing-count", "open-drawer"),
  "force-end": of("earlier-day-manager", "force-end"),
  "board-open": of("board", "board-REG-1"),
  "board-owed": of("board", "board-REG-6"),
  "board-flagged": of("board-sold", "board-REG-3"),
  "board-free": of("board", "board-REG-2"),
  "board-force-end": of("board", "board-REG-1", "force-end"),
  "board-filter": of("board", "board-filter-1"),
  "board-item-new": of("board-catalogue", "item-new"),
  "board-item": of("board-catalogue", "item-4"),
  "board-keys": of("board-catalogue", "open-keys"),
  "board-keys-key": of("board-catalogue", "open-keys", "place-2"),
  "board-keys-free": of("board-catalogue", "open-keys", "place-19", "key-find"),
  "board-keys-moving": of("board-catalogue", "open-keys", "place-3", "key-move"),
  "board-keys-unread": of("board-catalogue-unkept", "open-keys"),
  "board-taxes": of("board-catalogue", "open-taxes"),
  "board-taxes-read-only": of("board-catalogue-read-only", "open-taxes"),
  "board-taxes-unread": of("board-catalogue-unkept", "open-taxes"),
  "board-tax": of("board-catalogue", "open-taxes", "tax-1"),
  "board-tax-new": of("board-catalogue", "open-taxes", "tax-new"),
  "board-tax-remove": of("board-catalogue", "open-taxes", "tax-1", "tax-remove"),
  "board-import-choose": of("board-catalogue", "open-import"),
  "take-back": of("register-movements", "take-back"),
  "dismiss-entry": of("register-refused", "dismiss-entry"),
  "selling-amount": of("selling-eight", "tab-amount"),
  "selling-card": of("selling-paying", "pay-card"),
  "selling-voucher": of("selling-split", "pay-other-0"),
  "selling-sheet": of("selling-manager", "open-shift"),
  "selling-sheet-refused": of("selling-refused-manager", "refused-count"),
  "selling-quantity": of("selling-eight", "action-quantity"),
  "selling-discount": of("selling-eight", "action-discount"),
  "selling-item": of("selling-empty", "key-11"),
  "selling-park": of("selling-eight", "action-park"),
  "selling-recall": of("selling-parked", "action-recall"),
  "selling-receipts-list": of("selling-receipts", "action-receipts"),
  "selling-void": of("selling-receipts", "void-last"),
  "selling-void-unexplained": of("selling-receipts", "void-last", "void-yes"),
  "selling-discard": of("selling-eight", "discard-cart"),
  "selling-age-question": of("selling-age", "pay"),
  "selling-approval-question": of("selling-approval", "pay"),
  "selling-void-approval": of("selling-receipts-limit", "void-last"),
  "selling-refund-cart": of("selling-manager", "action-receipts", "refund-cart"),
  "selling-refund-cart-approval": of("selling-eight", "action-receipts", "refund-cart"),
  "practice-receipts": of("practice-done", "action-receipts"),
  "practice-discard": of("practice-cart", "discard-cart"),
  "selling-drawer": of("selling-empty", "action-drawer"),
  "selling-page": of("selling-empty", "page-2"),
  "selling-search": { ...of("selling-one"), type: ["selling-input", "milk"], answers: { search: counter.found } },
  "selling-search-nothing": { ...of("selling-one"), type: ["selling-input", "zzz"], answers: { search: counter.foundNothing } },
  "selling-search-empty": of("selling-empty", "tab-search"),
  "selling-missed": {
    ...of("selling-one", "selling-enter"),
    type: ["selling-input", "4006381333931"],
    answers: { scan: { outcome: null, fault: fault("UNKNOWN_ITEM", "4006381333931") } },
  },
  "register-200": { snapshot: cash.long },
  "register-joined-refused": { snapshot: joinedWithRefused },
};
