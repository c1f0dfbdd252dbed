import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), ...(mode === "test" ? [svelteTesting()] : [])],
  // Relative paths: the shell serves the files from its own protocol.
  base: "./",
  build: {
    // `--mode gallery` builds the gallery of every state, which pictures and the checks in a browser use.
    ...(mode === "gallery"
      ? { outDir: "../target/gallery", emptyOutDir: true, rollupOptions: { input: "gallery.html" } }
      : { outDir: "dist" }),
    // The oldest web views we run in: WebKitGTK 2.40, Safari 16.4, WebView2 of the same year.
    target: ["safari16.4", "chrome111"],
    // `default-src 'self'` blocks data: URLs and inline scripts, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  server: { port: 1420, strictPort: true },
  test: {
    environment: "happy-dom",
    include: ["test/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    // By itself Vitest leaves one processor free, which of two is half.
    maxWorkers: "100%",
    // A busy build machine is slow, not wrong.
    testTimeout: 30_000,
  },
}));
