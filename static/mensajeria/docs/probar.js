// Bajo cada evento del cliente, un formulario que lo envía por un socket vivo. Solo en el ejemplo.
import { ClienteMensajeria } from "../cliente.js";
import { el, porId } from "../pagina/dom.js";
import { formularioDe } from "../pagina/formularios.js";

/** @import { Catalogo } from "../pagina/cajon.js" */

/** @type {Catalogo} */
const catalogo = JSON.parse(porId("catalogo").textContent ?? "");
/** @type {string} */
const token = JSON.parse(porId("token").textContent ?? "");

// Con el prefijo que lleve: esta es `/docs/eventos/`.
const cliente = new ClienteMensajeria({ url: new URL("../..", location.href).href, token: () => token });
/** @type {Promise<unknown> | null} */
let entrada = null;

/** Se conecta al abrir el primero, y no antes: casi nadie viene a probar. */
function entrar() {
  entrada ??= new Promise((listo) => {
    cliente.once("conversaciones", listo);
    cliente.conectar();
  });
  return entrada;
}

for (const evento of catalogo.cliente) {
  const titulo = document.getElementById(evento.nombre);
  if (!titulo) continue;
  const detalles = el("details.probar", {}, el("summary", { texto: `Probar ${evento.nombre}` }));
  detalles.addEventListener("toggle", async () => {
    if (!detalles.open || detalles.children.length > 1) return;
    const espera = el("p.suave", { role: "status", texto: "Conectando como test_user…" });
    detalles.append(espera);
    await entrar();
    espera.replaceWith(...formularioDe(cliente, evento, catalogo.definiciones, () => undefined));
  });
  titulo.nextElementSibling?.after(detalles);
}
