// The DOM of the tests draws nothing: what the window needs of a real one and happy-dom lacks stands here.

import { configure } from "@testing-library/svelte";
import { afterEach, vi } from "vitest";
import { preferences } from "../src/preferences.svelte";
import { languages } from "../src/words";
import { momentOf } from "./keys";

configure({ asyncUtilTimeout: 10_000 });
vi.stubGlobal("matchMedia", (media: string) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} }));

// A window waits for its language before it shows anything; tests change it as they go.
await Promise.all(languages.map((language) => preferences.read(language)));

// The pace of a person, by which keys are told from a scanner's, however fast a test presses them; unless it says a moment.
const keyed = (event: Event) => {
  const said = Object.getOwnPropertyDescriptor(event, "timeStamp")?.configurable === false;
  if (!said) Object.defineProperty(event, "timeStamp", { value: momentOf(event) });
};
window.addEventListener("keydown", keyed, true);

afterEach(() => {
  localStorage.clear();
  preferences.language = "en";
  void preferences.configure(null, false);
  delete document.documentElement.dataset["ready"];
});
