// The catalogues. A language is complete by its type; the tests look for words that bypass it.

import { de } from "./de";
import { en, type Words } from "./en";
import { es } from "./es";
import { fr } from "./fr";
import type { FaultWords } from "./faults/en";
import type { Language } from "../generated/Language";

export type { FaultWords, Words };
export type { Language };
export const catalogues: Record<Language, Words> = { en, es, fr, de };
export const languages = Object.keys(catalogues) as Language[];

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
