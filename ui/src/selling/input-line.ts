// What the one input line means. Invariant: the same text always means the same, whoever or whatever typed it, and what
// could be read in two ways is asked back.

import type { Amount } from "../generated/Amount";
import type { Percent } from "../generated/Percent";
import type { Quantity } from "../generated/Quantity";
import { asciiDigits, readAmount } from "../typed-amount";
import { looksScanned } from "../scanner";

export type LineProblem = "unclear" | "too-large" | "zero" | "amount-first";
export type Money = { kind: "nothing" } | { kind: "amount"; amount: Amount } | { kind: "problem"; problem: LineProblem };
export type Meaning =
  | { kind: "nothing" }
  /** `quantity`: as a command takes it; empty for one. */
  | { kind: "amount"; amount: Amount; quantity: string }
  /** How many of what comes next. */
  | { kind: "quantity"; quantity: Quantity }
  /** Read from goods, and looked up in the catalogue. */
  | { kind: "code"; code: string }
  /** Looked for in the catalogue; `quantity`: how many of what is found, as above. */
  | { kind: "words"; text: string; quantity: string }
  | { kind: "problem"; problem: LineProblem };

const problem = (problem: LineProblem) => ({ kind: "problem", problem }) as const;

/** An amount as at a cash register: digits alone fill its places from the right, a decimal mark says where they begin. */
export function readMoney(typed: string, places: number): Money {
  const text = asciiDigits(typed).trim();
  if (text === "") return { kind: "nothing" };
  if (looksScanned(text)) return problem("too-large");
  const reading = /^\d+$/.test(text) ? readAmount(withMark(text, places), places) : readAmount(text, places);
  if (reading.kind === "ambiguous") return problem("unclear");
  if (reading.kind === "problem") return problem(reading.problem === "too-large" ? "too-large" : "unclear");
  return /[1-9]/.test(reading.amount) ? reading : problem("zero");
}

function withMark(digits: string, places: number): string {
  if (places === 0) return digits;
  const all = digits.padStart(places + 1, "0");
  return `${all.slice(0, -places)}.${all.slice(-places)}`;
}

/** How many, or how much: above zero, at most three places. */
export function readQuantity(typed: string): Quantity | null {
  const text = asciiDigits(typed).trim().replace(",", ".");
  return /^\d{1,5}(\.\d{1,3})?$/.test(text) && /[1-9]/.test(text) ? text : null;
}

/** A discount in per cent as a command takes it. */
export function readPercent(typed: string): Percent | null {
  const text = asciiDigits(typed).replace("%", "").trim().replace(",", ".");
  return /^(100(\.0{1,2})?|\d{1,2}(\.\d{1,2})?)$/.test(text) ? text : null;
}

/** What the line means, in a currency with so many places. */
export function readLine(typed: string, places: number): Meaning {
  const text = asciiDigits(typed).trim();
  if (text === "") return { kind: "nothing" };
  const times = /^([\d.,]+)\s*([*×xX])\s*(.*)$/.exec(text);
  const quantity = times === null ? null : readQuantity(times[1] ?? "");
  if (times !== null) {
    const [, , sign = "", rest = ""] = times;
    const named = /\p{L}/u.test(rest) && !looksScanned(rest);
    // `3XL` is a word; `3*XL` is three of it.
    if (named && /[xX]/.test(sign)) return { kind: "words", text, quantity: "" };
    if (quantity === null) return problem("unclear");
    if (rest === "") return { kind: "quantity", quantity };
    if (named) return { kind: "words", text: rest, quantity };
    const money = readMoney(rest, places);
    return money.kind === "amount" ? { ...money, quantity } : problem("unclear");
  }
  if (looksScanned(text)) return { kind: "code", code: text };
  if (/[^\d.,'’\s\p{Sc}+-]/u.test(text)) return { kind: "words", text, quantity: "" };
  const money = readMoney(text, places);
  return money.kind === "amount" ? { ...money, quantity: "" } : money;
}
