// Cash movements in words.

import type { Movement } from "./generated/Movement";
import type { MovementKind } from "./generated/MovementKind";
import { formatMoney } from "./money";
import type { Words } from "./words";

/** In the order of their buttons, each with its key. */
export const actions: readonly { kind: MovementKind; key: string }[] = [
  { kind: "pay_in", key: "F2" },
  { kind: "pay_out", key: "F3" },
  { kind: "safe_drop", key: "F4" },
  { kind: "float_top_up", key: "F5" },
  { kind: "no_sale", key: "F6" },
];

/** Kind and amount, within a sentence. */
export function named({ kind, amount, reverses }: Movement, currency: string, locale: string, words: Words): string {
  const entry = words.movements.entry[kind]({ amount: formatMoney(amount, currency, locale) });
  return reverses === null ? entry : words.movements.takes({ entry });
}

/** Reason, note and bag of a movement, as far as they were given. */
export function explained({ reason, note, reference }: Movement, words: Words): string {
  const bag = reference && words.movements.bag({ reference });
  return [reason, note, bag].filter((text) => text !== "").join(" · ");
}
