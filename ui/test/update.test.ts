// A newer version of the program: told calmly, never during a shift, and installed when somebody says so.

import { screen as page, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { atRegister, signIn, snapshot, states } from "../src/dev/fixtures";
import type { NewerVersion } from "../src/generated/NewerVersion";
import type { Snapshot } from "../src/generated/Snapshot";
import { preferences } from "../src/preferences.svelte";
import { languages } from "../src/words";
import { openWindow, tap } from "./bridge";

beforeEach(() => (preferences.language = "en"));
const text = (element: Element | null | undefined) => element?.textContent ?? "";

async function openWith(first: Snapshot, newer: Partial<NewerVersion> | null) {
  const window = await openWindow(first);
  const tell = window.bridge.onVersion.mock.calls[0]![0];
  tell({ installed: "1.4.0", newer: newer && { version: "1.5.0", stage: "ready", asks_password: false, ...newer } });
  return window;
}

describe("a newer version", () => {
  it("is offered before a shift, and installed at a press", async () => {
    const { bridge } = await openWith(states["start"]!, {});
    const notice = await waitFor(() => page.getByTestId("update"));
    expect(notice.getAttribute("role")).toBe("status");
    expect(text(notice)).toContain("Version 1.5.0 is available");
    expect(text(notice)).not.toContain("password");
    await tap(userEvent.setup(), page.getByTestId("update-install"));
    expect(bridge.installUpdate).toHaveBeenCalledOnce();
  });

  it("is out of the way after Later, and still in the settings", async () => {
    await openWith(snapshot(signIn), {});
    const user = userEvent.setup();
    await waitFor(() => page.getByTestId("update"));
    await tap(user, page.getByTestId("update-later"));
    expect(page.queryByTestId("update")).toBeNull();
    await tap(user, page.getByTestId("settings"));
    expect(text(page.getByTestId("program-version"))).toContain("1.4.0");
    expect(page.getByTestId("update").dataset["stage"]).toBe("ready");
  });

  it("does not disturb a shift; the settings say what it waits for", async () => {
    await openWith(snapshot(atRegister), { stage: "after-shift" });
    expect(page.queryByTestId("update")).toBeNull();
    await tap(userEvent.setup(), page.getByTestId("settings"));
    expect(text(page.getByTestId("update"))).toContain("once the shift on this computer is closed");
    expect(page.queryByTestId("update-install")).toBeNull();
  });

  it("says beforehand that a password will be asked for", async () => {
    await openWith(states["start"]!, { asks_password: true });
    await waitFor(() => expect(text(page.getByTestId("update"))).toContain("administrator"));
  });

  it.each([
    ["fetching", false],
    ["installing", false],
    ["not-genuine", false],
    ["not-fetched", true],
    ["not-installed", true],
  ] as const)("that is %s can be tried again: %s", async (stage, again) => {
    await openWith(states["start"]!, { stage });
    await waitFor(() => expect(page.getByTestId("update").dataset["stage"]).toBe(stage));
    expect(page.queryByTestId("update-install") !== null).toBe(again);
  });

  it.each(languages)("is told in %s", async (language) => {
    preferences.language = language;
    await openWith(states["start"]!, {});
    const words = preferences.words.update;
    await waitFor(() => expect(text(page.getByTestId("update"))).toContain(words.stages.ready));
    expect(text(page.getByTestId("update-install")).trim()).toBe(words.install);
  });

  it("is not spoken of where there is none", async () => {
    await openWith(states["start"]!, null);
    expect(page.queryByTestId("update")).toBeNull();
  });
});
