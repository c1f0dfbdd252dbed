import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { denominations } from "../src/denominations";
import { currencyPlaces, decimalMark, formatMoney, formatPiece, typedForm } from "../src/money";
import { sameAmount, sumOfPieces } from "../src/pieces";

// Locales put no-break spaces between figures and signs.
const plain = (text: string) => text.replace(/[\u00A0\u202F]/g, " ");

/** Where a number may be read from text: pieces are counted, text sizes and places in a sentence are no money. */
const noMoney = ["count-sheet.svelte.ts", "parts/Managed.svelte", "parts/Settings.svelte", "dev/pseudo.ts"];

const source = join(import.meta.dirname, "../src");
const sources = () =>
  readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|svelte)$/.test(file))
    .map((file) => file.replaceAll("\\", "/"));

describe("money", () => {
  it("never becomes a binary number", () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(50);
    const rough = files.filter((file) =>
      /\b(parseFloat|Number|toFixed|toPrecision)\(|\bNumber\.parse|\bvalueAsNumber\b/.test(readFileSync(join(source, file), "utf8")),
    );
    expect(rough.filter((file) => !noMoney.includes(file))).toEqual([]);
    expect(readFileSync(join(source, "generated/Amount.ts"), "utf8")).toContain("export type Amount = string");
  });

  it("is computed and compared only where somebody types, never from what the till says", () => {
    // Words and pictures of the development build are no window.
    const files = sources().filter((file) => !/^(dev|words|generated)\//.test(file));
    const read = (file: string) => readFileSync(join(source, file), "utf8");
    const computes = files.filter((file) => /\bBigInt\(|\b\d[\d_]*n\b|startsWith\(["'`]-|\.replace\(\/\^-|`-\$\{/.test(read(file)));
    expect(computes.sort()).toEqual(["pieces.ts", "typed-amount.ts"]);
    expect(files.filter((file) => /\/pieces"/.test(read(file)))).toEqual(["count-sheet.svelte.ts"]);
  });

  it("is shown digit by digit, also beyond what a binary number holds", () => {
    expect(formatMoney("9007199254740993.01", "USD", "en-US")).toBe("$9,007,199,254,740,993.01");
    expect(formatMoney("0.10", "USD", "en-US")).toBe("$0.10");
    expect(formatMoney("-12.5", "USD", "en-US")).toBe("-$12.50");
  });

  it("follows the language and the store's currency", () => {
    expect(plain(formatMoney("1234.50", "EUR", "de"))).toBe("1.234,50 €");
    expect(plain(formatMoney("1234.50", "EUR", "fr"))).toBe("1 234,50 €");
    expect(plain(formatMoney("200.00", "JPY", "en"))).toBe("¥200");
  });

  it("never hides a told digit, and shows an unknown currency by its code", () => {
    expect(formatMoney("200.50", "JPY", "en")).toBe("¥200.5");
    expect(formatMoney("1.005", "USD", "en-US")).toBe("$1.005");
    expect(formatMoney("5.00", "not a currency", "en-US")).toBe("5.00 not a currency");
    expect(currencyPlaces("not a currency")).toBe(2);
  });

  it("is proposed in the form in which it is typed", () => {
    expect(typedForm("1234.50", "EUR", "de")).toBe("1234,50");
    expect(typedForm("200.00", "USD", "en-US")).toBe("200.00");
    expect(typedForm("200.00", "JPY", "en")).toBe("200");
    expect(decimalMark("fr")).toBe(",");
  });

  it("compares by value, not by scale", () => {
    expect(sameAmount("200", "200.00")).toBe(true);
    expect(sameAmount("200.00", "200.01")).toBe(false);
    expect(sameAmount("-1.50", "1.50")).toBe(false);
  });

  it("adds pieces exactly", () => {
    expect(
      sumOfPieces([
        { value: "100", count: 999_999 },
        { value: "0.10", count: 3 },
        { value: "0.01", count: 7 },
      ]),
    ).toBe("99999900.37");
    expect(sumOfPieces([])).toBe("0.00");
    expect(formatPiece("20", "USD", "en-US")).toBe("$20");
    expect(formatPiece("0.25", "USD", "en-US")).toBe("$0.25");
  });

  it("lists every currency's pieces from the largest to the smallest, each once", () => {
    for (const currency of ["USD", "CAD", "MXN", "EUR", "GBP", "CHF", "AUD", "NZD", "JPY"]) {
      const worth = denominations(currency).map((value) => Math.round(Number(value) * 100));
      expect(worth, currency).toEqual([...new Set(worth)].sort((a, b) => b - a));
      expect(worth.length, currency).toBeGreaterThan(8);
    }
    expect(denominations("XXX")).toEqual([]);
  });
});
