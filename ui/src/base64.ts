// Bytes as Base64, as Rust reads them.

/** In pieces: a call takes no million arguments. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += 0x6000) text += btoa(String.fromCharCode(...bytes.subarray(from, from + 0x6000)));
  return text;
}
