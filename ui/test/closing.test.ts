// Counting, closing, ending, the reports and the board: what is shown, and what is asked of Rust, exactly once.

import { screen as page, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { board, closing, states } from "../src/dev/fixtures";
import type { Snapshot } from "../src/generated/Snapshot";
import { answer, never, openWindow, pressed, tap } from "./bridge";

const byId = (id: string) => page.getByTestId(id);
const text = (id: string) => byId(id).textContent?.replace(/\s+/g, " ").trim() ?? "";
const state = (name: string): Snapshot => {
  const told = states[name];
  if (!told) throw new Error(`no such state: ${name}`);
  return told;
};
async function open(name: string) {
  return { ...(await openWindow(state(name))), user: userEvent.setup() };
}

describe("the register screen", () => {
  it("opens the checklist once, however often it is tapped, and by its key", async () => {
    const { bridge, user } = await open("register");
    answer(bridge, "open-checklist", never);
    await user.click(byId("action-close"));
    await user.click(byId("action-close"));
    await user.keyboard("{F10}");
    expect(pressed(bridge, "open-checklist")).toHaveLength(1);
  });

  it("says who counts elsewhere, and offers nothing that records", async () => {
    const { bridge, user } = await open("register-counted-elsewhere");
    expect(text("counted-elsewhere")).toContain("Ben Castellano is counting this drawer");
    expect(byId("action-pay_in").hasAttribute("disabled")).toBe(true);
    expect(byId("spot-count").hasAttribute("disabled")).toBe(true);
    await user.keyboard("{F2}{F7}");
    expect(document.querySelector("dialog[open]")).toBeNull();
    await user.click(byId("action-close"));
    expect(pressed(bridge, "open-checklist")).toHaveLength(1);
  });

  it("keeps a spot count, and none where nothing was counted", async () => {
    const { bridge, user } = await open("register");
    await tap(user, byId("spot-count"));
    await tap(user, await page.findByTestId("spot-keep"));
    expect(pressed(bridge, "spot-count")).toEqual([]);
    await user.type(byId("count-20"), "3");
    expect(text("spot-total")).toContain("$60.00");
    await tap(user, byId("spot-keep"));
    expect(pressed(bridge, "spot-count")).toContainEqual({ tally: { by: "pieces", pieces: [{ value: "20", count: 3 }] } });
    await waitFor(() => expect(text("movement-done")).toContain("$60.00"));
  });

  it("tells the limit before anything is typed, and marks what the till refuses beyond it", async () => {
    const { bridge, user } = await open("register-limits");
    await tap(user, byId("action-pay_out"));
    expect(text("movement-limit")).toContain("$50.00");
    expect(page.getByRole("radio", { name: "Bread order" })).toBeTruthy();
    await user.type(byId("movement-amount"), "50.01");
    await user.type(byId("movement-note"), "Bread");
    answer(bridge, "record", { code: "OVER_LIMIT", detail: "" });
    await tap(user, byId("movement-record"));
    await waitFor(() => expect(text("movement-limit")).toContain("A manager has to sign in"));
    expect(page.queryByTestId("fault")).toBeNull();
    await user.clear(byId("movement-amount"));
    expect(text("movement-limit")).toContain("Up to");
    await user.type(byId("movement-amount"), "50.00");
    await tap(user, byId("movement-record"));
    expect(pressed(bridge, "record")).toHaveLength(2);
  });
});

describe("the checklist", () => {
  it("holds the count up for what is not sent, until a manager lets it go on", async () => {
    const { bridge, user } = await open("closing-checklist-unsent");
    expect(byId("begin-count").hasAttribute("disabled")).toBe(true);
    expect(byId("end-later").hasAttribute("disabled")).toBe(true);
    await tap(user, byId("allow-unsent"));
    await user.type(await page.findByTestId("email"), "manager@demo.test");
    await user.type(byId("password"), "secret{Enter}");
    expect(pressed(bridge, "allow-unsent-as")).toContainEqual({ email: "manager@demo.test", password: "secret" });
  });

  it("asks a manager who is signed in only to agree", async () => {
    const { bridge, user } = await open("closing-checklist-unsent-manager");
    await tap(user, byId("allow-unsent"));
    await tap(user, await page.findByTestId("allow-yes"));
    expect(pressed(bridge, "allow-unsent")).toHaveLength(1);
  });

  it("begins the count once", async () => {
    const { bridge, user } = await open("closing-checklist");
    answer(bridge, "begin-count", never);
    await user.dblClick(byId("begin-count"));
    expect(pressed(bridge, "begin-count")).toHaveLength(1);
  });

  it("takes a count over after asking back", async () => {
    const { bridge, user } = await open("closing-checklist-take-over");
    await tap(user, byId("take-over"));
    await tap(user, await page.findByTestId("take-over-yes"));
    expect(pressed(bridge, "take-over-count")).toHaveLength(1);
  });

  it("ends now, cancels, and goes back", async () => {
    const { bridge, user } = await open("closing-checklist-unused");
    await tap(user, byId("end-later"));
    await user.type(await page.findByTestId("later-reason"), "In a hurry{Enter}");
    expect(pressed(bridge, "end-shift")).toContainEqual({ reason: "In a hurry" });
    await tap(user, byId("stop-closing"));
    expect(pressed(bridge, "stop-closing")).toHaveLength(1);
  });

  it("leaves the end of an earlier day's shift to a manager", async () => {
    await open("closing-checklist-earlier");
    expect(byId("end-later").hasAttribute("disabled")).toBe(true);
    expect(byId("end-needs-manager")).toBeTruthy();
  });
});

describe("the blind count", () => {
  it("goes from piece to piece by Enter, keeps the draft, and hands it in once", async () => {
    const { bridge, user } = await open("closing-count");
    answer(bridge, "commit-count", never);
    await waitFor(() => expect(document.activeElement).toBe(byId("count-100")));
    await user.keyboard("2{Enter}0{Enter}");
    const tally = {
      by: "pieces",
      pieces: [
        { value: "100", count: 2 },
        { value: "50", count: 0 },
      ],
    };
    expect(text("count-total")).toContain("$200.00");
    await waitFor(() => expect(pressed(bridge, "keep-tally").at(-1)).toEqual({ tally }));
    await user.dblClick(byId("commit-count"));
    expect(pressed(bridge, "commit-count")).toEqual([{ tally }]);
  });

  it("does not take nothing for zero", async () => {
    const { bridge, user } = await open("closing-count");
    await tap(user, byId("commit-count"));
    expect(pressed(bridge, "commit-count")).toEqual([]);
    expect(page.getByRole("alert").textContent).toContain("An empty drawer is 0");
  });

  it("takes one sum as it was typed, never as a number", async () => {
    const { bridge, user } = await open("closing-count-unknown");
    await user.type(byId("count-sum"), "9007199{Enter}");
    expect(pressed(bridge, "commit-count")).toContainEqual({ tally: { by: "sum", amount: "9007199.00" } });
  });

  it("takes up the draft of before", async () => {
    await open("closing-count-draft");
    expect((byId("count-20") as HTMLInputElement).value).toBe("12");
    expect((byId("count-0.50") as HTMLInputElement).value).toBe("");
    expect(text("count-total")).toContain("$609.80");
  });

  it("asks back before what was typed is thrown away", async () => {
    const { bridge, user } = await open("closing-count-draft");
    await tap(user, byId("stop-counting"));
    expect(pressed(bridge, "stop-closing")).toEqual([]);
    await tap(user, await page.findByTestId("stop-counting-yes"));
    expect(pressed(bridge, "stop-closing")).toHaveLength(1);
  });

  it("settles without a count only with a reason", async () => {
    const { bridge, user } = await open("closing-count-ended");
    await tap(user, byId("skip-count"));
    await tap(user, await page.findByTestId("skip-count-yes"));
    expect(pressed(bridge, "settle-uncounted")).toEqual([]);
    await user.type(byId("skip-count-reason"), "Stolen{Enter}");
    expect(pressed(bridge, "settle-uncounted")).toContainEqual({ reason: "Stolen" });
  });

  it("says calmly that an answer is out, with what was handed in", async () => {
    const { bridge, user } = await open("closing-count-held");
    expect(text("held")).toContain("You handed in $609.80.");
    expect(page.queryByTestId("commit-count")).toBeNull();
    await user.click(byId("ask-now"));
    expect(pressed(bridge, "check-now")).not.toEqual([]);
  });
});

describe("the result", () => {
  it("says over or short in words, wants a reason, and closes with what stays", async () => {
    const { bridge, user } = await open("closing-result");
    expect(text("count-result")).toBe("The drawer is short by $2.30");
    expect(text("tender-cash")).toContain("Short $2.30");
    expect(text("tender-card")).toContain("Not counted");
    await tap(user, byId("close-shift"));
    expect(pressed(bridge, "close-shift")).toEqual([]);
    await tap(user, byId("close-reason-choice-0"));
    await tap(user, byId("close-shift"));
    expect(pressed(bridge, "close-shift")).toContainEqual({ reason: "Wrong change given" });
  });

  it("offers the store's own reasons instead of the usual ones", async () => {
    const { bridge, user } = await open("closing-result-own-reasons");
    await tap(user, byId("close-reason-choice-1"));
    await user.type(byId("close-reason"), "by Ben");
    await tap(user, byId("close-shift"));
    expect(pressed(bridge, "close-shift")).toContainEqual({ reason: "Lottery pay-out not entered · by Ben" });
    expect(page.queryByTestId("close-reason-choice-2")).toBeNull();
  });

  it("closes an exact drawer without a word more", async () => {
    const { bridge, user } = await open("closing-result-exact");
    expect(text("count-result")).toBe("The drawer is exact");
    expect(page.queryByTestId("close-reason")).toBeNull();
    await tap(user, byId("close-shift"));
    expect(pressed(bridge, "close-shift")).toContainEqual({ reason: "" });
  });

  it("leaves another amount in the drawer, never more than was counted", async () => {
    const { bridge, till, user } = await open("closing-result-exact");
    await tap(user, byId("change-float"));
    const field = await page.findByTestId("left-amount");
    await user.clear(field);
    answer(bridge, "leave-in-drawer", { code: "BAD_COUNT", detail: "" });
    await user.type(field, "609.81{Enter}");
    await waitFor(() => expect(page.getByRole("alert").textContent).toContain("more than was counted"));
    await user.clear(field);
    expect(page.queryByRole("alert")).toBeNull();
    answer(bridge, "leave-in-drawer", { name: "done" });
    await user.type(field, "150{Enter}");
    await waitFor(() => expect(page.queryByTestId("left-amount")).toBeNull());
    expect(pressed(bridge, "leave-in-drawer")).toEqual([{ amount: "609.81" }, { amount: "150.00" }]);
    const { step } = closing.at(closing.result);
    if (step.step !== "result") throw new Error("no result");
    const next_float = { left: "150.00", left_pieces: [], taken: "459.80", taken_pieces: [] };
    till.show({ ...state("closing-result-exact"), serial: 2, screen: closing.at({ ...step, next_float }) });
    await waitFor(() => expect(text("left-in-drawer")).toBe("$150.00"));
    expect(text("taken-out")).toBe("$459.80");
    expect(pressed(bridge, "close-shift"), "only the amount was changed").toEqual([]);
  });

  it("has a manager approve under their own name", async () => {
    const { bridge, till, user } = await open("closing-result-approval");
    expect(byId("close-shift").hasAttribute("disabled")).toBe(true);
    await tap(user, byId("approve"));
    await user.type(await page.findByTestId("email"), "manager@demo.test");
    await user.type(byId("approve-note"), "Seen");
    await user.type(byId("password"), "secret{Enter}");
    expect(pressed(bridge, "approve-count")).toContainEqual({ email: "manager@demo.test", password: "secret", note: "Seen" });
    till.show({ ...state("closing-result-approved"), serial: 2 });
    await waitFor(() => expect(page.queryByTestId("password")).toBeNull());
    expect(text("approved-by")).toBe("Approved by Marta Okafor.");
  });

  it("counts again", async () => {
    const { bridge, user } = await open("closing-result");
    await tap(user, byId("count-again"));
    expect(pressed(bridge, "count-again")).toHaveLength(1);
  });
});

describe("how it came out", () => {
  it.each([
    ["closing-closed", "Shift closed"],
    ["closing-uncounted", "Settled without a count"],
    ["closing-ended", "Shift ended, not counted yet"],
    ["closing-cancelled", "Shift cancelled"],
  ])("%s is told as what it is", async (name, said) => {
    const { bridge, user } = await open(name);
    expect(text("closing-over")).toBe(said);
    await tap(user, byId("acknowledge-end"));
    expect(pressed(bridge, "acknowledge-end")).toHaveLength(1);
  });

  it("writes not counted in words on the Z report", async () => {
    await open("closing-uncounted");
    expect(text("report")).toContain("Not counted");
    expect(text("report")).not.toContain("Short");
  });
});

describe("reports", () => {
  it("keep from a cashier what is told after the count", async () => {
    const { bridge, user } = await open("register-x-report");
    expect(byId("report").dataset["sheet"]).toBe("x");
    expect(text("report")).toContain("After the count");
    await tap(user, byId("dismiss-report"));
    await waitFor(() => expect(pressed(bridge, "dismiss-report")).toHaveLength(1));
  });

  it("mark a copy, and are printed in the words of the screen", async () => {
    const { bridge, user } = await open("board-z-report");
    expect(text("report-copy")).toBe("COPY");
    bridge.printReport.mockResolvedValue({ result: "not-printed", why: "paper-out" });
    await tap(user, byId("print-report"));
    expect(bridge.printReport.mock.calls[0]?.[0].report).toEqual(closing.copy);
    expect(bridge.printReport.mock.calls[0]?.[0].language.words.copy).toBe("COPY");
    await waitFor(() => expect(text("paper-told")).toBe("Nothing was printed. The printer is out of paper."));
    await tap(user, byId("save-csv"));
    await waitFor(() => expect(text("paper-told")).toContain("/downloads/Z 1.pdf"));
  });
});

describe("the board", () => {
  it.each([
    ["board", "board-"],
    ["board-day-sold", "day-"],
  ] as const)("goes on paper and into files from %s", async (state, testid) => {
    const { bridge, user } = await open(state);
    await tap(user, byId(`${testid}print-report`));
    await tap(user, byId(`${testid}save-pdf`));
    await tap(user, byId(`${testid}save-csv`));
    for (const call of [bridge.printReport, bridge.saveReportPdf, bridge.saveReportCsv])
      expect(call.mock.calls[0]?.[0].report).toMatchObject({ of: testid.slice(0, -1), currency: "USD" });
    await waitFor(() => expect(text(`${testid}paper-told`)).toContain("/downloads/"));
  });

  it("tells each register's state in a word, and shows those of one state", async () => {
    const { user } = await open("board");
    expect(text("board-REG-1")).toContain("Open");
    expect(text("board-REG-4")).toContain("Ben Castellano counts");
    expect(text("board-REG-5")).toContain("Not counted");
    expect(text("board-REG-6")).toContain("1 shift not counted");
    expect(page.queryByTestId("board-REG-2")).not.toBeNull();
    await tap(user, page.getByRole("radio", { name: /^Not counted/ }));
    expect(page.queryByTestId("board-REG-2")).toBeNull();
    expect(page.queryByTestId("board-REG-6")).not.toBeNull();
  });

  it.each(["board-sold", "board-day-sold"])("settles a flag with a note on %s, and keeps what was said", async (state) => {
    const { bridge, user } = await open(state);
    if (state === "board-sold") await tap(user, byId("board-REG-3"));
    const first = page.getAllByTestId("settle-flag")[0];
    if (!first) throw new Error("nothing can be settled");
    expect(first.getAttribute("aria-label")).toContain("REG-3-B-000040");
    await tap(user, first);
    await tap(user, byId("settle-yes"));
    expect(pressed(bridge, "settle-flag")).toEqual([]);
    await user.type(byId("settle-reason"), "Found in the bag");
    await tap(user, byId("settle-yes"));
    expect(pressed(bridge, "settle-flag")).toMatchObject([{ flag: "late", note: "Found in the bag" }]);
    if (state === "board-day-sold") expect(text("settled-flag")).toMatch(/Marta Okafor.*Its battery was empty/);
  });

  it("ends a forgotten shift with a reason", async () => {
    const { bridge, user } = await open("board");
    await tap(user, byId("board-REG-1"));
    await tap(user, await page.findByTestId("force-end"));
    await tap(user, await page.findByTestId("force-end-yes"));
    expect(pressed(bridge, "force-end")).toEqual([]);
    await user.type(byId("force-end-reason"), "Forgotten{Enter}");
    expect(pressed(bridge, "force-end")).toContainEqual({ session_id: board.board.registers[0]?.open_session?.id, reason: "Forgotten" });
  });

  it("counts an ended shift, and reads the last Z report", async () => {
    const { bridge, user } = await open("board");
    await tap(user, byId("board-REG-6"));
    await tap(user, await page.findByTestId("count-ended"));
    expect(pressed(bridge, "count-ended")).toContainEqual({ session_id: board.board.registers[5]?.uncounted[0]?.id });
    await waitFor(() => expect(byId("read-z").hasAttribute("disabled")).toBe(false));
    await tap(user, byId("read-z"));
    expect(pressed(bridge, "show-z-report")).toContainEqual({ session_id: board.board.registers[5]?.last_close?.session_id });
  });

  it("adds the day up exactly, and counts what was not counted as nothing", async () => {
    const { bridge, user } = await open("board-day");
    expect(text("day-state")).toBe("Still open: 2. Not counted: 1.");
    // Six reports of 1284.35; short 2.30 four times, over 22.50 once, once not counted.
    expect(text("day-total")).toContain("$7,706.10");
    expect(text("day-total")).toContain("Over $13.30");
    await tap(user, byId("day-before"));
    expect(pressed(bridge, "read-day")).toContainEqual({ date: "2026-11-22" });
    await tap(user, byId("close-day"));
    expect(pressed(bridge, "close-day")).toHaveLength(1);
  });

  it("is offered to managers alone", async () => {
    const { user, bridge } = await open("register-manager");
    await tap(user, byId("open-board"));
    expect(pressed(bridge, "open-board")).toContainEqual({ location_id: null });
  });

  it("is not offered to a cashier", async () => {
    await open("register");
    expect(page.queryByTestId("open-board")).toBeNull();
  });

  it("lets a manager end the shift of an earlier day", async () => {
    const { user, bridge } = await open("earlier-day-manager");
    await tap(user, byId("force-end"));
    await user.type(await page.findByTestId("force-end-reason"), "Forgotten{Enter}");
    expect(pressed(bridge, "force-end")).toHaveLength(1);
  });

  it("joins nothing when a manager ends the shift of an earlier day instead", async () => {
    const { user, bridge } = await open("start-earlier-day-manager");
    await tap(user, byId("force-end"));
    await user.type(await page.findByTestId("force-end-reason"), "Forgotten{Enter}");
    expect(pressed(bridge, "force-end")).toHaveLength(1);
    expect(pressed(bridge, "start-shift")).toEqual([]);
  });
});
