import { estaSilenciada } from "./preferencias.js";
import { nombreDe, resumen, sinControles, tituloDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion, Mensaje } from "../cliente/eventos.js"
 *
 * @typedef {"notificaciones" | "sonido"} Manera
 */

// Lo que tiene la pestaña que mira esa conversación para decirlo antes que las demás.
const CORTESIA = 250;
// Ninguna otra avisa de lo mismo, aunque le llegue tarde.
const RETENER = 20_000;
const ENTRE_SONIDOS = 1_500;

/** @param {Manera} manera */
const clave = (manera) => `servitech.avisar.${manera}`;
/** @param {Manera} manera */
const pedido = (manera) => localStorage.getItem(clave(manera)) === "1";

/**
 * Fuera de la página: una notificación del sistema y un sonido, si se pidieron. Avisa una pestaña, y
 * ninguna si en alguna se está mirando esa conversación.
 *
 * @param {ClienteMensajeria} cliente
 * @param {{abrir: (id: string) => void, mirada: () => string | null}} pagina
 */
export function prepararEscritorio(cliente, { abrir, mirada }) {
  cliente.on("mensaje_nuevo", async ({ conversacionId, mensaje }) => {
    if (!pedido("sonido") && !pedido("notificaciones")) return;
    const conversacion = cliente.conversacion(conversacionId);
    if (!conversacion || mensaje.remitente?._id === cliente.usuarioId || estaSilenciada(conversacion)) return;
    const seMira = mirada() === conversacionId;
    if (!seMira) await new Promise((seguir) => setTimeout(seguir, CORTESIA));
    navigator.locks.request(`servitech.aviso.${mensaje._id}`, { ifAvailable: true }, (turno) => {
      if (!turno) return undefined;
      if (!seMira) decir(conversacion, mensaje, cliente.usuarioId, () => abrir(conversacionId));
      return new Promise((soltar) => setTimeout(soltar, RETENER));
    });
  });
}

/**
 * @param {Conversacion} conversacion
 * @param {Mensaje} mensaje
 * @param {string | null} yo
 * @param {() => void} alPulsar
 */
function decir(conversacion, mensaje, yo, alPulsar) {
  if (pedido("sonido")) sonar();
  if (!pedido("notificaciones") || Notification.permission !== "granted") return;
  const quien = nombreDe(mensaje.remitente);
  const titulo = conversacion.tipo === "individual" ? quien : `${quien} · ${tituloDe(conversacion, yo)}`;
  try {
    const opciones = { body: sinControles(resumen(mensaje)), tag: conversacion._id, silent: true };
    const notificacion = new Notification(sinControles(titulo), opciones);
    notificacion.onclick = () => {
      window.focus();
      alPulsar();
      notificacion.close();
    };
  } catch {} // En un teléfono las hace solo un trabajador de servicio.
}

/** @type {AudioContext | null} */
let contexto = null;
let sonoEn = 0;

/** Dos notas breves, hechas aquí. */
function sonar() {
  if (Date.now() - sonoEn < ENTRE_SONIDOS) return;
  sonoEn = Date.now();
  contexto ??= new AudioContext();
  for (const [i, frecuencia] of [660, 880].entries()) {
    const inicio = contexto.currentTime + i * 0.12;
    const nota = new OscillatorNode(contexto, { frequency: frecuencia });
    const volumen = new GainNode(contexto, { gain: 0 });
    volumen.gain.linearRampToValueAtTime(0.12, inicio + 0.01);
    volumen.gain.exponentialRampToValueAtTime(0.001, inicio + 0.25);
    nota.connect(volumen).connect(contexto.destination);
    nota.start(inicio);
    nota.stop(inicio + 0.3);
  }
}

/** Si suena al llegar un mensaje. */
export const suena = () => pedido("sonido");

/** @param {boolean} si */
export function ponerSonido(si) {
  if (!si) return localStorage.removeItem(clave("sonido"));
  localStorage.setItem(clave("sonido"), "1");
  sonar();
}
