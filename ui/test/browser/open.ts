// The built gallery in a browser that draws: Chromium, which is also the engine of the web view on Windows.

import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import type { gallery } from "../../src/dev/gallery";

declare global {
  interface Window {
    gallery: typeof gallery;
  }
}

const built = join(import.meta.dirname, "../../../target/gallery");
const address = "http://gallery.test/";
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2" };

/** What `cargo xtask setup` installs, or where other systems have theirs. */
function browserHere(): { executablePath: string } | { channel: string } {
  const places = [process.env["ONETILL_CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = places.find((place) => place !== "" && existsSync(place));
  if (found) return { executablePath: found };
  if (process.platform === "linux") throw new Error("no Chromium here: run `cargo xtask setup`, or name one in ONETILL_CHROMIUM");
  return { channel: process.platform === "win32" ? "msedge" : "chrome" };
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ ...browserHere(), args: ["--no-sandbox", "--force-prefers-reduced-motion"] });

/** The gallery in a window of this size. Nothing is asked of the network. */
export async function openGallery(browser: Browser, width: number, height: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height }, locale: "en-US", timezoneId: "America/New_York" });
  const page = await context.newPage();
  await page.route("**", (route) => {
    const url = new URL(route.request().url());
    const file = join(built, url.pathname);
    if (!url.href.startsWith(address) || !existsSync(file)) return route.fulfill({ status: 404 });
    return route.fulfill({ body: readFileSync(file), contentType: types[extname(file)] ?? "application/octet-stream" });
  });
  await page.goto(`${address}gallery.html`);
  await page.waitForFunction(() => "gallery" in window);
  return page;
}
