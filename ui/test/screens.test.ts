import { render, screen as page, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import * as fixture from "../src/dev/fixtures";
import type { ComputerSettings } from "../src/generated/ComputerSettings";
import type { SettingKey } from "../src/generated/SettingKey";
import type { ConnectionReport } from "../src/generated/ConnectionReport";
import type { Snapshot } from "../src/generated/Snapshot";
import { preferences } from "../src/preferences.svelte";
import { Till } from "../src/till.svelte";
import { languages } from "../src/words";
import { answer, fakeBridge, openWindow, pressed, tap } from "./bridge";

const { snapshot, states, fault } = fixture;
const byId = (id: string) => page.getByTestId(id);
const text = (id: string) =>
  byId(id)
    .textContent?.replace(/[\u00A0\u202F]/g, " ")
    .replace(/\s+/g, " ")
    .trim();

/** Dates are said without their year only while it is this one. */
const inTheYearOfTheFixtures = () => vi.setSystemTime(fixture.instant);
afterEach(() => vi.useRealTimers());

describe("every state", () => {
  it.each(Object.entries(states))("%s shows its one screen, in every language, and says when it is ready", async (_, state) => {
    const { bridge } = await openWindow(state, fixture.demoAccounts);
    for (const language of languages) {
      preferences.language = language;
      await waitFor(() => expect(document.querySelectorAll("main")).toHaveLength(1));
      expect(document.querySelector("main")?.dataset["screen"]).toBe(state.screen.name);
      expect(document.querySelectorAll("h1")).toHaveLength(1);
      expect(document.body.textContent).not.toMatch(/undefined|null|\[object|NaN/);
    }
    // Where something is sold, the strip says that nobody hears the server.
    const { screen } = state;
    const isInStrip = screen.name === "register" && screen.selling !== null && screen.connection.state === "offline";
    if (isInStrip) expect(byId("connection").dataset["connection"]).toBe("offline");
    else if (state.fault && !document.querySelector('[data-testid="sign-in-needed"]')) {
      expect(byId("error").dataset["code"]).toBe(state.fault.code);
      expect(text("error-title")).not.toBe("");
      expect(text("error-action")).not.toBe("");
    }
    await waitFor(() => expect(document.documentElement.dataset["ready"]).toBe("true"));
    expect(bridge.ready).toHaveBeenCalledTimes(1);
  });
});

describe("a computer that is set up for people", () => {
  const settings = (locale: string | null, ...locked: SettingKey[]): ComputerSettings => ({
    locale,
    prints_receipts: false,
    managed: locked.map((key) => ({ key, value: key === "locale" ? locale : "https://shop.supabase.co" })),
  });
  const open = (state: string, told: ComputerSettings) => openWindow(states[state] as Snapshot, [], told);

  it("begins in the language it is set up with, which people may change unless it is locked", async () => {
    preferences.language = "system";
    await open("sign-in", settings("fr-CH"));
    expect(preferences.locale).toBe("fr-CH");
    preferences.language = "de";
    expect(preferences.spoken).toBe("de");
    void preferences.configure("fr-CH", true);
    expect(preferences.spoken).toBe("fr");
    void preferences.configure(null, false);
    expect(preferences.spoken).toBe("de");
  });

  it("shows address and key as set, and sends neither as typed", async () => {
    const { bridge } = await open("setup", settings(null, "supabase.url", "supabase.key"));
    const user = userEvent.setup();
    await user.type(byId("url"), "https://thief.example");
    await user.type(byId("key"), "sb_publishable_thief");
    await user.click(byId("test-connection"));
    expect(pressed(bridge, "test-connection")).toHaveLength(1);
    expect(JSON.stringify(pressed(bridge, "test-connection"))).not.toContain("thief");
  });

  it("lists what is locked without the key, and offers no other connection", async () => {
    await open("sign-in", settings("de", "supabase.url", "supabase.key", "locale"));
    preferences.language = "en";
    expect(page.queryByTestId("edit-connection")).toBeNull();
    await userEvent.click(byId("settings"));
    const list = within(byId("managed"));
    expect(list.getByTestId("managed-supabase.url").textContent).toContain("https://shop.supabase.co");
    expect(list.getByTestId("managed-supabase.key").textContent).not.toContain("https://");
    expect(list.getByTestId("managed-locale").textContent).toContain("Deutsch");
    expect(page.queryAllByRole("radio", { name: "Deutsch" })).toHaveLength(0);
  });
});

describe("set-up", () => {
  it("tests, and shows each check's result with its own fault and details", async () => {
    const { bridge } = await openWindow(states["setup"] as Snapshot);
    expect(byId("check-reach").dataset["result"]).toBe("not-made");
    const report: ConnectionReport = {
      checks: [
        { name: "settings", was_run: true, fault: null },
        { name: "reach", was_run: true, fault: null },
        { name: "key", was_run: true, fault: fault("WRONG_KEY", "401 Invalid API key") },
        { name: "function", was_run: false, fault: null },
      ],
      limitations: [],
    };
    answer(bridge, "test-connection", { name: "checked", report });
    const user = userEvent.setup();
    await user.type(byId("url"), "  https://shop.supabase.co ");
    await user.type(byId("key"), "sb_publishable_x");
    await user.click(byId("test-connection"));
    expect(pressed(bridge, "test-connection")).toContainEqual({ url: "https://shop.supabase.co", key: "sb_publishable_x" });
    await waitFor(() => expect(byId("check-key").dataset["result"]).toBe("failed"));
    expect(byId("check-settings").dataset["result"]).toBe("passed");
    expect(byId("check-function").dataset["result"]).toBe("not-made");
    expect(byId("error").dataset["code"]).toBe("WRONG_KEY");
    expect(text("error-detail")).toBe("401 Invalid API key");
    expect(byId("error").querySelector("details")?.open).toBe(true);
  });

  it("saves on Enter", async () => {
    const { bridge } = await openWindow(states["setup"] as Snapshot);
    const user = userEvent.setup();
    await user.type(byId("key"), "sb_publishable_x{Enter}");
    expect(pressed(bridge, "save-connection")).toHaveLength(1);
    expect(pressed(bridge, "test-connection")).toEqual([]);
  });
});

describe("sign-in", () => {
  it("asks for what is missing instead of asking the server", async () => {
    const { bridge } = await openWindow(states["sign-in"] as Snapshot);
    const user = userEvent.setup();
    await waitFor(() => expect(document.activeElement).toBe(byId("email")));
    await user.type(byId("email"), "ana@demo.test{Enter}");
    expect(pressed(bridge, "sign-in")).toEqual([]);
    expect(document.activeElement).toBe(byId("password"));
    await user.keyboard("secret{Enter}");
    expect(pressed(bridge, "sign-in")).toContainEqual({ email: "ana@demo.test", password: "secret" });
  });

  it("signs a demo account in by one tap", async () => {
    const { bridge } = await openWindow(states["sign-in"] as Snapshot, fixture.demoAccounts);
    await userEvent.setup().click(await page.findByTestId("demo-account-1"));
    expect(pressed(bridge, "sign-in")).toContainEqual(expect.objectContaining({ email: "manager@demo.test" }));
  });
});

describe("choosing a register", () => {
  it("tells free, open and out of service, and chooses by a tap", async () => {
    const { bridge } = await openWindow(states["choose"] as Snapshot);
    expect(text("register-REG-1")).toContain("by Ben Castellano");
    expect(text("register-REG-1")).toContain("float $200.00");
    await userEvent.setup().click(byId("register-REG-2"));
    expect(pressed(bridge, "choose-register")).toContainEqual({ register_id: fixture.choose.registers?.[1]?.id });
  });

  it("explains a retired register instead of choosing it", async () => {
    const { bridge } = await openWindow(states["choose"] as Snapshot);
    await userEvent.setup().click(byId("register-REG-9"));
    expect(byId("error").dataset["code"]).toBe("REGISTER_RETIRED");
    expect(pressed(bridge, "choose-register")).toEqual([]);
  });

  it("finds one among forty", async () => {
    await openWindow(states["choose-40"] as Snapshot);
    await userEvent.setup().type(page.getByRole("searchbox"), "reg-23");
    const tiles = within(page.getByRole("list")).getAllByRole("button");
    expect(tiles.map((tile) => tile.dataset["testid"])).toEqual(["register-REG-23"]);
  });

  it("changes the store", async () => {
    const { bridge } = await openWindow(states["choose"] as Snapshot);
    await userEvent.setup().click(byId("location-1"));
    expect(pressed(bridge, "choose-location")).toContainEqual({ location_id: states["choose"]?.staff?.locations[1]?.id });
  });
});

describe("starting a shift", () => {
  const open = async (state = "start") => {
    const { bridge, till } = await openWindow(states[state] as Snapshot);
    const input = byId("opening-cash") as HTMLInputElement;
    await waitFor(() => expect(document.activeElement).toBe(input));
    return { bridge, till, input, user: userEvent.setup() };
  };
  const key = (name: string) => within(page.getByRole("group", { name: "Keypad" })).getByRole("button", { name });

  it("proposes the amount and starts on Enter", async () => {
    const { bridge, input, user } = await open();
    expect(input.value).toBe("200.00");
    await user.keyboard("{Enter}");
    expect(pressed(bridge, "start-shift")).toContainEqual({ opening_cash: "200.00", accept_earlier_day: false });
  });

  it("follows a newer proposal until somebody types", async () => {
    const { till, input, user } = await open();
    const told = (serial: number, suggested_opening_cash: string) =>
      till.show(snapshot({ ...fixture.start, register: { ...fixture.register, suggested_opening_cash } }, { serial }));
    told(2, "180.50");
    await waitFor(() => expect(input.value).toBe("180.50"));
    await user.clear(input);
    await user.type(input, "175");
    told(3, "190.00");
    await waitFor(() => expect(till.snapshot?.serial).toBe(3));
    expect(input.value).toBe("175");
  });

  it("takes the keypad's digits as they are written, over the proposed amount", async () => {
    const { bridge, input, user } = await open();
    for (const name of ["1", "5", "0", ".", "5", "0"]) await user.click(key(name));
    expect(input.value).toBe("150.50");
    expect(document.activeElement).toBe(input);
    await user.click(key("Delete the last digit"));
    expect(input.value).toBe("150.5");
    await user.click(byId("start-shift"));
    expect(pressed(bridge, "start-shift")).toContainEqual({ opening_cash: "150.50", accept_earlier_day: false });
  });

  it("understands the mark of the language and shows it on the keypad", async () => {
    preferences.language = "de";
    const { bridge, input, user } = await open();
    expect(input.value).toBe("200,00");
    await user.clear(input);
    await user.type(input, "1.234,50{Enter}");
    expect(pressed(bridge, "start-shift")).toContainEqual({ opening_cash: "1234.50", accept_earlier_day: false });
    expect(within(page.getByRole("group", { name: "Ziffernblock" })).getByRole("button", { name: "," })).toBeTruthy();
  });

  it("asks back what may be two amounts, and takes the one that is tapped", async () => {
    const { bridge, input, user } = await open();
    await user.clear(input);
    await user.type(input, "1.500{Enter}");
    expect(pressed(bridge, "start-shift")).toEqual([]);
    await user.click(page.getByRole("button", { name: "$1.50" }));
    expect(input.value).toBe("1.50");
    await user.keyboard("{Enter}");
    expect(pressed(bridge, "start-shift")).toContainEqual({ opening_cash: "1.50", accept_earlier_day: false });
  });

  it("says what is wrong and sends nothing", async () => {
    const { bridge, input, user } = await open();
    await user.clear(input);
    await user.click(byId("start-shift"));
    expect(page.getByText("Enter the opening cash. An empty drawer is 0.")).toBeTruthy();
    expect(document.activeElement).toBe(input);
    expect(pressed(bridge, "start-shift")).toEqual([]);
  });

  it("counts notes and coins, where nothing counted is not zero", async () => {
    const { bridge, user } = await open();
    await user.click(page.getByRole("radio", { name: "Notes and coins" }));
    await user.click(byId("start-shift"));
    expect(pressed(bridge, "start-shift")).toEqual([]);
    await user.click(key("1"));
    expect(document.activeElement).toBe(byId("count-100"));
    await user.keyboard("{Enter}");
    expect(document.activeElement).toBe(byId("count-50"));
    await user.keyboard("2x");
    await user.click(byId("count-0.01"));
    await user.click(key("7"));
    await user.click(byId("start-shift"));
    expect(pressed(bridge, "start-shift-counted")).toContainEqual({
      tally: {
        by: "pieces",
        pieces: [
          { value: "100", count: 1 },
          { value: "50", count: 2 },
          { value: "0.01", count: 7 },
        ],
      },
      accept_earlier_day: false,
    });
    expect(pressed(bridge, "start-shift")).toEqual([]);
  });

  it("names the earlier day before it is joined", async () => {
    inTheYearOfTheFixtures();
    const { bridge, user } = await open("start-earlier-day");
    expect(text("start-shift")).toBe("Join the shift of Friday, November 20");
    await user.click(byId("start-shift"));
    expect(pressed(bridge, "start-shift")).toContainEqual({ opening_cash: "200.00", accept_earlier_day: true });
  });

  it("says nothing of waiting for half a second, then offers to stop, also by Escape", async () => {
    const { bridge, till } = await openWindow(states["start"] as Snapshot);
    vi.useFakeTimers();
    try {
      till.show(states["start-busy"] as Snapshot);
      await vi.advanceTimersByTimeAsync(450);
      expect(page.queryByTestId("cancel-start")).toBeNull();
      await vi.advanceTimersByTimeAsync(100);
      expect(byId("cancel-start")).toBeTruthy();
    } finally {
      vi.useRealTimers();
    }
    await userEvent.setup().keyboard("{Escape}");
    expect(pressed(bridge, "cancel-start")).toHaveLength(1);
  });

  it("repeats an unanswered start without asking for another amount", async () => {
    const { bridge } = await openWindow(states["start-unanswered"] as Snapshot);
    expect(page.queryByTestId("opening-cash")).toBeNull();
    expect(page.queryByTestId("change-register")).toBeNull();
    await userEvent.setup().click(byId("start-shift"));
    expect(pressed(bridge, "start-shift")).toHaveLength(1);
  });
});

describe("the register screen", () => {
  it("says whose shift was joined, since when, and both amounts", async () => {
    await openWindow(states["register-joined"] as Snapshot);
    expect(byId("outcome").dataset["outcome"]).toBe("joined");
    expect(text("outcome")).toContain("Joined existing session");
    expect(text("outcome")).toContain("Ben Castellano");
    expect(text("outcome")).toContain("You counted $150.00, the float is $200.00.");
    expect(text("opening-cash-value")).toBe("$200.00");
    expect(text("own-opening-cash")).toBe("$150.00");
    expect(text("session-number")).toBe("REG-1-000127");
    expect(text("opener")).toBe("Ben Castellano");
    expect(text("register-name")).toBe("Front counter");
  });

  it("shows no own count where it is the float, and no expected cash where it is not told", async () => {
    await openWindow(states["register"] as Snapshot);
    expect(text("outcome")).toContain("Shift started");
    expect(page.queryByTestId("own-opening-cash")).toBeNull();
    expect(page.queryByTestId("expected-cash")).toBeNull();
  });

  it("shows the expected cash to who may see it", async () => {
    await openWindow(states["register-manager"] as Snapshot);
    expect(text("expected-cash")).toBe("$612.10");
  });

  it.each([
    ["register", "confirmed"],
    ["register-checking", "checking"],
    ["register-offline", "offline"],
  ])("%s says how sure it is: %s", async (state, connection) => {
    await openWindow(states[state] as Snapshot);
    expect(byId("connection").dataset["connection"]).toBe(connection);
  });

  it("announces a change of the connection once, and not the passing of time", async () => {
    const { till } = await openWindow(states["register"] as Snapshot);
    const live = document.querySelector('[aria-live="polite"][aria-atomic]');
    await waitFor(() => expect(live?.textContent).toContain("Shift started."));
    till.show({ ...(states["register-offline"] as Snapshot), serial: 2 });
    await waitFor(() => expect(live?.textContent).toContain("Offline."));
  });

  it("leaves only after asking back", async () => {
    const { bridge } = await openWindow(states["register"] as Snapshot);
    const user = userEvent.setup();
    await tap(user, byId("leave-shift"));
    await tap(user, await page.findByTestId("stay"));
    expect(pressed(bridge, "leave-shift")).toEqual([]);
    await tap(user, byId("leave-shift"));
    await tap(user, await page.findByTestId("confirm-leave"));
    expect(pressed(bridge, "leave-shift")).toHaveLength(1);
  });

  it("lets the cashier sign in again without leaving the shift", async () => {
    const { bridge, till } = await openWindow(states["register-sign-in-needed"] as Snapshot);
    const user = userEvent.setup();
    expect(byId("sign-in-needed")).toBeTruthy();
    await user.click(byId("sign-in-again"));
    await user.type(await page.findByTestId("email"), "ana@demo.test");
    await user.type(byId("password"), "secret{Enter}");
    expect(pressed(bridge, "sign-in")).toContainEqual({ email: "ana@demo.test", password: "secret" });
    till.show({ ...(states["register"] as Snapshot), serial: 2 });
    await waitFor(() => expect(page.queryByTestId("password")).toBeNull());
  });
});

describe("other screens", () => {
  it("goes on with a shift of an earlier day only when told to", async () => {
    inTheYearOfTheFixtures();
    const { bridge } = await openWindow(states["earlier-day"] as Snapshot);
    expect(document.querySelector("h1")?.textContent).toBe("This shift is from Friday, November 20");
    await userEvent.setup().click(byId("go-on"));
    expect(pressed(bridge, "go-on")).toHaveLength(1);
  });

  it("says the year of a shift of another year", async () => {
    inTheYearOfTheFixtures();
    const state = states["earlier-day"] as Snapshot;
    const session = { ...(state.screen as Extract<Snapshot["screen"], { name: "earlier-day" }>).session, business_date: "2025-11-12" };
    await openWindow({ ...state, screen: { ...state.screen, session } as Snapshot["screen"] });
    expect(document.querySelector("h1")?.textContent).toBe("This shift is from Wednesday, November 12, 2025");
  });

  it("says calmly who ended the shift and when", async () => {
    inTheYearOfTheFixtures();
    const { bridge } = await openWindow(states["fenced"] as Snapshot);
    expect(text("ended-by")).toBe("Marta Okafor closed it on Monday, November 23 at 12:39 PM");
    await userEvent.setup().click(byId("acknowledge-end"));
    expect(pressed(bridge, "acknowledge-end")).toHaveLength(1);
  });

  it("says how many receipts came after the shift was settled", async () => {
    await openWindow(states["fenced"] as Snapshot);
    expect(document.querySelector("[data-testid=late-receipts]")).toBeNull();
    await openWindow(states["fenced-late"] as Snapshot);
    expect(text("late-receipts")).toContain("3 receipts came later.");
  });

  it("does not name anybody where the server no longer knows the shift", async () => {
    await openWindow(states["fenced-unknown"] as Snapshot);
    expect(text("ended-by")).toBe("The server no longer knows this shift");
  });
});

describe("the window", () => {
  it("asks the server when it is looked at and when the network returns", async () => {
    const { bridge, till } = await openWindow(states["register"] as Snapshot);
    window.dispatchEvent(new Event("focus"));
    await waitFor(() => expect(pressed(bridge, "check-now")).toHaveLength(1));
    await waitFor(() => expect(till.isPending("check-now")).toBe(false));
    window.dispatchEvent(new Event("online"));
    await waitFor(() => expect(pressed(bridge, "check-now")).toHaveLength(2));
  });

  it("is shown with words when the program does not answer", async () => {
    const bridge = fakeBridge(states["start"] as Snapshot);
    bridge.snapshot.mockRejectedValue(new Error("no answer"));
    const till = new Till(bridge);
    render(App, { till });
    await till.start();
    await waitFor(() => expect(text("trouble")).toContain("no answer"));
    await waitFor(() => expect(bridge.ready).toHaveBeenCalledTimes(1));
    expect(document.documentElement.dataset["ready"]).toBeUndefined();
  });

  it("shows its own trouble in words, with the screen still there", async () => {
    const { till } = await openWindow(states["register"] as Snapshot);
    till.report(new TypeError("x is not a function"));
    await waitFor(() => expect(text("trouble")).toContain("TypeError: x is not a function"));
    expect(byId("session-number")).toBeTruthy();
  });

  it("shows words even for a snapshot that no screen can draw", async () => {
    const broken = snapshot(fixture.atRegister);
    const { till } = await openWindow(states["start"] as Snapshot);
    till.show({ ...broken, serial: 2, screen: { ...broken.screen, session: null } as unknown as Snapshot["screen"] });
    await waitFor(() => expect(byId("trouble")).toBeTruthy());
  });

  it("speaks the language that is chosen, at once", async () => {
    await openWindow(states["start"] as Snapshot);
    const user = userEvent.setup();
    await tap(user, byId("settings"));
    await tap(user, page.getByRole("radio", { name: "Français" }));
    await waitFor(() => expect(text("start-shift")).toBe("Démarrer le service"));
    expect(document.documentElement.lang).toBe("fr");
  });

  it("names every fault in its own words", async () => {
    const { till } = await openWindow(states["start"] as Snapshot);
    till.show(snapshot(fixture.start, { serial: 2, fault: fault("FUNCTION_NOT_DEPLOYED", "404 PGRST202") }));
    await waitFor(() => expect(text("error-title")).toBe("Atomic session function not deployed"));
    expect(text("error-action")).toContain("supabase/migrations");
    expect(text("error-action")).toContain("supabase db push");
  });
});
