// Practice: the selling screen itself, which says all the time that it is not in earnest.

import { screen as page, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Snapshot } from "../src/generated/Snapshot";
import { states } from "../src/dev/fixtures";
import { preferences } from "../src/preferences.svelte";
import { catalogues, languages } from "../src/words";
import { never, openWindow, pressed, tap } from "./bridge";
import { openCounter } from "./counter";

const byId = (id: string) => page.getByTestId(id);
const state = (name: string) => states[name] as Snapshot;
const framed = () => document.documentElement.hasAttribute("data-practice");

describe("the start screen", () => {
  it("offers practice where it may be, and asks for it once", async () => {
    const { bridge } = await openWindow(state("start"));
    bridge.press.mockImplementation(() => never);
    const user = userEvent.setup();
    await tap(user, byId("start-practice"));
    await tap(user, byId("start-practice"));
    expect(pressed(bridge, "start-practice")).toHaveLength(1);
    expect(framed()).toBe(false);
  });

  it.each(["start-unanswered", "start"])("offers nothing that may not be: %s", async (name) => {
    const may = state(name).may.filter((command) => command !== "start-practice");
    await openWindow({ ...state(name), may });
    expect(page.queryByTestId("start-practice")).toBeNull();
  });

  it("shows that it reads what the store sells", async () => {
    await openWindow(state("start-reading"));
    expect(byId("start-practice").hasAttribute("disabled")).toBe(true);
    await waitFor(() => expect(document.body.textContent).toContain(preferences.words.general.working));
  });
});

describe("practice", () => {
  it.each(["practice-empty", "practice-cart", "practice-paying", "practice-done", "practice-refused"])(
    "says what it is, in every language, and frames the window: %s",
    async (name) => {
      await openWindow(state(name));
      expect(framed()).toBe(true);
      expect(page.queryByTestId("open-shift")).toBeNull();
      for (const language of languages) {
        preferences.language = language;
        const said = (await catalogues[language]()).selling.practice;
        await waitFor(() => expect(byId("practice").textContent).toContain(said.title));
        expect(byId("practice").parentElement?.textContent).toContain(said.line);
      }
    },
  );

  it("sells as in earnest, in six keys", async () => {
    const { names } = await openCounter("practice-empty");
    await userEvent.setup().keyboard("350{Enter}{Enter}{Enter}");
    await waitFor(() => expect(byId("done")).toBeTruthy());
    expect(names()).toEqual(["add-amount", "pay", "finish-sale"]);
    expect(framed()).toBe(true);
  });

  it.each(["key", "button", "band"])("ends by %s", async (how) => {
    const { sent } = await openCounter("practice-cart");
    const user = userEvent.setup();
    if (how === "key") await user.keyboard("{F10}");
    else await tap(user, byId(how === "band" ? "end-practice" : "action-end-practice"));
    await waitFor(() => expect(sent()).toEqual([{ name: "end-practice" }]));
  });

  it("has no drawer, no movement and no close", async () => {
    const { names } = await openCounter("practice-empty");
    await userEvent.setup().keyboard("{F6}{F8}");
    expect(document.querySelector("dialog[open]")).toBeNull();
    expect(page.queryByTestId("action-close")).toBeNull();
    for (const id of ["action-no-sale", "action-drawer"]) expect(byId(id).hasAttribute("disabled")).toBe(true);
    expect(names()).toEqual([]);
  });

  it("says of its receipts that they are nowhere on record", async () => {
    await openCounter("practice-done");
    await userEvent.setup().keyboard("{F7}");
    const rows = await page.findAllByTestId("receipt");
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row.textContent).toContain("Practice, recorded nowhere");
  });

  it("is over with its screen", async () => {
    const { till } = await openWindow(state("practice-cart"));
    expect(framed()).toBe(true);
    till.show({ ...state("start"), serial: 2 });
    await waitFor(() => expect(framed()).toBe(false));
    expect(page.queryByTestId("practice")).toBeNull();
  });
});

describe("the question of age", () => {
  it("names the goods, each with the age that it needs", async () => {
    await openCounter("selling-age");
    expect(byId("check-age").textContent).toContain("Pale ale, 0.5 l (16) · Rum, 0.7 l (18)");
    expect(page.getAllByTestId("cart-line")[5]?.textContent).toContain("from 16 years");
    await userEvent.setup().keyboard("{Enter}");
    const goods = [...(await page.findByTestId("age-goods")).querySelectorAll("li")].map((row) => row.textContent);
    expect(goods).toEqual(["Pale ale, 0.5 lfrom 16 years", "Rum, 0.7 lfrom 18 years"]);
    expect(document.querySelector("dialog[open] h2")?.textContent).toContain("18");
  });
});
