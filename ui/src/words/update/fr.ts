// French words for newer versions of the program.

import type { UpdateWords } from "./en";

export const update: UpdateWords = {
  installed: (p) => `Onetill ${p.version}`,
  available: (p) => `La version ${p.version} est disponible`,
  stages: {
    "after-shift": "Elle pourra être installée une fois le service de cet ordinateur clôturé.",
    ready: "L’installation dure environ une minute, puis Onetill redémarre tout seul. Rien de ce qui est enregistré n’est perdu.",
    fetching: "Téléchargement en cours. Vous pouvez continuer à travailler.",
    installing: "Installation en cours. Onetill va redémarrer tout seul dans un instant.",
    "after-restart": "Elle est installée. Onetill redémarrera avec la nouvelle version une fois le service de cet ordinateur clôturé.",
    "not-genuine":
      "Ce qui est arrivé n’est pas ce que l’éditeur a signé\u00A0: rien n’a été installé. Prévenez l’assistance. Vous pouvez continuer à travailler.",
    "not-fetched":
      "Le téléchargement a échoué et rien n’a été modifié. Vérifiez le réseau, puis réessayez. Vous pouvez continuer à travailler.",
    "not-installed": "L’installation a échoué. La version actuelle continue de fonctionner. Réessayez ou prévenez l’assistance.",
  },
  password: "Votre ordinateur demandera le mot de passe d’un administrateur.",
  install: "Installer maintenant",
  again: "Réessayer",
  later: "Plus tard",
};
