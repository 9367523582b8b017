import { porId } from "./dom.js";
import { t } from "./idioma.js";
import { aislado } from "./textos.js";

/** @import { PanelBusqueda } from "./panel_busqueda.js" */

/** Por qué resultado se va, sobre la conversación: con sus flechas se pasa a los demás. */
export class BarraBusqueda {
  #panel;

  /** @param {PanelBusqueda} panel */
  constructor(panel) {
    this.#panel = panel;
    porId("paso-anterior").addEventListener("click", () => panel.mover(-1));
    porId("paso-siguiente").addEventListener("click", () => panel.mover(1));
    porId("paso-cerrar").addEventListener("click", () => panel.cerrar());
    porId("paso-volver").addEventListener("click", () => porId("mensajeria").classList.add("buscando"));
  }

  /** @param {string | null} abierta la conversación que se mira */
  pintar(abierta) {
    const { paso } = this.#panel;
    const barra = porId("paso");
    const aqui = paso?.hallazgo.mensaje.conversacion === abierta;
    barra.hidden = !paso || !aqui;
    if (!paso || !aqui) return;
    const { n, de, hayMas, q } = paso;
    const datos = { n, de: hayMas ? `${de}+` : de };
    const texto = q
      ? t("{n} de {de} para «{texto}»", { ...datos, texto: aislado(q) })
      : t("Resultado {n} de {de}", datos);
    if (porId("paso-texto").textContent !== texto) porId("paso-texto").textContent = texto;
    porId("paso-anterior").toggleAttribute("disabled", n === 1);
    porId("paso-siguiente").toggleAttribute("disabled", n === de && !hayMas);
  }
}
