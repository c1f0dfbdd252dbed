// axe over every screen and state. This DOM has no layout and no colours: contrast is judged in a browser.

import axe from "axe-core";
import { waitFor, screen as page } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { demoAccounts, states } from "../src/dev/fixtures";
import type { Snapshot } from "../src/generated/Snapshot";
import { openWindow } from "./bridge";

async function judge(): Promise<string[]> {
  const { violations } = await axe.run(document.documentElement, { rules: { "color-contrast": { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

describe("axe", () => {
  it("would find a button without a name", async () => {
    const button = document.body.appendChild(document.createElement("button"));
    document.title = "Onetill";
    document.documentElement.lang = "en";
    expect((await judge()).join()).toContain("button-name");
    button.remove();
  });

  it.each(Object.entries(states))("finds nothing in %s", async (_, state) => {
    await openWindow(state, demoAccounts);
    expect(await judge()).toEqual([]);
  });

  it.each([
    ["register", "leave-shift", "confirm-leave"],
    ["register-sign-in-needed", "sign-in-again", "password"],
    ["start", "settings", "settings"],
  ])("finds nothing in the dialog of %s behind %s", async (state, opener, inside) => {
    await openWindow(states[state] as Snapshot);
    await userEvent.setup().click(page.getByTestId(opener));
    await waitFor(() => expect(page.getByTestId(inside)).toBeTruthy());
    expect(document.querySelector("dialog[open]")).not.toBeNull();
    expect(await judge()).toEqual([]);
  });
});
