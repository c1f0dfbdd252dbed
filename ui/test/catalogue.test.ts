// Managers keep the catalogue: items one by one, and files of them.

import { screen as page, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { base64 } from "../src/base64";
import { states } from "../src/dev/fixtures";
import type { Screen } from "../src/generated/Screen";
import type { Snapshot } from "../src/generated/Snapshot";
import { answer, openWindow, pressed } from "./bridge";

const byId = (id: string) => page.getByTestId(id);
const field = (id: string) => page.getByTestId<HTMLInputElement>(id);
const button = (id: string) => page.getByTestId<HTMLButtonElement>(id);
const catalogue = states["board-catalogue"] as Snapshot;
const board = catalogue.screen as Extract<Screen, { name: "board" }>;
const items = board.catalogue?.items ?? [];

async function edit(index: number) {
  const opened = await openWindow(catalogue);
  const user = userEvent.setup();
  await user.click(byId(`item-${index}`));
  return { ...opened, user };
}

describe("the list", () => {
  it("looks for what is typed, and turns pages by the item behind which they begin", async () => {
    const { bridge } = await openWindow(catalogue);
    const user = userEvent.setup();
    await user.type(byId("item-search"), "tea 3{Enter}");
    await user.click(byId("items-next"));
    await user.click(byId("items-previous"));
    expect(pressed(bridge, "find-items")).toEqual([
      { text: "tea 3", after: null },
      { text: "", after: items.at(-1)?.id },
      { text: "", after: null },
    ]);
  });

  it("shows who may not change items no way to do it", async () => {
    await openWindow(states["board-catalogue-read-only"] as Snapshot);
    expect(page.queryByTestId("item-new")).toBeNull();
    expect(page.queryByTestId("open-import")).toBeNull();
    expect(page.queryByTestId("item-0")).toBeNull();
    expect(byId("export-items")).toBeTruthy();
  });

  it("says where an export is", async () => {
    const { bridge } = await openWindow(catalogue);
    answer(bridge, "export-items", { name: "saved", file: { path: "/downloads/catalogue.csv", fault: null } });
    await userEvent.click(byId("export-items"));
    await waitFor(() => expect(byId("exported").textContent).toContain("/downloads/catalogue.csv"));
  });

  it("is left by Escape, and what is typed of an item is not", async () => {
    const { bridge, user } = await edit(0);
    await user.keyboard("{Escape}");
    expect(pressed(bridge, "close-catalogue")).toEqual([]);
    await user.click(byId("item-close"));
    await user.keyboard("{Escape}");
    expect(pressed(bridge, "close-catalogue")).toEqual([{}]);
  });
});

describe("an item", () => {
  it("is sent as it was typed, with the version that it had", async () => {
    const { bridge, user } = await edit(4);
    await user.clear(byId("item-price"));
    await user.type(byId("item-price"), "3,35");
    await user.type(byId("item-factor-1"), ",5");
    await user.click(byId("item-add-code"));
    await user.type(byId("item-code-2"), "4006381333931");
    await user.click(byId("item-save"));
    const [sent] = pressed(bridge, "save-item");
    expect(sent).toMatchObject({ item_id: items[4]?.id, version: items[4]?.version });
    expect(sent?.item).toEqual({
      name: "Pilsner 0.5 l",
      short_name: "",
      sku: "BEER-5",
      unit: "",
      price: "3.35",
      price_is_open: false,
      tax_code: "SALES",
      category: "Drinks",
      age_limit: "21",
      is_active: true,
      codes: [
        { code: "4012345678901", factor: "" },
        { code: "4012345678918", factor: "6.5" },
        { code: "4006381333931", factor: "" },
      ],
      prices: [{ location_id: board.location.id, price: "3.40" }],
    });
    await waitFor(() => expect(byId("item-status").textContent).not.toBe(""));
  });

  it("that is new has the id that the till gave it, also when it is sent again", async () => {
    const { bridge } = await openWindow(catalogue);
    const user = userEvent.setup();
    await user.click(byId("item-new"));
    await user.type(byId("item-name"), "Mug");
    await user.type(byId("item-price"), "9.50");
    answer(bridge, "save-item", { code: "NO_ANSWER", detail: "" });
    await user.click(byId("item-save"));
    await waitFor(() => expect(byId("error").dataset["code"]).toBe("NO_ANSWER"));
    expect(byId("item-status").textContent).toContain("not saved");
    expect(field("item-name").value).toBe("Mug");
    await user.click(byId("item-save"));
    const ids = pressed(bridge, "save-item").map(({ item_id, version }) => [item_id, version]);
    expect(ids).toEqual(Array(2).fill([board.catalogue?.new_id, 0]));
  });

  it.each([
    ["price", "no-price", "item-price", "Give a price"],
    ["name", "name", "item-name", "1 to 200"],
    ["age_limit", "age-limit", "item-age", "1 to 99"],
  ])("says at the field what is wrong with %s", async (field, reason, id, words) => {
    const { bridge, user } = await edit(0);
    answer(bridge, "save-item", { code: "BAD_CATALOGUE", detail: "", field, reason });
    await user.click(byId("item-save"));
    await waitFor(() => expect(byId(id).getAttribute("aria-invalid")).toBe("true"));
    const says = document.getElementById(byId(id).getAttribute("aria-describedby") ?? "");
    expect(says?.textContent).toContain(words);
    expect(page.queryByTestId("error")).toBeNull();
  });

  it("says at the codes that another has one of them", async () => {
    const { bridge, user } = await edit(0);
    answer(bridge, "save-item", { code: "CODE_TAKEN", detail: "" });
    await user.click(byId("item-save"));
    await waitFor(() => expect(byId("item-codes-wrong").textContent).toContain("Another item"));
  });

  it("that somebody else changed is not overwritten before it was seen", async () => {
    const { bridge, till, user } = await edit(0);
    await user.type(byId("item-name"), " of mine");
    const theirs = { ...(items[0] as (typeof items)[number]), name: "Theirs", version: 99 };
    const changed = { ...board, catalogue: { ...board.catalogue, items: [theirs] } } as typeof board;
    bridge.snapshot.mockImplementation(async () => ({ ...catalogue, serial: 2, screen: changed }));
    answer(bridge, "save-item", { code: "ITEM_CHANGED", detail: "" });
    await user.click(byId("item-save"));
    await waitFor(() => expect(byId("item-changed")).toBeTruthy());
    expect(till.snapshot?.serial).toBe(2);
    expect(button("item-save").disabled).toBe(true);
    expect(field("item-name").value).toContain("of mine");
    await user.click(byId("item-mine"));
    await user.click(byId("item-save"));
    expect(pressed(bridge, "save-item").map(({ version }) => version)).toEqual([items[0]?.version, 99]);
    await waitFor(() => expect(byId("item-changed")).toBeTruthy());
    await user.click(byId("item-theirs"));
    expect(field("item-name").value).toBe("Theirs");
  });
});

describe("a file", () => {
  it("is sent as it is, with the tax of what it says none of", async () => {
    const { bridge } = await openWindow(catalogue);
    const user = userEvent.setup();
    await user.click(byId("open-import"));
    await user.selectOptions(byId("import-tax"), "SALES");
    const bytes = new Uint8Array([0xff, 0xfe, 0x41, 0x00]);
    await user.upload(byId("import-file"), new File([bytes], "items.csv", { type: "text/csv" }));
    await waitFor(() => expect(pressed(bridge, "read-items-file")).toHaveLength(1));
    expect(pressed(bridge, "read-items-file")[0]).toEqual({ file_name: "items.csv", content: "//5BAA==", tax_code: "SALES" });
  });

  it("shows why lines are refused before anything is taken up", async () => {
    const { bridge } = await openWindow(states["board-import"] as Snapshot);
    const user = userEvent.setup();
    const lines = within(byId("import-lines")).getAllByRole("row");
    expect(lines[1]?.textContent).toContain("The last digit of this code");
    expect(lines[3]?.textContent).toContain("Line 12 was first");
    expect(byId("import-says").textContent).toContain("Nothing was changed yet");
    await user.click(byId("import-filter-1"));
    await user.click(byId("import-next"));
    expect(pressed(bridge, "show-import")).toEqual([
      { which: "add", from: 0 },
      { which: "refuse", from: 6 },
    ]);
    expect(byId("import-start").textContent).toContain("9,950");
    await user.click(byId("import-start"));
    expect(pressed(bridge, "start-import")).toEqual([{}]);
  });

  it("can be stopped while it is taken up, gone on with, and put away", async () => {
    const running = await openWindow(states["board-import-running"] as Snapshot);
    expect(page.queryByTestId("import-close")).toBeNull();
    await userEvent.click(byId("import-stop"));
    expect(pressed(running.bridge, "stop-import")).toEqual([{}]);
  });

  it("that was stopped goes on where it was", async () => {
    const stopped = await openWindow(states["board-import-stopped"] as Snapshot);
    expect(byId("import-start").textContent).toContain("Go on");
    await userEvent.click(byId("import-close"));
    expect(pressed(stopped.bridge, "close-import")).toEqual([{}]);
  });

  it("that has nothing to do says so, and one that cannot be used says why", async () => {
    await openWindow(states["board-import-nothing"] as Snapshot);
    expect(byId("import-says").textContent).toContain("Nothing to do");
    expect(page.queryByTestId("import-start")).toBeNull();
  });

  it("that is no table is refused in words", async () => {
    await openWindow(states["board-import-unusable"] as Snapshot);
    expect(byId("import-unusable").textContent).toContain("CSV");
  });
});

it("writes bytes of any length as Base64", () => {
  for (const length of [0, 1, 2, 3, 0x6000, 0x6001, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, n) => (n * 7) % 256);
    expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  }
});
