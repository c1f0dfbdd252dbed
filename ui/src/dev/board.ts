// The manager's board and the end of a day, as Rust would tell them.

import type { Board } from "../generated/Board";
import type { BoardRegister } from "../generated/BoardRegister";
import type { BoardState } from "../generated/BoardState";
import type { Code } from "../generated/Code";
import type { FlaggedEntry } from "../generated/FlaggedEntry";
import type { SheetEntry } from "../generated/SheetEntry";
import type { TillReceipts } from "../generated/TillReceipts";
import type { Day } from "../generated/Day";
import type { DayTotals } from "../generated/DayTotals";
import type { Fault } from "../generated/Fault";
import type { Report } from "../generated/Report";
import type { Screen } from "../generated/Screen";
import type { Session } from "../generated/Session";
import type { SellingRules } from "../generated/SellingRules";
import type { Snapshot } from "../generated/Snapshot";
import type { Staff } from "../generated/Staff";
import type { closingFixtures } from "./closing";

type Base = {
  instant: number;
  snapshot: (screen: Screen, more?: Partial<Snapshot>) => Snapshot;
  atRegister: Extract<Screen, { name: "register" }>;
  closing: ReturnType<typeof closingFixtures>;
  manager: Staff;
  fault: (code: Code) => Fault;
  longName: string;
};

const id = (n: number) => `00000000-0000-4000-8000-${(7000 + n).toString().padStart(12, "0")}`;

export function boardFixtures({ instant, snapshot, atRegister, closing, manager, fault, longName }: Base) {
  const ago = (minutes: number) => new Date(instant - minutes * 60_000).toISOString();
  const { session, location } = atRegister;
  const names = ["Ben Castellano", "Ana Lindqvist", "Chioma Eze", longName];
  const cycle: BoardState[] = ["open", "free", "open", "counting", "ended-uncounted", "open", "free"];
  const open = (n: number, more: Partial<Session> = {}): Session => ({
    ...session,
    id: id(n),
    register_id: id(100 + n),
    session_number: `REG-${n + 1}-000${120 + n}`,
    opener_name: names[n % names.length] ?? null,
    opened_at: ago(60 + n * 17),
    expected_cash: `${200 + n * 31}.${10 + n}`,
    devices: [{ by_name: names[n % 3] ?? "", last_seen: ago(n % 4), is_here: n === 0 }, ...(n % 3 === 0 ? [closing.device] : [])],
    ...more,
  });
  const owed = (n: number): Session => ({
    ...closing.ended,
    id: id(200 + n),
    register_id: id(100 + n),
    session_number: `REG-${n + 1}-000${110 + n}`,
  });
  const registers: BoardRegister[] = Array.from({ length: 40 }, (_, n): BoardRegister => {
    const state: BoardState = n === 38 ? "retired" : (cycle[n % cycle.length] ?? "free");
    const runs = state === "open" || state === "counting";
    return {
      id: id(100 + n),
      register_number: `REG-${n + 1}`,
      register_name: n === 5 ? longName : `Counter ${n + 1}`,
      status: state === "retired" ? "retired" : "active",
      state,
      offline_since: n === 2 ? ago(34) : null,
      open_session: runs ? open(n, state === "counting" ? { counting: closing.counting } : {}) : null,
      open_seconds: runs ? (60 + n * 17) * 60 : null,
      uncounted: state === "ended-uncounted" || n === 5 ? [owed(n)] : [],
      last_close:
        n % 5 === 0 && state === "retired"
          ? null
          : {
              session_id: id(300 + n),
              z_number: 40 + n,
              closed_at: ago(900 + n),
              cash_difference: n % 3 === 0 ? "-1.20" : n % 3 === 1 ? "0.00" : null,
            },
      receipts: [],
      flags: [],
    };
  });
  const board: Board = { business_date: "2026-11-23", registers };
  const screen: Extract<Screen, { name: "board" }> = {
    day_totals: null,
    name: "board",
    location,
    board,
    day: null,
    read_at: ago(0.1),
    shift_runs: true,
    rules: null,
  };
  const day: Day = {
    business_date: "2026-11-23",
    z_reports: Array.from({ length: 6 }, (_, n): Report => ({
      ...(n === 3 ? closing.uncounted : n === 1 ? closing.copy : closing.z),
      session_id: id(300 + n),
      register_number: `REG-${n + 1}`,
    })),
    uncounted: [owed(4)],
    open: [open(0), open(2)],
    selling: null,
    selling_lines: [],
  };
  const totals: DayTotals = { sales: "7706.10", cash: "2472.60", card: "5233.50", difference: "13.30", taken_out: "2049.00" };
  const nothing: DayTotals = { sales: "0.00", cash: "0.00", card: "0.00", difference: "0.00", taken_out: "0.00" };
  const settled: Day = { ...day, business_date: "2026-11-22", uncounted: [], open: [] };
  const told = (more: Partial<typeof screen> = {}, rest: Partial<Snapshot> = {}) =>
    snapshot({ ...screen, ...more }, { staff: manager, ...rest });
  const entry = (n: number): SheetEntry => ({
    id: id(400 + n),
    kind: n === 1 ? "void" : "sale",
    receipt_number: `REG-3-B-00004${n}`,
    session_number: "REG-3-000122",
    business_date: "2026-11-22",
    total: `${12 + n}.84`,
    net_cash: n === 1 ? "-13.84" : `${12 + n}.84`,
    by_name: names[n % names.length] ?? "",
    recorded_at: ago(40 - n),
    settled: null,
  });
  const flags: FlaggedEntry[] = (["late", "over_limit", "clock_off"] as const).map((flag, n) => ({
    entry: entry(n),
    flag,
    flagged_at: ago(40 - n),
  }));
  const missing_numbers = ["REG-3-B-000056", "REG-3-B-000057", "REG-3-B-000058"];
  const receipts: TillReceipts[] = [{ prefix: "REG-3-B", first: null, last: null, count: 0, missing: 3, missing_numbers }];
  const sold: Board = {
    ...board,
    registers: registers.map((register, n) => (n === 2 ? { ...register, receipts, flags } : register)),
  };
  const soldToday: Day = {
    ...settled,
    selling: closing.zSold.selling,
    selling_lines: closing.zSold.lines.filter(({ section }) => ["sold", "taxes", "tenders", "receipts"].includes(section)),
  };
  const rules: SellingRules = {
    selling_on: true,
    country: "US",
    needs_certificate: false,
    prices_include_tax: false,
    cash_step: null,
    cash_half: "up",
    discount_percent_limit: "10",
    sale_limit: null,
    refund_limit: "50.00",
    void_limit: "50.00",
    price_override: false,
    no_receipt_refund: true,
    other_tenders: ["Voucher", "Bank transfer"],
    receipt_header: "Corner & Quay\n12 Market Street, New York",
    receipt_footer: "Thank you!",
  };
  const states: Record<string, Snapshot> = {
    board: told(),
    "board-sold": told({ board: sold }),
    "board-day-sold": told({ day: soldToday, day_totals: totals }),
    "board-rules": told({ rules }),
    "board-rules-certificate": told({ rules: { ...rules, country: "DE", needs_certificate: true, selling_on: false } }),
    "board-loading": told({ board: null, read_at: null, shift_runs: false }, { busy: "reading-board" }),
    "board-unreachable": told({ board: null, read_at: null, shift_runs: false }, { fault: fault("UNREACHABLE") }),
    "board-stale": told({ read_at: ago(12) }, { fault: fault("UNREACHABLE") }),
    "board-z-report": told({}, { report: closing.copy }),
    "board-day": told({ day, day_totals: totals }),
    "board-day-settled": told({ day: settled, day_totals: totals }),
    "board-day-empty": told({ day: { ...settled, z_reports: [] }, day_totals: nothing }),
  };
  return { screen, board, day, states };
}
