import type { CatalogueView } from "../generated/CatalogueView";
import type { ClosingStep } from "../generated/ClosingStep";
import type { Screen } from "../generated/Screen";
import type { Snapshot } from "../generated/Snapshot";
import type { Till } from "../till.svelte";

/** What every screen is given: its own part of the snapshot, the whole of it, and the till to ask. */
export type ScreenProps<Name extends Screen["name"]> = {
  till: Till;
  snapshot: Snapshot;
  screen: Extract<Screen, { name: Name }>;
};

/** What every page of the board is given; `loading`: the server is asked for something of it. */
export type BoardPageProps = ScreenProps<"board"> & { loading: boolean };

/** What every page of the catalogue is given. */
export type CataloguePageProps = BoardPageProps & { catalogue: CatalogueView };

/** What every step of a closing is given. */
export type StepProps<Step extends ClosingStep["step"]> = ScreenProps<"closing"> & {
  step: Extract<ClosingStep, { step: Step }>;
  /** A dialog is open, and tells its own faults. */
  inDialog: boolean;
};
