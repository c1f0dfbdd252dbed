// Builds the gallery once, before any check opens it.

import { join } from "node:path";
import { build } from "vite";

export default async function (): Promise<void> {
  const root = join(import.meta.dirname, "../..");
  await build({ root, configFile: join(root, "vite.config.ts"), mode: "gallery", logLevel: "error" });
}
