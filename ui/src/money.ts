// Money as the digits that were told. Invariant: an amount is never a JavaScript number, which could not hold it.

import type { Amount } from "./generated/Amount";

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
