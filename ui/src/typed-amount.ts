// What a cashier typed, read as an amount. Invariant: a text that two careful people could read differently is
// asked back, never guessed.

import type { Amount } from "./generated/Amount";
import { looksScanned } from "./scanner";

export type Problem = "empty" | "not-a-number" | "negative" | "too-precise" | "too-large";
export type Reading =
  | { kind: "amount"; amount: Amount }
  | { kind: "problem"; problem: Problem }
  /** The amounts it may mean. */
  | { kind: "ambiguous"; readings: Amount[] };

/** The most that a drawer holds, in hundredths: 9,999,999.99, the same limit as in Rust and the database. */
const limitCents = 999_999_999n;

const problem = (problem: Problem): Reading => ({ kind: "problem", problem });

/**
 * Both `.` and `,` are understood as decimal marks in every language, because keyboards and habits differ from the
 * system's language; one that is followed by exactly three digits may as well group thousands, and is asked back.
 */
export function readAmount(typed: string, places: number): Reading {
  // Currency signs, bidirectional marks and spaces around say nothing about the amount.
  const inner = asciiDigits(typed)
    .replace(/[\u200E\u200F\u061C\p{Sc}]/gu, "")
    .replace(/\u066B/g, ".")
    .trim();
  if (inner === "") return problem("empty");
  // Spaces and apostrophes group thousands and nothing else: `10 50` may be meant as 10.50.
  const text = inner.replace(/^([-−–]?)\s+/, "$1").replace(/(\d)[\s'’\u066C](?=\d{3}(?!\d))/g, "$1");
  const unsigned = text.replace(/^[-−–]/, "");
  if (!/^[\d.,]+$/.test(unsigned) || !/\d/.test(unsigned)) return problem("not-a-number");

  const marks = unsigned.replace(/\d/g, "");
  const last = marks.at(-1) ?? "";
  const grouped = (whole: string) => /^\d{1,3}([.,]\d{3})+$/.test(whole) && new Set(whole.replace(/\d/g, "")).size === 1;
  const bare = (whole: string) => whole.replace(/[.,]/g, "");

  let whole = unsigned;
  let fraction = "";
  if (marks.length === 1) {
    [whole = "", fraction = ""] = unsigned.split(last);
    if (fraction.length === 3 && /^\d{1,3}$/.test(whole)) return askBack(text, whole, fraction, places);
  } else if (marks.length > 1 && new Set(marks).size === 1) {
    if (!grouped(unsigned)) return problem("not-a-number");
    whole = bare(unsigned);
  } else if (marks.length > 1) {
    const at = unsigned.lastIndexOf(last);
    if (!grouped(unsigned.slice(0, at)) || unsigned.slice(0, at).includes(last)) return problem("not-a-number");
    whole = bare(unsigned.slice(0, at));
    fraction = unsigned.slice(at + 1);
  }
  const reading = judge(text, whole, fraction, places);
  // Nobody begins an amount with a zero and seven digits more; a code on goods does.
  return reading.kind === "amount" && looksScanned(unsigned) ? { kind: "ambiguous", readings: [reading.amount] } : reading;
}

/** The same, where nothing is no amount. */
export function readSome(typed: string, places: number): Reading {
  const read = readAmount(typed, places);
  return read.kind === "amount" && !/[1-9]/.test(read.amount) ? problem("empty") : read;
}

function judge(text: string, whole: string, fraction: string, places: number): Reading {
  const kept = fraction.replace(/0+$/, "");
  if (kept.length > places) return problem("too-precise");
  const cents = BigInt(`${whole || "0"}${kept.padEnd(2, "0")}`);
  if (/^[-−–]/.test(text) && cents > 0n) return problem("negative");
  if (cents > limitCents) return problem("too-large");
  return { kind: "amount", amount: fromCents(cents) };
}

function askBack(text: string, whole: string, fraction: string, places: number): Reading {
  const asDecimal = judge(text, whole, fraction, places);
  // A leading zero never begins a group of thousands.
  if (/^0/.test(whole)) return asDecimal;
  const readings = [judge(text, whole + fraction, "", places), asDecimal].flatMap((reading) =>
    reading.kind === "amount" ? [reading.amount] : [],
  );
  return readings.length > 0 ? { kind: "ambiguous", readings } : asDecimal;
}

/** An amount of hundredths, as the wire writes it. */
export function fromCents(cents: bigint): Amount {
  const digits = cents.toString().padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Where the digits of other scripts begin: Arabic, Persian, Devanagari, full width. */
const zeros = [0x0660, 0x06f0, 0x0966, 0xff10];

/** With the digits of every script as those from 0 to 9. */
export function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0;
    const zero = zeros.find((zero) => point >= zero && point < zero + 10);
    return zero === undefined ? digit : String(point - zero);
  });
}
