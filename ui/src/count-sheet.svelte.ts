// What somebody counts into, piece by piece or as one sum. Invariant: nothing counted is not zero, and a text that is
// no amount is no count.

import type { Amount } from "./generated/Amount";
import type { Pieces } from "./generated/Pieces";
import type { Tally } from "./generated/Tally";
import { denominations } from "./denominations";
import { currencyPlaces, typedForm } from "./money";
import { sameAmount, sumOfPieces } from "./pieces";
import { readAmount, type Reading } from "./typed-amount";

/** The lines in which somebody wrote a number; a line that was left empty was not counted. */
export function countedPieces(currency: string, counts: Readonly<Record<Amount, string>>): Pieces[] {
  return denominations(currency)
    .filter((value) => counts[value])
    .map((value) => ({ value, count: Number(counts[value]) }));
}

/** What those pieces come to. */
export const worthOf = (pieces: readonly Pieces[]): Amount => sumOfPieces(pieces);

/** What the pieces of one line come to, as they were typed. */
export const worthOfLine = (value: Amount, count: string): Amount => sumOfPieces([{ value, count }]);

export class CountSheet {
  entry = $state<"pieces" | "sum">("pieces");
  counts: Record<Amount, string> = $state({});
  typed = $state("");
  /** How what was typed reads. */
  readonly reading: Reading = $derived.by(() => {
    const places = currencyPlaces(this.currency);
    if (this.entry === "sum") return readAmount(this.typed, places);
    const pieces = countedPieces(this.currency, this.counts);
    return readAmount(pieces.length === 0 ? "" : worthOf(pieces), places);
  });
  readonly tally: Tally = $derived.by((): Tally => {
    if (this.reading.kind !== "amount") return { by: "nothing" };
    if (this.entry === "sum") return { by: "sum", amount: this.reading.amount };
    return { by: "pieces", pieces: countedPieces(this.currency, this.counts) };
  });
  readonly total: Amount | null = $derived(this.reading.kind === "amount" ? this.reading.amount : null);

  constructor(
    readonly currency: string,
    locale: string,
    from: Tally = { by: "nothing" },
  ) {
    const pieces = denominations(currency);
    if (pieces.length === 0 || from.by === "sum") this.entry = "sum";
    if (from.by === "sum") this.typed = typedForm(from.amount, currency, locale);
    if (from.by === "pieces") {
      for (const value of pieces) {
        const kept = from.pieces.find((one) => sameAmount(one.value, value));
        if (kept) this.counts[value] = String(kept.count);
      }
    }
  }
}
