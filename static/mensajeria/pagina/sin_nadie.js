import { anunciar, el } from "./dom.js";
import { t } from "./idioma.js";
import { aislado } from "./textos.js";

/**
 * Qué puede hacer quien no ve a nadie: decir quién es.
 *
 * @param {HTMLElement} hueco
 * @param {string} usuario el suyo
 */
export function decirSinNadie(hueco, usuario) {
  const copiar = el("button.boton.boton-suave", {
    type: "button",
    texto: t("Copiar mi usuario"),
    click: async () => {
      await navigator.clipboard?.writeText(usuario);
      anunciar(t("Usuario copiado"));
      copiar.textContent = t("Copiado");
    },
  });
  hueco.replaceChildren(
    el("p.vacio-titulo", { texto: t("Aún no hay nadie a quien puedas escribir") }),
    el("p.suave", {
      texto: t(
        "Las personas aparecen aquí cuando compartes una conversación con ellas. Di tu usuario, «{usuario}», a quien te atiende: al agregarte a una, podréis escribiros.",
        { usuario: aislado(usuario) },
      ),
    }),
    navigator.clipboard ? copiar : "",
  );
}
