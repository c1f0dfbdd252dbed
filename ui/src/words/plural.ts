// One or several, by the language's own rules: nothing is one thing in French and several in English.

import type { Language } from "../generated/Language";

/** A language may have more forms than these two; one that is not given is spoken like the others. */
type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Chooses the form in which this language speaks of `n` things. */
export function pluralIn(language: Language): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language);
  return (n, forms) => forms[rules.select(n)] ?? forms.other;
}
