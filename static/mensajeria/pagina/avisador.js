/**
 * El trabajador de servicio: enseña los avisos que llegan con la página cerrada u oculta, y lleva a su
 * conversación a quien los pulsa. No guarda nada ni sirve nada: la página es siempre la del servidor.
 *
 * @typedef {Event & {waitUntil: (hecho: Promise<unknown>) => void}} Suceso
 * @typedef {Suceso & {data: {json: () => Partial<Aviso>} | null}} Empuje
 * @typedef {Suceso & {notification: Notification}} Pulsacion
 *
 * @typedef {object} Aviso
 * @property {string} titulo
 * @property {string} cuerpo
 * @property {string} etiqueta la misma en todos los de una conversación: el nuevo sustituye al anterior
 * @property {string | null} conversacionId
 * @property {boolean} urgente
 *
 * @typedef {{url: string, focused: boolean, focus: () => Promise<unknown>,
 *   postMessage: (dicho: object) => void}} Pagina
 * @typedef {object} Trabajador
 * @property {ServiceWorkerRegistration} registration
 * @property {{matchAll: (cuales: object) => Promise<Pagina[]>, openWindow: (url: string) => Promise<unknown>}} clients
 * @property {() => Promise<void>} skipWaiting
 * @property {{setAppBadge?: (cuantos?: number) => Promise<void>}} navigator
 * @property {(nombre: string, oyente: (suceso: never) => void) => void} addEventListener
 */
const trabajador = /** @type {Trabajador} */ (/** @type {unknown} */ (self));
const raiz = () => trabajador.registration.scope;

trabajador.addEventListener("install", () => trabajador.skipWaiting());

trabajador.addEventListener("push", (/** @type {Empuje} */ suceso) => suceso.waitUntil(ensenar(leer(suceso))));

trabajador.addEventListener("notificationclick", (/** @type {Pulsacion} */ suceso) => {
  suceso.notification.close();
  suceso.waitUntil(abrir(suceso.notification.data?.conversacionId));
});

/**
 * Lo que no se entiende se avisa igual: un navegador retira la suscripción que no enseña nada.
 *
 * @param {Empuje} suceso
 * @returns {Partial<Aviso>}
 */
function leer({ data }) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

/** @param {Partial<Aviso>} aviso */
async function ensenar({ titulo, cuerpo, etiqueta, conversacionId, urgente }) {
  const abiertas = await paginas();
  // A quien está en ella se lo dice ella; lo de probar, que no es de ninguna conversación, se enseña.
  if (conversacionId && abiertas.some(({ focused }) => focused)) return;
  const como = {
    body: cuerpo,
    tag: etiqueta,
    // Lo que sustituye a otro vuelve a sonar; sin etiqueta no se puede pedir.
    renotify: Boolean(etiqueta),
    requireInteraction: Boolean(urgente),
    icon: new URL("static/mensajeria/icono.svg", raiz()).href,
    data: { conversacionId },
  };
  await trabajador.registration.showNotification(titulo || new URL(raiz()).host, como);
  // Cuántas son lo pone la página, si está abierta.
  if (!abiertas.length) await trabajador.navigator.setAppBadge?.();
}

/** Las abiertas de esta mensajería; la documentación y la mesa no lo son. */
async function paginas() {
  const todas = await trabajador.clients.matchAll({ type: "window", includeUncontrolled: true });
  return todas.filter(({ url }) => new URL(url).pathname === new URL(raiz()).pathname);
}

/** @param {string} [conversacionId] */
async function abrir(conversacionId) {
  const [pagina] = await paginas();
  if (!pagina) {
    const donde = conversacionId ? `#/c/${encodeURIComponent(conversacionId)}` : "";
    return trabajador.clients.openWindow(raiz() + donde);
  }
  // La página va sin volver a cargarse.
  if (conversacionId) pagina.postMessage({ abrir: conversacionId });
  return pagina.focus();
}
