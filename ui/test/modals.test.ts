import { describe, expect, it, vi } from "vitest";
import { onEscape } from "../src/modals";

// Vite hands the sources over as text.
const sources = import.meta.glob<string>("../src/**/*.{svelte,ts,css}", { query: "?raw", import: "default", eager: true });

describe("the modal stack", () => {
  it("is filled by one component alone", () => {
    const openers = Object.entries(sources).filter(([, text]) => /<dialog|showModal\(|::backdrop|aria-modal/.test(text));
    expect(openers.map(([file]) => file)).toEqual(["../src/parts/Dialog.svelte"]);
  });

  it("has every Escape first", () => {
    const handlers = Object.entries(sources).filter(([, text]) => text.includes('"Escape"'));
    expect(handlers.map(([file]) => file)).toEqual(["../src/modals.ts"]);
    const act = vi.fn();
    const press = (key: string) => onEscape(act)(new KeyboardEvent("keydown", { key }));
    const dialog = document.createElement("dialog");
    dialog.open = true;
    document.body.append(dialog);
    press("Escape");
    expect(act).not.toHaveBeenCalled();
    dialog.remove();
    press("Enter");
    expect(act).not.toHaveBeenCalled();
    press("Escape");
    expect(act).toHaveBeenCalledOnce();
  });
});
