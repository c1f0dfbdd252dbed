// The selling screen by keys and by touch, on a till that sells.

import axe from "axe-core";
import { screen as page, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { counter, fault, snapshot, states } from "../src/dev/fixtures";
import { functionKeys } from "../src/selling/keys";
import type { Snapshot } from "../src/generated/Snapshot";
import { never, openWindow, pressed, tap } from "./bridge";
import { openCounter } from "./counter";
import { scan } from "./keys";

const byId = (id: string) => page.getByTestId(id);
const input = () => byId("selling-input") as HTMLInputElement;
const handed = () => byId("pay-handed") as HTMLInputElement;
const modal = () => document.querySelector("dialog[open]");
const stage = () => document.querySelector<HTMLElement>("main[data-selling]")?.dataset["selling"];
const state = (name: string) => states[name] as Snapshot;
const plain = (text: string | null | undefined) =>
  text
    ?.replace(/[\u00A0\u202F]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
const amounts = () => page.queryAllByTestId("cart-line").map((line) => line.dataset["amount"]);
/** Longer than a change has to stand before a key takes it away. */
const read = () => new Promise((done) => setTimeout(done, 520));

describe("the promise", () => {
  it("sells 3.50 exact in cash in six keys", async () => {
    const { names, sent } = await openCounter();
    const user = userEvent.setup();
    await waitFor(() => expect(document.activeElement).toBe(input()));
    const keys = ["3", "5", "0", "{Enter}", "{Enter}", "{Enter}"];
    expect(keys).toHaveLength(6);
    await user.keyboard(keys.join(""));
    await waitFor(() => expect(byId("done")).toBeTruthy());
    expect(names()).toEqual(["add-amount", "pay", "finish-sale"]);
    expect(sent()).toEqual([
      { name: "add-amount", amount: "3.50", quantity: "", key: null, code: null },
      { name: "pay" },
      { name: "finish-sale", handed: "" },
    ]);
  });

  it("sells a favourite exact in cash in three taps", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    await tap(user, byId("key-2"));
    await waitFor(() => expect(amounts()).toEqual(["3.50"]));
    await tap(user, byId("pay"));
    await tap(user, await page.findByTestId("pay-exact"));
    await waitFor(() => expect(byId("done")).toBeTruthy());
    expect(sent().map(({ name }) => name)).toEqual(["add-item", "pay", "finish-sale"]);
  });

  it("keeps the order of hands that are faster than the disk", async () => {
    const { bridge, run, names } = await openCounter();
    const late: (() => void)[] = [];
    bridge.press.mockImplementation(async (command) => {
      await new Promise<void>((done) => late.push(done));
      return run(command);
    });
    await userEvent.setup().keyboard("350{Enter}{Enter}{Enter}");
    for (const count of [1, 2, 3]) {
      await waitFor(() => expect(names()).toHaveLength(count));
      expect(late).toHaveLength(1);
      late.pop()?.();
    }
    await waitFor(() => expect(byId("done")).toBeTruthy());
    expect(names()).toEqual(["add-amount", "pay", "finish-sale"]);
  });

  it("drops what was pressed before a fault was shown, so that nobody pays a cart that lacks a line", async () => {
    const { bridge, run, names } = await openCounter("selling-one");
    bridge.press.mockImplementation(async (command) =>
      command.name === "add-amount" ? { outcome: null, fault: fault("STORE_FAILED") } : run(command),
    );
    await userEvent.setup().keyboard("350{Enter}{Enter}{Enter}");
    await waitFor(() => expect(byId("error").dataset["code"]).toBe("STORE_FAILED"));
    expect(names()).toEqual(["add-amount"]);
    expect(stage()).toBe("editing");
    await read();
    await userEvent.setup().keyboard("{Enter}");
    await waitFor(() => expect(names()).toEqual(["add-amount", "pay"]));
  });

  it("counts every tap on a favourite", async () => {
    const { names } = await openCounter();
    const user = userEvent.setup();
    for (let n = 0; n < 3; n++) await tap(user, byId("key-1"));
    await waitFor(() => expect(amounts()).toEqual(["2.60", "2.60", "2.60"]));
    expect(names()).toEqual(["add-item", "add-item", "add-item"]);
  });
});

describe("the line", () => {
  it("stays ready after a tap, and takes digits whatever has the focus", async () => {
    await openCounter();
    const user = userEvent.setup();
    await tap(user, byId("key-1"));
    await waitFor(() => expect(amounts()).toHaveLength(1));
    expect(document.activeElement).toBe(input());
    byId("pay").focus();
    await user.keyboard("42");
    expect(document.activeElement).toBe(input());
    expect(input().value).toBe("42");
    expect(plain(byId("selling-enter").textContent)).toBe("Add $0.42");
    await user.keyboard("{Escape}");
    expect(input().value).toBe("");
  });

  it("reads back what Enter will do, and says what is wrong", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    await user.keyboard("3*350");
    expect(plain(byId("selling-enter").textContent)).toBe("Add 3 × $3.50");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(sent()).toContainEqual({ name: "add-amount", amount: "3.50", quantity: "3", key: null, code: null }));
    await user.keyboard("1.234{Enter}");
    expect(plain(byId("selling-problem").textContent)).toContain("Which amount is meant?");
    expect(input().getAttribute("aria-invalid")).toBe("true");
    expect(sent()).toHaveLength(1);
    await user.keyboard("{Backspace}");
    expect(byId("selling-problem").textContent).toBe("");
  });

  it("never makes an amount of what a scanner typed", async () => {
    const { sent } = await openCounter();
    scan("4006381333931");
    await waitFor(() => expect(sent()).toEqual([{ name: "scan", code: "4006381333931" }]));
    expect(input().value).toBe("");
  });

  it("follows the places of the currency", async () => {
    const { sent } = await openCounter("selling-yen", { cart: null });
    await userEvent.setup().keyboard("350{Enter}");
    await waitFor(() => expect(sent()).toContainEqual({ name: "add-amount", amount: "350.00", quantity: "", key: null, code: null }));
  });

  it("sells an amount by the key that was pressed, and asks for it first", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    await tap(user, byId("tab-amount"));
    await tap(user, byId("amount-key-1"));
    expect(plain(byId("selling-problem").textContent)).toBe("Type the amount first.");
    const keypad = within(page.getByRole("group", { name: "Keypad" }));
    for (const key of ["1", "2", "00"]) await tap(user, keypad.getByText(key));
    await tap(user, byId("amount-key-1"));
    await waitFor(() => expect(sent()).toEqual([{ name: "add-amount", amount: "12.00", quantity: "", key: "food", code: null }]));
    expect(document.activeElement).toBe(input());
  });

  it("asks for the price and the weight that a favourite lacks, unless they were typed", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    await user.keyboard("450");
    await tap(user, byId("key-11"));
    await waitFor(() =>
      expect(sent()).toContainEqual({ name: "add-item", item_id: counter.keys[10]?.item_id, quantity: "", price: "4.50" }),
    );
    await tap(user, byId("key-9"));
    await user.type(await page.findByTestId("item-quantity"), "0,485");
    await tap(user, byId("item-yes"));
    await waitFor(() =>
      expect(sent()).toContainEqual({ name: "add-item", item_id: counter.keys[8]?.item_id, quantity: "0.485", price: "" }),
    );
    await waitFor(() => expect(modal()).toBeNull());
    await tap(user, byId("key-12"));
    await tap(user, await page.findByTestId("item-yes"));
    expect(sent()).toHaveLength(2);
    await user.type(byId("item-price"), "990");
    await tap(user, byId("item-yes"));
    await waitFor(() => expect(sent().at(-1)).toMatchObject({ name: "add-item", price: "9.90" }));
  });
});

describe("the cart", () => {
  it("marks the last line, moves the mark by arrows and touch, and removes what is marked", async () => {
    const { sent } = await openCounter("selling-eight");
    const user = userEvent.setup();
    const marked = () => page.getAllByTestId("cart-line").findIndex((line) => line.querySelector("[aria-current=true]"));
    expect(marked()).toBe(7);
    await user.keyboard("{ArrowUp}{ArrowUp}");
    expect(marked()).toBe(5);
    await user.keyboard("{ArrowDown}{Delete}");
    await waitFor(() => expect(sent()).toContainEqual({ name: "remove-line", line: 6 }));
    await tap(user, within(page.getAllByTestId("cart-line")[1] as HTMLElement).getByRole("button"));
    expect(marked()).toBe(1);
    await tap(user, byId("remove-line"));
    await waitFor(() => expect(sent()).toContainEqual({ name: "remove-line", line: 1 }));
    await user.keyboard("100{Enter}");
    await waitFor(() => expect(marked()).toBe(6));
  });

  it("shows figures as they were told, and adds nothing up", async () => {
    await openCounter("selling-discounts");
    expect(plain(byId("cart-total").textContent)).toBe("$41.82");
    expect(plain(byId("cart-discount").textContent)).toBe("-$4.33");
    expect(page.getAllByTestId("cart-tax").map((tax) => plain(tax.textContent))).toEqual(["$1.85", "$0.97"]);
    expect(plain(page.getAllByTestId("cart-line")[4]?.textContent)).toContain("Discount 10 %: -$1.29");
  });

  it("tells a screen reader what came and what it comes to", async () => {
    await openCounter();
    await userEvent.setup().keyboard("350{Enter}");
    await waitFor(() => expect(plain(byId("selling-told").textContent)).toBe("1 Goods, $3.50. Total $3.50."));
  });

  it("changes the quantity of the marked line by F2", async () => {
    const { sent } = await openCounter("selling-eight");
    const user = userEvent.setup();
    await user.keyboard("{ArrowUp}{F2}");
    await waitFor(() => expect(document.activeElement).toBe(byId("quantity-typed")));
    await user.keyboard("{Enter}");
    expect(sent()).toEqual([]);
    await user.keyboard("4{Enter}");
    await waitFor(() => expect(sent()).toEqual([{ name: "set-quantity", line: 6, quantity: "4" }]));
    await waitFor(() => expect(modal()).toBeNull());
    expect(document.activeElement).toBe(input());
  });

  it.each([
    ["discount-kind-0", "10", { name: "discount-line", line: 7, discount: "10%", reason: "Damaged" }],
    ["discount-kind-1", "150", { name: "discount-line", line: 7, discount: "1.50", reason: "Damaged" }],
    ["discount-kind-2", "399", { name: "set-price", line: 7, price: "3.99", reason: "Damaged" }],
    ["discount-kind-3", "7,5", { name: "discount-cart", discount: "7.5%", reason: "Damaged" }],
    ["discount-kind-4", "5.00", { name: "discount-cart", discount: "5.00", reason: "Damaged" }],
    ["discount-kind-3", "", { name: "discount-cart", discount: "", reason: "Damaged" }],
  ])("takes off by F3: %s %o", async (kind, typed, command) => {
    const { sent } = await openCounter("selling-eight");
    const user = userEvent.setup();
    await user.keyboard("{F3}");
    await waitFor(() => expect(document.activeElement).toBe(byId("discount-typed")));
    await tap(user, byId(kind));
    await tap(user, byId("discount-reason-0"));
    if (typed !== "") await user.type(byId("discount-typed"), typed);
    await tap(user, byId("discount-yes"));
    await waitFor(() => expect(sent()).toEqual([command]));
  });

  it("keeps a dialog open with what was typed when the till refuses", async () => {
    const { bridge } = await openCounter("selling-eight");
    bridge.press.mockResolvedValue({ outcome: null, fault: fault("OVER_LIMIT") });
    const user = userEvent.setup();
    await user.keyboard("{F3}");
    await user.type(await page.findByTestId("discount-typed"), "50{Enter}");
    await waitFor(() => expect(modal()?.contains(byId("error"))).toBe(true));
    expect((byId("discount-typed") as HTMLInputElement).value).toBe("50");
  });

  it("is parked with a name and recalled", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    expect(byId("action-park").hasAttribute("disabled")).toBe(true);
    await user.keyboard("350{Enter}");
    await waitFor(() => expect(amounts()).toEqual(["3.50"]));
    await user.keyboard("{F4}");
    await user.type(await page.findByTestId("park-label"), "blue hat");
    await tap(user, byId("park-yes"));
    await waitFor(() => expect(plain(byId("action-recall").textContent)).toContain("Recall (1)"));
    expect(sent()).toContainEqual({ name: "park-cart", label: "blue hat" });
    await waitFor(() => expect(modal()).toBeNull());
    await user.keyboard("{F5}");
    await tap(user, await page.findByTestId("parked"));
    await waitFor(() => expect(amounts()).toEqual(["3.50"]));
    await waitFor(() => expect(modal()).toBeNull());
  });

  it("is discarded only after asking back", async () => {
    const { sent } = await openCounter("selling-eight");
    const user = userEvent.setup();
    await tap(user, byId("discard-cart"));
    await tap(user, await page.findByTestId("discard-no"));
    expect(sent()).toEqual([]);
    await tap(user, byId("discard-cart"));
    await user.type(await page.findByTestId("discard-reason"), "changed their mind");
    await tap(user, byId("discard-yes"));
    await waitFor(() => expect(sent()).toEqual([{ name: "discard-cart", reason: "changed their mind" }]));
  });

  it("asks how old the customer is before it is paid", async () => {
    const { names } = await openCounter("selling-age");
    const user = userEvent.setup();
    await user.keyboard("{Enter}");
    await tap(user, await page.findByTestId("age-no"));
    expect(names()).toEqual([]);
    await tap(user, byId("check-age"));
    await tap(user, await page.findByTestId("age-yes"));
    await waitFor(() => expect(names()).toEqual(["confirm-age", "pay"]));
    await waitFor(() => expect(stage()).toBe("paying"));
  });

  it("says what a manager has to approve, and is not paid before", async () => {
    const { names } = await openCounter("selling-approval");
    expect(plain(byId("needs-approval").textContent)).toBe("A manager has to approve the discount and an amount this high.");
    await tap(userEvent.setup(), byId("pay"));
    expect(plain((await page.findByRole("dialog")).textContent)).toContain("A manager signs in here for this one decision");
    expect(names()).toEqual([]);
  });
});

describe("paying", () => {
  it("takes what the customer hands over, by keys and by note", async () => {
    const { sent } = await openCounter("selling-eight");
    const user = userEvent.setup();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(handed()));
    await user.keyboard("6000");
    expect(plain(byId("pay-exact").textContent)).toBe("Take $60.00");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(sent().at(-1)).toEqual({ name: "finish-sale", handed: "60.00" }));
    expect(plain((await page.findByTestId("done-change")).textContent)).toBe("$13.64");

    await read();
    await user.keyboard("350{Enter}{Enter}");
    await tap(user, await page.findByTestId("pay-note-0"));
    await waitFor(() => expect(sent().at(-1)).toEqual({ name: "finish-sale", handed: "50" }));
  });

  it("keeps the cart in sight, and goes back to it by Escape", async () => {
    const { names } = await openCounter("selling-eight");
    const user = userEvent.setup();
    await tap(user, byId("pay"));
    await waitFor(() => expect(stage()).toBe("paying"));
    expect(amounts()).toHaveLength(8);
    await user.keyboard("12{Escape}");
    expect(handed().value).toBe("");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(stage()).toBe("editing"));
    expect(names()).toEqual(["pay", "back-to-lines"]);
    await waitFor(() => expect(document.activeElement).toBe(input()));
  });

  it("takes a card only once somebody says that it was approved, and then finishes at once", async () => {
    const { sent } = await openCounter("selling-eight");
    const user = userEvent.setup();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(handed()));
    await user.keyboard("+");
    const step = await page.findByTestId("tender-step");
    expect(plain(step.querySelector("h3")?.textContent)).toBe("Take $46.36 on the terminal");
    await waitFor(() => expect(document.activeElement).toBe(step.querySelector("h3")));
    await user.keyboard("{Enter}");
    expect(sent()).toEqual([{ name: "pay" }]);
    await tap(user, byId("tender-not"));
    await waitFor(() => expect(document.activeElement).toBe(handed()));
    await tap(user, byId("pay-card"));
    await tap(user, await page.findByTestId("tender-taken"));
    await waitFor(() => expect(byId("done")).toBeTruthy());
    expect(sent().slice(1)).toEqual([
      { name: "card-approved", amount: "", reference: "" },
      { name: "finish-sale", handed: "" },
    ]);
    expect(plain(byId("done").textContent)).toContain("No change");
  });

  it("splits: what is left stays to be paid, and what was taken can be given back", async () => {
    const { sent } = await openCounter("selling-eight");
    const user = userEvent.setup();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(handed()));
    await user.keyboard("1000+");
    await user.type(await page.findByTestId("tender-reference"), "4711{Enter}");
    await waitFor(() => expect(plain(byId("pay-due").textContent)).toBe("$36.36"));
    expect(sent().slice(1)).toEqual([{ name: "card-approved", amount: "10.00", reference: "4711" }]);
    expect(plain(byId("taken").textContent)).toContain("Card $10.00 4711");
    await tap(user, byId("give-back-0"));
    await waitFor(() => expect(sent().at(-1)).toEqual({ name: "give-back", tender: 0 }));
    await tap(user, byId("pay-other-0"));
    await tap(user, await page.findByTestId("tender-taken"));
    await waitFor(() => expect(sent().at(-1)).toEqual({ name: "take-other", label: "Voucher", amount: "", reference: "" }));
  });

  it("finishes by one press what a power cut left approved", async () => {
    const { sent } = await openCounter("selling-approved");
    expect(plain(byId("taken").textContent)).toContain("Card $3.50");
    expect(page.queryByTestId("pay-card")).toBeNull();
    await userEvent.setup().keyboard("{Enter}");
    await waitFor(() => expect(sent()).toEqual([{ name: "finish-sale", handed: "" }]));
  });

  it("says that no money is handed out while a refund waits for the server", async () => {
    await openCounter("selling-refund");
    expect(plain(byId("awaiting-server").textContent)).toContain("Do not hand out money yet");
    expect(page.queryByTestId("pay-exact")).toBeNull();
  });
});

describe("the change", () => {
  it("stands until it was read, and the next digit begins the next sale", async () => {
    const { names } = await openCounter("selling-eight");
    const user = userEvent.setup();
    await user.keyboard("{Enter}{Enter}{Enter}{Enter}");
    await waitFor(() => expect(byId("done")).toBeTruthy());
    await user.keyboard("{Enter}");
    expect(names()).toEqual(["pay", "finish-sale"]);
    await user.keyboard("7");
    await waitFor(() => expect(page.queryByTestId("done")).toBeNull());
    expect(names()).toEqual(["pay", "finish-sale", "next-customer"]);
    expect(input().value).toBe("7");
  });

  it.each([
    ["Enter", (user: ReturnType<typeof userEvent.setup>) => user.keyboard("{Enter}")],
    ["Escape", (user: ReturnType<typeof userEvent.setup>) => user.keyboard("{Escape}")],
    ["a tap anywhere", (user: ReturnType<typeof userEvent.setup>) => tap(user, byId("done"))],
  ])("goes by %s, once it was seen", async (_, act) => {
    const { names } = await openCounter("selling-done");
    const user = userEvent.setup();
    await act(user);
    expect(names()).toEqual([]);
    await read();
    await act(user);
    await waitFor(() => expect(names()).toEqual(["next-customer"]));
    await waitFor(() => expect(byId("last-receipt")).toBeTruthy());
  });

  it("gives way to the favourite that is tapped", async () => {
    const { names } = await openCounter("selling-done");
    await read();
    await tap(userEvent.setup(), byId("key-1"));
    await waitFor(() => expect(amounts()).toEqual(["2.60"]));
    expect(names()).toEqual(["add-item"]);
  });

  it("stays while a copy is printed", async () => {
    const { sent } = await openCounter("selling-done");
    await read();
    await tap(userEvent.setup(), byId("reprint-done"));
    await waitFor(() => expect(sent()).toEqual([{ name: "reprint-receipt", sale_id: counter.done.sale_id }]));
    expect(byId("done")).toBeTruthy();
  });
});

describe("receipts", () => {
  it("stand in the list with where they are, and one is voided with a reason", async () => {
    const { sent } = await openCounter("selling-receipts");
    const user = userEvent.setup();
    await user.keyboard("{F7}");
    const rows = await page.findAllByTestId("receipt");
    expect(rows.slice(0, 8).map((row) => row.dataset["state"])).toEqual([
      ...["waiting", "waiting", "recorded", "recorded", "recorded", "recorded", "refused", "dismissed"],
    ]);
    expect(plain(rows[3]?.textContent)).toContain("Voided by REG-1-A-000040");
    expect(plain(rows[5]?.textContent)).toContain("after its shift was closed");
    expect(page.getAllByTestId("receipt-void")).toHaveLength(1);
    await user.type(byId("receipts-find"), "000039");
    expect(page.getAllByTestId("receipt")).toHaveLength(1);
    await tap(user, byId("receipt-reprint"));
    await waitFor(() => expect(sent()).toEqual([{ name: "reprint-receipt", sale_id: counter.receipts[3]?.sale_id }]));
    await user.clear(byId("receipts-find"));
    await tap(user, byId("receipt-void"));
    await tap(user, await page.findByTestId("void-yes"));
    expect(sent()).toHaveLength(1);
    await user.type(byId("void-reason"), "wrong customer");
    await tap(user, byId("void-yes"));
    await waitFor(() =>
      expect(sent().at(-1)).toEqual({ name: "void-receipt", sale_id: counter.receipts[0]?.sale_id, reason: "wrong customer" }),
    );
  });

  it("offer the last one while the cart is empty", async () => {
    const { sent } = await openCounter("selling-receipts");
    expect(plain(byId("last-receipt").textContent)).toContain("REG-1-A-000042");
    await tap(userEvent.setup(), byId("reprint-last"));
    await waitFor(() => expect(sent()).toEqual([{ name: "reprint-receipt", sale_id: counter.receipts[0]?.sale_id }]));
  });
});

describe("paper", () => {
  it("follows every sale by itself, and nobody waits for it", async () => {
    const { bridge } = await openCounter("selling-eight");
    bridge.printReceipt.mockReturnValue(never);
    const user = userEvent.setup();
    await user.keyboard("{Enter}{Enter}");
    await waitFor(() => expect(byId("done")).toBeTruthy());
    expect(bridge.printReceipt).toHaveBeenCalledTimes(1);
    const again = page.getByTestId<HTMLButtonElement>("reprint-done");
    expect([again.disabled, again.textContent.trim()]).toEqual([true, "Printing…"]);
    await user.keyboard("350{Enter}");
    await waitFor(() => expect(amounts()).toEqual(["3.50"]));
  });

  it.each([
    [{ result: "not-printed", why: "paper-out" } as const, "Nothing was printed. The printer is out of paper."],
    [{ result: "not-printed", why: "no-printer" } as const, null],
    [{ result: "done" } as const, null],
  ])("that came as %o is told in a quiet line, or not at all", async (printed, said) => {
    const { bridge } = await openCounter("selling-eight");
    bridge.printReceipt.mockResolvedValue(printed);
    await userEvent.setup().keyboard("{Enter}{Enter}");
    await waitFor(() => expect(bridge.printReceipt).toHaveBeenCalledTimes(1));
    await waitFor(() => expect(byId("done")).toBeTruthy());
    if (said === null) expect(page.queryByTestId("selling-said")).toBeNull();
    else await waitFor(() => expect(plain(byId("selling-said").textContent)).toBe(said));
  });

  it("does not follow a sale where this computer is set up to print when asked", async () => {
    const { bridge, sent } = await openCounter("selling-eight", {}, false);
    const user = userEvent.setup();
    await user.keyboard("{Enter}{Enter}");
    await waitFor(() => expect(byId("done")).toBeTruthy());
    expect(bridge.printReceipt).not.toHaveBeenCalled();
    await tap(user, byId("reprint-done"));
    await waitFor(() => expect(bridge.printReceipt).toHaveBeenCalledTimes(1));
    expect(sent().at(-1)?.name).toBe("reprint-receipt");
  });

  it("comes once more, or as a file, when somebody asks", async () => {
    const { bridge, sent } = await openCounter("selling-receipts");
    const user = userEvent.setup();
    await tap(user, byId("reprint-last"));
    await waitFor(() => expect(plain(byId("selling-said").textContent)).toBe("Printed."));
    await tap(user, byId("pdf-last"));
    await waitFor(() => expect(plain(byId("selling-said").textContent)).toContain("Saved:"));
    expect(bridge.printReceipt).toHaveBeenCalledTimes(1);
    expect(bridge.saveReceiptPdf).toHaveBeenCalledTimes(1);
    expect(sent().map(({ name }) => name)).toEqual(["reprint-receipt", "reprint-receipt"]);
  });
});

describe("the keys along the lower edge", () => {
  it("do what is written on them", async () => {
    await openCounter("selling-eight");
    for (const { key, action } of functionKeys) {
      expect(byId(`action-${action}`).getAttribute("aria-keyshortcuts")).toBe(key);
    }
  });

  it.each([
    ["{F6}", "movement-note"],
    ["{F8}{F3}", "movement-amount"],
    ["{F8}{F7}", "spot-total"],
  ])("%s opens what it always did", async (keys, inside) => {
    await openCounter();
    await userEvent.setup().keyboard(keys);
    await waitFor(() => expect(byId(inside)).toBeTruthy());
    expect(document.querySelectorAll("dialog[open]")).toHaveLength(1);
  });

  it("close the shift by F10, and read the X by F8 twice", async () => {
    const { names } = await openCounter();
    await userEvent.setup().keyboard("{F8}{F8}");
    await waitFor(() => expect(names()).toEqual(["show-x-report"]));
    await userEvent.setup().keyboard("{F10}");
    await waitFor(() => expect(names()).toEqual(["show-x-report", "open-checklist"]));
  });

  it("do nothing where the till does not allow it", async () => {
    const { names } = await openCounter("selling-counted");
    await userEvent.setup().keyboard("{F2}{F3}{F4}{F5}{F6}");
    expect(modal()).toBeNull();
    expect(names()).toEqual([]);
    expect(plain(byId("counted-elsewhere").textContent)).toContain("A new sale can begin once the count is done");
  });
});

describe("the shift above it", () => {
  it("is one press away, with figures, movements and the ways out", async () => {
    const { bridge } = await openCounter("selling-manager");
    expect(byId("connection").dataset["connection"]).toBe("confirmed");
    await tap(userEvent.setup(), byId("open-shift"));
    const sheet = await page.findByRole("dialog");
    expect(plain(within(sheet).getByTestId("opening-cash-value").textContent)).toBe("$200.00");
    expect(plain(within(sheet).getByTestId("expected-cash").textContent)).toBe("$612.10");
    expect(within(sheet).getAllByTestId("movement").length).toBeGreaterThan(3);
    for (const id of ["leave-shift", "sign-out", "x-report", "sheet-close"]) expect(within(sheet).getByTestId(id)).toBeTruthy();
    await tap(userEvent.setup(), within(sheet).getByTestId("x-report"));
    await waitFor(() => expect(pressed(bridge, "show-x-report")).toHaveLength(1));
    await waitFor(() => expect(modal()).toBeNull());
  });

  it("hides expected cash where the till does", async () => {
    await openCounter("selling-empty");
    await tap(userEvent.setup(), byId("open-shift"));
    await page.findByRole("dialog");
    expect(page.queryByTestId("expected-cash")).toBeNull();
  });

  it("shows what was refused, which a manager takes off the list", async () => {
    const { till, bridge } = await openCounter("selling-refused");
    await tap(userEvent.setup(), byId("refused-count"));
    const [sale, discard] = await page.findAllByTestId("refused-entry");
    expect(plain(sale?.textContent)).toContain("Sale REG-1-A-000036 of $3.50");
    expect(plain(discard?.textContent)).toContain("Discarded cart of $18.20");
    expect(page.queryByTestId("dismiss-entry")).toBeNull();
    till.show({ ...state("selling-refused-manager"), serial: 9 });
    await waitFor(() => expect(page.getAllByTestId("dismiss-entry")).toHaveLength(2));
    await tap(userEvent.setup(), page.getAllByTestId("dismiss-entry")[0] as Element);
    expect(plain(byId("dismiss-confirm").closest("dialog")?.textContent)).toContain("settle the money by hand");
    await tap(userEvent.setup(), byId("dismiss-confirm"));
    await waitFor(() => expect(pressed(bridge, "dismiss-entry")).toEqual([{ entry_id: counter.refused[0]?.entry_id }]));
  });

  it("says offline once, and any other fault in words", async () => {
    const { till } = await openCounter("selling-offline");
    expect(plain(byId("connection").textContent)).toMatch(/Offline for \d/);
    expect(byId("unsent").dataset["count"]).toBe("12");
    expect(page.queryByTestId("error")).toBeNull();
    till.show({ ...state("selling-fault"), serial: 9 });
    await waitFor(() => expect(byId("error").dataset["code"]).toBe("STORE_FAILED"));
  });

  it("says that a till without its letter cannot sell", async () => {
    await openCounter("selling-not-ready");
    expect(byId("not-ready")).toBeTruthy();
    expect(byId("key-1").hasAttribute("disabled")).toBe(true);
  });

  it("is the register of before where selling is off", async () => {
    await openWindow(snapshot({ ...counter.at({}), selling: null }));
    expect(page.queryByTestId("selling-input")).toBeNull();
    expect(byId("action-pay_out")).toBeTruthy();
  });
});

describe("axe", () => {
  it.each([
    ["selling-eight", "action-quantity", "quantity-typed"],
    ["selling-eight", "action-discount", "discount-typed"],
    ["selling-eight", "action-park", "park-label"],
    ["selling-eight", "discard-cart", "discard-yes"],
    ["selling-parked", "action-recall", "recall-close"],
    ["selling-receipts", "action-receipts", "receipts-close"],
    ["selling-receipts", "void-last", "void-yes"],
    ["selling-empty", "action-drawer", "drawer-close"],
    ["selling-empty", "key-11", "item-price"],
    ["selling-manager", "open-shift", "sheet-done"],
    ["selling-refused", "refused-count", "refused"],
    ["selling-paying", "pay-card", "tender-step"],
  ])("finds nothing in %s behind %s", async (name, opener, inside) => {
    document.title = "Onetill";
    document.documentElement.lang = "en";
    await openWindow(state(name));
    await tap(userEvent.setup(), byId(opener));
    await waitFor(() => expect(byId(inside)).toBeTruthy());
    const { violations } = await axe.run(document.documentElement, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))).toEqual([]);
  });
});
