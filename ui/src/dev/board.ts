// The manager's board and the end of a day, as Rust would tell them.

import type { Board } from "../generated/Board";
import type { CatalogueView } from "../generated/CatalogueView";
import type { ImportCounts } from "../generated/ImportCounts";
import type { ImportLine } from "../generated/ImportLine";
import type { ImportStage } from "../generated/ImportStage";
import type { KeptItem } from "../generated/KeptItem";
import type { KeptKey } from "../generated/KeptKey";
import type { TypedTax } from "../generated/TypedTax";
import type { BoardRegister } from "../generated/BoardRegister";
import type { BoardState } from "../generated/BoardState";
import type { Code } from "../generated/Code";
import type { FlaggedEntry } from "../generated/FlaggedEntry";
import type { SheetEntry } from "../generated/SheetEntry";
import type { TillReceipts } from "../generated/TillReceipts";
import type { DayClose } from "../generated/DayClose";
import type { DayShift } from "../generated/DayShift";
import type { DayTotals } from "../generated/DayTotals";
import type { DayView } from "../generated/DayView";
import type { Fault } from "../generated/Fault";
import type { Report } from "../generated/Report";
import type { Screen } from "../generated/Screen";
import type { Session } from "../generated/Session";
import type { StoreSheet } from "../generated/StoreSheet";
import type { SellingRules } from "../generated/SellingRules";
import type { Snapshot } from "../generated/Snapshot";
import type { Staff } from "../generated/Staff";
import type { closingFixtures } from "./closing";
import { off } from "./difference";

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
              cash_difference: n % 3 === 0 ? off("-1.20") : n % 3 === 1 ? off("0.00") : null,
            },
      receipts: [],
      flags: [],
      other_clients: null,
    };
  });
  const sheetOf = (of: StoreSheet["of"], lines: StoreSheet["lines"] = []): StoreSheet => ({
    of,
    vendor_name: manager.vendor_name,
    location_name: location.name,
    timezone: location.timezone,
    currency: location.currency,
    business_date: "2026-11-23",
    lines,
  });
  const board: Board = { business_date: "2026-11-23", registers };
  const screen: Extract<Screen, { name: "board" }> = {
    name: "board",
    location,
    board,
    sheet: sheetOf("board"),
    day: null,
    read_at: ago(0.1),
    shift_runs: true,
    rules: null,
    catalogue: null,
  };
  const closeOf = (report: Report, n: number): DayClose => {
    const settled = report.sheet.kind === "z" ? report.sheet : null;
    return {
      session_id: id(300 + n),
      register_number: `REG-${n + 1}`,
      z_number: settled?.z_number ?? 0,
      totals: report.totals,
      drawer: report.tenders[0]?.counted ?? { state: "not-counted" },
      taken_out: settled?.taken_out ?? null,
    };
  };
  const shift = (n: number, session: Session): DayShift => ({ register_number: `REG-${n + 1}`, session });
  const day: DayView = {
    business_date: "2026-11-23",
    before: "2026-11-22",
    after: null,
    closes: Array.from({ length: 6 }, (_, n) => closeOf(n === 3 ? closing.uncounted : n === 1 ? closing.copy : closing.z, n)),
    totals: { sales: "7706.10", cash: "2472.60", card: "5233.50", difference: off("13.30"), taken_out: "2049.00" },
    uncounted: [shift(4, owed(4))],
    open: [shift(0, open(0)), shift(2, open(2))],
    flags: [],
    sheet: sheetOf("day"),
  };
  const settled: DayView = { ...day, business_date: "2026-11-22", before: "2026-11-21", after: "2026-11-23", uncounted: [], open: [] };
  const nothing: DayTotals = { sales: "0.00", cash: "0.00", card: "0.00", difference: off("0.00"), taken_out: "0.00" };
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
    settled: null,
  }));
  const missing_numbers = ["REG-3-B-000056", "REG-3-B-000057", "REG-3-B-000058"];
  const receipts: TillReceipts[] = [{ prefix: "REG-3-B", first: null, last: null, count: 0, missing: 3, missing_numbers }];
  const sold: Board = {
    ...board,
    registers: registers.map((register, n) => (n === 2 ? { ...register, receipts, flags } : register)),
  };
  const soldToday: DayView = {
    ...settled,
    flags: flags.map((flagged, n) =>
      n === 2 ? { ...flagged, settled: { by_name: "Marta Okafor", at: ago(3), note: "Its battery was empty" } } : flagged,
    ),
    sheet: sheetOf("day", closing.zSold.lines),
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
  const kept = (n: number, name: string, more: Partial<KeptItem> = {}): KeptItem => ({
    id: id(500 + n),
    name,
    short_name: null,
    sku: null,
    unit: null,
    price: `${n + 1}.${((n * 37) % 90) + 10}`,
    price_is_open: false,
    tax_code: "SALES",
    category: "Drinks",
    age_limit: null,
    is_active: true,
    codes: [{ code: `40123456789${10 + n}`, factor: "1" }],
    prices: [],
    version: 40 + n,
    ...more,
  });
  const pilsner = kept(0, "Pilsner 0.5 l", {
    sku: "BEER-5",
    age_limit: 21,
    codes: [
      { code: "4012345678901", factor: "1" },
      { code: "4012345678918", factor: "6" },
    ],
    prices: [{ location_id: location.id, price: "3.40" }],
  });
  const items: KeptItem[] = [
    kept(1, "Apple juice 0.3 l"),
    kept(2, "Gruyère", { unit: "kg", category: "Cheese", tax_code: null, codes: [{ code: "12345", factor: "1" }] }),
    kept(3, "Groceries", { price: null, price_is_open: true, category: "Open price", codes: [] }),
    kept(4, longName, { sku: "LONG-NUMBER-OF-THE-SHOP-4711", codes: [], category: longName }),
    pilsner,
    kept(5, "Tea, discontinued", { is_active: false }),
    ...Array.from({ length: 44 }, (_, n) => kept(6 + n, `Tea no. ${n + 1}`)),
  ];
  const colours = ["brown", "orange", "yellow", "green", "teal", "blue", "violet", "pink", "red", "grey", null];
  const keys: KeptKey[] = items.slice(0, 18).map((item, n) => ({
    page: n < 16 ? 1 : 2,
    place: (n % 16) + 1,
    item_id: item.id,
    label: n === 1 ? "Cheese" : null,
    colour: colours[n % colours.length] ?? null,
    name: item.name,
    is_active: item.is_active,
  }));
  const taxes: TypedTax[] = [
    { location_id: null, code: "REDUCED", name: "Reduced rate", components: [{ name: "State", percent: "4" }], valid_from: "2020-01-01" },
    {
      location_id: null,
      code: "SALES",
      name: "Sales tax",
      components: [
        { name: "State", percent: "4" },
        { name: "City", percent: "4.5" },
        { name: "MCTD", percent: "0.375" },
      ],
      valid_from: "2020-01-01",
    },
    { location_id: location.id, code: "SALES", name: longName, components: [{ name: "All", percent: "9.25" }], valid_from: "2027-01-01" },
  ];
  const catalogue: CatalogueView = {
    text: "",
    after: null,
    items,
    more: true,
    can_save: true,
    new_id: id(900),
    taxes: [
      { code: "REDUCED", name: "Reduced rate" },
      { code: "SALES", name: "Sales tax" },
    ],
    settings: { keys, taxes, can_save_taxes: true },
    import: null,
    exporting: null,
  };
  const importing = (stage: ImportStage): Partial<typeof screen> => ({
    catalogue: { ...catalogue, import: { file: "Spring prices 2026.csv", stage } },
  });
  const counts: ImportCounts = { add: 9_712, change: 238, same: 0, refuse: 50, skipped: 3 };
  const refused = (["check-digit", "price", "code-repeated", "tax-code", "code-taken", "unreadable"] as const).map(
    (kind, n): ImportLine => ({
      line: 17 + n * 203,
      name: n === 3 ? longName : `Item of line ${17 + n * 203}`,
      price: null,
      fields: [],
      problem: {
        kind,
        got: kind === "check-digit" ? "4012345678902" : kind === "price" ? "call us" : "4006381333931",
        line: n === 2 ? 12 : null,
      },
    }),
  );
  const compared = (more: Partial<Extract<ImportStage, { name: "compared" }>>): ImportStage => ({
    name: "compared",
    layout: "square",
    counts,
    which: "refuse",
    from: 0,
    lines: refused,
    progress: { name: "not-begun" },
    ...more,
  });
  const changed: ImportLine[] = Array.from({ length: 50 }, (_, n) => ({
    line: 2 + n * 3,
    name: `Tea no. ${n + 1}`,
    price: "3.20",
    fields: n % 2 ? ["price", "category"] : ["price"],
    problem: null,
  }));
  const states: Record<string, Snapshot> = {
    "board-catalogue": told({ catalogue }),
    "board-catalogue-read-only": told({
      catalogue: { ...catalogue, can_save: false, settings: { keys, taxes, can_save_taxes: false } },
    }),
    "board-catalogue-unkept": told({ catalogue: { ...catalogue, settings: null } }, { fault: fault("UNREACHABLE") }),
    "board-catalogue-unread": told({ catalogue: { ...catalogue, items: null, more: false } }, { fault: fault("UNREACHABLE") }),
    "board-catalogue-none": told({ catalogue: { ...catalogue, items: [], more: false, text: "teapot" } }),
    "board-catalogue-exporting": told({ catalogue: { ...catalogue, exporting: 12_000 } }, { busy: "reading-board" }),
    "board-import-reading": told(importing({ name: "reading", read: 12_000, is_stopped: false }), { busy: "reading-board" }),
    "board-import-stopped-reading": told(importing({ name: "reading", read: 12_000, is_stopped: true }), { fault: fault("NO_ANSWER") }),
    "board-import-unusable": told(importing({ name: "unusable", problem: "no-table" })),
    "board-import": told(importing(compared({}))),
    "board-import-changes": told(importing(compared({ which: "change", lines: changed, from: 50, layout: "onetill" }))),
    "board-import-running": told(importing(compared({ progress: { name: "running", done: 4_500, of: 9_950 } })), { busy: "reading-board" }),
    "board-import-stopped": told(importing(compared({ progress: { name: "stopped", done: 4_500, of: 9_950 } })), {
      fault: fault("UNREACHABLE"),
    }),
    "board-import-over": told(importing(compared({ progress: { name: "over", saved: 9_950 } }))),
    "board-import-nothing": told(
      importing(
        compared({
          counts: { add: 0, change: 0, same: 312, refuse: 0, skipped: 0 },
          which: "same",
          lines: changed.slice(0, 4),
          layout: "plain",
        }),
      ),
    ),
    board: told(),
    "board-sold": told({ board: sold }),
    "board-day-sold": told({ day: soldToday }),
    "board-rules": told({ rules }),
    "board-rules-certificate": told({ rules: { ...rules, country: "DE", needs_certificate: true, selling_on: false } }),
    "board-loading": told({ board: null, sheet: null, read_at: null, shift_runs: false }, { busy: "reading-board" }),
    "board-unreachable": told({ board: null, sheet: null, read_at: null, shift_runs: false }, { fault: fault("UNREACHABLE") }),
    "board-stale": told({ read_at: ago(12) }, { fault: fault("UNREACHABLE") }),
    "board-z-report": told({}, { report: closing.copy }),
    "board-day": told({ day }),
    "board-day-settled": told({ day: settled }),
    "board-day-empty": told({ day: { ...settled, closes: [], totals: nothing } }),
  };
  return { screen, board, day, states };
}
