import { beforeEach, describe, expect, it } from "vitest";
import { swallowRepeats } from "../src/repeats";

describe("impatient hands", () => {
  let page: Document;
  let button: HTMLButtonElement;
  let acted: number;
  let newScreen: () => void;

  beforeEach(() => {
    page = document.implementation.createHTMLDocument();
    button = page.createElement("button");
    page.body.append(button);
    acted = 0;
    ({ newScreen } = swallowRepeats(page));
    button.addEventListener("click", () => (acted += 1));
    button.addEventListener("keydown", () => (acted += 1));
  });

  function at(time: number, event: Event): Event {
    Object.defineProperty(event, "timeStamp", { value: time });
    button.dispatchEvent(event);
    return event;
  }
  const tap = (time: number, clientX = 100) =>
    at(time, new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1, clientX, clientY: 50 }));
  const enter = (time: number, repeat = false) =>
    at(time, new KeyboardEvent("keydown", { bubbles: true, cancelable: true, key: "Enter", repeat }));

  it("do not tap through to the next screen", () => {
    tap(0);
    newScreen();
    expect(tap(150).defaultPrevented).toBe(true);
    expect(acted).toBe(1);
    tap(500);
    expect(acted).toBe(2);
  });

  it("may tap fast elsewhere, and again and again on the same screen", () => {
    tap(0);
    tap(100);
    newScreen();
    tap(200, 400);
    expect(acted).toBe(3);
  });

  it("do not confirm the next screen by a second or a held Enter", () => {
    enter(0);
    expect(enter(30, true).defaultPrevented).toBe(true);
    newScreen();
    expect(enter(150).defaultPrevented).toBe(true);
    expect(acted).toBe(1);
    enter(900);
    expect(acted).toBe(2);
  });

  it("leave a click that the keyboard made alone", () => {
    tap(0);
    newScreen();
    at(50, new MouseEvent("click", { bubbles: true, cancelable: true, detail: 0 }));
    expect(acted).toBe(2);
  });
});
