// Over or short in words. The till says which it is, and by how much.

import type { Counted } from "./generated/Counted";
import type { Difference } from "./generated/Difference";
import type { Words } from "./words";

/** Of a count; `null` where nobody counted, or nothing was expected. */
export const differenceOf = (counted: Counted): Difference | null => (counted.state === "counted" ? counted.difference : null);

export function overOrShort({ way, size }: Difference, words: Words, money: (amount: string) => string): string {
  const said = words.closing.result;
  if (way === "exact") return said.none;
  return (way === "over" ? said.overBy : said.shortBy)({ amount: money(size) });
}

/** The same of a count that nobody may have made. */
export function countSays(counted: Counted, words: Words, money: (amount: string) => string): string {
  const said = words.closing.result;
  if (counted.state === "not-counted") return said.notCounted;
  return counted.difference === null ? said.notKnown : overOrShort(counted.difference, words, money);
}
