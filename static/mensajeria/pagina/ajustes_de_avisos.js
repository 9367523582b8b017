import { abrirDialogo, prepararDialogo } from "./dialogos.js";
import { Dispositivos } from "./dispositivos.js";
import { el, mostrarError } from "./dom.js";
import { ponerSonido, suena } from "./escritorio.js";
import { icono } from "./iconos.js";
import { t, tn } from "./idioma.js";
import { activarNavegador, desactivarNavegador, estadoDelNavegador, vigilarPermiso } from "./navegador.js";
import { CADA, CANALES, CLASES, CUANDO, ESTADOS, MUESTRA, NOMBRES } from "./rotulos_de_avisos.js";
import { enPalabras } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { CanalesDeAvisos, EventosCliente, MisAvisosAqui } from "../cliente/eventos.js"
 * @import { Canal } from "./rotulos_de_avisos.js"
 *
 * @typedef {EventosCliente["cambiar_avisos"]} Cambio
 * @typedef {{control: HTMLElement, poner: (preferencias: MisAvisosAqui) => void}} Control
 */

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
  /** @type {MisAvisosAqui | null} */
  #preferencias = null;
  /** @type {Control[]} */
  #controles = [];
  #vez = 0;

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
      el("p.suave.ayuda", { texto: t("Lo urgente llega siempre y por todos los canales, menos por correo si ahí no quieres mensajes ni menciones. Lo silenciado, solo si te nombran.") }),
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
    const conTelefono = dispositivos.some(({ canal }) => canal === "fcm");
    const visibles = CANALES.filter(
      (canal) => preferencias.enMarcha.includes(canal) && (canal !== "fcm" || conTelefono),
    );
    this.#canales.replaceChildren(...visibles.map((canal) => this.#canal(canal)));
    this.#horas.replaceChildren(...this.#horasTranquilas());
    this.#pintarAqui();
    this.#poner(preferencias, true);
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

  /**
   * @param {MisAvisosAqui} preferencias
   * @param {boolean} [todo] también donde se está escribiendo
   */
  #poner(preferencias, todo = false) {
    this.#preferencias = preferencias;
    for (const { control, poner } of this.#controles)
      if (todo || control !== document.activeElement) poner(preferencias);
  }

  /** @param {Cambio} cambio */
  async #guardar(cambio) {
    const vez = ++this.#vez;
    try {
      const quedan = await this.#cliente.avisos.cambiar(cambio);
      // Lo que se cambió entre tanto aún no está en esta respuesta.
      if (vez === this.#vez) this.#poner(quedan);
      mostrarError(this.#error, null);
      this.#decir(t("Guardado"));
    } catch (error) {
      this.#fallar(error);
      if (this.#preferencias) this.#poner(this.#preferencias, true);
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
    const { clases } = /** @type {MisAvisosAqui} */ (this.#preferencias);
    const campos = clases.map((clase) =>
      this.#eleccion(CLASES[clase], CUANDO, {
        de: ({ canales }) => de(canales, canal)[clase],
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
    const { canales } = /** @type {MisAvisosAqui} */ (this.#preferencias);
    const n = canales.correo?.cada ?? 60;
    return this.#eleccion(t("Un correo como mucho cada"), { [n]: tn(n, "{n} minuto", "{n} minutos"), ...CADA }, {
      de: (preferencias) => preferencias.canales.correo?.cada,
      cambio: (cada) => ({ canales: { correo: { cada: Number(cada) } } }),
    });
  }

  /**
   * @param {string} etiqueta
   * @param {Record<string, string>} valores
   * @param {{de: (preferencias: MisAvisosAqui) => unknown, cambio: (valor: string) => Cambio}} que
   */
  #eleccion(etiqueta, valores, que) {
    const opciones = Object.entries(valores).map(([value, texto]) => el("option", { value, texto }));
    return this.#campo(etiqueta, el("select", {}, ...opciones), que);
  }

  /**
   * @param {string} etiqueta
   * @param {HTMLSelectElement | HTMLInputElement} control
   * @param {{de: (preferencias: MisAvisosAqui) => unknown, cambio: (valor: string) => Cambio}} que
   */
  #campo(etiqueta, control, { de: valorDe, cambio }) {
    control.id = `ajuste-${this.#controles.length}`;
    // Un campo de hora a medias está vacío.
    control.addEventListener("change", () => control.value && this.#guardar(cambio(control.value)));
    this.#controles.push({ control, poner: (p) => (control.value = String(valorDe(p))) });
    return el("div.campo", {}, el("label", { for: control.id, texto: etiqueta }), control);
  }

  // Las horas

  *#horasTranquilas() {
    const [desde, hasta] = [el("input", { type: "time" }), el("input", { type: "time" })];
    const cambio = () => {
      const horas = { desde: desde.value || "00:00", hasta: hasta.value || "00:00" };
      return { canales: Object.fromEntries(CANALES.map((canal) => [canal, { tranquilas: horas }])) };
    };
    yield el(
      "div.ajustes-horas",
      {},
      this.#campo(t("Empiezan"), desde, { de: ({ canales }) => tranquilas(canales).desde, cambio }),
      this.#campo(t("Acaban"), hasta, { de: ({ canales }) => tranquilas(canales).hasta, cambio }),
    );
    yield el("p.suave.ayuda", { texto: t("Iguales, no hay ninguna. Son las mismas para todos los canales.") });
    const { zona } = /** @type {MisAvisosAqui} */ (this.#preferencias);
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
    this.#controles.push({ control: this.#dialogo, poner: (p) => (laDeAqui.hidden = p.zona === aqui) });
    yield laDeAqui;
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
