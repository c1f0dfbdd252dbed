// The same habits as in Rust (`rustfmt.toml`), with more room: markup and sentences are wider than code.
export default {
  printWidth: 140,
  plugins: ["prettier-plugin-svelte"],
};
