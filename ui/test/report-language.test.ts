// The words and habits that go to Rust with a report.

import { describe, expect, it } from "vitest";
import { formatsOf, reportLanguage } from "../src/report-language";
import { catalogues, languages } from "../src/words";

describe("the language of a report", () => {
  it("has every word in every language, and the placeholders of the English one", async () => {
    const names = Object.keys((await catalogues.en()).report).sort();
    expect(languages).toEqual(Object.keys(catalogues));
    for (const language of languages) {
      const words = (await catalogues[language]()).report;
      expect(Object.keys(words).sort()).toEqual(names);
      for (const word of Object.values(words)) expect(word.trim()).toBe(word);
      expect(words.page).toMatch(/\{page\}.*\{pages\}/);
    }
  });

  it.each([
    ["en-US", "USD", { positive: "${amount}", negative: "-${amount}", group_from: 4, date: "{month}/{day}/{year}", letter_paper: true }],
    [
      "de-DE",
      "EUR",
      { positive: "{amount}\u00a0€", decimal_mark: ",", group_mark: ".", date: "{day}.{month}.{year}", time: "{hour}:{minute}" },
    ],
    ["de-CH", "CHF", { decimal_mark: ".", list_mark: ";" }],
    ["es-MX", "MXN", { decimal_mark: ".", list_mark: "," }],
    ["de-AT", "EUR", { decimal_mark: ",", list_mark: ";" }],
    ["fr-FR", "EUR", { positive: "{amount}\u00a0€", group_mark: "\u202f", date: "{day}/{month}/{year}", letter_paper: false }],
    ["es-ES", "EUR", { group_from: 5, decimal_mark: ",", date: "{day}/{month}/{year}" }],
    ["en-GB", "JPY", { positive: "¥{amount}", date: "{day}/{month}/{year}" }],
    ["en", "not a currency", { positive: "{amount} not a currency" }],
  ])("writes like %s in %s", (locale, currency, expected) => {
    expect(formatsOf(locale, currency)).toMatchObject(expected);
  });

  it("counts hours to twelve where people do", () => {
    expect(formatsOf("en-US", "USD")).toMatchObject({ am: "AM", pm: "PM" });
    expect(formatsOf("en-US", "USD").time).toMatch(/^\{hour12\}:\{minute\}\s\{period\}$/u);
  });

  it("sends the words along", async () => {
    expect(reportLanguage((await catalogues.de()).report, "de-CH", "CHF").words.z_report).toBe("Z-Bericht");
  });
});
