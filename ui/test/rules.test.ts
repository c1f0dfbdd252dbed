// The owner says by which rules a store sells.

import { screen as page, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { countries } from "../src/countries";
import { states } from "../src/dev/fixtures";
import type { Snapshot } from "../src/generated/Snapshot";
import { answer, openWindow, pressed } from "./bridge";

const byId = (id: string) => page.getByTestId(id);
const rules = states["board-rules"] as Snapshot;

it("sends what is typed as the contract writes it, and says that it is kept", async () => {
  const { bridge } = await openWindow(rules);
  const user = userEvent.setup();
  await user.selectOptions(byId("rules-country"), "CH");
  await user.clear(byId("rules-discount"));
  await user.type(byId("rules-discount"), "12,5");
  await user.clear(byId("rules-refund"));
  await user.type(byId("rules-step"), "0.05");
  await user.clear(byId("rules-tenders"));
  await user.type(byId("rules-tenders"), "Voucher, , Twint ");
  await user.click(byId("rules-save"));
  await waitFor(() => expect(byId("rules-saved").textContent).not.toBe(""));
  expect(pressed(bridge, "save-selling-rules")).toEqual([
    {
      change: {
        country: "CH",
        selling_on: true,
        prices_include_tax: false,
        cash_step: "0.05",
        discount_percent_limit: "12.5",
        sale_limit: null,
        refund_limit: null,
        void_limit: "50.00",
        price_override: false,
        no_receipt_refund: true,
        other_tenders: ["Voucher", "Twint"],
        receipt_header: "Corner & Quay\n12 Market Street, New York",
        receipt_footer: "Thank you!",
      },
    },
  ]);
});

it("does not say that something is kept which was refused", async () => {
  const { bridge } = await openWindow(states["board-rules-certificate"] as Snapshot);
  expect(byId("rules-law").textContent).toContain("not a certified cash register");
  answer(bridge, "save-selling-rules", { code: "SELLING_OFF", detail: "403" });
  await userEvent.click(byId("rules-save"));
  await waitFor(() => expect(pressed(bridge, "save-selling-rules")).toHaveLength(1));
  expect(byId("rules-saved").textContent).toBe("");
});

it("lists every country once, by its name in the reader's language", () => {
  const list = countries("de");
  expect(new Set(list.map(({ code }) => code)).size).toBe(list.length);
  expect(list.find(({ code }) => code === "AT")?.name).toBe("Österreich");
  expect(list.every(({ name }) => name.length > 2)).toBe(true);
});
