// How Rust has to write a report: the words of the language, and the habits of its locale as the web view knows them.

import type { Formats } from "./generated/Formats";
import type { ReportLanguage } from "./generated/ReportLanguage";
import type { ReportWords } from "./generated/ReportWords";
import { currencyPlaces } from "./money";

/** Regions that print on Letter. */
const letterRegions = ["US", "CA", "MX", "CL", "CO", "CR", "GT", "PA", "PH", "PR", "SV", "VE"];

/** Regions with a decimal point whose spreadsheets part the cells of a table by a semicolon all the same. */
const semicolonRegions = ["CH", "LI"];

/** What is sent along with a report in these words. `currency` is the store's. */
export function reportLanguage(words: ReportWords, locale: string, currency: string): ReportLanguage {
  return { words, formats: formatsOf(locale, currency) };
}

export function formatsOf(locale: string, currency: string): Formats {
  const digits = (value: number) =>
    new Intl.NumberFormat(locale, { numberingSystem: "latn", maximumFractionDigits: 2 }).formatToParts(value);
  const group = digits(1234567.5).find((part) => part.type === "group")?.value ?? "";
  const grouped = (value: number) => digits(value).some((part) => part.type === "group");
  const region = new Intl.Locale(locale).maximize().region ?? "";
  const decimal_mark = digits(1.5).find((part) => part.type === "decimal")?.value ?? ".";
  return {
    decimal_mark,
    list_mark: decimal_mark === "," || semicolonRegions.includes(region) ? ";" : ",",
    group_mark: group,
    group_from: grouped(1234) ? 4 : grouped(12345) ? 5 : 7,
    positive: amountForm(1, locale, currency),
    negative: amountForm(-1, locale, currency),
    ...clock(locale),
    date: dateForm(locale),
    letter_paper: letterRegions.includes(region),
  };
}

/** The form of an amount: its digits give way to `{amount}`. */
function amountForm(value: number, locale: string, currency: string): string {
  const digits = { minimumFractionDigits: currencyPlaces(currency), numberingSystem: "latn" } as const;
  try {
    const format = new Intl.NumberFormat(locale, { ...digits, style: "currency", currency, currencyDisplay: "narrowSymbol" });
    return form(format.formatToParts(value));
  } catch {
    return `${value < 0 ? "-" : ""}{amount} ${currency}`.trim();
  }
}

function form(parts: Intl.NumberFormatPart[]): string {
  const inside = ["group", "decimal", "fraction"];
  return parts
    .filter((part) => !inside.includes(part.type))
    .map((part) => (part.type === "integer" ? "{amount}" : part.value))
    .join("");
}

function dateForm(locale: string): string {
  const options = { day: "2-digit", month: "2-digit", year: "numeric", numberingSystem: "latn", calendar: "gregory" } as const;
  const parts = new Intl.DateTimeFormat(locale, options).formatToParts(0);
  return parts.map((part) => (part.type === "literal" ? part.value : `{${part.type}}`)).join("");
}

function clock(locale: string): Pick<Formats, "time" | "am" | "pm"> {
  const { hour12 = false } = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions();
  if (!hour12) return { time: "{hour}:{minute}", am: "", pm: "" };
  const format = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", timeZone: "UTC", numberingSystem: "latn" });
  const period = (hour: number) => format.formatToParts(hour * 3_600_000).find((part) => part.type === "dayPeriod")?.value ?? "";
  const time = format
    .formatToParts(0)
    .map((part) => ({ hour: "{hour12}", minute: "{minute}", dayPeriod: "{period}" })[part.type as string] ?? part.value)
    .join("");
  return { time, am: period(9), pm: period(15) };
}
