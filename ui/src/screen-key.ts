// Where people are: what they were doing at one place means nothing at the next.

import type { Snapshot } from "./generated/Snapshot";

/** Something was asked, nobody waits for the call any more, and the answer is still out. */
export function isHeld({ screen, busy }: Pick<Snapshot, "screen" | "busy">): boolean {
  return screen.name === "closing" && screen.unanswered && busy !== "closing";
}

/** The place that a snapshot shows: a screen, or a step of one. */
export function screenKey(snapshot: Pick<Snapshot, "screen" | "busy">): string {
  const { screen } = snapshot;
  if (screen.name === "closing") return `closing ${screen.step.step}${isHeld(snapshot) ? " held" : ""}`;
  if (screen.name === "board") return screen.day === null ? "board" : "board day";
  return screen.name;
}
