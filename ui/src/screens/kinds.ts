import type { Screen } from "../generated/Screen";
import type { Snapshot } from "../generated/Snapshot";
import type { Till } from "../till.svelte";

/** What every screen is given: its own part of the snapshot, the whole of it, and the till to ask. */
export type ScreenProps<Name extends Screen["name"]> = {
  till: Till;
  snapshot: Snapshot;
  screen: Extract<Screen, { name: Name }>;
};
