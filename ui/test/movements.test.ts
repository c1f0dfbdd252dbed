import axe from "axe-core";
import { screen as page, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { atRegister, cash, fault, snapshot, states } from "../src/dev/fixtures";
import type { Snapshot } from "../src/generated/Snapshot";
import { answer, openWindow, pressed, tap } from "./bridge";

const byId = (id: string) => page.getByTestId(id);
const rows = () => page.queryAllByTestId("movement");
const state = (name: string) => states[name] as Snapshot;
const plain = (text: string | null | undefined) =>
  text
    ?.replace(/[\u00A0\u202F]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
const modal = () => document.querySelector("dialog[open]");

/** A promise, and the word that lets it come true. */
function pending(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

describe("the list of movements", () => {
  it("shows each amount with the sign of what it does to the drawer", async () => {
    await openWindow(state("register-movements"));
    const signed = rows().map((row) => [
      row.dataset["kind"],
      row.dataset["reverses"] !== undefined,
      plain(row.querySelector(".amount")?.textContent),
    ]);
    expect(signed).toEqual([
      ["pay_out", true, "+$84.00"],
      ["pay_out", false, "-$84.00"],
      ["no_sale", false, ""],
      ["safe_drop", false, "-$400.00"],
      ["pay_out", false, "-$12.30"],
      ["float_top_up", false, "+$50.00"],
    ]);
  });

  it("says of each row what it is, where it stands and whether it was taken back", async () => {
    await openWindow(state("register-waiting"));
    expect(rows().map((row) => row.dataset["state"])).toEqual([...Array<string>(3).fill("waiting"), ...Array<string>(6).fill("recorded")]);
    expect(rows()[0]?.dataset).toMatchObject({ kind: "safe_drop", amount: "300.00" });
    expect(plain(rows()[0]?.textContent)).toContain("Bag B-20872");
    const [back, original] = rows().filter((row) => row.dataset["amount"] === "84.00");
    expect(back?.parentElement).toBe(original?.parentElement);
    expect(plain(back?.textContent)).toContain("Takes back: Pay-out of $84.00");
    expect(plain(original?.textContent)).toContain("Taken back");
    for (const row of [back, original]) expect(row?.querySelector('[data-testid="take-back"]')).toBeNull();
  });

  it("shows when an entry was made, and beside it when it was sent where it had to wait", async () => {
    const shown = structuredClone(state("register-waiting"));
    if (shown.screen.name !== "register") throw new Error(shown.screen.name);
    const [first, second] = shown.screen.movements;
    if (!first || !second) throw new Error("too few rows");
    first.entry.state = { name: "awaiting-manager", code: "OVER_LIMIT" };
    second.entry.state = { name: "recorded" };
    second.entry.movement.recorded_at = "2026-11-30T12:03:00Z";
    second.entry.movement.sent_at = "2026-11-30T16:20:00Z";
    await openWindow(shown);
    expect(rows()[0]?.dataset["state"]).toBe("awaiting-manager");
    expect(plain(rows()[0]?.textContent)).toContain("Waits for a manager to sign in here");
    const [made, sent] = [...(rows()[1]?.querySelectorAll(".quiet bdi") ?? [])].map((one) => plain(one.textContent) ?? "");
    expect(sent).toMatch(/^sent /);
    expect(made).not.toContain(sent?.replace("sent ", "") ?? "");
  });

  it("counts what waits, and says that nothing is lost while offline", async () => {
    const { till } = await openWindow(state("register-waiting"));
    expect(byId("unsent").dataset["count"]).toBe("3");
    expect(plain(byId("unsent").textContent)).toContain("3 entries wait here");
    expect(byId("connection").textContent).toContain("kept on this computer");
    till.show({ ...state("register-movements"), serial: 2 });
    await waitFor(() => expect(byId("unsent").dataset["count"]).toBe("0"));
    expect(plain(byId("unsent").textContent)).toBe("");
  });
});

describe("recording a movement", () => {
  it("goes by keys alone: shortcut, amount, reason, Enter", async () => {
    const { bridge } = await openWindow(state("register"));
    const user = userEvent.setup();
    await user.keyboard("{F3}");
    await waitFor(() => expect(document.activeElement).toBe(byId("movement-amount")));
    await user.keyboard("12.30{Enter}");
    expect(pressed(bridge, "record")).toEqual([]);
    expect(document.activeElement).toBe(byId("movement-reason-0"));
    await user.keyboard(" {ArrowDown}{Enter}");
    await waitFor(() => expect(pressed(bridge, "record")).toHaveLength(1));
    expect(pressed(bridge, "record")).toContainEqual({
      request: { kind: "pay_out", amount: "12.30", reason: "Shop supplies", note: "", reference: "" },
    });
    await waitFor(() => expect(modal()).toBeNull());
    expect(plain(byId("movement-done").textContent)).toBe("Pay-out of $12.30 is recorded.");
    expect(byId("movement-done").getAttribute("role")).toBe("status");
  });

  it("goes by touch: keypad, reason, bag number", async () => {
    const { bridge } = await openWindow(state("register"));
    const user = userEvent.setup();
    await tap(user, byId("action-safe_drop"));
    const keypad = within(await page.findByRole("group", { name: "Keypad" }));
    for (const key of ["3", "0", "0"]) await tap(user, keypad.getByText(key));
    await tap(user, byId("movement-reason-1"));
    await user.type(byId("movement-reference"), " B-7 ");
    expect(plain(byId("movement-record").textContent)).toBe("Drop $300.00 to the safe");
    await tap(user, byId("movement-record"));
    await waitFor(() =>
      expect(pressed(bridge, "record")).toContainEqual({
        request: { kind: "safe_drop", amount: "300.00", reason: "Planned drop", note: "", reference: "B-7" },
      }),
    );
  });

  it("of a no-sale asks for no amount, and takes a note for a reason", async () => {
    const { bridge } = await openWindow(state("register"));
    const user = userEvent.setup();
    await tap(user, byId("action-no_sale"));
    await user.type(await page.findByTestId("movement-note"), "Receipt roll");
    expect(page.queryByTestId("movement-amount")).toBeNull();
    await tap(user, byId("movement-record"));
    await waitFor(() => expect(pressed(bridge, "record")[0]?.request).toMatchObject({ kind: "no_sale", reason: "", note: "Receipt roll" }));
  });

  it.each([
    ["", "Enter an amount above zero."],
    ["0.00", "Enter an amount above zero."],
    ["-5", "Enter the amount without a minus"],
    ["1.005", "Which amount do you mean?"],
    ["99999999", "more than a drawer can hold"],
  ])("does not record %o, and says why", async (typed, why) => {
    const { bridge } = await openWindow(state("register"));
    const user = userEvent.setup();
    await tap(user, byId("action-pay_in"));
    if (typed !== "") await user.type(await page.findByTestId("movement-amount"), typed);
    await tap(user, byId("movement-reason-0"));
    await tap(user, byId("movement-record"));
    expect(plain(modal()?.textContent)).toContain(why);
    expect(pressed(bridge, "record")).toEqual([]);
  });

  it("records once however often it is tapped, and taps nothing behind it", async () => {
    const { bridge } = await openWindow(state("register-movements"));
    const disk = pending();
    answer(bridge, "record", disk.promise);
    const user = userEvent.setup();
    await tap(user, byId("action-pay_in"));
    await user.type(await page.findByTestId("movement-amount"), "5");
    await tap(user, byId("movement-reason-0"));
    const record = byId("movement-record");
    const hit = (target: Element) => user.pointer({ keys: "[MouseLeft]", target, coords: { clientX: 7, clientY: 7 } });
    await hit(record);
    await hit(record);
    await hit(record);
    disk.resolve();
    await waitFor(() => expect(modal()).toBeNull());
    await hit(page.getAllByTestId("take-back")[0] as Element);
    expect(modal()).toBeNull();
    expect(pressed(bridge, "record")).toHaveLength(1);
  });

  it("keeps the input when it could not be saved, and closes once it was", async () => {
    const { bridge, till } = await openWindow(state("register"));
    answer(bridge, "record", fault("STORE_FAILED", "disk full"));
    const user = userEvent.setup();
    await tap(user, byId("action-pay_out"));
    await user.type(await page.findByTestId("movement-amount"), "7.50");
    await tap(user, byId("movement-reason-0"));
    await tap(user, byId("movement-record"));
    await waitFor(() => expect(byId("error").dataset["code"]).toBe("STORE_FAILED"));
    expect(modal()?.contains(byId("error"))).toBe(true);
    expect((byId("movement-amount") as HTMLInputElement).value).toBe("7.50");
    expect((byId("movement-reason-0") as HTMLInputElement).checked).toBe(true);
    expect(byId("movement-done").textContent).toBe("");

    answer(bridge, "record", { name: "done" });
    await tap(user, byId("movement-record"));
    await waitFor(() => expect(modal()).toBeNull());
    expect(pressed(bridge, "record")).toHaveLength(2);
    expect(till.trouble).toBeNull();
  });

  it("does not mistake a silent server for an entry that was not saved", async () => {
    const { bridge } = await openWindow(state("register"));
    bridge.snapshot.mockResolvedValue(snapshot(atRegister, { serial: 2, fault: fault("UNREACHABLE") }));
    const user = userEvent.setup();
    await user.keyboard("{F2}");
    await user.type(await page.findByTestId("movement-amount"), "5");
    await tap(user, byId("movement-reason-0"));
    await tap(user, byId("movement-record"));
    await waitFor(() => expect(modal()).toBeNull());
  });

  it("is given up by Escape and by its button", async () => {
    const { bridge } = await openWindow(state("register"));
    const user = userEvent.setup();
    await tap(user, byId("action-pay_in"));
    await tap(user, await page.findByTestId("movement-cancel"));
    await waitFor(() => expect(modal()).toBeNull());
    expect(pressed(bridge, "record")).toEqual([]);
  });
});

describe("taking back", () => {
  it("wants a reason, points at the movement, and says that it is done", async () => {
    const { bridge } = await openWindow(state("register-movements"));
    const user = userEvent.setup();
    const row = rows().find((row) => row.dataset["amount"] === "12.30") as HTMLElement;
    await tap(user, within(row).getByRole("button", { name: /^Take back: Pay-out of \$12\.30/ }));
    await tap(user, await page.findByTestId("take-back-confirm"));
    expect(pressed(bridge, "take-back")).toEqual([]);
    expect(plain(modal()?.textContent)).toContain("Choose a reason");
    await tap(user, byId("take-back-choice-0"));
    await user.type(byId("take-back-reason"), "it was 13.20");
    await tap(user, byId("take-back-confirm"));
    await waitFor(() =>
      expect(pressed(bridge, "take-back")).toContainEqual({ movement_id: cash.told[1]?.id, reason: "Wrong amount · it was 13.20" }),
    );
    await waitFor(() => expect(modal()).toBeNull());
    expect(plain(byId("movement-done").textContent)).toBe("Pay-out of $12.30 is taken back.");
  });

  it("keeps the reason when it was not possible", async () => {
    const { bridge } = await openWindow(state("register-movements"));
    answer(bridge, "take-back", fault("BAD_MOVEMENT", "already taken back"));
    const user = userEvent.setup();
    await tap(user, page.getAllByTestId("take-back")[0] as Element);
    await user.type(await page.findByTestId("take-back-reason"), "twice");
    await tap(user, byId("take-back-confirm"));
    await waitFor(() => expect(byId("error").dataset["code"]).toBe("BAD_MOVEMENT"));
    expect((byId("take-back-reason") as HTMLInputElement).value).toBe("twice");
  });
});

describe("what the server refused", () => {
  it.each(["register-refused", "start-refused", "fenced-refused"])("is in sight in %s, with the reason", async (name) => {
    await openWindow(state(name));
    const [first] = page.getAllByTestId("refused-entry");
    expect(first?.dataset["code"]).toBe("SESSION_OVER");
    expect(plain(first?.textContent)).toContain("Pay-out of $31.90");
    expect(plain(first?.textContent)).toContain("This shift was already over");
    expect(plain(first?.textContent)).toContain("REG-1-000126");
  });

  it("is recorded again only while a shift runs, and a reversal only where what it took back is elsewhere", async () => {
    const { bridge, till } = await openWindow(state("register-refused"));
    const entries = page.getAllByTestId("refused-entry");
    expect(entries.map((entry) => within(entry).queryByTestId("record-again") !== null)).toEqual([true, true, false, true]);
    await tap(userEvent.setup(), page.getAllByTestId("record-again")[0] as Element);
    await waitFor(() => expect(pressed(bridge, "record-again")).toContainEqual({ movement_id: cash.refused[0]?.entry_id }));
    till.show({ ...state("fenced-refused"), serial: 2 });
    await waitFor(() => expect(page.queryByTestId("record-again")).toBeNull());
    expect(page.getAllByTestId("dismiss-entry")).toHaveLength(2);
  });

  it("is taken off the list only after asking back, with what that means for the money", async () => {
    const { bridge } = await openWindow(state("start-refused"));
    bridge.snapshot.mockResolvedValue({ ...state("start-refused"), serial: 2, refused: [] });
    const user = userEvent.setup();
    await tap(user, page.getAllByTestId("dismiss-entry")[0] as Element);
    expect(plain((await page.findByRole("dialog")).textContent)).toContain("the drawer will show that difference");
    await tap(user, byId("dismiss-cancel"));
    expect(pressed(bridge, "dismiss-entry")).toEqual([]);
    await tap(user, page.getAllByTestId("dismiss-entry")[0] as Element);
    await tap(user, await page.findByTestId("dismiss-confirm"));
    await waitFor(() => expect(pressed(bridge, "dismiss-entry")).toContainEqual({ entry_id: cash.refused[0]?.entry_id }));
    await waitFor(() => expect(page.queryByTestId("refused-entry")).toBeNull());
    expect(document.activeElement).toBe(document.querySelector("main h1"));
  });

  it("is left to a manager where the till says so", async () => {
    const refused = cash.refused.map((entry) => ({ ...entry, can_be_dismissed: false }));
    await openWindow({ ...state("start-refused"), refused });
    expect(page.getAllByTestId("refused-entry")).toHaveLength(2);
    expect(page.queryByTestId("dismiss-entry")).toBeNull();
    expect(plain(page.getAllByTestId("refused-entry")[0]?.textContent)).toContain("A manager takes it off the list");
  });
});

describe("axe", () => {
  it.each([
    ["register", "action-pay_out", "movement-record"],
    ["register", "action-safe_drop", "movement-record"],
    ["register", "action-no_sale", "movement-record"],
    ["register-movements", "take-back", "take-back-confirm"],
    ["register-refused", "dismiss-entry", "dismiss-confirm"],
  ])("finds nothing in the dialog of %s behind %s, also with its complaints", async (name, opener, submit) => {
    document.title = "Onetill";
    document.documentElement.lang = "en";
    await openWindow(state(name));
    const user = userEvent.setup();
    await tap(user, page.getAllByTestId(opener)[0] as Element);
    const button = await page.findByTestId(submit);
    if (submit !== "dismiss-confirm") await tap(user, button);
    const { violations } = await axe.run(document.documentElement, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))).toEqual([]);
  });
});
