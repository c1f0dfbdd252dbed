// What a scanner types, told from what people type by its pace.

import { afterEach, describe, expect, it, vi } from "vitest";
import { press } from "./keys";
import { listenForScans, looksScanned, receiveScans, type ScanRefusal } from "../src/scanner";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  document.body.innerHTML = "";
});

const type = (keys: string, gap: number): void => {
  for (const [place, key] of [...keys].entries()) press(key, place === 0 ? 500 : gap);
};

function listen() {
  const taken: string[] = [];
  const refused: [ScanRefusal, string][] = [];
  stops.push(listenForScans(window, (why, code) => why !== null && refused.push([why, code])));
  stops.push(
    receiveScans((code) => {
      taken.push(code);
      return null;
    }),
  );
  return { taken, refused };
}
function field(type = "text", value = ""): HTMLInputElement {
  const input = document.body.appendChild(document.createElement("input"));
  input.type = type;
  input.value = value;
  input.focus();
  return input;
}

describe("a scanner", () => {
  it.each(["Enter", "Tab"])("is told by its pace, and its %s presses nothing", (end) => {
    const { taken } = listen();
    const button = document.body.appendChild(document.createElement("button"));
    const pressed = vi.fn();
    button.addEventListener("keydown", (event) => {
      if (event.key === end) pressed();
    });
    button.focus();
    type("4006381333931", 8);
    expect(press(end, 8)).toBe(false);
    expect(taken).toEqual(["4006381333931"]);
    expect(pressed).not.toHaveBeenCalled();
  });

  it("leaves a field as it was, cursor and selection included", () => {
    const { taken } = listen();
    const input = field("text", "12.50");
    const heard: string[] = [];
    input.addEventListener("input", () => heard.push(input.value));
    input.setSelectionRange(1, 4);
    type("96385074", 5);
    press("Enter", 5);
    expect(taken).toEqual(["96385074"]);
    expect(input.value).toBe("12.50");
    expect([input.selectionStart, input.selectionEnd]).toEqual([1, 4]);
    expect(heard.at(-1)).toBe("12.50");
  });

  it("leaves a field as it was to which its first key moved the focus", () => {
    const { taken } = listen();
    const input = field("text", "7");
    input.blur();
    document.body.addEventListener("keydown", () => input.focus(), { once: true });
    type("01234565", 10);
    press("Enter", 10);
    expect(taken).toEqual(["01234565"]);
    expect(input.value).toBe("7");
  });

  it("may type capitals and the separator of elements", () => {
    const { taken } = listen();
    press("]", 500);
    for (const key of "C10104006381333931") press(key, 5, { shiftKey: /[A-Z]/.test(key) });
    press("Shift", 1);
    press("Control", 1);
    expect(press("]", 3, { ctrlKey: true })).toBe(false);
    type("", 0);
    for (const key of "10AB") press(key, 5);
    press("Enter", 5);
    expect(taken).toEqual(["]C10104006381333931\u001D10AB"]);
  });

  it("is one scanner on a busy computer, too", () => {
    const { taken } = listen();
    const input = field();
    type("400638", 8);
    press("1", 149);
    for (const key of "333931") press(key, 8);
    press("Enter", 149);
    expect(taken).toEqual(["4006381333931"]);
    expect(input.value).toBe("");
  });

  it("is heard twice for two scans, one right behind the other", () => {
    const { taken } = listen();
    type("96385074", 8);
    press("Enter", 8);
    for (const key of "96385074") press(key, 8);
    press("Enter", 8);
    expect(taken).toEqual(["96385074", "96385074"]);
  });
});

describe("not a scanner", () => {
  it("is somebody who types, however fast people do", () => {
    const { taken } = listen();
    const input = field();
    for (const gap of [36, 60, 200]) {
      input.value = "";
      type("1234565", gap);
      expect(press("Enter", gap)).toBe(true);
      expect(input.value).toBe("1234565");
    }
    expect(taken).toEqual([]);
  });

  it("is a fast code that a slow hand ends", () => {
    const { taken } = listen();
    type("1234", 5);
    expect(press("Enter", 36)).toBe(true);
    type("123456", 5);
    expect(press("Enter", 151)).toBe(true);
    expect(taken).toEqual([]);
  });

  it("is what is typed after something was filled in at once", () => {
    const { taken } = listen();
    type("10.00", 1);
    for (const key of "600") press(key, 60);
    expect(press("Enter", 60)).toBe(true);
    expect(taken).toEqual([]);
  });

  it("is somebody who goes on at another pace", () => {
    const { taken } = listen();
    const input = field();
    type("123", 5);
    press("4", 36);
    expect(press("Enter", 36)).toBe(true);
    expect(taken).toEqual([]);
    expect(input.value).toBe("1234");
  });

  it("are three keys, a key that is held down, a shortcut, and what an input method composes", () => {
    const { taken } = listen();
    field();
    type("350", 5);
    expect(press("Enter", 5)).toBe(true);
    press("0", 500);
    for (const key of "00000") press(key, 30, { repeat: true });
    expect(press("Enter", 30)).toBe(true);
    for (const key of "12345") press(key, 5, { altKey: true });
    expect(press("Enter", 5)).toBe(true);
    for (const key of "12345") press(key, 5, { isComposing: true });
    expect(press("Enter", 5)).toBe(true);
    expect(taken).toEqual([]);
  });

  it.each(["password", "email"])("is what types into a field of the sign-in: %s", (kind) => {
    const { taken, refused } = listen();
    const input = field(kind);
    for (const key of "badge-4711") press(key, 5);
    expect(press("Enter", 5)).toBe(true);
    expect(input.value).toContain("badge-4711");
    expect([taken, refused]).toEqual([[], []]);
  });

  it("is nobody any more, once it stops listening", () => {
    const { taken } = listen();
    for (const stop of stops.splice(0)) stop();
    type("96385074", 8);
    expect(press("Enter", 8)).toBe(true);
    expect(taken).toEqual([]);
  });
});

describe("a scan that nobody can take", () => {
  it("is told, and changes nothing in a dialog", () => {
    const { taken, refused } = listen();
    document.body.insertAdjacentHTML("beforeend", "<dialog open><input value='5' /></dialog>");
    const input = document.querySelector<HTMLInputElement>("dialog input");
    input?.focus();
    type("4006381333931", 8);
    press("Enter", 8);
    expect(input?.value).toBe("5");
    expect(taken).toEqual([]);
    expect(refused).toEqual([["dialog", "4006381333931"]]);
  });

  it("is told where nothing is sold", () => {
    const { taken, refused } = listen();
    stops.pop()?.();
    type("4006381333931", 8);
    press("Enter", 8);
    expect(taken).toEqual([]);
    expect(refused).toEqual([["nothing-sold", "4006381333931"]]);
  });
});

it("knows digits that no amount has", () => {
  for (const code of ["01234565", "96385074", "036000291452", "4006381333931"]) expect(looksScanned(code)).toBe(true);
  for (const amount of ["1234565", "9999999.99", "350", "12345678.9"]) expect(looksScanned(amount)).toBe(false);
});
