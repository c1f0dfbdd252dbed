import { describe, expect, it } from "vitest";
import { atRegister, fault, snapshot, start } from "../src/dev/fixtures";
import { Till } from "../src/till.svelte";
import { answer, fakeBridge, never, pressed } from "./bridge";

/** A promise that is kept by hand. */
function later() {
  let give: () => void = () => {};
  const promise = new Promise<void>((resolve) => (give = resolve));
  return { promise, give };
}

describe("the till", () => {
  it("ignores an older snapshot that arrives late", () => {
    const till = new Till(fakeBridge(snapshot(start)));
    till.show(snapshot(atRegister, { serial: 7 }));
    till.show(snapshot(start, { serial: 6 }));
    expect(till.snapshot?.screen.name).toBe("register");
    till.show(snapshot(start, { serial: 8 }));
    expect(till.snapshot?.screen.name).toBe("start-shift");
  });

  it("does one thing for many equal presses", async () => {
    const bridge = fakeBridge(snapshot(start));
    const till = new Till(bridge);
    const first = later();
    answer(bridge, "start-shift", first.promise);
    const press = () => till.press({ name: "start-shift", opening_cash: "200.00", accept_earlier_day: false });
    const pressing = press();
    await press();
    await press();
    expect(pressed(bridge, "start-shift")).toHaveLength(1);
    expect(till.isPending("start-shift")).toBe(true);
    first.give();
    await pressing;
    expect(till.isPending("start-shift")).toBe(false);
    await press();
    expect(pressed(bridge, "start-shift")).toHaveLength(2);
  });

  it("is not held up by what was asked on a screen that has gone", async () => {
    const bridge = fakeBridge(snapshot(start));
    const till = new Till(bridge);
    till.show(snapshot(start, { serial: 1 }));
    answer(bridge, "leave-shift", never);
    void till.press({ name: "leave-shift" });
    till.show(snapshot(atRegister, { serial: 2 }));
    expect(till.isPending("leave-shift")).toBe(false);
    void till.press({ name: "leave-shift" });
    expect(pressed(bridge, "leave-shift")).toHaveLength(2);
  });

  it("stops waiting for a start that is cancelled, and can ask again", async () => {
    const bridge = fakeBridge(snapshot(start));
    const till = new Till(bridge);
    answer(bridge, "start-shift", never);
    const press = () => till.press({ name: "start-shift", opening_cash: "200.00", accept_earlier_day: false });
    void press();
    await till.cancelStart();
    expect(pressed(bridge, "cancel-start")).toHaveLength(1);
    expect(till.isPending("start-shift")).toBe(false);
    void press();
    expect(pressed(bridge, "start-shift")).toHaveLength(2);
  });

  it("shows a command that breaks instead of swallowing it", async () => {
    const bridge = fakeBridge(snapshot(start));
    const till = new Till(bridge);
    bridge.press.mockRejectedValue(new Error("no such command"));
    expect((await till.press({ name: "sign-out" })).fault?.code).toBe("INTERNAL");
    expect(till.trouble).toBe("Error: no such command");
    expect(till.isPending("sign-out")).toBe(false);
  });

  it("answers each press with what came of it, and shows first what it changed", async () => {
    const bridge = fakeBridge(snapshot(start));
    const till = new Till(bridge);
    answer(bridge, "record", fault("OVER_LIMIT"));
    bridge.snapshot.mockResolvedValue(snapshot(atRegister, { serial: 5, fault: fault("UNREACHABLE") }));
    const pressing = till.press({ name: "leave-shift" });
    expect(await pressing).toEqual({ outcome: { name: "done" }, fault: null });
    expect(till.snapshot?.serial).toBe(5);
    const request = { kind: "pay_in" as const, amount: "5", reason: "", note: "", reference: "" };
    expect(await till.press({ name: "record", request })).toEqual({ outcome: null, fault: fault("OVER_LIMIT") });
  });

  it("shows a bridge that does not answer at the start", async () => {
    const bridge = fakeBridge(snapshot(start));
    bridge.snapshot.mockRejectedValue("the program is gone");
    const till = new Till(bridge);
    await till.start();
    expect(till.snapshot).toBeNull();
    expect(till.trouble).toBe("the program is gone");
  });

  it("listens before it reads, so that no change falls between", async () => {
    const bridge = fakeBridge(snapshot(start));
    const order: string[] = [];
    bridge.onSnapshot.mockImplementation(async () => void order.push("listen"));
    bridge.snapshot.mockImplementation(async () => (order.push("read"), snapshot(start)));
    await new Till(bridge).start();
    expect(order).toEqual(["listen", "read"]);
  });
});
