// Dates and times for people: the cashier's language, the store's own time zone.

import type { Words } from "./words";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

function format(locale: string, zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, ...(zone === undefined ? {} : { timeZone: zone }) });
  } catch {
    // A zone that this computer does not know: its own is the next best.
    return new Intl.DateTimeFormat(locale, options);
  }
}

/** `8:04 AM` where people count to twelve, `08:04` where they count to twenty-four. */
function clockOptions(locale: string) {
  const { hour12 } = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions();
  return { hour: hour12 ? "numeric" : "2-digit", minute: "2-digit" } as const;
}
const shortDay = { weekday: "short", day: "numeric", month: "short" } as const;
const longDay = { weekday: "long", day: "numeric", month: "long" } as const;

/** With the year, where it is another one than now in that zone. */
function withYear(options: Intl.DateTimeFormatOptions, then: Date, now: number, zone?: string): Intl.DateTimeFormatOptions {
  const year = format("en", zone, { year: "numeric" });
  return year.format(then) === year.format(now) ? options : { ...options, year: "numeric" };
}

/** The time alone when it is on the same store day as `now`, else day and time; a year that is not this one is said. */
export function formatMoment(at: string, now: number, locale: string, zone?: string): string {
  const then = new Date(at);
  const date = format(locale, zone, { year: "numeric", month: "numeric", day: "numeric" });
  const today = date.format(then) === date.format(now);
  return format(locale, zone, today ? clockOptions(locale) : { ...withYear(shortDay, then, now, zone), ...clockOptions(locale) }).format(
    then,
  );
}

/** Day and time, always both. */
export function formatDayAndTime(at: string, locale: string, zone?: string, now = Date.now()): string {
  const then = new Date(at);
  return format(locale, zone, { ...withYear(longDay, then, now, zone), ...clockOptions(locale) }).format(then);
}

/** A business date such as `2026-11-23`, which belongs to no time zone. */
export function formatDate(date: string, locale: string, now = Date.now()): string {
  return formatDay(`${date}T00:00:00Z`, locale, "UTC", now);
}

/** The calendar day of an instant in the store. */
export function formatDay(at: string, locale: string, zone?: string, now = Date.now()): string {
  const then = new Date(at);
  return format(locale, zone, withYear(longDay, then, now, zone)).format(then);
}

/** How long ago; a clock that runs behind the server's gives "just now", never a negative time. */
export function formatAge(at: string, now: number, words: Words): string {
  const age = now - Date.parse(at);
  if (!(age >= minute)) return words.when.justNow;
  if (age < hour) return words.when.minutesAgo({ n: Math.floor(age / minute) });
  return words.when.hoursAgo({ n: Math.floor(age / hour) });
}

/** How long since then, in minutes and more. */
export function formatDuration(at: string, now: number, words: Words): string {
  const length = Math.max(0, now - Date.parse(at) || 0);
  if (length < hour) return words.when.minutes({ n: Math.floor(length / minute) });
  if (length < day) return words.when.hoursMinutes({ h: Math.floor(length / hour), m: Math.floor((length % hour) / minute) });
  return words.when.daysHours({ d: Math.floor(length / day), h: Math.floor((length % day) / hour) });
}
