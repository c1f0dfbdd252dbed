// The figures of a receipt as the window shows them, over the vectors that Rust and SQL answer (tests/vectors). The
// window derives none of them; what it shows must be what it was given, digit by digit, and add up on the screen.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Amount } from "../src/generated/Amount";
import { currencyPlaces, formatMoney } from "../src/money";

type Line = { gross: Amount; discount?: Amount; cart_discount?: Amount; net: Amount };
type Totals = { currency: string; prices_include_tax: boolean; total: Amount; net: Amount; tax: Amount; cash_rounding?: Amount };
type Entry = {
  name: string;
  kind?: string;
  places: number;
  lines: Line[];
  taxes?: { tax: Amount }[];
  tenders?: { kind: string; amount: Amount; tendered?: Amount; change?: Amount }[];
  totals: Totals & Record<"gross" | "discount" | "net_cash" | "net_card" | "net_other", Amount | undefined>;
};

const vectors = (file: string): Entry[] =>
  readFileSync(join(import.meta.dirname, "../../tests/vectors", file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Entry);

const named = vectors("named.jsonl");
const all = [...named, ...vectors("generated.jsonl")];

/** What a person reads on the screen, in minor units. */
function read(shown: string): bigint {
  const digits = shown.replace(/\D/g, "");
  return /[-−]/.test(shown) ? -BigInt(digits) : BigInt(digits);
}

const sum = (parts: bigint[]): bigint => parts.reduce((all, one) => all + one, 0n);

/** The rows that a receipt shows, each as it is formatted and read back. */
function rows({ lines, taxes = [], tenders = [], totals }: Entry, locale: string) {
  const shown = (amount: Amount | undefined) => read(formatMoney(amount ?? "0", totals.currency, locale));
  return {
    lines: lines.map((line) => [line.gross, line.discount, line.cart_discount, line.net].map(shown)),
    taxes: taxes.map((row) => shown(row.tax)),
    tenders: tenders.map((one) => shown(one.amount)),
    change: tenders.map((one) => (one.tendered ? [shown(one.tendered), shown(one.change), shown(one.amount)] : [])),
    net: shown(totals.net),
    tax: shown(totals.tax),
    total: shown(totals.total),
    rounding: shown(totals.cash_rounding),
  };
}

describe("the figures of a receipt", () => {
  it("are there", () => {
    expect(all.length).toBeGreaterThan(10_000);
  });

  it.each([
    ["en-US", all],
    ["de", named],
    ["fr", named],
    ["es", named],
  ])("add up on the screen, row by row (%s)", (locale, entries) => {
    for (const entry of entries) {
      const shown = rows(entry, locale);
      for (const [gross = 0n, discount = 0n, share = 0n, net = 0n] of shown.lines) {
        expect(gross - discount - share, entry.name).toBe(net);
      }
      const nets = sum(shown.lines.map(([, , , net = 0n]) => net));
      expect(nets + (entry.totals.prices_include_tax ? 0n : sum(shown.taxes)), entry.name).toBe(shown.total);
      expect(sum(shown.taxes), entry.name).toBe(shown.tax);
      expect(shown.net + shown.tax, entry.name).toBe(shown.total);
      if (entry.kind !== "discard") expect(sum(shown.tenders), entry.name).toBe(shown.total + shown.rounding);
      for (const [tendered, change, amount] of shown.change.filter((one) => one.length > 0)) {
        expect((tendered ?? 0n) - (change ?? 0n), entry.name).toBe(amount);
      }
    }
  });

  it("are shown with the places of their currency, which the window knows as Rust does", () => {
    const currencies = new Map(all.map((entry) => [entry.totals.currency, entry.places]));
    expect(new Set(currencies.values())).toEqual(new Set([0, 2, 3]));
    for (const [currency, places] of currencies) expect(currencyPlaces(currency), currency).toBe(places);
  });
});
