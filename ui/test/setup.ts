// The DOM of the tests draws nothing: what the window needs of a real one and happy-dom lacks stands here.

import { configure } from "@testing-library/svelte";
import { afterEach, vi } from "vitest";
import { preferences } from "../src/preferences.svelte";

configure({ asyncUtilTimeout: 10_000 });
vi.stubGlobal("matchMedia", (media: string) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} }));

afterEach(() => {
  localStorage.clear();
  preferences.language = "en";
  preferences.configure(null, false);
  delete document.documentElement.dataset["ready"];
});
