// The catalogues. A language is complete by its type; the tests look for words that bypass it.
// Only English, in which everything can be said from the first moment on, is part of the program that starts.

import { en, type Words } from "./en";
import type { FaultWords } from "./faults/en";
import type { Language } from "../generated/Language";

export type { FaultWords, Words };
export type { Language };

/** What each language calls itself. */
export const languageNames: Record<Language, string> = { en: "English", es: "Español", fr: "Français", de: "Deutsch" };
export const languages = Object.keys(languageNames) as Language[];

/** Where the words of each are read. */
export const catalogues: Record<Language, () => Promise<Words>> = {
  en: async () => en,
  es: async () => (await import("./es")).es,
  fr: async () => (await import("./fr")).fr,
  de: async () => (await import("./de")).de,
};

/** The first of the wished locales that has a catalogue, with its region kept for dates and numbers. */
export function matchLocale(wished: readonly string[]): { language: Language; locale: string } {
  for (const locale of wished) {
    const language = languages.find((language) => language === locale.slice(0, 2).toLowerCase());
    if (language && Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0) return { language, locale };
  }
  return { language: "en", locale: "en" };
}

/** Which way text in this locale runs. */
export function directionOf(locale: string): "ltr" | "rtl" {
  return /^(ar|fa|he|ur)\b/.test(locale) ? "rtl" : "ltr";
}
