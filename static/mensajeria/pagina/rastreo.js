import { BarraBusqueda } from "./barra_busqueda.js";
import { porId } from "./dom.js";
import { t } from "./idioma.js";
import { dejarDeResaltar, resaltar } from "./marcas.js";
import { PanelBusqueda } from "./panel_busqueda.js";
import { aislado } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Hallado } from "../cliente/eventos.js"
 * @import { VistaConversacion } from "./conversacion.js"
 */

/** Buscar y saltar a lo hallado: enlaza el panel, la barra y la conversación. */
export class Rastreo {
  #vista;
  #ir;
  #panel;
  #barra;
  /** @type {Hallado | null} al que se va cuando se muestre su conversación */
  #pendiente = null;

  /**
   * @param {ClienteMensajeria} cliente
   * @param {VistaConversacion} vista
   * @param {(conversacionId: string) => void} ir
   */
  constructor(cliente, vista, ir) {
    this.#vista = vista;
    this.#ir = ir;
    this.#panel = new PanelBusqueda(cliente, {
      saltar: (hallazgo) => this.#saltar(hallazgo),
      alCerrar: dejarDeResaltar,
      alCambiar: () => this.#pintar(),
    });
    this.#barra = new BarraBusqueda(this.#panel);
    porId("abrir-busqueda").addEventListener("click", () => this.abrir(null));
    porId("buscar-aqui").addEventListener("click", () => this.buscarAqui());
    this.#enlazarFiltro();
  }

  /** Lo que se escribe para filtrar la lista puede buscarse en los mensajes. */
  #enlazarFiltro() {
    const [filtro, boton] = [porId("filtro"), porId("buscar-lo-filtrado")];
    const buscar = () => {
      const texto = filtro.value.trim();
      if (texto) this.abrir(null, texto);
    };
    filtro.addEventListener("input", () => {
      const texto = filtro.value.trim();
      boton.hidden = !texto;
      porId("lo-filtrado").textContent = t("Buscar «{texto}» en los mensajes", { texto: aislado(texto) });
    });
    filtro.addEventListener("keydown", ({ key, isComposing }) => key === "Enter" && !isComposing && buscar());
    boton.addEventListener("click", buscar);
  }

  /**
   * @param {string | null} donde una conversación, o todas
   * @param {string} [texto]
   */
  abrir(donde, texto) {
    this.#panel.abrir(donde, texto);
  }

  buscarEnTodo() {
    this.abrir(null);
  }

  /** `false` si no hay conversación abierta. */
  buscarAqui() {
    if (this.#vista.id === null || porId("conversacion").hidden) return false;
    this.abrir(this.#vista.id);
    return true;
  }

  /** @param {1 | -1} paso */
  mover(paso) {
    if (this.#panel.abierto) this.#panel.mover(paso);
  }

  dejar() {
    const habia = this.#panel.abierto;
    this.#panel.cerrar();
    return habia;
  }

  /**
   * Se abre otra conversación, o ninguna.
   *
   * @param {Promise<void>} mostrada
   */
  async alAbrir(mostrada) {
    porId("mensajeria").classList.remove("buscando");
    this.#pintar();
    const hallazgo = this.#pendiente;
    this.#pendiente = null;
    if (!hallazgo) return;
    await mostrada;
    if (this.#vista.id === hallazgo.mensaje.conversacion) await this.#mostrar(hallazgo);
  }

  /** @param {Hallado} hallazgo */
  #saltar(hallazgo) {
    if (this.#vista.id === hallazgo.mensaje.conversacion) {
      this.#mostrar(hallazgo);
      return;
    }
    this.#pendiente = hallazgo;
    this.#ir(hallazgo.mensaje.conversacion);
  }

  /** @param {Hallado} hallazgo */
  async #mostrar({ mensaje, fragmento }) {
    const fila = await this.#vista.irA(mensaje._id);
    if (fila) resaltar(fila, fragmento);
  }

  #pintar() {
    this.#barra.pintar(this.#vista.id);
  }
}
