// The window is asked to close, and fills the screen or not.

import { screen as page, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { states } from "../src/dev/fixtures";
import type { Snapshot } from "../src/generated/Snapshot";
import { openWindow } from "./bridge";

const byId = (id: string) => page.getByTestId(id);

it("says what stays behind, tells the shell that it asks, and stays on Escape and on Enter", async () => {
  const { bridge } = await openWindow(states["register"] as Snapshot);
  const ask = bridge.onCloseAsked.mock.calls[0]?.[0];
  const user = userEvent.setup();
  ask?.({ shift: true, count: false, unsent: 2 });
  await waitFor(() => expect(byId("close-shift-stays")).toBeTruthy());
  expect(byId("close-unsent").textContent).toContain("2 entries");
  expect(bridge.acknowledgeClose).toHaveBeenCalledTimes(1);
  // A scanner's Enter presses nothing.
  await user.keyboard("{Enter}");
  expect(bridge.quit).not.toHaveBeenCalled();
  await user.click(byId("close-stay"));
  await waitFor(() => expect(document.querySelector("dialog[open]")).toBeNull());
  ask?.({ shift: true, count: false, unsent: 0 });
  await waitFor(() => expect(byId("close-quit")).toBeTruthy());
  await user.click(byId("close-quit"));
  expect(bridge.quit).toHaveBeenCalledTimes(1);
});

it("fills the screen by F11 and by the settings, as it then stands", async () => {
  const { bridge } = await openWindow(states["start"] as Snapshot);
  const user = userEvent.setup();
  await user.keyboard("{F11}");
  await waitFor(() => expect(bridge.setFullScreen).toHaveBeenCalledWith({ on: true }));
  bridge.isFullScreen.mockResolvedValue(true);
  await user.click(byId("settings"));
  await waitFor(() => expect((byId("full-screen-1") as HTMLInputElement).checked).toBe(true));
  // Without a pointer: a second tap at one place, so soon, would be taken for a repeat of the first.
  byId("full-screen-0").click();
  await waitFor(() => expect(bridge.setFullScreen).toHaveBeenLastCalledWith({ on: false }));
});
