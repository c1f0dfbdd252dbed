// Every screen and state, as Rust would tell it: for the gallery and the tests, never in the shipped bundle.

import type { Code } from "../generated/Code";
import type { DemoAccount } from "../generated/DemoAccount";
import type { Fault } from "../generated/Fault";
import type { Location } from "../generated/Location";
import type { Register } from "../generated/Register";
import type { Screen } from "../generated/Screen";
import type { Session } from "../generated/Session";
import type { Snapshot } from "../generated/Snapshot";
import type { Staff } from "../generated/Staff";
import { boardFixtures } from "./board";
import { closingFixtures } from "./closing";
import { mayBe } from "./may";
import { movementFixtures } from "./movements";
import { sellingFixtures } from "./selling";

/** The instant at which every fixture happens. */
export const instant = Date.parse("2026-11-23T17:42:00Z");
const ago = (minutes: number) => new Date(instant - minutes * 60_000).toISOString();
const id = (n: number) => `00000000-0000-4000-8000-${n.toString().padStart(12, "0")}`;

export const mainStreet: Location = {
  id: id(10),
  name: "Main Street",
  timezone: "America/New_York",
  currency: "USD",
  business_day_cutoff: "04:00",
  variance_tolerance: "2.00",
  variance_limit: "20.00",
  movement_limits: {},
  reasons: {},
  difference_reasons: null,
};
const harbour: Location = { ...mainStreet, id: id(11), name: "Harbour Market" };

export const ana: Staff = {
  user_id: id(1),
  vendor_id: id(2),
  vendor_name: "Corner Goods",
  display_name: "Ana Lindqvist",
  role: "cashier",
  locations: [mainStreet],
};
export const manager: Staff = { ...ana, user_id: id(4), display_name: "Marta Okafor", role: "manager", locations: [mainStreet, harbour] };

export const session: Session = {
  id: id(20),
  session_number: "REG-1-000127",
  register_id: id(30),
  location_id: mainStreet.id,
  vendor_id: id(2),
  opener_id: ana.user_id,
  opener_name: ana.display_name,
  status: "open",
  opening_cash: "200.00",
  opened_at: ago(278),
  business_date: "2026-11-23",
  revision: 4,
  totals: { total_sales: "1284.35", total_transactions: 61, total_cash: "412.10", total_card: "872.25" },
  expected_cash: null,
  ended_by_name: null,
  closed_at: null,
  counting: null,
  drawer: { result: "outstanding" },
  close_kind: null,
  end_reason: null,
  devices: [],
};
export const register: Register = {
  id: id(30),
  location_id: mainStreet.id,
  register_number: "REG-1",
  register_name: "Front counter",
  status: "active",
  suggested_opening_cash: "200.00",
  open_session: null,
};
const fresh: Session = {
  ...session,
  opened_at: ago(0.1),
  totals: { total_sales: "0.00", total_transactions: 0, total_cash: "0.00", total_card: "0.00" },
};
const bens: Session = { ...session, opener_id: id(3), opener_name: "Ben Castellano" };
const longName = "Maximiliana Konstantinopoulou-Featherstonehaugh von Hohenzollern-Sigmaringen";
const registers: Register[] = [
  { ...register, open_session: { ...session, opener_name: "Ben Castellano", opener_id: id(3) } },
  { ...register, id: id(31), register_number: "REG-2", register_name: "Back counter" },
  { ...register, id: id(32), register_number: "REG-3", register_name: "Garden gate", suggested_opening_cash: "150.00" },
  { ...register, id: id(33), register_number: "REG-9", register_name: "Old till", status: "retired" },
];

export const demoAccounts: DemoAccount[] = [
  { name: "Olivia Reyes", email: "owner@demo.test", password: "demo", role: "Owner" },
  { name: "Marta Okafor", email: "manager@demo.test", password: "demo", role: "Manager" },
  { name: "Ana Lindqvist", email: "ana@demo.test", password: "demo", role: "Cashier, Main Street" },
  { name: "Ben Castellano", email: "ben@demo.test", password: "demo", role: "Cashier, Main Street" },
];

export const fault = (code: Code, detail = "HTTP 503, cf-ray 8c1f2e, sb-request-id 01JD7"): Fault => ({ code, detail });

type Named<N extends Screen["name"]> = Extract<Screen, { name: N }>;
export const setup: Named<"setup"> = { name: "setup", url: "", config_path: "/home/till/.config/onetill/config.toml" };
export const signIn: Named<"sign-in"> = { name: "sign-in", login_is_kept: true };
export const choose: Named<"choose-register"> = { name: "choose-register", location: mainStreet, registers };
export const start: Named<"start-shift"> = {
  name: "start-shift",
  register,
  location: mainStreet,
  earlier_day: false,
  unanswered: false,
};
export const earlier: Named<"earlier-day"> = {
  name: "earlier-day",
  session: { ...bens, session_number: "REG-1-000124", business_date: "2026-11-20", opened_at: "2026-11-20T13:04:00Z" },
  location: mainStreet,
  today: "2026-11-23",
};
export const atRegister: Named<"register"> = {
  name: "register",
  session,
  register,
  location: mainStreet,
  outcome: "created",
  own_opening_cash: null,
  connection: { state: "confirmed", heard_at: ago(0.2) },
  sign_in_needed: false,
  movements: [],
  expected_cash: null,
  limits: {},
  selling: null,
  practice: false,
};
export const fenced: Named<"fenced"> = {
  name: "fenced",
  session: { ...session, status: "closed", ended_by_name: "Marta Okafor", closed_at: ago(3) },
  location: mainStreet,
  late_receipts: 0,
};

export const locked: Named<"locked"> = {
  name: "locked",
  holder: { user_id: ana.user_id, name: ana.display_name },
  others: [{ user_id: id(3), name: "Ben Castellano" }],
  shop: ana.vendor_name,
  since: ago(18),
  register: { number: register.register_number, name: register.register_name, timezone: mainStreet.timezone },
  shift_runs: true,
  count_waits: false,
  unsent: 0,
  offline: false,
  needs_email: false,
};

export function snapshot(screen: Screen, more: Partial<Snapshot> = {}): Snapshot {
  const nobody = ["setup", "sign-in", "locked"].includes(screen.name);
  const told: Omit<Snapshot, "may"> = {
    serial: 1,
    server: screen.name === "setup" ? null : "corner-goods.supabase.co",
    staff: nobody ? null : ana,
    screen,
    fault: null,
    busy: null,
    unsent: 0,
    refused: [],
    report: null,
    clock_behind_seconds: null,
    set_aside: [],
    older_server: false,
    ...more,
  };
  return { may: mayBe(told), ...told };
}

const joined: Named<"register"> = { ...atRegister, session: bens, outcome: "joined", own_opening_cash: "150.00" };

export const cash = movementFixtures({ instant, snapshot, atRegister, start, fenced });

export const closing = closingFixtures({ instant, snapshot, atRegister, earlier, start, manager, fault, longName });
export const board = boardFixtures({ instant, snapshot, atRegister, closing, manager, fault, longName });

const listed = cash.states["register-movements"]?.screen;
export const counter = sellingFixtures({
  instant,
  snapshot,
  atRegister,
  movements: listed?.name === "register" ? listed.movements : [],
  manager,
  fault,
  longName,
});

/** A colleague's shift, with what an earlier one left unsettled. */
export const joinedWithRefused = snapshot(joined, { refused: cash.refusedHere.slice(0, 2) });

/** What the gallery shows and the accessibility tests judge. */
export const states: Record<string, Snapshot> = {
  setup: snapshot(setup),
  "setup-bad-config": snapshot(setup, { fault: fault("BAD_CONFIG", "config.toml line 3: expected `=`") }),
  "sign-in": snapshot(signIn),
  "sign-in-wrong-password": snapshot(signIn, { fault: fault("WRONG_PASSWORD") }),
  "sign-in-not-deployed": snapshot(signIn, { fault: fault("FUNCTION_NOT_DEPLOYED", "404 PGRST202") }),
  "sign-in-resuming": snapshot({ ...signIn, login_is_kept: false }, { busy: "resuming-login" }),
  choose: snapshot(choose, { staff: manager }),
  "choose-loading": snapshot({ ...choose, registers: null }, { busy: "loading-registers" }),
  "choose-unreachable": snapshot({ ...choose, registers: null }, { fault: fault("UNREACHABLE") }),
  "choose-empty": snapshot({ ...choose, registers: [] }),
  "choose-retired": snapshot(choose, { fault: fault("REGISTER_RETIRED") }),
  "choose-older": snapshot(choose, { staff: manager, older_server: true }),
  "choose-40": snapshot({
    ...choose,
    registers: Array.from({ length: 40 }, (_, n) => ({
      ...register,
      id: id(100 + n),
      register_number: `REG-${n + 1}`,
      register_name: n % 7 === 0 ? longName : `Counter ${n + 1}`,
      status: n % 13 === 12 ? ("retired" as const) : ("active" as const),
      open_session: n % 3 === 0 ? { ...session, opener_name: n % 2 ? "Ben Castellano" : longName } : null,
    })),
  }),
  start: snapshot(start),
  "start-join": snapshot({ ...start, register: { ...register, open_session: bens } }),
  "start-earlier-day": snapshot({ ...start, register: { ...register, open_session: earlier.session }, earlier_day: true }),
  "start-reading": snapshot(start, { busy: "reading-catalogue" }),
  "start-busy": snapshot(start, { busy: "starting-shift" }),
  "start-unanswered": snapshot({ ...start, unanswered: true }, { fault: fault("NO_ANSWER") }),
  "start-not-deployed": snapshot(start, { fault: fault("FUNCTION_NOT_DEPLOYED", "404 PGRST202") }),
  "earlier-day": snapshot(earlier),
  register: snapshot(atRegister),
  "register-fresh": snapshot({ ...atRegister, session: fresh }),
  "register-joined": snapshot(joined),
  "register-older": snapshot(atRegister, { staff: manager, older_server: true }),
  "register-manager": snapshot({ ...atRegister, session: bens, expected_cash: "612.10" }, { staff: manager }),
  "register-checking": snapshot({ ...atRegister, outcome: "replayed", connection: { state: "checking", heard_at: ago(9) } }),
  "register-offline": snapshot(
    { ...joined, connection: { state: "offline", since: ago(23) } },
    { fault: fault("UNREACHABLE", "dns error: failed to look up address") },
  ),
  "register-sign-in-needed": snapshot({ ...atRegister, sign_in_needed: true, connection: { state: "offline", since: ago(4) } }),
  "register-long": snapshot(
    {
      ...joined,
      location: { ...mainStreet, name: longName, currency: "CHF" },
      register: { ...register, register_number: "WAREHOUSE-OUTLET-0042", register_name: longName },
      own_opening_cash: "99999999.98",
      expected_cash: "-12345678.90",
      session: {
        ...bens,
        session_number: "WAREHOUSE-OUTLET-0042-20261123-000127",
        opener_name: longName,
        opening_cash: "99999999.99",
        totals: { total_sales: "123456789012.34", total_transactions: 1234567, total_cash: "99999999.99", total_card: "23456789012.35" },
      },
    },
    { staff: { ...manager, display_name: longName, vendor_name: longName } },
  ),
  "register-rtl": snapshot(
    {
      ...joined,
      location: { ...mainStreet, name: "شارع الملك" },
      register: { ...register, register_name: "الصندوق الأمامي" },
      session: { ...bens, opener_name: "فاطمة الزهراء" },
    },
    { staff: { ...ana, display_name: "יעל לוי", vendor_name: "متجر الزاوية" } },
  ),
  "register-set-aside": snapshot(atRegister, {
    set_aside: [
      { path: "/home/till/.local/share/onetill/onetill.sqlite.set-aside-1", rescued: 0, complete: false },
      { path: "/home/till/.local/share/onetill/onetill.sqlite.set-aside-2", rescued: 3, complete: true },
    ],
  }),
  locked: snapshot(locked),
  "locked-wrong": snapshot(locked, { fault: fault("WRONG_PASSWORD", "400 invalid_credentials") }),
  "locked-offline": snapshot({ ...locked, offline: true, unsent: 3 }, { fault: fault("UNREACHABLE", "dns error") }),
  "locked-counting": snapshot({ ...locked, count_waits: true, others: [] }),
  "locked-checking": snapshot(locked, { busy: "unlocking" }),
  "locked-nobody": snapshot({ ...locked, holder: null, shop: null, others: [], needs_email: true }),
  "locked-not-staff": snapshot({ ...locked, needs_email: true, shift_runs: false }, { fault: fault("NOT_STAFF", "P0001") }),
  "locked-long": snapshot({
    ...locked,
    holder: { user_id: ana.user_id, name: longName },
    others: Array.from({ length: 4 }, (_, n) => ({ user_id: id(60 + n), name: n % 2 ? "فاطمة الزهراء" : longName })),
    shop: longName,
    register: { number: "WAREHOUSE-OUTLET-0042", name: longName, timezone: mainStreet.timezone },
    unsent: 12,
    offline: true,
  }),
  fenced: snapshot(fenced),
  "fenced-late": snapshot({ ...fenced, late_receipts: 3 }),
  "fenced-ended": snapshot({ ...fenced, session: { ...fenced.session, status: "ended" } }),
  "fenced-unknown": snapshot({ ...fenced, session, location: null }),
  ...cash.states,
  ...closing.states,
  ...board.states,
  ...counter.states,
};
