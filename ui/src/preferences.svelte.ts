// What this computer prefers: language, appearance, text size. Kept in the web view's own storage, which may be
// wiped at any time: nothing about money or shifts is ever here.

import { catalogues, directionOf, languages, matchLocale, type Language, type Words } from "./words";
import { en } from "./words/en";

export const appearances = ["system", "light", "dark", "contrast"] as const;
export type Appearance = (typeof appearances)[number];
export const textSizes = ["100", "125", "150", "200"] as const;
export type TextSize = (typeof textSizes)[number];

function kept<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(`onetill.${name}`);
    return allowed.find((one) => one === value) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`onetill.${name}`, value);
  } catch {
    // A web view without storage forgets the preference at its end; it works for now.
  }
}

const darkQuery = "(prefers-color-scheme: dark)";
const contrastQuery = "(prefers-contrast: more)";

function systemAppearance(): Exclude<Appearance, "system"> {
  if (matchMedia(contrastQuery).matches) return "contrast";
  return matchMedia(darkQuery).matches ? "dark" : "light";
}

class Preferences {
  #read = $state.raw<Partial<Record<Language, Words>>>({ en });
  /** Said until the words of another language are read. */
  #before: Words = en;
  #system = $state(matchLocale(navigator.languages));
  #configured = $state.raw<{ locale: string | null; locked: boolean }>({ locale: null, locked: false });
  #language = $state<Language | "system">(kept("language", [...languages, "system"] as const, "system"));
  #appearance = $state<Appearance>(kept("appearance", appearances, "system"));
  #textSize = $state<TextSize>(kept("text-size", textSizes, "100"));

  /** Where nobody has chosen: as this computer is set up, with the system's region where only a language was said. */
  #default = $derived.by(() => {
    const { locale } = this.#configured;
    if (locale === null) return this.#system;
    const configured = matchLocale([locale]);
    return !locale.includes("-") && configured.language === this.#system.language ? this.#system : configured;
  });
  #matched = $derived(
    this.#language === "system" || this.#configured.locked || this.#language === this.#default.language
      ? this.#default
      : this.#language === this.#system.language
        ? this.#system
        : { language: this.#language, locale: this.#language },
  );

  /** The language that is shown. */
  get spoken(): Language {
    return this.#matched.language;
  }

  /** The words of the language that is shown. */
  get words(): Words {
    return (this.#before = this.#read[this.spoken] ?? this.#before);
  }

  /** Reads the words of a language, by itself those of the one that is shown. */
  async read(language = this.spoken): Promise<void> {
    if (this.#read[language] !== undefined) return;
    const words = await catalogues[language]();
    this.#read = { ...this.#read, [language]: words };
  }

  /** For dates and numbers: the system's region where its language is shown. */
  get locale(): string {
    return this.#matched.locale;
  }

  /** The language in which this computer is set up to begin, if any. */
  get configured(): Language | null {
    return this.#configured.locale === null ? null : this.#default.language;
  }

  /** Takes the locale of this computer's configuration; a locked one wins over what people choose. */
  configure(locale: string | null, locked: boolean): Promise<void> {
    this.#configured = { locale, locked: locked && locale !== null };
    return this.#change();
  }

  get language() {
    return this.#language;
  }
  set language(value) {
    this.#language = value;
    keep("language", value);
    void this.#change();
  }

  get appearance() {
    return this.#appearance;
  }
  set appearance(value) {
    this.#appearance = value;
    keep("appearance", value);
    this.paint();
  }

  get textSize() {
    return this.#textSize;
  }
  set textSize(value) {
    this.#textSize = value;
    keep("text-size", value);
    this.paint();
  }

  #change(): Promise<void> {
    this.paint();
    return this.read();
  }

  /** Tells the style sheet and the screen reader, now and whenever the system's own preference changes. */
  start(): Promise<void> {
    for (const query of [darkQuery, contrastQuery]) matchMedia(query).addEventListener("change", () => this.paint());
    window.addEventListener("languagechange", () => {
      this.#system = matchLocale(navigator.languages);
      void this.#change();
    });
    return this.#change();
  }

  paint(): void {
    const root = document.documentElement;
    root.lang = this.#matched.locale;
    root.dir = directionOf(this.#matched.locale);
    root.dataset["theme"] = this.#appearance === "system" ? systemAppearance() : this.#appearance;
    root.dataset["text"] = this.#textSize;
  }
}

export const preferences = new Preferences();
