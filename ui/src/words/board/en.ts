// English words for the manager's board and the end of the day; the shape that the other languages must fill.

import type { BoardState } from "../../generated/BoardState";
import type { SaleFlag } from "../../generated/SaleFlag";
import { pluralIn } from "../plural";
import report from "../report/en.json";

const plural = pluralIn("en");

const states: Record<BoardState, string> = {
  free: report.state_free,
  open: report.state_open,
  counting: report.state_counting,
  "ended-uncounted": report.state_ended_uncounted,
  retired: report.state_retired,
};

const flags: Record<SaleFlag, string> = {
  late: report.flag_late,
  over_limit: report.flag_over_limit,
  price_differs: report.flag_price_differs,
  unknown_item: report.flag_unknown_item,
  tax_not_in_force: report.flag_tax_not_in_force,
  number_repeated: report.flag_number_repeated,
  chain_broken: report.flag_chain_broken,
  clock_off: report.flag_clock_off,
  refund_beyond: report.flag_refund_beyond,
  other: report.flag_other,
};

export const board = {
  action: "All registers",
  title: "All registers",
  back: "Back",
  backToShift: "Back to the shift",
  reading: "Reading the registers…",
  notRead: "The registers could not be read.",
  again: "Read again",
  readAt: (p: { age: string }) => `Read ${p.age}`,
  show: "Show",
  all: "All",
  none: "No register is in this state.",
  states,
  openBy: (p: { name: string }) => `by ${p.name}`,
  running: (p: { time: string }) => `for ${p.time}`,
  float: (p: { amount: string }) => `Float ${p.amount}`,
  expected: (p: { amount: string }) => `Expected ${p.amount}`,
  devices: (p: { n: number }) => plural(p.n, { one: `${p.n} device`, other: `${p.n} devices` }),
  countingBy: (p: { name: string; when: string }) => `${p.name} counts since ${p.when}`,
  offline: (p: { when: string }) => `Not heard of since ${p.when}`,
  uncounted: (p: { n: number }) => plural(p.n, { one: `${p.n} shift not counted`, other: `${p.n} shifts not counted` }),
  missing: (p: { till: string; n: number }) =>
    plural(p.n, { one: `${p.till}: ${p.n} receipt not yet here`, other: `${p.till}: ${p.n} receipts not yet here` }),
  missingHeading: "Receipts not yet here",
  missingHint: "The till has issued them and they have not arrived. They come when it reaches the server again.",
  flagged: (p: { n: number }) => plural(p.n, { one: `${p.n} receipt to look at`, other: `${p.n} receipts to look at` }),
  flagsHeading: report.flags,
  discarded: "Thrown away before payment",
  flags,
  settle: "Settle",
  settleLine: (p: { flag: string }) => `The note you write stays on the receipt, with your name: ${p.flag}`,
  settleNote: "What became of it",
  settledBy: (p: { name: string; when: string }) => `Settled by ${p.name}, ${p.when}`,
  settleOf: (p: { receipt: string; flag: string }) => `Settle ${p.receipt}: ${p.flag}`,
  lastClose: (p: { z: string; when: string }) => `Z ${p.z}, ${p.when}`,
  openShift: "Open shift",
  opener: "Opened by",
  since: "Open since",
  floatLabel: "Float",
  expectedLabel: "Expected cash",
  people: "Devices",
  end: "End this shift",
  owed: "Ended, not counted",
  endedBy: (p: { name: string; when: string }) => `Ended by ${p.name}, ${p.when}`,
  count: "Count it",
  countOf: (p: { number: string }) => `Count it: the drawer of shift ${p.number}`,
  last: "Last close",
  readZ: "Read the Z report",
  readZOf: (p: { z: string; register: string }) => `Read Z report ${p.z} of ${p.register}`,
  nothing: "No shift runs here, and nothing is owed.",
  close: "Close",
  day: {
    action: "End of day",
    title: (p: { day: string }) => `End of day: ${p.day}`,
    before: "Day before",
    after: "Day after",
    back: "To the registers",
    reading: "Reading the day…",
    done: "Every shift of this day is settled.",
    unsettled: (p: { open: number; owed: number }) => `Still open: ${p.open}. Not counted: ${p.owed}.`,
    none: "No Z report of this day.",
    zReports: "Z reports",
    sold: "Sold by receipt",
    z: "Z",
    register: "Register",
    shift: "Shift",
    sales: "Sales",
    cash: "Cash",
    card: "Card",
    difference: "Over or short",
    safe: "To the safe",
    total: "Total",
    totalOf: (p: { n: number }) => plural(p.n, { one: `${p.n} report`, other: `${p.n} reports` }),
    notCounted: "Not counted",
    open: "Still open",
  },
};

export type BoardWords = typeof board;
