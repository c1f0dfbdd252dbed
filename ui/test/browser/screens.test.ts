// Every state of every screen as it is drawn: axe, contrast in every theme, and the layout in every language, on the
// small screen, the large one, and with text of twice the size.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shows } from "../../src/dev/shows";
import { layoutProblems } from "./layout";
import { openBrowser, openGallery } from "./open";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const languages = ["en", "es", "fr", "de", "en-XA", "ar-XB"];
const places = [
  { width: 1024, height: 768, text: "100" },
  { width: 1920, height: 1080, text: "100" },
  { width: 1024, height: 768, text: "200" },
];
// Words that no shop will ever see may be longer than the smallest screen is high.
const spoken = ["en", "es", "fr", "de"];

type Axe = { axe: { run(root: Document, options: RunOptions): Promise<AxeResults> } };

/** What axe says against the page as it stands, with or without contrast. */
function judge(page: Page, options: RunOptions): Promise<string[]> {
  return page.evaluate(async (options) => {
    const { violations } = await (window as unknown as Axe).axe.run(document, { ...options, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.any.map((check) => check.message).join("; ")}`),
    );
  }, options);
}

const show = (page: Page, name: string, wish: { lang: string; text: string; theme?: string }) =>
  page.evaluate(([name, wish]) => window.gallery.show(name, wish), [name, wish] as const);

let browser: Browser;
let pages: Page[] = [];
const mistakes: string[] = [];
beforeAll(async () => {
  browser = await openBrowser();
  pages = await Promise.all(places.map(({ width, height }) => openGallery(browser, width, height)));
  for (const page of pages) {
    page.on("pageerror", (error) => mistakes.push(String(error)));
    page.on("console", (message) => message.type() === "error" && mistakes.push(message.text()));
    await page.evaluate(axe);
  }
});
afterAll(() => browser?.close());

describe("the checks themselves", () => {
  const spoil = (style: string) => async () => {
    const [page] = pages as [Page];
    await show(page, "start", { lang: "en", text: "100" });
    await page.evaluate((style) => {
      const sheet = document.head.appendChild(document.createElement("style"));
      sheet.textContent = style;
      sheet.id = "spoilt";
    }, style);
    const found = [...(await page.evaluate(layoutProblems, { actionInSight: true })), ...(await judge(page, {}))];
    await page.evaluate(() => document.getElementById("spoilt")?.remove());
    return found.join("\n");
  };

  it.each([
    ["pale text", "h1 { color: #b8c0c0 !important }", "color-contrast"],
    ["a small target", "button { min-height: 0 !important; height: 30px !important }", "is only"],
    ["a page that scrolls sideways", "main { width: 1200px !important; max-width: none !important }", "wider than its place"],
    ["text that is cut off", "h1 { height: 12px; overflow: hidden }", "hides part"],
    [
      "text out of its button",
      "button { max-width: 8rem } button span { white-space: nowrap; letter-spacing: 3em }",
      "stands out of its frame",
    ],
    ["a line that is cut off", "main { content-visibility: auto } h1 { width: 70rem }", "hides part"],
    ["a broken word", ".edits button { word-break: break-all; font-size: 3rem !important }", "breaks the word"],
    ["a button below the fold", "form { margin-top: 500px } .bar { position: static !important }", "out of sight"],
    ["targets on each other", ".digits button { margin: -1rem !important }", "lies on"],
  ])("see %s", async (_, style, said) => {
    expect(await spoil(style)()).toContain(said);
  });
});

/** What is wrong with a state at one place. Names and structure are the same at every place and in every theme, and
 *  colours in every size: the cross product is walked only where a difference could show. */
async function faultsAt(index: number, name: string): Promise<string[]> {
  const page = pages[index] as Page;
  const { width, text } = places[index] as (typeof places)[number];
  const found: string[] = [];
  const note = (where: string, faults: string[]) => found.push(...faults.map((fault) => `${width} px, ${text} %, ${where}: ${fault}`));
  for (const lang of languages) {
    await show(page, name, { lang, text });
    const actionInSight = text === "100" && spoken.includes(lang);
    note(lang, await page.evaluate(layoutProblems, { actionInSight }));
    if (index !== 0 && lang !== "en") continue;
    note(`${lang} light`, await judge(page, {}));
    for (const theme of ["dark", "contrast"]) {
      await page.evaluate((theme) => (document.documentElement.dataset["theme"] = theme), theme);
      note(`${lang} ${theme}`, await judge(page, { runOnly: ["color-contrast"] }));
    }
  }
  return found;
}

describe("every theme and language, on a small screen, on a large one, and with text of twice the size", () => {
  it.each(Object.keys(shows))("%s", async (name) => {
    const found = await Promise.all(places.map((_, index) => faultsAt(index, name)));
    expect(found.flat().join("\n")).toBe("");
    expect(mistakes.splice(0).join("\n")).toBe("");
  });
});
