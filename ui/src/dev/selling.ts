// The selling screen as Rust would tell it, in every state that a cashier can meet.

import type { CartLineView } from "../generated/CartLineView";
import type { CartStage } from "../generated/CartStage";
import type { CartView } from "../generated/CartView";
import type { Code } from "../generated/Code";
import type { Fault } from "../generated/Fault";
import type { ItemView } from "../generated/ItemView";
import type { ListedMovement } from "../generated/ListedMovement";
import type { QuickKeyView } from "../generated/QuickKeyView";
import type { ReceiptView } from "../generated/ReceiptView";
import type { RefusedEntry } from "../generated/RefusedEntry";
import type { ReturningView } from "../generated/ReturningView";
import type { ReturnLineView } from "../generated/ReturnLineView";
import type { Screen } from "../generated/Screen";
import type { SellingView } from "../generated/SellingView";
import type { Snapshot } from "../generated/Snapshot";
import type { Staff } from "../generated/Staff";

type AtRegister = Extract<Screen, { name: "register" }>;
type Stage<Name extends CartStage["stage"]> = Extract<CartStage, { stage: Name }>;
type Base = {
  instant: number;
  snapshot: (screen: Screen, more?: Partial<Snapshot>) => Snapshot;
  atRegister: AtRegister;
  movements: ListedMovement[];
  manager: Staff;
  fault: (code: Code) => Fault;
  longName: string;
};

const id = (n: number) => `00000000-0000-4000-8000-${(8000 + n).toString().padStart(12, "0")}`;

export function sellingFixtures({ instant, snapshot, atRegister, movements, manager, fault, longName }: Base) {
  const ago = (minutes: number) => new Date(instant - minutes * 60_000).toISOString();

  const line = (name: string, amount: string, more: Partial<CartLineView> = {}): CartLineView => ({
    name,
    quantity: "1",
    unit: null,
    unit_price: amount,
    list_price: null,
    gross: amount,
    discount: null,
    discount_percent: null,
    is_one: more.unit === undefined && (more.quantity ?? "1") === "1",
    age_limit: null,
    amount,
    ...more,
  });
  const item = (n: number, name: string, price: string | null, more: Partial<ItemView> = {}): ItemView => ({
    item_id: id(700 + n),
    name,
    sku: `1${String(n).padStart(3, "0")}`,
    price,
    unit: null,
    age_limit: null,
    ...more,
  });
  const items = [
    item(1, "Milk 1 l", "1.19"),
    item(2, "Oat milk, barista 1 l", "2.49"),
    item(3, "Milk chocolate 100 g", "1.79"),
    item(4, "Buttermilk, loose", "1.10", { unit: "kg", sku: null }),
    item(5, "Milkshake of the day", null),
    item(6, `Milk ${longName}`, "3.99"),
  ];
  const answer = (items: ItemView[]) => ({ outcome: { name: "found" as const, items }, fault: null });
  const editing: Stage<"editing"> = { stage: "editing", needs: [], age_to_check: null, refund_needs: ["no_receipt"] };
  const cartOf = (lines: CartLineView[], total: string, tax: string, more: Partial<CartView> = {}): CartView => ({
    currency: atRegister.location.currency,
    prices_include_tax: false,
    lines,
    cart_discount: null,
    cart_discount_percent: null,
    taxes: [{ component: "Sales tax", percent: "7", tax }],
    sums: { gross: total, discount: "0.00", net: total, tax, total },
    stage: editing,
    ...more,
  });

  const one = cartOf([line("Flat white", "3.27", { quantity: "1" })], "3.50", "0.23");
  const eight = cartOf(
    [
      line("Flat white", "7.00", { quantity: "2", unit_price: "3.50", gross: "7.00" }),
      line("Croissant", "2.80"),
      line("Sourdough loaf", "6.50"),
      line("Apples, Braeburn", "3.47", { quantity: "0.485", unit: "kg", unit_price: "7.15", gross: "3.47" }),
      line("Olive oil, 500 ml", "11.61", { unit_price: "12.90", gross: "12.90", discount: "-1.29", discount_percent: "10" }),
      line("Sparkling water", "7.20", { quantity: "6", unit_price: "1.20", gross: "7.20" }),
      line("Gift card sleeve", "0.50", { list_price: "0.90" }),
      line("", "4.25"),
    ],
    "46.36",
    "3.03",
  );
  const discounted: CartView = {
    ...eight,
    cart_discount: "-4.33",
    cart_discount_percent: "10",
    taxes: [
      { component: "State", percent: "4.75", tax: "1.85" },
      { component: "County", percent: "2.5", tax: "0.97" },
    ],
    sums: { gross: "44.62", discount: "5.62", net: "39.00", tax: "2.82", total: "41.82" },
  };
  const forty = cartOf(
    Array.from({ length: 40 }, (_, n) =>
      line(`${["Notebook", "Pencil", "Stapler", "Envelope", "Marker"][n % 5]} ${n + 1}`, `${(n % 9) + 1}.${10 + n}`),
    ),
    "223.18",
    "14.60",
  );
  const long = cartOf(
    [
      line(longName, "99999.99", { quantity: "99999", unit_price: "9.99", gross: "999990.01", discount: "-900000.02" }),
      line("قهوة بالحليب", "12345.67", { quantity: "12345.678", unit: "kg", unit_price: "1.00", list_price: "9999.99" }),
      line("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "1.00"),
    ],
    "9999999.99",
    "654205.61",
    { taxes: [{ component: longName, percent: "12.345", tax: "654205.61" }] },
  );

  const colours = ["brown", "brown", "orange", "yellow", "green", "teal", "blue", "violet", "pink", "red", "grey", null];
  const names = [
    ["Espresso", "2.60"],
    ["Flat white", "3.50"],
    ["Filter coffee", "2.90"],
    ["Tea", "2.40"],
    ["Croissant", "2.80"],
    ["Pain au chocolat", "3.20"],
    ["Sourdough loaf", "6.50"],
    ["Baguette", "2.30"],
    ["Apples, Braeburn", "7.15"],
    ["Bananas", "2.95"],
    ["Open cheese", null],
    ["Flowers", null],
    ["Bag", "0.25"],
    ["Sparkling water", "1.20"],
    ["Orange juice, fresh", "4.10"],
    ["Newspaper", "3.00"],
    ["Gift wrapping", "1.50"],
    ["Deposit bottle", "0.15"],
  ] as const;
  const keys: QuickKeyView[] = names.map(([label, price], n) => ({
    page: 1,
    place: n + 1,
    item_id: id(500 + n),
    label,
    colour: colours[Math.floor((n / names.length) * colours.length)] ?? null,
    price,
    unit: n === 8 || n === 9 ? "kg" : null,
  }));
  const second: QuickKeyView[] = Array.from({ length: 7 }, (_, n) => ({
    page: 2,
    place: n * 2 + 1,
    item_id: id(540 + n),
    label: n === 3 ? longName : `Seasonal ${n + 1}`,
    colour: colours[n] ?? null,
    price: `${n + 1}.90`,
    unit: null,
  }));

  const receipt = (n: number, total: string, more: Partial<ReceiptView> = {}): ReceiptView => ({
    sale_id: id(600 + n),
    kind: "sale",
    number: `REG-1-A-${n.toString().padStart(6, "0")}`,
    total,
    made_at: ago((42 - n) * 7 + 2),
    by_name: "Ana Lindqvist",
    state: { name: "recorded", late: false, is_flagged: false },
    voided_by: null,
    approved_by: null,
    cash_back: "0.00",
    can_be_voided: false,
    void_needs_approval: false,
    can_be_refunded: (more.kind ?? "sale") === "sale" && (more.voided_by ?? null) === null && more.state === undefined,
    ...more,
  });
  const receipts: ReceiptView[] = [
    receipt(42, "53.50", { state: { name: "waiting" }, can_be_voided: true, cash_back: "6.50" }),
    receipt(41, "18.81", { state: { name: "waiting" } }),
    receipt(40, "12.00", { kind: "void", approved_by: "Mara Quist" }),
    receipt(39, "12.00", { voided_by: "REG-1-A-000040" }),
    receipt(38, "7.45", { state: { name: "recorded", late: false, is_flagged: true } }),
    receipt(37, "101.20", { state: { name: "recorded", late: true, is_flagged: false } }),
    receipt(36, "3.50", { state: { name: "refused", code: "SESSION_NOT_FOUND" } }),
    receipt(35, "4.80", { state: { name: "dismissed" } }),
    ...Array.from({ length: 24 }, (_, n) => receipt(34 - n, `${(n * 13) % 60}.${10 + n}`)),
  ];

  const usual: SellingView = {
    is_ready: true,
    cart: null,
    amount_keys: [
      { key: "standard", name: "Goods", percent: "7" },
      { key: "food", name: "Food", percent: "2.5" },
      { key: "books", name: "Books", percent: null },
    ],
    keys: [...keys, ...second],
    other_tenders: ["Voucher", "Bank transfer"],
    parked: [],
    returning: null,
    to_print: null,
    done: null,
    receipts: receipts.slice(2),
  };
  const at = (selling: Partial<SellingView>, more: Partial<AtRegister> = {}): AtRegister => ({
    ...atRegister,
    movements,
    selling: { ...usual, ...selling },
    ...more,
  });
  const told = (selling: Partial<SellingView>, more: Partial<AtRegister> = {}, rest: Partial<Snapshot> = {}) =>
    snapshot(at(selling, more), rest);

  const pay = (due: string, more: Partial<Stage<"paying">> = {}): Stage<"paying"> => ({
    stage: "paying",
    taken: [],
    open: due,
    due,
    rounding: null,
    is_settled: false,
    credit: null,
    credit_back: null,
    next_notes: ["50", "60", "100"],
    ...more,
  });
  const paying: CartView = { ...eight, stage: pay("46.36") };
  const rounded: CartView = {
    ...eight,
    stage: pay("36.35", {
      open: "36.36",
      rounding: "-0.01",
      taken: [{ kind: "card", amount: "10.00", reference: "4711" }],
      next_notes: ["40", "50", "100"],
    }),
  };
  const approved: CartView = {
    ...one,
    stage: pay("0.00", { is_settled: true, taken: [{ kind: "card", amount: "3.50", reference: null }], next_notes: [] }),
  };
  const francs = { ...atRegister.location, currency: "CHF" };
  const yen = { ...atRegister.location, currency: "JPY" };
  const swiss: CartView = {
    ...cartOf([line("Kaffeebohnen", "9.95"), line("Milch", "2.48"), line("Buch", "4.20")], "16.63", "0.93", {
      currency: "CHF",
      prices_include_tax: true,
      taxes: [
        { component: "MWST", percent: "8.1", tax: "0.93" },
        { component: "MWST", percent: "2.6", tax: "0.11" },
      ],
      stage: pay("16.65", { open: "16.63", rounding: "0.02", next_notes: ["20", "50", "100"] }),
    }),
  };
  const japanese = cartOf([line("緑茶", "450", { quantity: "3", unit_price: "150", gross: "450" })], "491", "41", {
    currency: "JPY",
    taxes: [{ component: "消費税", percent: "10", tax: "41" }],
  });
  const done = {
    sale_id: id(642),
    kind: "sale" as const,
    number: "REG-1-A-000042",
    total: "53.50",
    tendered: "60.00",
    cash_back: "6.50",
    no_change: false,
    other_back: null,
  };
  const returnLine = (line: number, name: string, sold: string, more: Partial<ReturnLineView> = {}): ReturnLineView => ({
    line,
    name,
    unit: null,
    sold,
    left: sold,
    left_amount: "9.99",
    chosen: null,
    one_more: "1",
    one_less: null,
    ...more,
  });
  const found: ReturningView = {
    number: "REG-1-A-000038",
    kind: "sale",
    total: "46.36",
    recorded_at: ago(64),
    by_name: "Ben Castellano",
    voided: false,
    earlier: [],
    lines: [
      returnLine(1, "Flat white", "2", { left_amount: "7.00" }),
      returnLine(2, "Apples, Braeburn", "0.485", { unit: "kg", left_amount: "3.47", one_more: null }),
      returnLine(3, "Sparkling water", "6", { left_amount: "7.20" }),
    ],
    is_something_left: true,
    sums: null,
    back: [{ kind: "cash", label: null, left: "46.36", amount: null }],
    cash: null,
    exchanging: false,
    needs: [],
    fault: null,
  };
  const someBack: ReturningView = {
    ...found,
    earlier: [{ number: "REG-2-B-000007", total: "2.57" }],
    lines: [
      returnLine(1, "Flat white", "2", { left: null, left_amount: "0.00", one_more: null }),
      returnLine(2, "Apples, Braeburn", "0.485", { unit: "kg", left_amount: "3.47", chosen: "0.485", one_more: null }),
      returnLine(3, "Sparkling water", "6", { left: "4", left_amount: "4.80", chosen: "2", one_more: "3", one_less: "1" }),
    ],
    sums: { gross: "5.87", discount: "0.00", net: "5.87", tax: "0.41", total: "6.28" },
    back: [
      { kind: "card", label: null, left: "5.00", amount: "5.00" },
      { kind: "other", label: "Voucher", left: "10.00", amount: null },
      { kind: "cash", label: null, left: "28.79", amount: "1.28" },
    ],
    cash: "1.28",
  };
  const parked = [
    { sale_id: id(701), label: "blue jacket", by_name: "Ana Lindqvist", parked_at: ago(31), lines: 4, total: "38.20", money_taken: false },
    { sale_id: id(702), label: "", by_name: "Ben Castellano", parked_at: ago(12), lines: 1, total: "12.50", money_taken: true },
    { sale_id: id(703), label: longName, by_name: longName, parked_at: ago(2), lines: 40, total: "9999999.99", money_taken: false },
  ];
  const refused: RefusedEntry[] = [
    {
      entry_id: id(801),
      session_number: atRegister.session.session_number,
      code: "SESSION_NOT_FOUND",
      content: { kind: "sale", sale_kind: "sale", number: "REG-1-A-000036", total: "3.50", made_at: ago(44) },
      can_be_dismissed: false,
    },
    {
      entry_id: id(802),
      session_number: atRegister.session.session_number,
      code: "FORBIDDEN",
      content: { kind: "sale", sale_kind: "discard", number: null, total: "18.20", made_at: ago(40) },
      can_be_dismissed: false,
    },
  ];
  const settleable = refused.map((entry) => ({ ...entry, can_be_dismissed: true }));
  const counting = { by_id: null, by_name: "Ben Castellano", since: ago(6) };
  const offline = { state: "offline" as const, since: ago(23) };

  const aged: CartView = {
    ...eight,
    lines: [
      ...eight.lines.slice(0, 5),
      line("Pale ale, 0.5 l", "7.20", { quantity: "2", unit_price: "3.60", gross: "7.20", age_limit: 16 }),
      line("Rum, 0.7 l", "0.50", { age_limit: 18 }),
      line("", "4.25"),
    ],
    stage: { ...editing, age_to_check: 18 },
  };
  const tried = [
    receipt(2, "53.50", { number: "PRACTICE-000002", state: { name: "practice" }, can_be_voided: true, cash_back: "6.50" }),
    receipt(1, "12.00", { number: "PRACTICE-000001", state: { name: "practice" } }),
  ];
  const practising = (selling: Partial<SellingView>, rest: Partial<Snapshot> = {}) =>
    told(selling, { practice: true, movements: [], session: { ...atRegister.session, session_number: "PRACTICE" } }, rest);

  const states: Record<string, Snapshot> = {
    "selling-empty": told({}),
    "selling-first": told({ receipts: [], keys: [] }),
    "selling-one": told({ cart: one }),
    "selling-eight": told({ cart: eight, parked: parked.slice(0, 2) }),
    "selling-forty": told({ cart: forty }),
    "selling-discounts": told({ cart: discounted }),
    "selling-approval": told({ cart: { ...discounted, stage: { ...editing, needs: ["discount", "amount"] } } }),
    "selling-age": told({ cart: aged }),
    "selling-paying": told({ cart: paying }),
    "selling-split": told({ cart: rounded }),
    "selling-approved": told({ cart: approved }),
    "selling-done": told({ done, receipts }),
    "selling-done-card": told({ done: { ...done, tendered: null, cash_back: "0.00", no_change: true }, receipts }),
    "selling-done-void": told({ done: { ...done, kind: "void", tendered: null, cash_back: "43.50", other_back: "10.00" }, receipts }),
    "selling-parked": told({ parked }),
    "selling-receipts": told({ receipts }),
    "selling-receipts-limit": told({ receipts: receipts.map((one) => ({ ...one, void_needs_approval: one.can_be_voided })) }),
    "selling-refused": told({}, {}, { refused }),
    "selling-refused-manager": told({}, {}, { staff: manager, refused: settleable }),
    "selling-counted": told({}, { session: { ...atRegister.session, counting } }),
    "selling-counted-cart": told({ cart: eight }, { session: { ...atRegister.session, counting } }),
    "selling-offline": told({ cart: eight, receipts }, { connection: offline }, { unsent: 12, fault: fault("UNREACHABLE") }),
    "selling-sign-in": told({ cart: eight }, { connection: offline, sign_in_needed: true }, { unsent: 2 }),
    "selling-not-ready": told({ is_ready: false, receipts: [] }),
    "selling-fault": told({ cart: eight }, {}, { fault: fault("STORE_FAILED") }),
    "selling-refund": told(
      { cart: { ...eight, stage: { stage: "awaiting-server", cash: "46.36", may_have_run: true } } },
      { connection: offline },
    ),
    "selling-long": told(
      { cart: long, parked: [...parked] },
      {
        register: { ...atRegister.register, register_number: "WAREHOUSE-OUTLET-0042", register_name: longName },
        session: { ...atRegister.session, session_number: "WAREHOUSE-OUTLET-0042-20261123-000127" },
      },
      { staff: { ...manager, display_name: longName }, unsent: 120, refused: settleable },
    ),
    "selling-return": told({ returning: found, receipts }),
    "selling-return-some": told({ returning: someBack, receipts }),
    "selling-return-approval": told({ returning: { ...someBack, needs: ["refund"] }, receipts }),
    "selling-return-refused": told({
      returning: { ...someBack, sums: null, back: [], cash: null, fault: fault("NOTHING_LEFT") },
      receipts,
    }),
    "selling-return-offline": told({ returning: { ...someBack, fault: fault("UNREACHABLE") }, receipts }, { connection: offline }),
    "selling-return-nothing": told({
      returning: { ...found, voided: true, is_something_left: false, lines: someBack.lines.slice(0, 1), back: [] },
      receipts,
    }),
    "selling-exchange": told({ returning: { ...someBack, exchanging: true }, cart: one }),
    "selling-exchange-paying": told({
      cart: {
        ...eight,
        stage: pay("40.08", { open: "46.36", credit: { amount: "6.28", number: "REG-1-A-000043" }, next_notes: ["50", "60", "100"] }),
      },
    }),
    "selling-exchange-back": told({
      cart: {
        ...one,
        stage: pay("0.00", { open: "3.50", credit: { amount: "6.28", number: "REG-1-A-000043" }, credit_back: "2.78", next_notes: [] }),
      },
    }),
    "selling-return-long": told({
      returning: {
        ...someBack,
        number: `WAREHOUSE-OUTLET-0042-AB-1000042`,
        by_name: longName,
        lines: [returnLine(9, longName, "99999.999"), ...someBack.lines],
      },
      receipts,
    }),
    "selling-done-refund": told({
      done: { ...done, kind: "refund", tendered: null, total: "6.28", cash_back: "1.28", other_back: "5.00" },
      receipts,
    }),
    "selling-francs": told({ cart: swiss }, { location: francs }),
    "selling-francs-done": told({ done: { ...done, total: "16.63", tendered: "20.00", cash_back: "3.35" } }, { location: francs }),
    "selling-yen": told({ cart: japanese }, { location: yen }),
    "practice-empty": practising({ receipts: [] }),
    "practice-cart": practising({ cart: eight, parked: parked.slice(0, 1), receipts: tried }),
    "practice-paying": practising({ cart: paying, receipts: tried }),
    "practice-done": practising({ done: { ...done, number: "PRACTICE-000002" }, receipts: tried }),
    "practice-refused": practising({ cart: eight }, { fault: fault("PRACTISING") }),
    "practice-long": practising({ cart: long, receipts: tried }, { staff: { ...manager, display_name: longName } }),
    "selling-manager": told({ cart: { ...one, stage: { ...editing, refund_needs: [] } } }, { expected_cash: "612.10" }, { staff: manager }),
  };
  const [foundItems, foundNothing] = [answer(items), answer([])];
  return {
    states,
    at,
    usual,
    items,
    found: foundItems,
    foundNothing,
    someBack,
    one,
    eight,
    editing,
    pay,
    done,
    receipts,
    parked,
    keys,
    refused,
    line,
    cartOf,
  };
}
