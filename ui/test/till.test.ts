import { describe, expect, it } from "vitest";
import { atRegister, snapshot, start } from "../src/dev/fixtures";
import { Till } from "../src/till.svelte";
import { fakeBridge } from "./bridge";

/** A promise that is answered by hand. */
function answer<T>() {
  let give: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => (give = resolve));
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
    const first = answer<void>();
    bridge.startShift.mockReturnValue(first.promise);
    const press = () => till.ask("startShift", { openingCash: "200.00", acceptEarlierDay: false });
    const pressed = press();
    await press();
    await press();
    expect(bridge.startShift).toHaveBeenCalledTimes(1);
    expect(till.waitsFor("startShift")).toBe(true);
    first.give();
    await pressed;
    expect(till.waitsFor("startShift")).toBe(false);
    await press();
    expect(bridge.startShift).toHaveBeenCalledTimes(2);
  });

  it("is not held up by what was asked on a screen that has gone", async () => {
    const bridge = fakeBridge(snapshot(start));
    const till = new Till(bridge);
    till.show(snapshot(start, { serial: 1 }));
    bridge.leaveShift.mockReturnValue(answer<void>().promise);
    void till.ask("leaveShift");
    till.show(snapshot(atRegister, { serial: 2 }));
    expect(till.waitsFor("leaveShift")).toBe(false);
    void till.ask("leaveShift");
    expect(bridge.leaveShift).toHaveBeenCalledTimes(2);
  });

  it("stops waiting for a start that is cancelled, and can ask again", async () => {
    const bridge = fakeBridge(snapshot(start));
    const till = new Till(bridge);
    bridge.startShift.mockReturnValue(answer<void>().promise);
    const press = () => till.ask("startShift", { openingCash: "200.00", acceptEarlierDay: false });
    void press();
    await till.cancelStart();
    expect(bridge.cancelStart).toHaveBeenCalledTimes(1);
    expect(till.waitsFor("startShift")).toBe(false);
    void press();
    expect(bridge.startShift).toHaveBeenCalledTimes(2);
  });

  it("shows a command that breaks instead of swallowing it", async () => {
    const bridge = fakeBridge(snapshot(start));
    const till = new Till(bridge);
    bridge.signOut.mockRejectedValue(new Error("no such command"));
    expect(await till.ask("signOut")).toBeUndefined();
    expect(till.trouble).toBe("Error: no such command");
    expect(till.waitsFor("signOut")).toBe(false);
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
