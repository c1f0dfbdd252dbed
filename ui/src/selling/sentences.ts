// What several dialogs and panes say of the same things.

import type { ApprovalKind } from "../generated/ApprovalKind";
import type { CartLineView } from "../generated/CartLineView";
import type { ReceiptView } from "../generated/ReceiptView";
import type { Words } from "../words";

/** What a manager has to approve, in one sentence. */
export const needed = (needs: readonly ApprovalKind[], words: Words): string =>
  needs.map((kind) => words.selling.approval.kinds[kind]).join(words.selling.cart.and);

/** The goods of a cart for which a customer must be old enough, each with the age that it needs. */
export const goodsOfAge = (lines: readonly CartLineView[], words: Words): { name: string; age: number }[] =>
  lines.flatMap(({ name, age_limit: age }) => (age === null ? [] : [{ name: name || words.selling.cart.unnamed, age }]));

/** Where a receipt stands, and whether somebody has to look at it. */
export function receiptStands(
  { state, voided_by: voidedBy }: ReceiptView,
  words: Words,
): { tone: "calm" | "warn" | "danger"; text: string }[] {
  const said = words.selling.receipts;
  const stands = [];
  if (voidedBy !== null) stands.push({ tone: "calm" as const, text: said.voidedBy({ number: voidedBy }) });
  if (state.name === "waiting") stands.push({ tone: "warn" as const, text: said.waiting });
  else if (state.name === "practice") stands.push({ tone: "calm" as const, text: said.practice });
  else if (state.name === "dismissed") stands.push({ tone: "calm" as const, text: said.dismissed });
  else if (state.name === "refused") {
    stands.push({ tone: "danger" as const, text: said.refused({ why: (words.faults[state.code] ?? words.faults.INTERNAL).title }) });
  } else {
    stands.push(state.late ? { tone: "warn" as const, text: said.late } : { tone: "calm" as const, text: said.recorded });
    if (state.is_flagged) stands.push({ tone: "warn" as const, text: said.flagged });
  }
  return stands;
}
