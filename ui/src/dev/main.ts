// The gallery: `gallery.html?state=register-joined&theme=dark&lang=de&text=200` shows one state of one screen.
// A script may also drive it without loading the page again, through `window.gallery`.

import { gallery } from "./gallery";
import "../style/fonts.css";
import "../style/tokens.css";
import "../style/base.css";

declare global {
  interface Window {
    gallery: typeof gallery;
  }
}

window.gallery = gallery;
const wish = Object.fromEntries(new URLSearchParams(location.search));
await gallery.show(wish["state"] ?? "register", wish);
