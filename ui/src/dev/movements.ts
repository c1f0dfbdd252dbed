// Cash movements as Rust would tell them, and the states in which they matter.

import type { Code } from "../generated/Code";
import type { ListedEntry } from "../generated/ListedEntry";
import type { ListedState } from "../generated/ListedState";
import type { ListedMovement } from "../generated/ListedMovement";
import type { Movement } from "../generated/Movement";
import type { MovementKind } from "../generated/MovementKind";
import type { RefusedEntry } from "../generated/RefusedEntry";
import type { Screen } from "../generated/Screen";
import type { Snapshot } from "../generated/Snapshot";

type Named<N extends Screen["name"]> = Extract<Screen, { name: N }>;
type Base = {
  instant: number;
  snapshot: (screen: Screen, more?: Partial<Snapshot>) => Snapshot;
  atRegister: Named<"register">;
  start: Named<"start-shift">;
  fenced: Named<"fenced">;
};

/** What it does to the drawer, as the till says it. */
function effectOf({ kind, amount, reverses }: Movement): string {
  if (kind === "no_sale") return "0.00";
  const leaves = (kind === "pay_out" || kind === "safe_drop") !== (reverses !== null);
  return leaves ? `-${amount}` : amount;
}

const id = (n: number) => `00000000-0000-4000-8000-${(5000 + n).toString().padStart(12, "0")}`;

export function movementFixtures({ instant, snapshot, atRegister, start, fenced }: Base) {
  const { session } = atRegister;
  const movement = (n: number, kind: MovementKind, amount: string, more: Partial<Movement> = {}): Movement => ({
    id: id(n),
    session_id: session.id,
    kind,
    amount,
    reason: "",
    note: "",
    reference: "",
    reverses: null,
    by_name: "Ana Lindqvist",
    recorded_at: new Date(instant - 60_000 * (200 - n)).toISOString(),
    sent_at: null,
    ...more,
  });
  const refusedEntry = (movement: Movement, code: Code, can_be_recorded_again = false): RefusedEntry => ({
    entry_id: movement.id,
    session_number: session.session_number,
    code,
    content: { kind: "movement", movement, can_be_recorded_again },
    can_be_dismissed: true,
  });

  const told = [
    movement(1, "float_top_up", "50.00", { reason: "Coins needed" }),
    movement(2, "pay_out", "12.30", { reason: "Supplier or delivery", note: "Window cleaner" }),
    movement(3, "safe_drop", "400.00", { reason: "Too much in the drawer", reference: "B-20871", by_name: "Marta Okafor" }),
    movement(4, "pay_out", "84.00", { reason: "Shop supplies" }),
    movement(5, "no_sale", "0.00", { reason: "Change for a customer" }),
    movement(6, "pay_out", "84.00", { reason: "Entered twice", reverses: id(4) }),
  ];
  const waiting = [
    movement(190, "pay_out", "6.50", { reason: "Postage or travel" }),
    movement(195, "pay_in", "20.00", { reason: "Cash found", note: "Under the counter" }),
    movement(198, "safe_drop", "300.00", { reason: "Planned drop", reference: "B-20872" }),
  ];
  const earlier = { session_id: id(9002) };
  const ofBefore = [
    movement(20, "pay_out", "31.90", { ...earlier, reason: "Supplier or delivery", note: "Bread" }),
    movement(21, "pay_out", "15.00", { ...earlier, reason: "Wrong amount", reverses: id(77) }),
  ];
  const refusedBefore = (again: boolean) =>
    ofBefore.map((one) => ({ ...refusedEntry(one, "SESSION_OVER", again), session_number: "REG-1-000126" }));
  const refused = refusedBefore(false);
  const ofThisShift = [movement(31, "pay_out", "84.00", { reason: "Entered twice", reverses: id(4) }), movement(30, "pay_in", "5.00")];
  const kinds = ["pay_in", "pay_out", "safe_drop", "float_top_up", "no_sale"] as const;
  const many = Array.from({ length: 200 }, (_, n) => {
    const kind = kinds[n % 5] ?? "no_sale";
    return movement(n, kind, kind === "no_sale" ? "0.00" : `${(n * 37) % 500}.${10 + (n % 90)}`, { reason: "Other" });
  });
  const offline = { state: "offline" as const, since: new Date(instant - 23 * 60_000).toISOString() };
  /** As the till lists them: newest first, each with what takes it back. */
  const listed = (
    recorded: readonly Movement[],
    waiting: readonly Movement[] = [],
    refused: readonly Movement[] = [],
  ): ListedMovement[] => {
    const line = (state: ListedState) => (movement: Movement) => ({ movement, effect: effectOf(movement), state });
    const lines: ListedEntry[] = [
      ...recorded.map(line({ name: "recorded" })),
      ...waiting.map(line({ name: "waiting" })),
      ...refused.map(line({ name: "refused", code: "BAD_MOVEMENT" })),
    ];
    const reversalsOf = (id: string) => lines.filter((line) => line.movement.reverses === id).reverse();
    const known = new Set(lines.map((line) => line.movement.id));
    const isOwn = ({ movement: { reverses } }: ListedEntry) => reverses === null || !known.has(reverses);
    const counts = (line: ListedEntry) => line.state.name !== "refused";
    const list = lines.filter(isOwn).map((line): ListedMovement => {
      const reversals = reversalsOf(line.movement.id);
      const is_taken_back = reversals.some(counts);
      return {
        entry: line,
        reversals,
        is_taken_back,
        can_be_taken_back: counts(line) && line.movement.reverses === null && !is_taken_back,
        beyond_limit: null,
      };
    });
    const at = ({ entry: line, reversals }: ListedMovement) => lines.indexOf(reversals[0] ?? line);
    return list.sort((one, other) => at(other) - at(one));
  };
  const busy = { ...atRegister, movements: listed(told), expected_cash: null };
  const refusedHere = [...refusedBefore(true), ...ofThisShift.map((one) => refusedEntry(one, "BAD_MOVEMENT", one.reverses === null))];

  const states: Record<string, Snapshot> = {
    "register-movements": snapshot({ ...busy, expected_cash: "253.80" }),
    "register-waiting": snapshot({ ...busy, movements: listed(told, waiting), connection: offline }, { unsent: waiting.length }),
    "register-refused": snapshot({ ...busy, movements: listed(told, [], ofThisShift) }, { refused: refusedHere }),
    "start-refused": snapshot(start, { refused }),
    "fenced-refused": snapshot(fenced, { refused, unsent: waiting.length }),
  };
  /** A long shift; too heavy for a DOM that draws nothing. */
  const long = snapshot({ ...atRegister, movements: listed(many) });
  return { movement, told, waiting, refused, refusedHere, states, long };
}
