// Counting, closing, ending and reading a shift, as Rust would tell it.

import type { ClosingStep } from "../generated/ClosingStep";
import type { Code } from "../generated/Code";
import type { Fault } from "../generated/Fault";
import type { Pieces } from "../generated/Pieces";
import type { Report } from "../generated/Report";
import type { Screen } from "../generated/Screen";
import type { Session } from "../generated/Session";
import type { Snapshot } from "../generated/Snapshot";
import type { Staff } from "../generated/Staff";
import type { Tally } from "../generated/Tally";
import type { TenderLine } from "../generated/TenderLine";
import { currencies } from "../generated/currencies";
import { off } from "./difference";
import reports from "./reports.json";

type Named<N extends Screen["name"]> = Extract<Screen, { name: N }>;
type Step<N extends ClosingStep["step"]> = Extract<ClosingStep, { step: N }>;
type Base = {
  instant: number;
  snapshot: (screen: Screen, more?: Partial<Snapshot>) => Snapshot;
  atRegister: Named<"register">;
  earlier: Named<"earlier-day">;
  start: Named<"start-shift">;
  manager: Staff;
  fault: (code: Code) => Fault;
  longName: string;
};

const pieces = (...counted: [string, number][]): Pieces[] => counted.map(([value, count]) => ({ value, count }));

export function closingFixtures({ instant, snapshot, atRegister, earlier, start, manager, fault, longName }: Base) {
  const ago = (minutes: number) => new Date(instant - minutes * 60_000).toISOString();
  const { session, location } = atRegister;
  const counting = { by_id: null, by_name: "Ben Castellano", since: ago(6) };
  const device = { by_name: "Ben Castellano", last_seen: ago(3), is_here: false };
  const drawer = pieces(["100", 2], ["50", 1], ["20", 12], ["10", 7], ["5", 6], ["1", 14], ["0.25", 20], ["0.10", 8]);
  const tally: Tally = { by: "pieces", pieces: drawer };

  const at = (step: ClosingStep, more: Partial<Named<"closing">> = {}): Named<"closing"> => ({
    name: "closing",
    session,
    register_number: atRegister.register.register_number,
    register_name: atRegister.register.register_name,
    location,
    sign_in_needed: false,
    unanswered: false,
    step,
    ...more,
  });
  const checklist: Step<"checklist"> = {
    step: "checklist",
    unsent: 0,
    refused: 0,
    allowed_by: null,
    others: [],
    counting: null,
    end_needs_manager: false,
  };
  const count: Step<"count"> = { step: "count", pieces: [...(currencies["USD"] ?? [])], tally: { by: "nothing" }, total: null };
  const cash = (expected: string | null, difference: string | null): TenderLine => ({
    tender: "cash",
    sales: "412.10",
    expected,
    counted: { state: "counted", amount: "609.80", difference: difference === null ? null : off(difference) },
  });
  const result: Step<"result"> = {
    step: "result",
    cash: cash("612.10", "-2.30"),
    card: { tender: "card", sales: "872.25", expected: "872.25", counted: { state: "not-counted" } },
    tally,
    needs: "reason",
    approved_by: null,
    next_float: {
      left: "200.00",
      left_pieces: pieces(["20", 4], ["10", 7], ["5", 6], ["1", 14], ["0.25", 20], ["0.10", 10]),
      taken: "409.80",
      taken_pieces: pieces(["100", 2], ["50", 1], ["20", 7], ["10", 1], ["5", 1], ["1", 4], ["0.10", 8]),
    },
  };
  const ended: Session = {
    ...session,
    status: "ended",
    ended_by_name: "Marta Okafor",
    closed_at: ago(50),
    end_reason: "Forgotten at noon",
  };

  // Drawn up by Rust, whose tests hold their lines against their figures.
  const { z, zSold, copy, x, xForManager, uncounted } = reports as unknown as Record<keyof typeof reports, Report>;

  const calm = { unanswered: true };
  const calmly = snapshot(at(checklist));
  const unused: Snapshot = { ...calmly, may: [...calmly.may, "cancel-shift"] };
  const states: Record<string, Snapshot> = {
    "register-counted-elsewhere": snapshot({ ...atRegister, session: { ...session, counting } }),
    "register-x-report": snapshot(atRegister, { report: x }),
    "register-x-manager": snapshot(atRegister, { staff: manager, report: xForManager }),
    "register-limits": snapshot({
      ...atRegister,
      limits: { pay_out: "50.00", pay_in: "100.00" },
      location: { ...location, reasons: { pay_out: ["Stamps", "Bread order"], pay_in: [] } },
    }),
    "earlier-day-manager": snapshot(earlier, { staff: manager }),
    "start-earlier-day-manager": snapshot(
      { ...start, register: { ...start.register, open_session: earlier.session }, earlier_day: true },
      { staff: manager },
    ),
    "closing-checklist": snapshot(at(checklist)),
    "closing-checklist-unused": unused,
    "closing-checklist-others": snapshot(at({ ...checklist, others: [device, { ...device, by_name: longName, last_seen: null }] })),
    "closing-checklist-unsent": snapshot(at({ ...checklist, unsent: 3, refused: 2, others: [device] })),
    "closing-checklist-unsent-manager": snapshot(at({ ...checklist, unsent: 1 }), { staff: manager }),
    "closing-checklist-allowed": snapshot(at({ ...checklist, unsent: 3, allowed_by: "Marta Okafor" })),
    "closing-checklist-counting": snapshot(at({ ...checklist, counting, others: [device] })),
    "closing-checklist-take-over": snapshot(at({ ...checklist, counting, others: [device] }), { staff: manager }),
    "closing-checklist-earlier": snapshot(at({ ...checklist, end_needs_manager: true })),
    "closing-checklist-held": snapshot(at(checklist, calm)),
    "closing-manager-wrong": snapshot(at({ ...checklist, unsent: 3 }), { fault: fault("WRONG_PASSWORD") }),
    "closing-sign-in": snapshot(at(count, { sign_in_needed: true })),
    "closing-count": snapshot(at(count)),
    "closing-count-draft": snapshot(at({ ...count, tally, total: "609.80" })),
    "closing-count-sum": snapshot(at({ ...count, tally: { by: "sum", amount: "609.80" }, total: "609.80" })),
    "closing-count-euro": snapshot(
      at({ ...count, pieces: [...(currencies["EUR"] ?? [])] }, { location: { ...location, currency: "EUR" } }),
    ),
    "closing-count-unknown": snapshot(at({ ...count, pieces: [] }, { location: { ...location, currency: "ISK" } })),
    "closing-count-ended": snapshot(at(count, { session: ended }), { staff: manager }),
    "closing-count-taken-over": snapshot(at(count), { fault: fault("COUNT_TAKEN_OVER") }),
    "closing-count-held": snapshot(at({ ...count, tally, total: "609.80" }, calm)),
    "closing-result": snapshot(at(result)),
    "closing-result-own-reasons": snapshot(
      at(result, { location: { ...location, difference_reasons: ["Coin roll was short", "Lottery pay-out not entered"] } }),
    ),
    "closing-result-exact": snapshot(at({ ...result, needs: "nothing", cash: cash("609.80", "0.00") })),
    "closing-result-approval": snapshot(at({ ...result, needs: "approval", cash: cash("587.30", "22.50") })),
    "closing-result-approved": snapshot(at({ ...result, cash: cash("587.30", "22.50"), approved_by: "Marta Okafor" })),
    "closing-result-unknown": snapshot(
      at({
        ...result,
        needs: "nothing",
        cash: cash(null, null),
        next_float: { left: "200.00", left_pieces: [], taken: "409.80", taken_pieces: [] },
      }),
    ),
    "closing-result-held": snapshot(at(result, calm)),
    "closing-result-long": snapshot(
      at(
        {
          ...result,
          needs: "approval",
          cash: {
            tender: "cash",
            sales: "99999999.99",
            expected: "99999999.99",
            counted: { state: "counted", amount: "9999999.99", difference: off("-90000000.00") },
          },
          card: { tender: "card", sales: "99999999.99", expected: "99999999.99", counted: { state: "not-counted" } },
          approved_by: longName,
        },
        { register_name: longName, location: { ...location, currency: "CHF" } },
      ),
    ),
    "closing-ending": snapshot(at({ step: "ending", how: "count-later" }, calm), { busy: "closing" }),
    "closing-ending-held": snapshot(at({ step: "ending", how: "cancel" }, calm)),
    "closing-closed": snapshot(at({ step: "closed", report: z, was_counted: true })),
    "closing-closed-sold": snapshot(at({ step: "closed", report: zSold, was_counted: true })),
    "closing-uncounted": snapshot(at({ step: "closed", report: uncounted, was_counted: false }), { staff: manager }),
    "closing-ended": snapshot(at({ step: "ended" })),
    "closing-cancelled": snapshot(at({ step: "cancelled" })),
  };
  return { at, checklist, count, result, tally, states, ended, z, zSold, copy, x, uncounted, counting, device };
}
