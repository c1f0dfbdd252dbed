// What ships: small, and nothing in it that the content security policy would block.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { build } from "vite";

describe("the shipped bundle", () => {
  const out = mkdtempSync(join(tmpdir(), "onetill-ui-"));
  let files: string[] = [];
  const read = (name: string) => readFileSync(join(out, name), "utf8");
  const named = (ending: string) => files.filter((name) => name.endsWith(ending));

  beforeAll(async () => {
    // The test runner's own setting would make it a development build.
    vi.stubEnv("NODE_ENV", "production");
    const root = join(import.meta.dirname, "..");
    await build({ root, configFile: join(root, "vite.config.ts"), mode: "production", logLevel: "error", build: { outDir: out } });
    files = readdirSync(out, { recursive: true, encoding: "utf8" });
  }, 60_000);
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(out, { recursive: true });
  });

  const compressed = (names: string[]) => names.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
  const ofLanguage = (name: string) => /\/(de|es|fr)-[^/]*\.js$/.test(name);
  const ofManagers = (name: string) => /\/Board-[^/]*\.(js|css)$/.test(name);

  it("has under 130 kB of compressed script and style at its start, and under 30 kB for managers or another language", () => {
    const shipped = [...named(".js"), ...named(".css")];
    const start = shipped.filter((name) => !ofLanguage(name) && !ofManagers(name));
    expect(start.length).toBeGreaterThan(1);
    expect(compressed(start)).toBeLessThan(130_000);
    expect(compressed(shipped.filter(ofManagers))).toBeLessThan(30_000);
    // The start asks for none of it.
    expect(read("index.html")).not.toMatch(/(de|es|fr|Board)-/);
    const others = shipped.filter(ofLanguage);
    expect(others).toHaveLength(3);
    for (const other of others) expect(compressed([other])).toBeLessThan(30_000);
  });

  it("inlines no script, no style and no image, and loads nothing from elsewhere", () => {
    const page = read("index.html");
    expect(page).not.toMatch(/<style|style=|\son\w+=/);
    expect(page.match(/<script[^>]*>[^<]+/)).toBeNull();
    expect(page).toMatch(/<script[^>]* src="\.\/assets\//);
    const styles = named(".css").map(read).join("\n");
    expect(styles).not.toMatch(/data:|https?:/);
    expect(styles).toContain(".woff2");
  });

  it("evaluates no text as code", () => {
    for (const name of named(".js")) expect(read(name)).not.toMatch(/\beval\(|new Function\(/);
  });

  it("holds no fixture", () => {
    for (const name of named(".js")) expect(read(name)).not.toMatch(/Lindqvist|corner-goods|galleryBridge/);
  });
});
