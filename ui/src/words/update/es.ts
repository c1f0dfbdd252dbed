// Spanish words for newer versions of the program.

import type { UpdateWords } from "./en";

export const update: UpdateWords = {
  installed: (p) => `Onetill ${p.version}`,
  available: (p) => `La versión ${p.version} está disponible`,
  stages: {
    "after-shift": "Se podrá instalar cuando se cierre el turno en este equipo.",
    ready: "La instalación dura alrededor de un minuto y luego Onetill se reinicia solo. No se pierde nada de lo registrado.",
    fetching: "Se está descargando. Puede seguir trabajando.",
    installing: "Se está instalando. Onetill se reiniciará solo en un momento.",
    "after-restart": "Está instalada. Onetill se reiniciará con la nueva versión cuando se cierre el turno en este equipo.",
    "not-genuine": "Lo que llegó no es lo que firmó el fabricante, así que no se instaló nada. Avise al soporte. Puede seguir trabajando.",
    "not-fetched": "No se pudo descargar y no se cambió nada. Revise la red e inténtelo de nuevo. Puede seguir trabajando.",
    "not-installed": "No se pudo instalar. La versión actual sigue funcionando. Inténtelo de nuevo o avise al soporte.",
  },
  password: "El equipo pedirá la contraseña de un administrador.",
  install: "Instalar ahora",
  again: "Intentar de nuevo",
  later: "Más tarde",
};
