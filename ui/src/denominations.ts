// The notes and coins that lie in a drawer, largest first. A currency that is not known is entered as an amount.

import type { Amount } from "./generated/Amount";
import { currencies } from "./generated/currencies";

/** The face values of a currency; none when it is not known. */
export function denominations(currency: string): readonly Amount[] {
  return (currencies[currency] ?? []).map((piece) => piece.value);
}
