// German words for newer versions of the program.

import type { UpdateWords } from "./en";

export const update: UpdateWords = {
  installed: (p) => `Onetill ${p.version}`,
  available: (p) => `Version ${p.version} ist verfügbar`,
  stages: {
    "after-shift": "Sie kann installiert werden, sobald die Schicht an diesem Computer abgeschlossen ist.",
    ready: "Das Installieren dauert etwa eine Minute, danach startet Onetill von selbst neu. Nichts Erfasstes geht verloren.",
    fetching: "Sie wird heruntergeladen. Sie können weiterarbeiten.",
    installing: "Sie wird installiert. Onetill startet gleich von selbst neu.",
    "after-restart": "Sie ist installiert. Onetill startet mit der neuen Version, sobald die Schicht an diesem Computer abgeschlossen ist.",
    "not-genuine":
      "Was ankam, ist nicht das, was der Hersteller signiert hat. Es wurde nichts installiert. Sagen Sie dem Support Bescheid. Sie können weiterarbeiten.",
    "not-fetched":
      "Sie konnte nicht heruntergeladen werden, und nichts wurde geändert. Prüfen Sie das Netzwerk und versuchen Sie es erneut. Sie können weiterarbeiten.",
    "not-installed":
      "Sie konnte nicht installiert werden. Die bisherige Version läuft weiter. Versuchen Sie es erneut oder sagen Sie dem Support Bescheid.",
  },
  password: "Ihr Computer fragt nach dem Passwort eines Administrators.",
  install: "Jetzt installieren",
  again: "Erneut versuchen",
  later: "Später",
};
