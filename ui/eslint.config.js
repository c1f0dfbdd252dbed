// What the compiler does not see. How code is laid out is Prettier’s alone (`prettier.config.js`).

import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import { defineConfig } from "eslint/config";
import typescript from "typescript-eslint";

export default defineConfig(
  // Built, or written by `cargo xtask bindings`.
  { ignores: ["dist/", "src/generated/"] },
  js.configs.recommended,
  typescript.configs.recommendedTypeChecked,
  svelte.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      parserOptions: { projectService: true, extraFileExtensions: [".svelte"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: "error",
      "prefer-const": "error",
      // The compiler knows every name, those of the browser too (`npm run check`).
      "no-undef": "off",
      // The shortest way to keep a promise that an interface makes.
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: typescript.parser } },
    rules: {
      // Its twin knows that what a component is given changes though nobody assigns it.
      "prefer-const": "off",
      "svelte/prefer-const": "error",
    },
  },
  {
    files: ["**/*.svelte"],
    rules: {
      // What comes from another component has no type here; svelte-check knows it (`npm run check`).
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  {
    files: ["src/words/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ConditionalExpression > BinaryExpression[right.value=1]",
          message: "Each language has its own plural: use `pluralIn`.",
        },
      ],
    },
  },
  // They have no types to check with.
  { files: ["**/*.js"], extends: [typescript.configs.disableTypeChecked] },
);
