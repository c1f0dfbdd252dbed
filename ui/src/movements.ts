// Cash movements as the window shows them. Invariants: what the server has and what waits here make one list in which
// nothing stands twice; a movement and what takes it back stay together.

import type { Code } from "./generated/Code";
import type { Entry } from "./generated/Entry";
import type { Movement } from "./generated/Movement";
import type { MovementKind } from "./generated/MovementKind";
import type { SessionId } from "./generated/SessionId";
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

export type Line = { movement: Movement; state: "recorded" | "waiting" | "refused"; code: Code | null };
/** A movement, and what was tried to take it back. */
export type Pair = { line: Line; reversals: Line[] };

/** The movements of a session, what happened last first. `told`: what the server has, oldest first. */
export function pairs(session: SessionId, told: readonly Movement[], queue: readonly Entry[]): Pair[] {
  const known = new Set(told.map((movement) => movement.id));
  const lines: Line[] = [
    ...told.map((movement): Line => ({ movement, state: "recorded", code: null })),
    ...queue
      // The server may have recorded it although its answer was lost.
      .filter(({ movement }) => movement.session_id === session && !known.has(movement.id))
      .map(({ movement, state }): Line => {
        return { movement, state: state.state, code: state.state === "refused" ? state.code : null };
      }),
  ];
  // A map keeps the order of insertion: what is touched goes to its end.
  const found = new Map<string, Pair>();
  for (const line of lines) {
    const original = line.movement.reverses === null ? undefined : found.get(line.movement.reverses);
    if (original) {
      original.reversals.push(line);
      found.delete(original.line.movement.id);
      found.set(original.line.movement.id, original);
    } else {
      found.set(line.movement.id, { line, reversals: [] });
    }
  }
  return [...found.values()].reverse();
}

export const isTakenBack = (pair: Pair) => pair.reversals.some((reversal) => reversal.state !== "refused");

/** Whether somebody can still take it back. */
export function canBeTakenBack(pair: Pair): boolean {
  return pair.line.state !== "refused" && pair.line.movement.reverses === null && !isTakenBack(pair);
}

/** The amount with the sign of what it does to the drawer. */
export function signedMoney({ kind, amount, reverses }: Movement, currency: string, locale: string): string {
  const leaves = (kind === "pay_out" || kind === "safe_drop") !== (reverses !== null);
  return formatMoney(leaves ? `-${amount}` : amount, currency, locale, "exceptZero");
}

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
