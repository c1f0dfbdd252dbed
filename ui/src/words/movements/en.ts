// English words for cash movements and the queue; the shape that the other languages must fill.

import type { MovementKind } from "../../generated/MovementKind";
import { pluralIn } from "../plural";

const plural = pluralIn("en");

type Kinds<T> = Record<MovementKind, T>;
type OfAmount = (p: { amount: string }) => string;

const kinds: Kinds<string> = {
  pay_in: "Pay-in",
  pay_out: "Pay-out",
  safe_drop: "Safe drop",
  float_top_up: "Float top-up",
  no_sale: "No-sale",
};

const meanings: Kinds<string> = {
  pay_in: "Cash put into the drawer that is no sale.",
  pay_out: "Cash taken out of the drawer for an expense.",
  safe_drop: "Cash taken from the drawer to the safe.",
  float_top_up: "Change brought from the safe to the drawer.",
  no_sale: "The drawer is opened and no cash moves.",
};

/** What the button does. */
const record: Kinds<OfAmount> = {
  pay_in: (p) => `Pay in ${p.amount}`,
  pay_out: (p) => `Pay out ${p.amount}`,
  safe_drop: (p) => `Drop ${p.amount} to the safe`,
  float_top_up: (p) => `Top up by ${p.amount}`,
  no_sale: () => "Record no-sale",
};

/** The kind and its amount, within a sentence. */
const entry: Kinds<OfAmount> = {
  pay_in: (p) => `Pay-in of ${p.amount}`,
  pay_out: (p) => `Pay-out of ${p.amount}`,
  safe_drop: (p) => `Safe drop of ${p.amount}`,
  float_top_up: (p) => `Float top-up of ${p.amount}`,
  no_sale: () => "No-sale",
};

const reasons: Kinds<string[]> = {
  pay_in: ["Payment on account", "Expense money returned", "Cash found", "Other"],
  pay_out: ["Supplier or delivery", "Shop supplies", "Postage or travel", "Tips or wages", "Other"],
  safe_drop: ["Too much in the drawer", "Planned drop", "Other"],
  float_top_up: ["Coins needed", "Small notes needed", "Other"],
  no_sale: ["Change for a customer", "Drawer checked", "Opened by mistake", "Other"],
};

export const movements = {
  title: "Cash in and out",
  kinds,
  meanings,
  record,
  entry,
  reasons,
  amount: "Amount",
  limit: (p: { amount: string }) => `Up to ${p.amount}; a manager records more.`,
  overLimit: (p: { amount: string }) => `This is more than ${p.amount}. A manager has to sign in and record it.`,
  reason: "Reason",
  reasonWanted: "Choose a reason, or write a note.",
  note: "Note",
  reference: "Bag number",
  problems: {
    empty: "Enter an amount above zero.",
    "not-a-number": "This is not an amount. Use digits only, such as 12 or 12.50.",
    negative: "Enter the amount without a minus: the kind says whether it goes in or out.",
    "too-precise": "Too many decimal places.",
    "too-large": "This is more than a drawer can hold.",
  },
  cancel: "Cancel",
  working: "Saving on this computer…",
  recorded: (p: { entry: string }) => `${p.entry} is recorded.`,
  takenBack: (p: { entry: string }) => `${p.entry} is taken back.`,
  empty: "No cash was put in or taken out in this shift yet.",
  listLabel: "Entries of this shift, newest first",
  count: (p: { n: number }) => plural(p.n, { one: `${p.n} entry`, other: `${p.n} entries` }),
  by: (p: { name: string; when: string }) => `${p.name}, ${p.when}`,
  bag: (p: { reference: string }) => `Bag ${p.reference}`,
  sent: (p: { when: string }) => `sent ${p.when}`,
  states: {
    recorded: "Recorded",
    waiting: "Waits here, will be sent",
    "awaiting-manager": "Waits for a manager to sign in here",
    refused: "Not accepted",
  },
  taken: "Taken back",
  takes: (p: { entry: string }) => `Takes back: ${p.entry}`,
  takeBack: "Take back",
  takeBackOf: (p: { entry: string; when: string }) => `Take back: ${p.entry}, ${p.when}`,
  takeBackTitle: (p: { entry: string }) => `Take back: ${p.entry}?`,
  takeBackLine: "Nothing is erased: an opposite entry is added, and both stay in the list.",
  takeBackReasons: ["Wrong amount", "Entered twice", "Wrong kind", "Did not happen"],
  takeBackNote: "In your own words",
  takeBackYes: "Take it back",
  keep: "Keep it",
  waiting: (p: { n: number }) => plural(p.n, { one: `${p.n} entry waits here`, other: `${p.n} entries wait here` }),
  keptHint: "What you record is kept on this computer and sent by itself.",
  refused: {
    title: (p: { n: number }) => plural(p.n, { one: `${p.n} entry was not accepted`, other: `${p.n} entries were not accepted` }),
    line: "Kept on this computer; in no shift’s books until somebody decides.",
    listLabel: "Entries that were not accepted",
    ofShift: (p: { number: string }) => `recorded in shift ${p.number}`,
    again: "Record in the current shift",
    againOf: (p: { entry: string }) => `Record in the current shift: ${p.entry}`,
    reversalAgain: "This took back an entry of another shift. Recorded in the current shift, it becomes an entry of the opposite kind.",
    settleReversal: "This took back an earlier entry. Settle it with your manager.",
    dismiss: "Take off the list",
    dismissOf: (p: { entry: string }) => `Take off the list: ${p.entry}`,
    dismissTitle: (p: { entry: string }) => `Take off the list: ${p.entry}?`,
    dismissLine: "It will stand in no shift. If the cash really moved, the drawer will show that difference when it is counted.",
    dismissNothing: "It will stand in no shift. No cash moved, so no count is affected.",
    dismissTell: "Tell your manager first.",
    dismissYes: "Take off the list",
    doneAgain: (p: { entry: string }) => `${p.entry} is recorded in the current shift.`,
    doneDismiss: (p: { entry: string }) => `${p.entry} is off the list.`,
  },
};

export type MovementWords = typeof movements;
