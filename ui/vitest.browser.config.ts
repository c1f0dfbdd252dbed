import { defineConfig } from "vitest/config";

// The checks that need a browser which draws: `npm run test:browser`.
export default defineConfig({
  test: {
    environment: "node",
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/browser/build.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
