import { deCodigo, IDIOMA, REGION, t, tn } from "./idioma.js";
import { rotulo } from "./rotulos.js";

/**
 * @import { ErrorMensajeria } from "../cliente.js"
 * @import { Conversacion, Mensaje, Persona } from "../cliente/eventos.js"
 * @import { Codigo, EstadoMensaje, Prioridad, Rol } from "../cliente/tipos.js"
 */

const HORA = new Intl.DateTimeFormat(REGION, { hour: "2-digit", minute: "2-digit" });
const DIA = new Intl.DateTimeFormat(REGION, { weekday: "long", day: "numeric", month: "long" });
const DIA_Y_ANO = new Intl.DateTimeFormat(REGION, { day: "numeric", month: "long", year: "numeric" });
const CORTA = new Intl.DateTimeFormat(REGION, { day: "numeric", month: "short" });
const SEMANA = new Intl.DateTimeFormat(REGION, { weekday: "short" });
const MEGAS = new Intl.NumberFormat(REGION, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const ENTERA = new Intl.DateTimeFormat(REGION, { dateStyle: "long", timeStyle: "short" });

/** @type {Record<Prioridad, string>} */
export const PRIORIDADES = {
  baja: t("Prioridad baja"),
  normal: t("Normal"),
  alta: t("Prioridad alta"),
  urgente: t("Urgente"),
};
/** @type {Record<EstadoMensaje, string>} */
export const ESTADOS = {
  enviado: t("Enviado"),
  entregado: t("Entregado"),
  leido: t("Leído"),
  fallido: t("No entregado"),
};
/** @type {Record<Rol, string>} */
export const ROLES = {
  cliente: t("Cliente"),
  experto: t("Experto"),
  moderador: t("Moderador"),
  admin: t("Administrador"),
};
/** @type {Record<Conversacion["tipo"], string>} */
export const TIPOS = {
  individual: t("Individual"),
  grupal: t("Grupal"),
  soporte: t("Soporte"),
  asesoria: t("Asesoría"),
  general: t("General"),
};

/** @param {Date} fecha */
const dias = (fecha) => Math.round((inicio(new Date()) - inicio(fecha)) / 86_400_000);
/** @param {Date} fecha */
const inicio = (fecha) => new Date(fecha.getFullYear(), fecha.getMonth(), fecha.getDate()).getTime();

/** @param {string} iso */
export const hora = (iso) => HORA.format(new Date(iso));
/** @param {string} iso */
export const fechaEntera = (iso) => ENTERA.format(new Date(iso));
/**
 * @param {string} a
 * @param {string} b
 */
export const mismoDia = (a, b) => inicio(new Date(a)) === inicio(new Date(b));

/** @param {string} iso */
export function dia(iso) {
  const fecha = new Date(iso);
  const hace = dias(fecha);
  if (hace === 0) return t("Hoy");
  if (hace === 1) return t("Ayer");
  return mayuscula((fecha.getFullYear() === new Date().getFullYear() ? DIA : DIA_Y_ANO).format(fecha));
}

/**
 * Para la lista: la hora de hoy, el día de esta semana, o la fecha.
 *
 * @param {string} iso
 */
export function cuando(iso) {
  const fecha = new Date(iso);
  const hace = dias(fecha);
  if (hace === 0) return HORA.format(fecha);
  if (hace === 1) return t("Ayer");
  return hace < 7 ? mayuscula(SEMANA.format(fecha)) : CORTA.format(fecha);
}

/**
 * Un día, para seguir la frase: en español no lleva mayúscula.
 *
 * @param {string} texto
 */
export const enMedio = (texto) => (IDIOMA === "es" ? texto.toLowerCase() : texto);

/** @param {string} texto */
const mayuscula = (texto) => texto[0].toUpperCase() + texto.slice(1);

/** @param {Pick<Persona, "nombre" | "apellido"> | null | undefined} persona */
export const nombreDe = (persona) =>
  persona ? `${persona.nombre} ${persona.apellido}`.trim() : t("Cuenta eliminada");

/**
 * @param {Conversacion} conversacion
 * @param {string | null} yo
 */
export const otrosDe = (conversacion, yo) =>
  conversacion.participantes.filter((p) => p.activo && p.usuario._id !== yo);

/**
 * @param {Conversacion} conversacion
 * @param {string | null} yo
 */
export function tituloDe(conversacion, yo) {
  const { nombrePersonalizado } = conversacion.configuracion;
  if (nombrePersonalizado.trim()) return nombrePersonalizado;
  if (conversacion.totalConectados !== undefined)
    return tn(conversacion.totalParticipantes, "Grupo de {n} persona", "Grupo de {n} personas");
  const otros = otrosDe(conversacion, yo).map((p) => nombreDe(p.usuario));
  if (otros.length > 3)
    return t("{nombres} y {n} más", { nombres: otros.slice(0, 2).join(", "), n: otros.length - 2 });
  return otros.join(", ") || conversacion.codigoConversacion;
}

/**
 * Sin los controles de dirección: en la barra de título no hay dónde aislarlos.
 *
 * @param {string} texto
 */
export const sinControles = (texto) =>
  texto.replace(/[\u0000-\u001f\u007f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");

/**
 * Para ponerlo en medio de una frase: ni le da la vuelta ni sale de su sitio.
 *
 * @param {string} texto
 */
export const aislado = (texto) => `\u2068${sinControles(texto)}\u2069`;

/**
 * Lo que se ve de un mensaje en una línea.
 *
 * @param {Mensaje} mensaje
 */
export function resumen(mensaje) {
  if (mensaje.eliminado.eliminado) return t("Mensaje eliminado");
  const { texto, archivo } = mensaje.contenido;
  const { ubicacion, contacto } = datosDe(mensaje);
  return (
    texto.trim() ||
    (archivo && rotulo(archivo)) ||
    (ubicacion && t("Ubicación: {lugar}", { lugar: ubicacion.direccion || ubicacion.coordenadas })) ||
    (contacto && t("Contacto: {datos}", { datos: contacto.join(", ") })) ||
    SIN_TEXTO
  );
}

// En lo importado del original puede no haber nada.
export const SIN_TEXTO = t("Mensaje sin texto");

/**
 * La ubicación o el contacto de un mensaje de ese tipo. Los metadatos son de quien lo envió, o de una
 * importación: lo que no tiene forma de serlo no se enseña.
 *
 * @param {Mensaje} mensaje
 */
export function datosDe({ contenido: { tipo, metadatos } }) {
  const datos = /** @type {Record<string, unknown>} */ (Object(metadatos[tipo]));
  return {
    ubicacion: tipo === "ubicacion" ? ubicacionDe(datos) : null,
    contacto: tipo === "contacto" ? contactoDe(datos) : null,
  };
}

/** @param {Record<string, unknown>} datos */
function ubicacionDe({ latitud, longitud, direccion }) {
  if (typeof latitud !== "number" || typeof longitud !== "number") return null;
  return {
    coordenadas: [latitud, longitud].join(", "),
    direccion: typeof direccion === "string" ? direccion.trim() : "",
    url: `https://www.openstreetmap.org/?mlat=${latitud}&mlon=${longitud}#map=16/${latitud}/${longitud}`,
  };
}

/** @param {Record<string, unknown>} datos */
function contactoDe({ nombre, telefono, email }) {
  const dicho = [nombre, telefono, email].flatMap((d) => (typeof d === "string" ? d.trim() : []));
  const partes = dicho.filter(Boolean);
  return partes.length ? partes : null;
}

/** @param {number} bytes */
export function tamano(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const enKiB = bytes / 1024;
  return enKiB < 1024 ? `${Math.round(enKiB)} KB` : `${MEGAS.format(enKiB / 1024)} MB`;
}

/**
 * Para seguir la frase.
 *
 * @param {string} texto
 */
export const sinPunto = (texto) => texto.replace(/\.$/, "");

/** @type {Partial<Record<Codigo, string>>} */
const PALABRAS = {
  SIN_CONEXION: t("No se pudo llegar al servidor. Comprueba tu conexión e inténtalo de nuevo."),
  SIN_RESPUESTA: t("El servidor tarda demasiado. Inténtalo de nuevo."),
  UNAVAILABLE: t("El servicio no está disponible ahora mismo. Inténtalo de nuevo en un momento."),
  EDIT_WINDOW_CLOSED: t("Ya pasaron los 15 minutos para editar este mensaje."),
  NOT_FOUND: t("No existe o no está a tu alcance."),
  TOKEN_EXPIRED: t("Tu sesión ha caducado. Ingresa de nuevo."),
  PAYLOAD_TOO_LARGE: t("Ocupa más de lo que se admite. Redúcelo, o compártelo con un enlace."),
  FILE_EMPTY: t("El archivo está vacío. Comprueba que se guardó bien y adjúntalo otra vez."),
  FILE_TYPE_NOT_ALLOWED: t(
    "Ese tipo de archivo no se admite. Envía una imagen (JPEG, PNG, GIF o WebP), un PDF, Word, Excel, texto, CSV o ZIP, un audio o un vídeo MP4 o WebM.",
  ),
  FILE_DAMAGED: t("El archivo está dañado o incompleto. Ábrelo, guárdalo de nuevo y adjúntalo otra vez."),
  FILE_AMBIGUOUS: t(
    "El archivo lleva otro formato dentro, y así no se admite. Ábrelo, guárdalo de nuevo y adjunta la copia.",
  ),
  FILE_BOMB: t(
    "El archivo ocupa demasiado al abrirlo. Reduce la imagen, o reparte el ZIP, y adjúntalo otra vez.",
  ),
  FILE_INFECTED: t("El antivirus no admite el archivo, y no se envió. Revísalo antes de compartirlo."),
  ARCHIVO_PERDIDO: t(
    "El archivo ya no está a mano: se cerró la página, o cambió de sitio. Adjúntalo otra vez.",
  ),
  ARCHIVO_RETIRADO: t(
    "El antivirus no admitió el archivo, o no pudo mirarlo. Revísalo, y prueba con otra copia o reducido.",
  ),
};

// Lo que guarda un iPhone si no se le dice otra cosa, y qué hacer con ello.
/** @type {[RegExp, string][]} */
const DE_IPHONE = [
  [
    /\.hei[cf]$/i,
    t(
      "Las fotos HEIC no se admiten. En el iPhone, elige Ajustes › Cámara › Formatos › Más compatible, y haz otra; o guarda esta como JPEG y adjúntala.",
    ),
  ],
  [
    /\.mov$/i,
    t(
      "Los vídeos MOV no se admiten. Guárdalo como MP4 (en el iPhone, expórtalo desde iMovie u otra aplicación) y adjúntalo, o compártelo con un enlace.",
    ),
  ],
];

/**
 * Lo que salió mal, dicho para una persona.
 *
 * @param {unknown} error
 * @param {string} [nombre] el del archivo, si salió mal con uno
 */
export function enPalabras(error, nombre = "") {
  const { code, message, reintentarEn } = /** @type {ErrorMensajeria} */ (error);
  if (code === "FILE_TYPE_NOT_ALLOWED")
    for (const [extension, texto] of DE_IPHONE) if (extension.test(nombre)) return texto;
  const texto = PALABRAS[code] ?? deCodigo(code) ?? message;
  if (code !== "RATE_LIMITED" || !reintentarEn) return texto;
  return t("{texto}. Podrás repetirlo en {n} s.", { texto, n: Math.ceil(reintentarEn) });
}
