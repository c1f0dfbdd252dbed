// What comes back: found by number, by scan and in the list, chosen by keys and by touch, and approved beside the cashier.

import axe from "axe-core";
import { screen as page, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { counter, fault } from "../src/dev/fixtures";
import { tap } from "./bridge";
import { openCounter } from "./counter";
import { scan } from "./keys";

const byId = (id: string) => page.getByTestId(id);
const plain = (text: string | null | undefined) => text?.replace(/[\u00A0\u202F]/g, " ").trim();
const dialog = () => within(page.getByRole("dialog"));

async function signIn(user: ReturnType<typeof userEvent.setup>) {
  await user.type(dialog().getByTestId("email"), "mara@demo.example");
  await user.type(dialog().getByTestId("password"), "secret");
  await tap(user, dialog().getByTestId("sign-in"));
}

describe("finding the receipt", () => {
  it("asks for the number that was typed, by keys alone", async () => {
    const { sent } = await openCounter();
    const user = userEvent.setup();
    await user.keyboard("{F7}");
    await user.type(await page.findByTestId("receipts-find"), "reg-2-a-000007{Enter}");
    await waitFor(() => expect(sent()).toEqual([{ name: "find-receipt", number: "reg-2-a-000007" }]));
    await waitFor(() => expect(page.queryByRole("dialog")).toBeNull());
  });

  it("asks for one of the list, and for one that a scanner read", async () => {
    const { sent } = await openCounter("selling-receipts");
    const user = userEvent.setup();
    await user.keyboard("{F7}");
    await tap(user, (await page.findAllByTestId("receipt-refund"))[0] as HTMLElement);
    await waitFor(() => expect(sent().at(-1)?.name).toBe("find-receipt"));
    await waitFor(() => expect(page.queryByRole("dialog")).toBeNull());
    scan("REG-1-A-000042");
    await waitFor(() => expect(sent().at(-1)).toEqual({ name: "scan", code: "REG-1-A-000042" }));
  });

  it("says in the dialog why there is none", async () => {
    const { bridge } = await openCounter();
    bridge.press.mockResolvedValue({ outcome: null, fault: fault("SALE_NOT_FOUND") });
    const user = userEvent.setup();
    await user.keyboard("{F7}");
    await user.type(await page.findByTestId("receipts-find"), "REG-1-A-000099{Enter}");
    expect(plain((await dialog().findByRole("alert")).textContent)).toContain("There is no such receipt");
  });
});

describe("choosing what comes back", () => {
  it("takes more and less of a line, what is typed, and all", async () => {
    const { sent } = await openCounter("selling-return-some");
    const user = userEvent.setup();
    expect(page.getAllByTestId("return-line").map((line) => line.dataset["chosen"])).toEqual(["", "0.485", "2"]);
    await tap(user, byId("return-more-3"));
    await tap(user, byId("return-less-3"));
    await user.clear(byId("return-quantity-2"));
    await user.type(byId("return-quantity-2"), "0.2{Tab}");
    await tap(user, byId("return-all"));
    await waitFor(() => expect(sent().map(({ name }) => name)).toContain("return-all"));
    expect(sent()).toContainEqual({ name: "return-line", line: 3, quantity: "3" });
    expect(sent()).toContainEqual({ name: "return-line", line: 3, quantity: "1" });
    expect(sent()).toContainEqual({ name: "return-line", line: 2, quantity: "0.2" });
    expect((byId("return-more-1") as HTMLButtonElement).disabled).toBe(true);
  });

  it("types nothing into the sale behind it, and goes back by Escape", async () => {
    const { sent } = await openCounter("selling-return");
    const user = userEvent.setup();
    await waitFor(() => expect(document.activeElement).toBe(byId("return-quantity-1")));
    scan("4006381333931");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(sent()).toEqual([{ name: "stop-return" }]));
  });

  it("asks the server with a reason, and not without one", async () => {
    const { sent } = await openCounter("selling-return-some");
    const user = userEvent.setup();
    expect(plain(byId("return-total").textContent)).toBe("$6.28");
    expect(plain(byId("return-tender-2").textContent)).toContain("$1.28");
    await tap(user, byId("return-tender-1"));
    await tap(user, byId("return-ask"));
    await waitFor(() => expect(sent()).toEqual([{ name: "return-first", tender: 1 }]));
    await user.click(byId("return-reason-0"));
    await user.type(byId("return-note"), "torn{Enter}");
    await waitFor(() => expect(sent().at(-1)).toEqual({ name: "ask-refund", reason: "Damaged", note: "torn" }));
  });

  it("says why it was asked for in vain, and what is left where nothing is", async () => {
    await openCounter("selling-return-refused");
    expect(plain(page.getByRole("alert").textContent)).toContain("Less is left to come back");
    document.body.replaceChildren();
    await openCounter("selling-return-nothing");
    expect(plain(byId("return-nothing").textContent)).toContain("voided");
    expect(page.queryByTestId("return-ask")).toBeNull();
  });

  it("prints a refund that the server answered by itself, once and without a word", async () => {
    const { sent } = await openCounter("selling-done-refund", { to_print: counter.done.sale_id });
    await waitFor(() => expect(sent().map(({ name }) => name)).toEqual(["reprint-receipt"]));
    expect(page.queryByTestId("selling-said")).toBeNull();
  });
});

describe("an exchange", () => {
  it("is begun with a reason, rung up, and given up", async () => {
    const { sent } = await openCounter("selling-return-some");
    const user = userEvent.setup();
    await user.click(byId("return-reason-1"));
    await tap(user, byId("return-exchange"));
    await waitFor(() => expect(sent()).toEqual([{ name: "exchange", reason: "Wrong size", note: "" }]));
    document.body.replaceChildren();
    const { sent: later } = await openCounter("selling-exchange");
    expect(plain(byId("exchanging").textContent)).toContain("$6.28");
    await user.keyboard("350{Enter}");
    await waitFor(() => expect(later()[0]).toMatchObject({ name: "add-amount", amount: "3.50" }));
    await tap(user, byId("exchange-stop"));
    await waitFor(() => expect(later().at(-1)).toEqual({ name: "stop-return" }));
  });

  it("counts what came back as handed over, and hands it out where the customer wants it", async () => {
    const { sent } = await openCounter("selling-exchange-paying");
    const user = userEvent.setup();
    expect(plain(byId("pay-due").textContent)).toBe("$40.08");
    expect(plain(byId("taken").textContent)).toContain("REG-1-A-000043");
    await tap(user, byId("give-back-0"));
    await waitFor(() => expect(sent()).toEqual([{ name: "give-back", tender: 0 }]));
    document.body.replaceChildren();
    await openCounter("selling-exchange-back");
    expect(plain(byId("credit-back").textContent)).toContain("$2.78");
  });
});

describe("a manager beside the cashier", () => {
  it("approves a refund, which is then asked for by one more press", async () => {
    const { sent } = await openCounter("selling-return-approval");
    const user = userEvent.setup();
    await user.click(byId("return-reason-1"));
    await tap(user, byId("return-ask"));
    await signIn(user);
    const subject = { of: "refund" };
    await waitFor(() =>
      expect(sent()).toEqual([{ name: "approve-sale", subject, email: "mara@demo.example", password: "secret", note: "" }]),
    );
    await waitFor(() => expect(page.queryByRole("dialog")).toBeNull());
  });

  it("says why not, and keeps the cart, which can be parked", async () => {
    const { bridge, run, names } = await openCounter("selling-approval");
    bridge.press.mockImplementation(async (command) =>
      command.name === "approve-sale" ? { outcome: null, fault: fault("MANAGER_REQUIRED") } : run(command),
    );
    const user = userEvent.setup();
    await tap(user, byId("pay"));
    await signIn(user);
    expect(await dialog().findByRole("alert")).toBeTruthy();
    await tap(user, byId("approval-park"));
    await waitFor(() => expect(names()).toContain("park-cart"));
    await waitFor(() => expect(page.queryByRole("dialog")).toBeNull());
  });

  it("is asked before a void beyond the limit, and before goods come back without a receipt", async () => {
    const { sent } = await openCounter("selling-receipts-limit");
    const user = userEvent.setup();
    await tap(user, byId("void-last"));
    await signIn(user);
    await waitFor(() => expect(sent()[0]).toMatchObject({ name: "approve-sale", subject: { of: "void" } }));
    document.body.replaceChildren();
    const { sent: without } = await openCounter("selling-eight");
    await user.keyboard("{F7}");
    await tap(user, await page.findByTestId("refund-cart"));
    await signIn(user);
    await waitFor(() => expect(without()[0]).toMatchObject({ name: "approve-sale", subject: { of: "cart-refund" } }));
  });

  it("need not be asked where a manager works", async () => {
    const { sent } = await openCounter("selling-manager");
    const user = userEvent.setup();
    await user.keyboard("{F7}");
    await tap(user, await page.findByTestId("refund-cart"));
    await user.type(await page.findByTestId("refund-cart-reason"), "gift");
    await tap(user, byId("refund-cart-yes"));
    await waitFor(() => expect(sent()).toEqual([{ name: "refund-cart", reason: "gift", note: "" }]));
  });
});

it.each(["selling-return", "selling-return-some", "selling-return-approval"])("%s has no barrier that axe finds", async (name) => {
  await openCounter(name);
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations).toEqual([]);
});
