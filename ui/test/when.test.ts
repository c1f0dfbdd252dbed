import { describe, expect, it } from "vitest";
import { formatAge, formatDate, formatDay, formatDayAndTime, formatDuration, formatMoment } from "../src/when";
import { en } from "../src/words/en";

const now = Date.parse("2026-11-23T17:42:00Z");
const before = (milliseconds: number) => new Date(now - milliseconds).toISOString();
const plain = (text: string) => text.replace(/[\u00A0\u202F]/g, " ");

describe("when", () => {
  it("tells times in the store's zone, with the day when it is another one there", () => {
    expect(plain(formatMoment("2026-11-23T13:04:00Z", now, "en-US", "America/New_York"))).toBe("8:04 AM");
    expect(plain(formatMoment("2026-11-23T04:30:00Z", now, "en-US", "America/New_York"))).toBe("Sun, Nov 22, 11:30 PM");
    expect(plain(formatMoment("2026-11-23T13:04:00Z", now, "de", "Europe/Berlin"))).toBe("14:04");
    expect(plain(formatMoment("2026-11-23T07:04:00Z", now, "fr", "Europe/Berlin"))).toBe("08:04");
  });

  it("falls back to this computer's zone where the server names one that does not exist", () => {
    expect(formatMoment("2026-11-23T13:04:00Z", now, "en-US", "Mars/Olympus")).toMatch(/04/);
  });

  it("keeps a business date on its day in every zone", () => {
    expect(formatDate("2026-11-20", "en-US", now)).toBe("Friday, November 20");
  });

  it.each([
    ["en-US", "Wednesday, November 5, 2025", "Wed, Nov 5, 2025, 9:00 AM"],
    ["de-DE", "Mittwoch, 5. November 2025", "Mi., 5. Nov. 2025, 09:00"],
    ["es-ES", "miércoles, 5 de noviembre de 2025", "mié, 5 nov 2025, 09:00"],
    ["fr-FR", "mercredi 5 novembre 2025", "mer. 5 nov. 2025, 09:00"],
  ])("says the year of another year (%s)", (locale, day, moment) => {
    const at = "2025-11-05T08:00:00Z";
    expect(plain(formatDate("2025-11-05", locale, now))).toBe(day);
    expect(plain(formatDay(at, locale, "Europe/Berlin", now))).toBe(day);
    expect(plain(formatDayAndTime(at, locale, "Europe/Berlin", now))).toContain(day);
    expect(plain(formatMoment(at, now, locale, "Europe/Berlin"))).toBe(moment);
    for (const said of [formatDate("2026-01-01", locale, now), formatDay("2026-01-01T08:00:00Z", locale, "Europe/Berlin", now)]) {
      expect(said).not.toMatch(/20\d\d/);
    }
  });

  it("counts the year by the store's clock", () => {
    const midnight = Date.parse("2027-01-01T02:00:00Z");
    expect(formatDay("2026-12-31T12:00:00Z", "en-US", "America/New_York", midnight)).toBe("Thursday, December 31");
    expect(formatDay("2026-12-31T12:00:00Z", "en-US", "Europe/Berlin", midnight)).toBe("Thursday, December 31, 2026");
  });

  it("tells ages, and none below zero when the clocks disagree", () => {
    expect(formatAge(before(59_000), now, en)).toBe("just now");
    expect(formatAge(before(-90_000), now, en)).toBe("just now");
    expect(formatAge(before(61_000), now, en)).toBe("1 min ago");
    expect(formatAge(before(2 * 3_600_000), now, en)).toBe("2 h ago");
    expect(formatDuration(before(-5000), now, en)).toBe("0 min");
    expect(formatDuration(before(3_600_000 * 3 + 720_000), now, en)).toBe("3 h 12 min");
    expect(formatDuration(before(3_600_000 * 26), now, en)).toBe("1 day 2 h");
  });
});
