// Money as the digits that were told. Invariant: an amount is never a JavaScript number, which could not hold it.

import type { Amount } from "./generated/Amount";

type Exact = { units: bigint; places: number };

function exact(amount: Amount): Exact {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount);
  if (!parts) throw new RangeError(`not an amount: ${amount}`);
  const [, sign = "", whole = "", fraction = ""] = parts;
  return { units: BigInt(`${sign}${whole}${fraction}`), places: fraction.length };
}

/** Whether two amounts are the same money, whatever their scale: 200 is 200.00. */
export function sameAmount(a: Amount, b: Amount): boolean {
  const [x, y] = [exact(a), exact(b)];
  return x.units * 10n ** BigInt(y.places) === y.units * 10n ** BigInt(x.places);
}

/** As many decimal places as the one with the most, and never fewer than two. */
function aligned(amounts: readonly Amount[]): { units: bigint[]; places: number } {
  const read = amounts.map(exact);
  const places = read.reduce((most, one) => Math.max(most, one.places), 2);
  return { units: read.map((one) => one.units * 10n ** BigInt(places - one.places)), places };
}

function written(units: bigint, places: number): Amount {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** What is left of `a` when `b` is taken away. */
export function lessOf(a: Amount, b: Amount): Amount {
  const {
    units: [x = 0n, y = 0n],
    places,
  } = aligned([a, b]);
  return written(x - y, places);
}

/** Below zero where `a` is less than `b`, above where it is more. */
export function compareAmounts(a: Amount, b: Amount): number {
  const {
    units: [x = 0n, y = 0n],
  } = aligned([a, b]);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Over, short or neither. */
export function signOf(difference: Amount): "over" | "short" | "exact" {
  const order = compareAmounts(difference, "0");
  return order > 0 ? "over" : order < 0 ? "short" : "exact";
}

/** Without its sign, for where a word says it. */
export const sizeOf = (amount: Amount): Amount => amount.replace(/^-/, "");

/** `count` pieces of `value` each, summed, with two places. */
export function sumOfPieces(pieces: readonly { value: Amount; count: bigint }[]): Amount {
  const cents = pieces.reduce((sum, { value, count }) => {
    const { units, places } = exact(value);
    return sum + units * 10n ** BigInt(2 - places) * count;
  }, 0n);
  return fromCents(cents);
}

/** An amount of hundredths, as the wire writes it. */
export function fromCents(cents: bigint): Amount {
  const digits = cents.toString().padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

// Building a formatter costs a hundred times what using it does, and a list shows hundreds of amounts.
const formatters = new Map<string, Intl.NumberFormat>();

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify([locale, options]);
  const format = formatters.get(key) ?? new Intl.NumberFormat(locale, options);
  formatters.set(key, format);
  return format;
}

/** How many decimal places a currency's coins have; 2 when the currency is not known. */
export function currencyPlaces(currency: string): number {
  try {
    return numberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** A store has one currency: its short sign cannot be mistaken, and `$US` or `MX$` would only take room. */
const inCurrency = (currency: string) => ({ style: "currency", currency, currencyDisplay: "narrowSymbol" }) as const;

/**
 * An amount for people: the locale's digits and marks, the store's currency, every told digit that is not zero.
 * `sign`: "exceptZero" writes a plus, too.
 */
export function formatMoney(amount: Amount, currency: string, locale: string, sign: "auto" | "exceptZero" = "auto"): string {
  const places = currencyPlaces(currency);
  const fraction = (amount.split(".")[1] ?? "").replace(/0+$/, "");
  const digits = {
    minimumFractionDigits: places,
    maximumFractionDigits: Math.max(places, fraction.length),
    signDisplay: sign,
  };
  // `format` takes the digits themselves, exactly; only the type calls them a numeric literal.
  const text = amount as `${number}`;
  try {
    return numberFormat(locale, { ...inCurrency(currency), ...digits }).format(text);
  } catch {
    return `${numberFormat(locale, digits).format(text)} ${currency}`.trim();
  }
}

/** A note or coin: `$20`, `$0.25`. */
export function formatPiece(value: Amount, currency: string, locale: string): string {
  return numberFormat(locale, { ...inCurrency(currency), trailingZeroDisplay: "stripIfInteger" }).format(value as `${number}`);
}

/** A quantity or rate for people: the locale's digits and marks, and every digit that was told. */
export function formatNumber(text: string, locale: string): string {
  return numberFormat(locale, { maximumFractionDigits: 5 }).format(text as `${number}`);
}

/** The mark between whole and fraction in a locale. */
export function decimalMark(locale: string): string {
  return new Intl.NumberFormat(locale).formatToParts(1.5).find((part) => part.type === "decimal")?.value ?? ".";
}

/** An amount as a person of this locale would type it: no grouping, no currency. */
export function typedForm(amount: Amount, currency: string, locale: string): string {
  const [whole = "0", fraction = ""] = amount.split(".");
  const places = currencyPlaces(currency);
  const kept = fraction.replace(/0+$/, "").padEnd(places, "0");
  return kept ? `${whole}${decimalMark(locale)}${kept}` : whole;
}
