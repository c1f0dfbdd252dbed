// Scanner and search at the selling screen, on a till that sells.

import { screen as page, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { counter } from "../src/dev/fixtures";
import { tap } from "./bridge";
import { openCounter, unknownCode } from "./counter";
import { scan } from "./keys";

const byId = (id: string) => page.getByTestId(id);
const input = () => byId("selling-input") as HTMLInputElement;
const plain = (text: string | null | undefined) =>
  text
    ?.replace(/[\u00A0\u202F]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
const amounts = () => page.queryAllByTestId("cart-line").map((line) => line.dataset["amount"]);

describe("scans", () => {
  it("land in the cart whatever has the focus, and leave no field changed", async () => {
    const { sent } = await openCounter();
    await userEvent.setup().keyboard("12");
    byId("tab-amount").focus();
    scan("96385074");
    scan("4006381333931");
    await waitFor(() => expect(amounts()).toHaveLength(2));
    expect(sent()).toEqual([
      { name: "scan", code: "96385074" },
      { name: "scan", code: "4006381333931" },
    ]);
    expect(input().value).toBe("12");
  });

  it("never change a dialog's field, and are told", async () => {
    const { sent } = await openCounter("selling-one");
    const user = userEvent.setup();
    await tap(user, byId("action-quantity"));
    const field = await page.findByTestId<HTMLInputElement>("quantity-typed");
    const before = field.value;
    field.focus();
    scan("4006381333931");
    await waitFor(() => expect(byId("scan-refused").dataset["why"]).toBe("dialog"));
    expect(field.value).toBe(before);
    expect(sent()).toEqual([]);
    await tap(user, byId("quantity-no"));
    scan("4006381333931");
    await waitFor(() => expect(page.queryByTestId("scan-refused")).toBeNull());
    await waitFor(() => expect(sent()).toEqual([{ name: "scan", code: "4006381333931" }]));
  });

  it("are refused while the sale is paid, and the amount handed over stays", async () => {
    const { sent } = await openCounter("selling-paying");
    await userEvent.setup().keyboard("20");
    scan("4006381333931");
    await waitFor(() => expect(byId("scan-refused").dataset["why"]).toBe("paying"));
    expect((byId("pay-handed") as HTMLInputElement).value).toBe("20");
    expect(sent()).toEqual([]);
  });

  it("begin the next sale behind a change", async () => {
    const { names } = await openCounter("selling-done");
    scan("4006381333931");
    await waitFor(() => expect(amounts()).toHaveLength(1));
    expect(names()).toEqual(["next-customer", "scan"]);
  });

  it("that the catalogue does not know stay on the screen until somebody saw them, and lose none behind them", async () => {
    const { names } = await openCounter();
    for (const code of [unknownCode, "96385074", unknownCode, "4006381333931"]) scan(code);
    await waitFor(() => expect(amounts()).toHaveLength(2));
    expect(names()).toEqual(["scan", "scan", "scan", "scan"]);
    expect(plain(byId("missed-scans").textContent)).toContain("2 codes were not added");
    expect(plain(byId("missed-scans").textContent)).toContain(unknownCode);
    await tap(userEvent.setup(), byId("missed-seen"));
    expect(page.queryByTestId("missed-scans")).toBeNull();
    expect(document.activeElement).toBe(input());
  });
});

describe("search", () => {
  it("finds by letters, in any order of words, and Enter adds the marked one", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    await user.keyboard("milk oat");
    await waitFor(() => expect(page.queryAllByRole("option")).toHaveLength(1));
    expect(plain(byId("selling-enter").textContent)).toBe("Add Oat milk, barista 1 l");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(amounts()).toEqual(["2.49"]));
    expect(sent().at(-1)).toEqual({ name: "add-item", item_id: counter.items[1]?.item_id, quantity: "", price: "" });
    expect(input().value).toBe("");
    expect(byId("tab-keys").getAttribute("aria-selected")).toBe("true");
  });

  it("marks another with the arrows, and adds as many as were typed before the name", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    await user.keyboard("3*milk");
    await waitFor(() => expect(page.queryAllByRole("option").length).toBeGreaterThan(2));
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
    const marked = page.queryAllByRole("option").find((one) => one.getAttribute("aria-selected") === "true");
    expect(marked?.dataset["testid"]).toBe("found-1");
    expect(input().getAttribute("aria-activedescendant")).toBe(marked?.id);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(sent().at(-1)).toMatchObject({ name: "add-item", quantity: "3" }));
  });

  it("asks for what an item does not say", async () => {
    await openCounter();
    await userEvent.setup().keyboard("shake");
    await tap(userEvent.setup(), await page.findByTestId("found-0"));
    expect(await page.findByTestId("item-price")).toBeTruthy();
  });

  it("says that nothing fits, and Enter adds nothing", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    await user.keyboard("zzz{Enter}");
    await waitFor(() => expect(byId("found-said").textContent).toContain("zzz"));
    expect(sent().every(({ name }) => name === "search")).toBe(true);
  });

  it("looks for digits, too, once its tab was pressed, and for amounts again after an item", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    await tap(user, byId("tab-search"));
    await user.keyboard("100");
    await waitFor(() => expect(sent().at(-1)).toEqual({ name: "search", text: "100" }));
    await user.keyboard("{Escape}milk{Enter}350{Enter}");
    await waitFor(() => expect(sent().at(-1)).toMatchObject({ name: "add-amount", amount: "3.50" }));
  });

  it("shows what belongs to what stands in the line, however late older answers come", async () => {
    const { bridge, run, sent } = await openCounter();
    const late: (() => void)[] = [];
    bridge.press.mockImplementation(async (command) => {
      if (command.name === "search") await new Promise<void>((done) => late.push(done));
      return run(command);
    });
    await userEvent.setup().keyboard("milk shake");
    expect(sent()).toEqual([{ name: "search", text: "m" }]);
    late.pop()?.();
    await waitFor(() => expect(sent().at(-1)).toEqual({ name: "search", text: "milk shake" }));
    expect(sent()).toHaveLength(2);
    late.pop()?.();
    await waitFor(() => expect(page.queryAllByRole("option")).toHaveLength(1));
  });
});

describe("a code that the catalogue does not know", () => {
  it("is sold by amount, and stays with its line", async () => {
    const { sent } = await openCounter();
    for (const code of [unknownCode, unknownCode]) scan(code);
    await waitFor(() => expect(plain(byId("missed-scans").textContent)).toContain("2 codes were not added"));
    await tap(userEvent.setup(), byId("by-amount-0"));
    expect(document.activeElement).toBe(input());
    await userEvent.setup().keyboard("350{Enter}");
    await waitFor(() => expect(sent().at(-1)).toEqual({ name: "add-amount", amount: "3.50", quantity: "", key: null, code: unknownCode }));
    await waitFor(() => expect(plain(byId("missed-scans").textContent)).toContain("A code was not added"));
    await userEvent.setup().keyboard("420{Enter}");
    await waitFor(() => expect(sent().at(-1)).toMatchObject({ amount: "4.20", code: null }));
  });
});
