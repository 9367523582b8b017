import { IDIOMA } from "./idioma.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 *
 * @typedef {"no-sabe" | "sin-pedir" | "denegado" | "apagado" | "activo" | "retirado"} Estado
 *
 * @typedef {object} Registro Lo que este navegador recuerda de su suscripción.
 * @property {string} de quien la pidió: de nadie más se enseña nada
 * @property {string | null} id el del dispositivo; `null`, si se retiró el permiso
 * @property {string} punto
 * @property {number} cuando se le dijo al servidor por última vez
 */

const CLAVE = "servitech.avisos.navegador";
// Sin Web Push en el servidor, avisa la página mientras está abierta.
const LOCAL = "servitech.avisar.notificaciones";
const AVISADOR = "avisador.js";
// Lo que pasa antes de decir otra vez que sigue ahí: a los 60 días de silencio se le olvida.
const DIA = 24 * 3_600_000;

/** @type {ClienteMensajeria} */
let cliente;
/** @type {Promise<unknown>} una cosa detrás de otra: quien sale y quien entra no se cruzan */
let enCurso = Promise.resolve();

/**
 * Los avisos de este navegador con la página cerrada: son de quien los pidió, y se olvidan cuando sale.
 *
 * @param {ClienteMensajeria} cliente_
 * @param {(conversacionId: string) => void} abrir
 */
export function prepararNavegador(cliente_, abrir) {
  cliente = cliente_;
  if (!("serviceWorker" in navigator)) return;
  cliente.on("sesion", ({ usuarioId }) => enFila(usuarioId ? reconocer : soltar));
  navigator.serviceWorker.addEventListener("message", ({ data }) => data?.abrir && abrir(data.abrir));
  if (!cliente.usuarioId) enFila(soltar);
}

/** @param {() => Promise<unknown>} hacer */
function enFila(hacer) {
  enCurso = enCurso.then(hacer).catch(() => {});
}

/** @returns {Registro | null} el de quien está dentro */
function registro() {
  /** @type {Registro | null} */
  const guardado = JSON.parse(localStorage.getItem(CLAVE) ?? "null");
  return guardado?.de === cliente.usuarioId ? guardado : null;
}

/** @param {Registro} nuevo */
const guardar = (nuevo) => localStorage.setItem(CLAVE, JSON.stringify(nuevo));

const permiso = () => globalThis.Notification?.permission;

/** El dispositivo que es este navegador, si lo es. */
export const idDeEste = () => registro()?.id ?? null;

/**
 * En qué está.
 *
 * @param {boolean} conEmpuje si el servidor avisa por Web Push
 * @returns {Estado}
 */
export function estadoDelNavegador(conEmpuje) {
  if (!("requestPermission" in (globalThis.Notification ?? {}))) return "no-sabe";
  if (conEmpuje && !(globalThis.PushManager && navigator.serviceWorker)) return "no-sabe";
  const pedido = conEmpuje ? Boolean(registro()) : localStorage.getItem(LOCAL) === "1";
  if (permiso() === "granted") return pedido ? "activo" : "apagado";
  if (permiso() === "default") return "sin-pedir";
  return pedido ? "retirado" : "denegado";
}

/**
 * Pide el permiso y, si se da, se suscribe: se llama al pulsar algo, y nunca al cargar.
 *
 * @param {string | null} clavePublica la del servidor; `null`, si no avisa por Web Push
 */
export async function activarNavegador(clavePublica) {
  if ((await Notification.requestPermission()) !== "granted") return;
  if (clavePublica) await registrar(clavePublica);
  else localStorage.setItem(LOCAL, "1");
}

export async function desactivarNavegador() {
  const id = idDeEste();
  await soltar();
  // Si ya no estaba, mejor.
  if (id) await cliente.avisos.olvidar(id).catch(() => {});
}

/**
 * Lo que ya se leyó no sigue a la vista.
 *
 * @param {string} conversacionId
 */
export async function callarConversacion(conversacionId) {
  const todas = (await trabajador())?.getNotifications() ?? [];
  for (const n of await todas) if (n.data?.conversacionId === conversacionId) n.close();
}

/** @param {() => void} alCambiar al dar o retirar el permiso, en esta página o en los ajustes del navegador */
export async function vigilarPermiso(alCambiar) {
  const estado = await navigator.permissions?.query({ name: "notifications" }).catch(() => null);
  estado?.addEventListener("change", () => {
    enFila(reconocer);
    enCurso.then(alCambiar);
  });
}

/** Al entrar: si la suscripción es de otra persona se suelta, y si es de esta se mantiene al día. */
async function reconocer() {
  const suyo = registro();
  if (!suyo) return soltar();
  if (permiso() !== "granted") {
    if (!suyo.id) return;
    guardar({ ...suyo, id: null, punto: "" });
    return cliente.avisos.olvidar(suyo.id);
  }
  const suscripcion = await (await trabajador())?.pushManager.getSubscription();
  const alDia = suscripcion?.endpoint === suyo.punto && Date.now() - suyo.cuando < DIA;
  if (alDia) return;
  const { clavePublica } = await cliente.avisos.ver();
  if (clavePublica) await registrar(clavePublica);
}

/** Este navegador no avisa de nadie, ni enseña lo que ya avisó. */
async function soltar() {
  localStorage.removeItem(CLAVE);
  const aqui = await trabajador();
  for (const n of (await aqui?.getNotifications()) ?? []) n.close();
  await (await aqui?.pushManager?.getSubscription())?.unsubscribe();
}

const trabajador = async () => navigator.serviceWorker?.getRegistration();

/** @param {string} clavePublica */
async function registrar(clavePublica) {
  const de = cliente.usuarioId ?? "";
  await navigator.serviceWorker.register(deConfianza(AVISADOR));
  const suscripcion = await suscribir((await navigator.serviceWorker.ready).pushManager, clavePublica);
  const { _id } = await cliente.avisos.registrar(suscripcion.toJSON(), IDIOMA);
  // Quien lo pidió salió entre tanto.
  if (cliente.usuarioId !== de) return soltar();
  guardar({ de, id: _id, punto: suscripcion.endpoint, cuando: Date.now() });
}

/**
 * @param {PushManager} empuje
 * @param {string} clavePublica
 */
async function suscribir(empuje, clavePublica) {
  const previa = await empuje.getSubscription();
  const suClave = previa?.options.applicationServerKey;
  if (previa && suClave && enBase64(suClave) === clavePublica) return previa;
  await previa?.unsubscribe();
  return empuje.subscribe({ userVisibleOnly: true, applicationServerKey: clavePublica });
}

/** @param {ArrayBuffer} bytes */
const enBase64 = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

/**
 * La política de la página pide que quien carga un guion diga que es suyo.
 *
 * @param {string} guion
 * @returns {string}
 */
function deConfianza(guion) {
  const { trustedTypes } = /** @type {{trustedTypes?: {createPolicy: (nombre: string, reglas: object) =>
    {createScriptURL: (url: string) => string}}}} */ (/** @type {unknown} */ (globalThis));
  return trustedTypes?.createPolicy(AVISADOR, { createScriptURL: () => guion }).createScriptURL(guion) ?? guion;
}
