// Spanish words for what went wrong, by its code.

import type { Code } from "../../generated/Code";
import type { FaultWords } from "./en";

export const faults: Record<Code, FaultWords> = {
  UNREACHABLE: {
    title: "Sin conexión",
    meaning: "No se envió nada: nada cambió y no se inició ningún turno.",
    action: "Revise el cable de red o el wifi de este equipo e inténtelo de nuevo.",
  },
  UNAVAILABLE: {
    title: "El servidor no puede responder ahora",
    meaning: "Lo ya registrado está a salvo. Nada se inicia dos veces.",
    action: "Espere un minuto e inténtelo de nuevo. Si sigue así, avise a su encargado.",
  },
  NO_ANSWER: {
    title: "La respuesta no llegó",
    meaning: "Puede que la petición se haya realizado. Repetirla es seguro: nada se inicia dos veces.",
    action: "Revise la red de este equipo e inténtelo de nuevo.",
  },
  NOT_SUPABASE: {
    title: "Respondió otra cosa",
    meaning: "Una página web u otro servicio respondió en lugar del proyecto de Supabase. Nada cambió.",
    action: "En un wifi compartido, primero inicie sesión en esa red con un navegador. Si no, revise la URL del proyecto.",
  },
  WRONG_KEY: {
    title: "El proyecto no acepta esta clave",
    meaning: "Sin la clave correcta esta caja no puede trabajar. Nada cambió.",
    action:
      "Copie la clave publicable (publishable key) del panel de Supabase, Project Settings, API Keys, e introdúzcala en los ajustes de conexión.",
  },
  SECRET_KEY: {
    title: "Esta es una clave secreta",
    meaning: "Una clave secreta abre toda la base de datos a cualquiera en este equipo. No se guardó.",
    action:
      "Use la clave publicable (empieza por sb_publishable_). Si esta clave secreta estuvo alguna vez en una caja, sustitúyala en el panel de Supabase.",
  },
  BAD_URL: {
    title: "Esta no es la dirección de un proyecto",
    meaning: "No se guardó ni se envió nada.",
    action: "Introduzca la URL del proyecto que aparece en el panel de Supabase. Es como https://su-proyecto.supabase.co.",
  },
  BAD_CONFIG: {
    title: "No se puede leer el archivo de configuración",
    meaning: "Esta caja no conoce su proyecto. No se pierde ningún turno ni dinero.",
    action: "Corrija el archivo que se nombra en los detalles, o introduzca aquí la conexión y guárdela de nuevo.",
  },
  WRONG_PASSWORD: {
    title: "El correo y la contraseña no coinciden",
    meaning: "No ha iniciado sesión. Nada cambió.",
    action: "Escriba ambos de nuevo y fíjese en las mayúsculas. Su encargado puede poner una contraseña nueva.",
  },
  EMAIL_NOT_CONFIRMED: {
    title: "Este correo aún no está confirmado",
    meaning: "No ha iniciado sesión. Nada cambió.",
    action: "Abra el correo de confirmación, siga su enlace e inicie sesión de nuevo.",
  },
  TOO_MANY_ATTEMPTS: {
    title: "Demasiados intentos",
    meaning: "El servidor pide a toda la tienda que espere un poco. Nada cambió.",
    action: "Espere cinco minutos e inténtelo una vez más.",
  },
  SIGNED_OUT: {
    title: "Su sesión ha terminado",
    meaning: "Lo registrado aquí se conserva. El turno sigue abierto en el servidor.",
    action: "Inicie sesión de nuevo para continuar.",
  },
  NOT_STAFF: {
    title: "Usted no es personal de ninguna tienda aquí",
    meaning: "El inicio de sesión funcionó, pero no da acceso a ninguna caja. Nada cambió.",
    action: "Pida a su encargado que le añada al personal, o use su otra cuenta.",
  },
  FORBIDDEN: {
    title: "Su función no lo permite",
    meaning: "Nada cambió.",
    action: "Pida a un encargado que lo haga, o que cambie su función.",
  },
  FUNCTION_NOT_DEPLOYED: {
    title: "Falta la parte de la base de datos (Atomic session function not deployed)",
    meaning:
      "A este proyecto le falta la parte de la base de datos de Onetill. No se puede iniciar ningún turno y no afecta a ningún dinero.",
    action:
      "Para el instalador: aplique las migraciones de la carpeta `supabase/migrations`, con la CLI de Supabase, `supabase db push`, o pegando los archivos en orden en el editor SQL del panel de Supabase. Después inténtelo de nuevo.",
  },
  OLDER_SERVER: {
    title: "La parte de la base de datos de este proyecto es anterior",
    meaning:
      "Los turnos se pueden iniciar y compartir. Los apuntes, recuentos, informes y el panel necesitan la parte actual. No se ha registrado nada.",
    action:
      "Para el instalador: aplique las migraciones de la carpeta `supabase/migrations` (`onetillctl deploy` lo hace). Hasta entonces, anótelo como antes.",
  },
  FUNCTION_AMBIGUOUS: {
    title: "Hay varias funciones de turno",
    meaning: "La base de datos no puede elegir entre ellas. No se puede iniciar ningún turno y no afecta a ningún dinero.",
    action:
      "Para el instalador: aplique de nuevo las migraciones de `supabase/migrations`, dejan exactamente una `get_or_create_session`. Después inténtelo de nuevo.",
  },
  SERVER_MISCONFIGURED: {
    title: "La parte de la base de datos tiene un error",
    meaning: "El servidor no pudo terminar la petición. Nada cambió.",
    action: "Avise a su instalador, con los detalles de abajo. Aplicar de nuevo las migraciones de `supabase/migrations` suele resolverlo.",
  },
  REGISTER_NOT_FOUND: {
    title: "Esta caja no existe para usted",
    meaning: "No se inició ningún turno.",
    action: "Elija otra caja. Si debería existir, pregunte a su encargado.",
  },
  REGISTER_RETIRED: {
    title: "Esta caja está fuera de servicio",
    meaning: "No se inició ningún turno.",
    action: "Elija otra caja. Un encargado puede volver a poner esta en servicio.",
  },
  REGISTER_BUSY: {
    title: "Alguien está abriendo o cerrando esta caja",
    meaning: "No se inició un segundo turno.",
    action: "Espere unos segundos e inténtelo de nuevo.",
  },
  SCOPE_MISMATCH: {
    title: "Esta caja pertenece a otra tienda",
    meaning: "No se inició ningún turno.",
    action: "Vuelva a leer la lista de cajas y elija la suya.",
  },
  USER_MISMATCH: {
    title: "Otra persona tiene la sesión iniciada",
    meaning: "La petición se hizo en nombre de otra persona. No se inició ningún turno.",
    action: "Cierre la sesión e iníciela con su nombre.",
  },
  BAD_OPENING_CASH: {
    title: "Este fondo de caja no puede ser correcto",
    meaning: "No se inició ningún turno.",
    action: "Introduzca un importe de 0 a 9.999.999,99 con dos decimales como máximo.",
  },
  KEY_REUSED: {
    title: "Esto ya se pidió antes para otra cosa",
    meaning: "Nada se hizo por segunda vez y no se registró nada nuevo.",
    action: "Mire la pantalla otra vez y empiece de nuevo. Si se repite, avise a soporte, con los detalles de abajo.",
  },
  SESSION_NOT_FOUND: {
    title: "El servidor no conoce este turno",
    meaning: "Lo registrado aquí se conserva.",
    action: "Elija de nuevo la caja. Si falta dinero en un informe, avise a su encargado.",
  },
  SESSION_OVER: {
    title: "Este turno ya había terminado",
    meaning: "El movimiento no está en las cuentas del turno. Se conserva aquí.",
    action: "Regístrelo en el turno actual o resuélvalo con su encargado.",
  },
  COUNT_IN_PROGRESS: {
    title: "Alguien está contando el cajón",
    meaning: "El movimiento espera en este equipo. No se pierde nada.",
    action: "Espere hasta que el recuento termine o se abandone.",
  },
  COUNT_TAKEN_OVER: {
    title: "Otra persona se hizo cargo del recuento",
    meaning: "Ahora otra persona cuenta este cajón, o ha abandonado el recuento. Lo registrado se conserva.",
    action: "Lea el aviso de la caja y vuelva a contar si le corresponde.",
  },
  BAD_COUNT: {
    title: "Este recuento no puede ser correcto",
    meaning: "No se entregó nada, y lo escrito sigue aquí.",
    action: "Revise cada número. Un cajón vacío se cuenta como 0.",
  },
  REASON_REQUIRED: {
    title: "Falta un motivo",
    meaning: "El turno aún no está cerrado. El recuento sigue en pie.",
    action: "Escriba en pocas palabras por qué y cierre de nuevo.",
  },
  APPROVAL_REQUIRED: {
    title: "Un encargado debe aprobar la diferencia",
    meaning: "El turno aún no está cerrado. El recuento sigue en pie.",
    action: "Cuente otra vez o pida a un encargado que se identifique aquí y la apruebe.",
  },
  MANAGER_REQUIRED: {
    title: "Solo un encargado puede hacerlo",
    meaning: "No se cambió nada.",
    action: "Pida a un encargado que se identifique aquí.",
  },
  OWNER_REQUIRED: {
    title: "Solo el propietario puede hacer esto",
    meaning: "No se cambió nada.",
    action: "El propietario inicia sesión y lo hace.",
  },
  BAD_CATALOGUE: {
    title: "Esto no se puede guardar así",
    meaning: "No se cambió nada.",
    action: "Corrija el campo que nombran los detalles de abajo y guarde otra vez.",
  },
  CODE_TAKEN: {
    title: "Otro artículo tiene este código",
    meaning: "Un código pertenece a un solo artículo. No se guardó nada.",
    action: "Busque el código en la lista para ver de quién es, o quítelo aquí.",
  },
  ITEM_CHANGED: {
    title: "Otra persona cambió este artículo",
    meaning: "No se guardó nada, así que no se perdió nada de lo suyo.",
    action: "Mire el artículo como está ahora y guarde otra vez.",
  },
  UNSENT_ENTRIES: {
    title: "Hay movimientos de este equipo sin enviar",
    meaning: "El turno sigue abierto y los movimientos están a salvo en este equipo.",
    action: "Espere a que se envíen o pida a un encargado que permita cerrar sin ellos.",
  },
  SESSION_NOT_EMPTY: {
    title: "Este turno tiene movimientos",
    meaning: "No se anuló, porque hay dinero registrado en él.",
    action: "Cuéntelo y ciérrelo, o termínelo y cuente después.",
  },
  OVER_LIMIT: {
    title: "Este importe debe registrarlo un encargado",
    meaning: "No se registró nada. La tienda limita lo que un cajero registra por su cuenta.",
    action: "Pida a un encargado que se identifique y lo registre.",
  },
  NOT_CLOSED: {
    title: "Todavía no hay informe Z",
    meaning: "El turno no está cerrado, así que su informe final no se ha escrito.",
    action: "Cierre antes el turno o lea su informe X.",
  },
  BAD_MOVEMENT: {
    title: "Este movimiento no puede ser correcto",
    meaning: "No se registró nada en el turno.",
    action: "Compruebe el importe y si el movimiento ya se anuló.",
  },
  SELLING_OFF: {
    title: "La venta está desactivada aquí",
    meaning: "No se vendió nada. Los turnos, los movimientos y los recuentos funcionan como antes.",
    action:
      "El propietario la activa en las reglas de venta de la tienda. Algunos países exigen una caja certificada; allí sigue desactivada.",
  },
  BAD_SALE: {
    title: "El servidor no aceptó este ticket",
    meaning: "No está en los libros del turno. Una venta terminada se conserva en este equipo; de una devolución aún no se entrega dinero.",
    action: "Muéstreselo a su encargado, con los detalles de abajo. Las demás ventas siguen.",
  },
  BAD_TENDER: {
    title: "El pago de este ticket no cuadra",
    meaning: "El servidor no lo aceptó. Una venta terminada se conserva en este equipo; de una devolución aún no se entrega dinero.",
    action: "Muéstreselo a su encargado, con los detalles de abajo. Las demás ventas siguen.",
  },
  BAD_RECEIPT: {
    title: "El número de este ticket no corresponde a esta caja",
    meaning: "El servidor no lo aceptó. Se conserva en este equipo.",
    action: "Muéstreselo a su encargado o a su instalador, con los detalles de abajo.",
  },
  SALE_NOT_FOUND: {
    title: "No existe ese ticket",
    meaning: "No se cambió nada.",
    action: "Compruebe el número en el papel. Un ticket recién hecho sin conexión se encuentra en cuanto se envía.",
  },
  ALREADY_VOIDED: {
    title: "Este ticket ya se anuló",
    meaning: "No se puede devolver nada más de él, y no se registró nada.",
    action: "No entregue dinero. Mire el ticket otra vez.",
  },
  NOTHING_LEFT: {
    title: "Queda menos por devolver",
    meaning: "Una parte de este ticket ya se devolvió. No se registró nada.",
    action: "No entregue dinero. Lea de nuevo el ticket y elija entre lo que queda.",
  },
  BAD_FIGURE: {
    title: "Este número no puede ser correcto",
    meaning: "La venta está como antes.",
    action: "Compruebe cantidad, precio e importe. Un descuento nunca supera aquello a lo que se aplica.",
  },
  CARD_NUMBER: {
    title: "Esto parece el número de una tarjeta de pago",
    meaning: "Aquí no se guardan números de tarjeta, así que el texto no se aceptó.",
    action: "Escríbalo sin el número.",
  },
  TEXT_TOO_LONG: {
    title: "Este texto es demasiado largo",
    meaning: "No se aceptó y la venta está como antes.",
    action: "Dígalo con menos palabras.",
  },
  NO_SUCH_LINE: {
    title: "Esa línea ya no está",
    meaning: "La venta está como antes.",
    action: "Mire la venta otra vez y elija otra línea.",
  },
  CART_EMPTY: {
    title: "Todavía no hay nada en esta venta",
    meaning: "No se registró nada.",
    action: "Escanee primero un artículo o escriba un importe.",
  },
  BAD_SCAN: {
    title: "Este código no se puede leer",
    meaning: "No se añadió nada. Se leyó mal una cifra, o no es el código de un artículo.",
    action: "Escanéelo otra vez o escriba el importe.",
  },
  UNKNOWN_ITEM: {
    title: "No está en el catálogo",
    meaning: "No se añadió nada. El código está abajo, en los detalles.",
    action: "Véndalo por importe y avise a su responsable.",
  },
  PRICE_NEEDED: {
    title: "Este artículo necesita un precio",
    meaning: "No se añadió.",
    action: "Escriba su precio y añádalo otra vez.",
  },
  AGE_TO_CHECK: {
    title: "Hay que comprobar la edad del cliente",
    meaning: "La venta queda como está y aún no se ha pagado.",
    action: "Mire el documento de identidad y confirme la edad, o quite el artículo.",
  },
  SALE_NEEDS_APPROVAL: {
    title: "Un encargado debe aprobarlo",
    meaning: "Supera lo que la tienda permite hacer solo en la caja. No se registró nada.",
    action: "Pida a un encargado que se identifique aquí y lo apruebe, o cambie la venta.",
  },
  MONEY_TAKEN: {
    title: "Ya se cobró dinero de esta venta",
    meaning: "La venta queda como está mientras su dinero esté en el cajón.",
    action: "Devuelva primero el dinero y quite su pago, o termine la venta.",
  },
  PARKED_FULL: {
    title: "No se pueden aparcar más ventas",
    meaning: "Esta venta sigue en la pantalla.",
    action: "Termine primero una venta aparcada, o descarte una.",
  },
  CANNOT_VOID: {
    title: "Este ticket no se puede anular aquí",
    meaning: "Solo se anula una venta entera de esta caja y del turno en curso. No se registró nada.",
    action: "Haga en su lugar una devolución.",
  },
  OUTCOME_UNKNOWN: {
    title: "Aún no se conoce la respuesta del servidor",
    meaning: "Puede que haya registrado la devolución.",
    action: "No entregue dinero todavía. Se le pregunta hasta que responda.",
  },
  PRACTISING: {
    title: "Esto es una práctica",
    meaning: "No ha cambiado nada. En la práctica solo se vende: no tiene turno, cajón, recuento ni panel.",
    action: "Termine primero la práctica (F10) y vuelva a hacerlo.",
  },
  CLOCK_SKEW: {
    title: "Un reloj está mal",
    meaning: "Este equipo y el servidor no coinciden en la hora. Nada cambió.",
    action: "Ajuste la fecha, la hora y la zona horaria de este equipo e inténtelo de nuevo.",
  },
  SERVER_CLOCKS: {
    title: "El servidor de la tienda no coincide consigo mismo en la hora",
    meaning:
      "Una de sus partes da por caducado, o por no válido todavía, lo que otra acaba de emitir. Nada cambió, y este equipo está en orden.",
    action: "Aquí no hay nada que hacer: se intenta de nuevo por sí solo. Si sigue así, avise a quien cuida del servidor.",
  },
  STORE_FAILED: {
    title: "Este equipo no puede guardar",
    meaning: "Su disco está lleno, protegido o dañado. No se envió nada que no estuviera guardado.",
    action: "Libere espacio y vuelva a abrir Onetill. Mientras tanto, use otro equipo.",
  },
  KEYCHAIN_UNAVAILABLE: {
    title: "Este equipo no puede conservar las sesiones",
    meaning: "Puede trabajar, pero tendrá que iniciar sesión cada vez que abra el programa. No afecta a ningún dinero.",
    action: "Desbloquee el llavero del sistema o avise a su instalador.",
  },
  NOT_NOW: {
    title: "Eso no fue posible en este momento",
    meaning: "No ocurrió nada.",
    action: "Mire la pantalla de nuevo, puede que haya cambiado.",
  },
  INTERNAL: {
    title: "Onetill cometió un error",
    meaning: "Lo registrado se conserva.",
    action: "Inténtelo de nuevo. Si se repite, avise a soporte, con los detalles de abajo.",
  },
};
