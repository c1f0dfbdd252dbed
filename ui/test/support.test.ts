// What a cashier needs when something is wrong with this computer: what happened to its file, and one file for support.

import { screen as page, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { atRegister, fault, setup, signIn, snapshot, states } from "../src/dev/fixtures";
import { preferences } from "../src/preferences.svelte";
import { languages } from "../src/words";
import { answer, openWindow, pressed, tap } from "./bridge";

beforeEach(() => (preferences.language = "en"));
const text = (element: Element | null | undefined) => element?.textContent ?? "";

describe("a file of this device that could not be used", () => {
  it("is told with what it means for the money, where it is, and until somebody has read it", async () => {
    const { bridge } = await openWindow(states["register-set-aside"]!);
    const notice = page.getByTestId("set-aside");
    expect(notice.getAttribute("role")).toBe("alert");
    const found = page.getAllByTestId("set-aside-found");
    expect(found.map((each) => each.dataset["complete"])).toEqual(["false", "true"]);
    expect(text(found[0])).toContain("may be in that file only");
    expect(text(found[1])).toContain("3 entries that were not sent were found in it");
    expect(text(page.getAllByTestId("set-aside-path")[0])).toContain("onetill.sqlite.set-aside-1");
    await tap(userEvent.setup(), page.getByTestId("set-aside-read"));
    expect(pressed(bridge, "acknowledge-set-aside")).toHaveLength(1);
  });

  it("is not told where there is none", async () => {
    await openWindow(snapshot(atRegister));
    expect(page.queryByTestId("set-aside")).toBeNull();
  });

  it.each(languages)("is told in %s", async (language) => {
    preferences.language = language;
    await openWindow(states["register-set-aside"]!);
    const path = page.getAllByTestId("set-aside-path")[0]!;
    expect(text(path.closest("section"))).toContain(preferences.words.general.setAside.action);
  });
});

describe("what a project lacks that a till can work without", () => {
  it.each(languages)("is told in %s where a register is chosen, with what to do", async (language) => {
    preferences.language = language;
    await openWindow(states["choose-older"]!);
    const notice = page.getByTestId("limitation-current-part");
    expect(text(notice)).toContain(preferences.words.limitations["current-part"].meaning);
    expect(text(notice)).toContain("supabase/migrations");
  });

  it("is told while a shift runs, and what cannot be done is not offered", async () => {
    const { bridge } = await openWindow(states["register-older"]!);
    expect(page.getByTestId("limitation-current-part")).toBeTruthy();
    for (const action of ["action-close", "action-pay_out", "spot-count", "x-report", "open-board"]) {
      expect(page.queryByTestId(action), action).toBeNull();
    }
    await userEvent.setup().keyboard("{F10}{F8}{F1}");
    expect([...pressed(bridge, "open-checklist"), ...pressed(bridge, "show-x-report")]).toEqual([]);
    expect(page.getByTestId("leave-shift")).toBeTruthy();
  });

  it("is told beside the checks, and none of them fails for it", async () => {
    const { bridge } = await openWindow(snapshot(setup));
    const checks = (["settings", "reach", "key", "function"] as const).map((name) => ({ name, was_run: true, fault: null }));
    answer(bridge, "test-connection", { name: "checked", report: { checks, limitations: ["current-part", "guard"] } });
    await tap(userEvent.setup(), page.getByTestId("test-connection"));
    await waitFor(() => expect(text(page.getByTestId("limitation-guard"))).toContain("without signing in"));
    expect(page.getByTestId("limitation-current-part")).toBeTruthy();
    expect(page.getByTestId("check-function").dataset["result"]).toBe("passed");
  });

  it("is not told where nothing is lacking", async () => {
    await openWindow(states["choose"]!);
    expect(page.queryByTestId("limitation-current-part")).toBeNull();
  });
});

describe("the file for support", () => {
  it.each([setup, signIn, atRegister])("can be saved from $name, and the window says where it is", async (where) => {
    const { bridge } = await openWindow(snapshot(where));
    const path = "/home/till/Downloads/onetill-diagnostics.txt";
    bridge.saveDiagnostics.mockResolvedValue({ path, fault: null });
    const user = userEvent.setup();
    await tap(user, page.getByTestId("settings"));
    await tap(user, page.getByTestId("save-diagnostics"));
    await waitFor(() => expect(text(page.getByTestId("diagnostics-path"))).toContain(path));
  });

  it("that cannot be saved says why", async () => {
    const { bridge } = await openWindow(snapshot(signIn));
    bridge.saveDiagnostics.mockResolvedValue({ path: null, fault: fault("STORE_FAILED", "No space left on device") });
    const user = userEvent.setup();
    await tap(user, page.getByTestId("settings"));
    await tap(user, page.getByTestId("save-diagnostics"));
    await waitFor(() => expect(page.getByTestId("error").dataset["code"]).toBe("STORE_FAILED"));
  });
});
