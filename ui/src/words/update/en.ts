// English words for newer versions of the program; the shape that the other languages must fill.

import type { UpdateStage } from "../../generated/UpdateStage";

const stages: Record<UpdateStage, string> = {
  "after-shift": "It can be installed once the shift on this computer is closed.",
  ready: "Installing takes about a minute, then Onetill starts again by itself. Nothing that was recorded is lost.",
  fetching: "It is being fetched. You can go on working.",
  installing: "It is being installed. Onetill starts again by itself in a moment.",
  "after-restart": "It is installed. Onetill starts again as the new version once the shift on this computer is closed.",
  "not-genuine": "What arrived is not what the maker signed, so nothing was installed. Tell support. You can go on working.",
  "not-fetched": "It could not be fetched, and nothing was changed. Check the network, then try again. You can go on working.",
  "not-installed": "It could not be installed. The version that you have goes on. Try again, or tell support.",
};

export const update = {
  installed: (p: { version: string }) => `Onetill ${p.version}`,
  available: (p: { version: string }) => `Version ${p.version} is available`,
  stages,
  password: "Your computer will ask for an administrator’s password.",
  install: "Install now",
  again: "Try again",
  later: "Later",
};

export type UpdateWords = typeof update;
