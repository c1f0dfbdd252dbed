// What counted notes and coins come to while somebody types. Invariant: it says what was typed, and no figure of the
// till: what a count comes to on record is the till's own sum.

import type { Amount } from "./generated/Amount";
import { fromCents } from "./typed-amount";

type Exact = { units: bigint; places: number };

function exact(amount: Amount): Exact {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount);
  if (!parts) throw new RangeError(`not an amount: ${amount}`);
  const [, sign = "", whole = "", fraction = ""] = parts;
  return { units: BigInt(`${sign}${whole}${fraction}`), places: fraction.length };
}

/** Whether two amounts are the same money, whatever their scale: 200 is 200.00. */
export function sameAmount(a: Amount, b: Amount): boolean {
  const [x, y] = [exact(a), exact(b)];
  return x.units * 10n ** BigInt(y.places) === y.units * 10n ** BigInt(x.places);
}

/** So many pieces of each value, summed, with two places. `count`: digits. */
export function sumOfPieces(pieces: readonly { value: Amount; count: number | string }[]): Amount {
  const cents = pieces.reduce((sum, { value, count }) => {
    const { units, places } = exact(value);
    return sum + units * 10n ** BigInt(2 - places) * BigInt(count);
  }, 0n);
  return fromCents(cents);
}
