import { abrirDialogo, prepararDialogo } from "./dialogos.js";
import { Dispositivos } from "./dispositivos.js";
import { el, mostrarError } from "./dom.js";
import { ponerSonido, suena } from "./escritorio.js";
import { icono } from "./iconos.js";
import { t, tn } from "./idioma.js";
import { activarNavegador, desactivarNavegador, estadoDelNavegador, vigilarPermiso } from "./navegador.js";
import { enPalabras } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { CanalesDeAvisos, EventosCliente, MisAvisos } from "../cliente/eventos.js"
 * @import { Estado } from "./navegador.js"
 *
 * @typedef {"aplicacion" | "webpush" | "fcm" | "correo"} Canal
 * @typedef {EventosCliente["cambiar_avisos"]} Cambio
 * @typedef {(preferencias: MisAvisos) => void} Poner pone en un control lo que dicen
 */

/** @type {Canal[]} */
const CANALES = ["aplicacion", "webpush", "fcm", "correo"];
/** @type {Record<Canal, string>} */
const NOMBRES = {
  aplicacion: t("En la aplicación"),
  webpush: t("En los navegadores"),
  fcm: t("En los teléfonos"),
  correo: t("Por correo"),
};
const CLASES = /** @type {const} */ ({
  mensajes: t("Mensajes"),
  menciones: t("Cuando te nombran con @"),
  conversaciones: t("Cuando te suman o te quitan"),
});
const CUANDO = {
  siempre: t("Siempre"),
  fuera_de_horas: t("Fuera de las horas tranquilas"),
  nunca: t("Nunca"),
};
const MUESTRA = {
  todo: t("Quién escribe y qué dice"),
  quien: t("Solo quién escribe"),
  nada: t("Solo que hay un mensaje"),
};
const CADA = { 15: t("15 minutos"), 60: t("1 hora"), 240: t("4 horas"), 720: t("12 horas"), 1440: t("1 día") };

/** @type {Record<Estado, [string, string]>} lo que pasa, y qué se puede hacer */
const ESTADOS = {
  "no-sabe": [
    t("Este navegador no sabe avisar"),
    t("En un iPhone o un iPad, añade antes la página a la pantalla de inicio y ábrela desde ahí."),
  ],
  "sin-pedir": [
    t("Aquí no se te avisa"),
    t("Actívalo para enterarte aunque no tengas la página delante. El navegador te pedirá permiso."),
  ],
  denegado: [
    t("El navegador tiene bloqueados los avisos"),
    t("Pulsa el icono que hay junto a la dirección de la página, permite las notificaciones y vuelve aquí."),
  ],
  apagado: [t("Aquí no se te avisa"), t("Actívalo para enterarte aunque no tengas la página delante.")],
  activo: [t("Aquí se te avisa"), ""],
  retirado: [
    t("Se retiró el permiso a los avisos"),
    t("Los tenías activados. Vuelve a permitir las notificaciones junto a la dirección de la página."),
  ],
};

/** @type {Ajustes | null} */
let ajustes = null;

/** @param {ClienteMensajeria} cliente */
export function abrirAjustesDeAvisos(cliente) {
  ajustes ??= new Ajustes(cliente);
  return ajustes.abrir();
}

/** El diálogo de los avisos: este navegador, qué sale por cada canal, a qué horas y en qué dispositivos. */
class Ajustes {
  #cliente;
  #error = el("p.error-caja", { role: "alert", hidden: true });
  #hecho = el("p.suave.ajustes-hecho", { role: "status" });
  #aqui = el("div");
  #canales = el("div.ajustes-canales");
  #horas = el("div");
  #dispositivos;
  #dialogo;
  /** @type {MisAvisos | null} */
  #preferencias = null;
  /** @type {Poner[]} */
  #controles = [];
  #cuantos = 0;

  /** @param {ClienteMensajeria} cliente */
  constructor(cliente) {
    this.#cliente = cliente;
    this.#dispositivos = new Dispositivos(cliente, {
      fallo: (error) => this.#fallar(error),
      hecho: (texto) => this.#decir(texto),
      olvidado: () => this.#pintarAqui(),
    });
    this.#dialogo = el(
      "dialog.dialogo.ajustes",
      { id: "dialogo-avisos", "aria-labelledby": "ajustes-titulo" },
      el(
        "header.dialogo-cabecera",
        {},
        el("h2", { id: "ajustes-titulo", texto: t("Tus avisos") }),
        el("button.boton-icono", { type: "button", "data-cerrar": true, "aria-label": t("Cerrar") }, icono("cerrar")),
      ),
      this.#error,
      el("h3", { texto: t("Este navegador") }),
      this.#aqui,
      el("h3", { texto: t("Qué se te avisa") }),
      el("p.suave.ayuda", { texto: t("Lo urgente llega siempre, por todos los canales. Lo silenciado, solo si te nombran.") }),
      this.#canales,
      el("h3", { texto: t("Horas tranquilas") }),
      this.#horas,
      el("h3", { texto: t("Dispositivos") }),
      this.#dispositivos.raiz,
      this.#hecho,
    );
    prepararDialogo(this.#dialogo);
    document.body.append(this.#dialogo);
    cliente.on("avisos_actualizados", ({ zona, canales }) => {
      if (this.#preferencias) this.#poner({ ...this.#preferencias, zona, canales });
    });
    vigilarPermiso(() => this.#dialogo.open && this.#pintarAqui());
  }

  async abrir() {
    const preferencias = await this.#cliente.avisos.ver();
    const dispositivos = await this.#dispositivos.leer();
    mostrarError(this.#error, null);
    this.#decir("");
    this.#preferencias = preferencias;
    this.#controles = [];
    this.#cuantos = 0;
    const conTelefono = dispositivos.some(({ canal }) => canal === "fcm");
    const visibles = CANALES.filter(
      (canal) => (canal !== "webpush" || preferencias.clavePublica) && (canal !== "fcm" || conTelefono),
    );
    this.#canales.replaceChildren(...visibles.map((canal) => this.#canal(canal)));
    this.#horas.replaceChildren(...this.#horasTranquilas());
    this.#pintarAqui();
    this.#poner(preferencias);
    abrirDialogo(this.#dialogo);
  }

  /** @param {string} texto */
  #decir(texto) {
    this.#hecho.textContent = texto;
  }

  /** @param {unknown} error */
  #fallar(error) {
    this.#decir("");
    mostrarError(this.#error, enPalabras(error));
    this.#error.scrollIntoView({ block: "nearest" });
  }

  /** @param {MisAvisos} preferencias */
  #poner(preferencias) {
    this.#preferencias = preferencias;
    for (const poner of this.#controles) poner(preferencias);
  }

  /** @param {Cambio} cambio */
  async #guardar(cambio) {
    try {
      this.#poner(await this.#cliente.avisos.cambiar(cambio));
      mostrarError(this.#error, null);
      this.#decir(t("Guardado"));
    } catch (error) {
      this.#fallar(error);
      if (this.#preferencias) this.#poner(this.#preferencias);
    }
  }

  // Este navegador

  #pintarAqui() {
    const conEmpuje = Boolean(this.#preferencias?.clavePublica);
    const estado = estadoDelNavegador(conEmpuje);
    const [titulo, ayuda] = ESTADOS[estado];
    const conFoco = this.#aqui.contains(document.activeElement);
    const deActivar = estado === "sin-pedir" || estado === "apagado";
    const deDejar = estado === "activo" || estado === "retirado";
    const sonido = el("input", { type: "checkbox", checked: suena() });
    sonido.addEventListener("change", () => ponerSonido(sonido.checked));
    const explica = estado === "activo" && !conEmpuje ? t("Mientras la página siga abierta.") : ayuda;
    this.#aqui.replaceChildren(
      el(
        "div.ajustes-aqui",
        { "data-estado": estado },
        el(
          "div.ajustes-estado",
          {},
          icono(estado === "activo" ? "campana" : "silencio"),
          el("div", {}, el("p.ajustes-dice", { texto: titulo }), explica && el("p.suave.ayuda", { texto: explica })),
        ),
        deActivar && this.#boton("boton-principal", t("Activar los avisos aquí"), () => this.#activar()),
        deDejar && this.#boton("boton-suave", t("Dejar de avisar aquí"), () => this.#desactivar()),
        el("label.casilla", {}, sonido, el("span", { texto: t("Sonido al llegar un mensaje, con la página abierta") })),
      ),
    );
    // Lo que se pulsó ya no está.
    if (conFoco && !this.#aqui.contains(document.activeElement)) this.#aqui.querySelector("button")?.focus();
  }

  /**
   * @param {"boton-principal" | "boton-suave"} clase
   * @param {string} texto
   * @param {() => Promise<unknown>} hacer
   */
  #boton(clase, texto, hacer) {
    const clic = (/** @type {MouseEvent} */ { currentTarget }) => {
      const boton = /** @type {HTMLButtonElement} */ (currentTarget);
      if (boton.getAttribute("aria-disabled")) return;
      boton.setAttribute("aria-disabled", "true");
      hacer()
        .catch((error) => this.#fallar(error))
        .finally(() => boton.removeAttribute("aria-disabled"));
    };
    return el(`button.boton.${clase}`, { type: "button", texto, click: clic });
  }

  async #activar() {
    try {
      await activarNavegador(this.#preferencias?.clavePublica ?? null);
      mostrarError(this.#error, null);
    } catch (error) {
      // Lo dice el navegador, con sus palabras, y no siempre deja: algunos no tienen a quién suscribirse.
      if (!(error instanceof DOMException)) throw error;
      this.#decir("");
      mostrarError(this.#error, t("El navegador no pudo suscribirse a los avisos: {motivo}", { motivo: error.message }));
    } finally {
      this.#pintarAqui();
      await this.#dispositivos.leer();
    }
  }

  async #desactivar() {
    await desactivarNavegador();
    this.#pintarAqui();
    await this.#dispositivos.leer();
  }

  // Los canales

  /** @param {Canal} canal */
  #canal(canal) {
    const campos = Object.entries(CLASES).map(([clase, etiqueta]) =>
      this.#eleccion(etiqueta, CUANDO, {
        de: ({ canales }) => de(canales, canal)[/** @type {keyof typeof CLASES} */ (clase)],
        cambio: (valor) => ({ canales: { [canal]: { [clase]: valor } } }),
      }),
    );
    campos.push(
      this.#eleccion(t("Qué enseña"), MUESTRA, {
        de: ({ canales }) => de(canales, canal).muestra,
        cambio: (muestra) => ({ canales: { [canal]: { muestra } } }),
      }),
    );
    if (canal === "correo") campos.push(this.#cada());
    const prueba = canal === "aplicacion" || canal === "correo";
    return el(
      "details.ajustes-canal",
      { "data-canal": canal },
      el("summary", { texto: NOMBRES[canal] }),
      el(
        "div.ajustes-campos",
        {},
        ...campos,
        prueba && this.#boton("boton-suave", t("Probar"), () => this.#dispositivos.probar(canal)),
      ),
    );
  }

  #cada() {
    const { canales } = /** @type {MisAvisos} */ (this.#preferencias);
    const n = canales.correo?.cada ?? 60;
    return this.#eleccion(t("Un correo como mucho cada"), { [n]: tn(n, "{n} minuto", "{n} minutos"), ...CADA }, {
      de: (preferencias) => preferencias.canales.correo?.cada,
      cambio: (cada) => ({ canales: { correo: { cada: Number(cada) } } }),
    });
  }

  /**
   * @param {string} etiqueta
   * @param {Record<string, string>} valores
   * @param {{de: (preferencias: MisAvisos) => unknown, cambio: (valor: string) => Cambio}} que
   */
  #eleccion(etiqueta, valores, que) {
    const opciones = Object.entries(valores).map(([value, texto]) => el("option", { value, texto }));
    return this.#campo(etiqueta, el("select", {}, ...opciones), que);
  }

  /**
   * @param {string} etiqueta
   * @param {HTMLSelectElement | HTMLInputElement} control
   * @param {{de: (preferencias: MisAvisos) => unknown, cambio: (valor: string) => Cambio}} que
   */
  #campo(etiqueta, control, { de: valorDe, cambio }) {
    control.id = `ajuste-${this.#cuantos++}`;
    // Un campo de hora a medias está vacío.
    control.addEventListener("change", () => control.value && this.#guardar(cambio(control.value)));
    this.#controles.push((preferencias) => (control.value = String(valorDe(preferencias))));
    return el("div.campo", {}, el("label", { for: control.id, texto: etiqueta }), control);
  }

  // Las horas

  *#horasTranquilas() {
    const hora = (/** @type {"desde" | "hasta"} */ cual, /** @type {string} */ etiqueta) =>
      this.#campo(etiqueta, el("input", { type: "time" }), {
        de: ({ canales }) => tranquilas(canales)[cual],
        cambio: (valor) => this.#enTodos(cual, valor),
      });
    yield el("div.ajustes-horas", {}, hora("desde", t("Desde")), hora("hasta", t("Hasta")));
    yield el("p.suave.ayuda", { texto: t("Iguales, no hay ninguna. Son las mismas para todos los canales.") });
    const { zona } = /** @type {MisAvisos} */ (this.#preferencias);
    const aqui = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const zonas = [...new Set([zona, aqui, ...Intl.supportedValuesOf("timeZone")])].sort();
    yield this.#eleccion(t("Zona horaria"), Object.fromEntries(zonas.map((z) => [z, z.replaceAll("_", " ")])), {
      de: (preferencias) => preferencias.zona,
      cambio: (elegida) => ({ zona: elegida }),
    });
    const laDeAqui = el("button.boton-texto", {
      type: "button",
      texto: t("Poner la de este dispositivo: {zona}", { zona: aqui.replaceAll("_", " ") }),
      click: () => this.#guardar({ zona: aqui }),
    });
    this.#controles.push((preferencias) => (laDeAqui.hidden = preferencias.zona === aqui));
    yield laDeAqui;
  }

  /**
   * @param {"desde" | "hasta"} cual
   * @param {string} valor
   * @returns {Cambio}
   */
  #enTodos(cual, valor) {
    const horas = { ...tranquilas(/** @type {MisAvisos} */ (this.#preferencias).canales), [cual]: valor };
    return { canales: Object.fromEntries(CANALES.map((canal) => [canal, { tranquilas: horas }])) };
  }
}

/**
 * @param {CanalesDeAvisos} canales
 * @param {Canal} canal
 */
const de = (canales, canal) => canales[canal] ?? {};

/**
 * Las de la aplicación: aquí se ponen a la vez en todos.
 *
 * @param {CanalesDeAvisos} canales
 */
function tranquilas({ aplicacion }) {
  const { desde = "00:00", hasta = "00:00" } = aplicacion?.tranquilas ?? {};
  return { desde, hasta };
}
