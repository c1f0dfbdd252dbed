// What managers keep beside the items: the keys of the register screen, and the owner's taxes.

import { screen as page, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Screen } from "../src/generated/Screen";
import type { Snapshot } from "../src/generated/Snapshot";
import { states } from "../src/dev/fixtures";
import { answer, openWindow, pressed, tap } from "./bridge";

const byId = (id: string) => page.getByTestId(id);
const field = (id: string) => page.getByTestId<HTMLInputElement>(id);
const button = (id: string) => page.getByTestId<HTMLButtonElement>(id);

const catalogue = states["board-catalogue"] as Snapshot;
const { catalogue: kept } = catalogue.screen as Extract<Screen, { name: "board" }>;
const keys = kept?.settings?.keys ?? [];

async function opened(what: "open-keys" | "open-taxes", state = catalogue) {
  const { bridge } = await openWindow(state);
  const user = userEvent.setup();
  await user.click(byId(what));
  return { bridge, user };
}

describe("quick keys", () => {
  it("are read, laid out as on the register, and changed only by saving", async () => {
    const { bridge, user } = await opened("open-keys");
    expect(pressed(bridge, "read-kept-settings")).toEqual([{}]);
    expect(button("keys-save").disabled).toBe(true);
    await user.click(byId("place-2"));
    expect(field("key-label").value).toBe("Cheese");
    await user.clear(byId("key-label"));
    await user.type(byId("key-label"), "Käse");
    await user.selectOptions(byId("key-colour"), "blue");
    expect(byId("keys-status").textContent).toContain("Not saved");
    expect(pressed(bridge, "save-quick-keys")).toEqual([]);
    await user.click(byId("keys-save"));
    const [sent, ...more] = pressed(bridge, "save-quick-keys") as { page: number; keys: { place: number }[] }[];
    expect([sent?.page, more.length, sent?.keys.length]).toEqual([1, 0, 16]);
    const second = sent?.keys.find(({ place }) => place === 2);
    expect(second).toEqual({ place: 2, item_id: keys[1]?.item_id, label: "Käse", colour: "blue" });
  });

  it("move, and what stands there takes the free place", async () => {
    const { bridge, user } = await opened("open-keys");
    await user.click(byId("place-1"));
    await user.click(byId("key-move"));
    await user.click(byId("place-2"));
    await user.click(byId("place-3"));
    await user.click(byId("key-remove"));
    await user.click(byId("keys-save"));
    const [sent] = pressed(bridge, "save-quick-keys") as { keys: { place: number; item_id: string }[] }[];
    const at = (place: number) => sent?.keys.find((key) => key.place === place)?.item_id;
    expect([at(1), at(2), at(3)]).toEqual([keys[1]?.item_id, keys[0]?.item_id, undefined]);
  });

  it("are put on a free place from the search, on a page of their own, too", async () => {
    const { bridge, user } = await opened("open-keys");
    await user.click(byId("keys-page-3"));
    await user.click(byId("place-20"));
    await user.type(byId("key-search"), "tea{Enter}");
    expect(pressed(bridge, "find-items")).toEqual([{ text: "tea", after: null }]);
    await user.click(byId("key-found-0"));
    await user.click(byId("keys-save"));
    expect(pressed(bridge, "save-quick-keys")).toEqual([
      { page: 3, keys: [{ place: 20, item_id: kept?.items?.[0]?.id, label: "", colour: "" }] },
    ]);
  });

  it("stay as they were laid out where they cannot be saved", async () => {
    const { bridge, user } = await opened("open-keys");
    await user.click(byId("place-1"));
    await user.click(byId("key-remove"));
    answer(bridge, "save-quick-keys", { code: "NO_ANSWER", detail: "" });
    await user.click(byId("keys-save"));
    await waitFor(() => expect(byId("keys-status").textContent).toContain("Not saved"));
    expect(byId("place-1").textContent).toContain("free");
    expect(button("keys-save").disabled).toBe(false);
  });
});

describe("taxes", () => {
  it("are only read where they are not one's own", async () => {
    await opened("open-taxes", states["board-catalogue-read-only"]);
    expect(byId("taxes").textContent).toContain("City 4.5\u00a0%");
    expect(page.queryByTestId("tax-0")).toBeNull();
    expect(page.queryByTestId("tax-new")).toBeNull();
  });

  it("are typed in per cent and keep code, place and date", async () => {
    const { bridge, user } = await opened("open-taxes");
    await user.click(byId("tax-1"));
    expect(field("tax-code").readOnly).toBe(true);
    await user.clear(byId("tax-percent-1"));
    await user.type(byId("tax-percent-1"), "4,75");
    await user.click(byId("tax-remove-part-2"));
    await user.click(byId("tax-save"));
    expect(pressed(bridge, "save-tax")).toEqual([
      {
        is_removed: false,
        tax: {
          location_id: null,
          code: "SALES",
          name: "Sales tax",
          valid_from: "2020-01-01",
          components: [
            { name: "State", percent: "4" },
            { name: "City", percent: "4.75" },
          ],
        },
      },
    ]);
    await waitFor(() => expect(byId("tax-status").textContent).toContain("Saved"));
    // The same code again, from another date on.
    await user.click(byId("tax-later"));
    expect([field("tax-from").value, field("tax-code").value]).toEqual(["", "SALES"]);
  });

  it.each([
    ["tax-rate", "tax-percent-0", "three places"],
    ["tax-name", "tax-code", "1 to 32"],
    ["date", "tax-from", "2027-01-31"],
  ])("say at the field what is wrong (%s)", async (reason, id, words) => {
    const { bridge, user } = await opened("open-taxes");
    await user.click(byId("tax-new"));
    answer(bridge, "save-tax", { code: "BAD_CATALOGUE", detail: "", field: "item", reason });
    await user.click(byId("tax-save"));
    await waitFor(() => expect(byId(id).getAttribute("aria-invalid")).toBe("true"));
    expect(document.getElementById(byId(id).getAttribute("aria-describedby") ?? "")?.textContent).toContain(words);
    expect(page.queryByTestId("error")).toBeNull();
  });

  it("go only after a question", async () => {
    const { bridge, user } = await opened("open-taxes");
    await tap(user, byId("tax-2"));
    await tap(user, byId("tax-remove"));
    await tap(user, byId("tax-remove-no"));
    await waitFor(() => expect(page.queryByTestId("tax-remove-no")).toBeNull());
    expect(pressed(bridge, "save-tax")).toEqual([]);
    await tap(user, byId("tax-remove"));
    await tap(user, byId("tax-remove-yes"));
    expect(pressed(bridge, "save-tax").map(({ is_removed }) => is_removed)).toEqual([true]);
    await waitFor(() => expect(byId("taxes")).toBeTruthy());
  });
});
