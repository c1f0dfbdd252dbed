// English words for the manager's board and the end of the day; the shape that the other languages must fill.

import type { BoardState } from "../../generated/BoardState";
import type { SaleFlag } from "../../generated/SaleFlag";
import { pluralIn } from "../plural";

const plural = pluralIn("en");

const states: Record<BoardState, string> = {
  free: "Free",
  open: "Open",
  counting: "Counting",
  "ended-uncounted": "Not counted",
  retired: "Out of service",
};

const flags: Record<SaleFlag, string> = {
  late: "Came after its shift was settled",
  over_limit: "Beyond the limit, without approval",
  price_differs: "Another price than the catalogue’s",
  unknown_item: "An item that the catalogue does not have",
  tax_not_in_force: "A tax that is not in force",
  number_repeated: "A receipt number that was used before",
  chain_broken: "Does not follow from the receipt before",
  clock_off: "The clock of the device is off",
  refund_beyond: "Voided and refunded: paid out twice",
  other: "To be looked at",
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
  flagsHeading: "Receipts to look at",
  discarded: "Thrown away before payment",
  flags,
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
