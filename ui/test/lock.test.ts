// Locking and unlocking as hands do it.

import { screen as page, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ana, locked, snapshot, states } from "../src/dev/fixtures";
import type { Snapshot } from "../src/generated/Snapshot";
import { watchIdleness } from "../src/idle";
import { answer, never, openWindow, pressed, tap } from "./bridge";

const byId = (id: string) => page.getByTestId(id);
const live = () => document.querySelector('[aria-live="polite"][aria-atomic="true"]')?.textContent;
let serial = 100;
const then = (told: Snapshot): Snapshot => ({ ...told, serial: (serial += 1) });

describe("locking", () => {
  it("is one key, from a dialog too, and shows it on its button", async () => {
    const { bridge } = await openWindow(states["register"] as Snapshot);
    const user = userEvent.setup();
    expect(byId("lock").textContent).toContain("F9");
    await user.keyboard("{F3}");
    await user.keyboard("{F9}");
    expect(pressed(bridge, "lock-screen")).toHaveLength(1);
  });

  it("is not offered where there is nothing to lock", async () => {
    const { bridge } = await openWindow(states["sign-in"] as Snapshot);
    expect(page.queryByTestId("lock")).toBeNull();
    await userEvent.setup().keyboard("{F9}");
    expect(pressed(bridge, "lock-screen")).toEqual([]);
  });

  it("takes away everything that was open above the screen", async () => {
    const { till } = await openWindow(states["register"] as Snapshot);
    const user = userEvent.setup();
    await user.click(byId("settings"));
    await waitFor(() => expect(document.querySelector("dialog[open]")).not.toBeNull());
    till.show(then(snapshot(locked)));
    await waitFor(() => expect(document.querySelector("dialog[open]")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(byId("unlock-password")));
    expect(document.body.textContent).not.toMatch(/\d[.,]\d\d/);
    expect(page.queryByTestId("sign-out")).toBeNull();
    expect(live()).toContain("This till is locked");
  });

  it("hands in what was typed of a count just before it", async () => {
    const { bridge, till } = await openWindow(states["closing-count"] as Snapshot);
    const user = userEvent.setup();
    await user.type(byId("count-100"), "2");
    till.show(then(snapshot({ ...locked, count_waits: true })));
    await waitFor(() => expect(pressed(bridge, "keep-tally")).not.toEqual([]));
    expect(JSON.stringify(pressed(bridge, "keep-tally").at(-1))).toContain('"count":2');
  });
});

describe("unlocking", () => {
  it("takes the password and Enter, once, however impatient", async () => {
    const { bridge } = await openWindow(states["locked"] as Snapshot);
    answer(bridge, "unlock", never);
    const user = userEvent.setup();
    await user.type(byId("unlock-password"), "secret{Enter}{Enter}");
    await tap(user, byId("unlock"));
    expect(pressed(bridge, "unlock")).toHaveLength(1);
    expect(pressed(bridge, "unlock")).toContainEqual({ user_id: ana.user_id, password: "secret" });
  });

  it("asks for a password that is missing, and for nothing else", async () => {
    const { bridge } = await openWindow(states["locked"] as Snapshot);
    await tap(userEvent.setup(), byId("unlock"));
    expect(pressed(bridge, "unlock")).toEqual([]);
    await waitFor(() => expect(byId("unlock-password").getAttribute("aria-invalid")).toBe("true"));
  });

  it("empties the field after a wrong one and waits in it", async () => {
    const { till } = await openWindow(states["locked"] as Snapshot);
    const user = userEvent.setup();
    await user.type(byId("unlock-password"), "wrong{Enter}");
    till.show(then(states["locked-wrong"] as Snapshot));
    await waitFor(() => expect(byId("error").textContent).toContain(ana.display_name));
    expect((byId("unlock-password") as HTMLInputElement).value).toBe("");
    expect(document.activeElement).toBe(byId("unlock-password"));
  });

  it("is one more tap for a colleague, and a whole sign-in for somebody new", async () => {
    const { bridge } = await openWindow(states["locked"] as Snapshot);
    const user = userEvent.setup();
    await tap(user, byId("lock-other"));
    await waitFor(() => expect(byId("lock-person").textContent).toBe("Ben Castellano"));
    await waitFor(() => expect(document.activeElement).toBe(byId("unlock-password")));
    await user.keyboard("bens{Enter}");
    expect(pressed(bridge, "unlock")).toContainEqual({ user_id: locked.others[0]?.user_id, password: "bens" });
    await tap(user, byId("lock-somebody"));
    await waitFor(() => expect(document.activeElement).toBe(byId("email")));
    await user.type(byId("email"), "new@shop.example");
    await user.type(byId("password"), "news{Enter}");
    expect(pressed(bridge, "sign-in")).toContainEqual({ email: "new@shop.example", password: "news" });
  });

  it("is said aloud, with what is there again", async () => {
    const { till } = await openWindow(states["locked"] as Snapshot);
    await waitFor(() => expect(live()).toContain("This till is locked"));
    till.show(then(states["register"] as Snapshot));
    await waitFor(() => expect(live()).toMatch(/^Unlocked\. Shift started/));
  });
});

describe("nobody touches the till", () => {
  afterEach(() => void vi.useRealTimers());

  it("until it locks, and any touch begins anew", () => {
    vi.useFakeTimers();
    const idle = vi.fn();
    const { stop } = watchIdleness(document, 5, idle);
    vi.advanceTimersByTime(4 * 60_000);
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "1" }));
    vi.advanceTimersByTime(4 * 60_000);
    expect(idle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(61_000);
    expect(idle).toHaveBeenCalledTimes(1);
    stop();
  });

  it("while the computer sleeps: the touch that wakes it finds it locked", () => {
    vi.useFakeTimers();
    const idle = vi.fn();
    const { stop } = watchIdleness(document, 5, idle);
    vi.setSystemTime(Date.now() + 3_600_000);
    document.dispatchEvent(new PointerEvent("pointerdown"));
    expect(idle).toHaveBeenCalledTimes(1);
    stop();
  });

  it("locks the till after the minutes that its configuration says", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { bridge } = await openWindow(states["register"] as Snapshot);
    await vi.advanceTimersByTimeAsync(14 * 60_000);
    expect(pressed(bridge, "lock-screen")).toEqual([]);
    await vi.advanceTimersByTimeAsync(62_000);
    expect(pressed(bridge, "lock-screen")).toHaveLength(1);
  });
});
