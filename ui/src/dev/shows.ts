// What can be looked at: every state of the fixtures, and what people open on top of them.

import type { ConnectionReport } from "../generated/ConnectionReport";
import type { Snapshot } from "../generated/Snapshot";
import { cash, choose, fault, joinedWithRefused, setup, signIn, snapshot, start, states } from "./fixtures";

export type Show = {
  /** What the till tells; nothing yet while the window starts. */
  snapshot: Snapshot | null;
  /** The test ids of what is pressed, one after the other. */
  press?: readonly string[];
  /** Whatever is asked takes longer than anybody waits. */
  late?: boolean;
  demo?: boolean;
  /** A mistake of the window itself. */
  trouble?: string;
  /** The page was opened in a plain browser. */
  noBridge?: boolean;
};

export const connectionReport: ConnectionReport = {
  checks: [
    { name: "settings", made: true, fault: null },
    { name: "reach", made: true, fault: null },
    { name: "key", made: true, fault: fault("WRONG_KEY", "401 Invalid API key") },
    { name: "function", made: false, fault: null },
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
  "setup-testing": { snapshot: snapshot(setup), press: ["test-connection"], late: true },
  "sign-in-demo": { snapshot: snapshot(signIn), demo: true },
  "choose-late": { snapshot: snapshot({ ...choose, registers: null }, { busy: "loading-registers" }), late: true },
  "start-late": { snapshot: snapshot(start, { busy: "starting-shift" }), late: true },
  "start-count": { snapshot: snapshot(start), press: ["entry-1"] },
  settings: of("start", "settings"),
  leave: of("register", "leave-shift"),
  "sign-in-again": of("register-sign-in-needed", "sign-in-again"),
  "pay-in": of("register", "action-pay_in"),
  "pay-out": of("register", "action-pay_out"),
  "pay-out-unexplained": of("register", "action-pay_out", "movement-record"),
  "safe-drop": of("register", "action-safe_drop"),
  "float-top-up": of("register", "action-float_top_up"),
  "no-sale": of("register", "action-no_sale"),
  "take-back": of("register-movements", "take-back"),
  "dismiss-entry": of("register-refused", "dismiss-entry"),
  "register-200": { snapshot: cash.long },
  "register-joined-refused": { snapshot: joinedWithRefused },
};
