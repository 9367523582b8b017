const HORA = new Intl.DateTimeFormat("es", { hour: "2-digit", minute: "2-digit" });
const DIA = new Intl.DateTimeFormat("es", { weekday: "long", day: "numeric", month: "long" });
const DIA_Y_ANO = new Intl.DateTimeFormat("es", { day: "numeric", month: "long", year: "numeric" });
const CORTA = new Intl.DateTimeFormat("es", { day: "numeric", month: "short" });
const SEMANA = new Intl.DateTimeFormat("es", { weekday: "short" });
const ENTERA = new Intl.DateTimeFormat("es", { dateStyle: "long", timeStyle: "short" });

export const REACCIONES = {
  like: "Me gusta",
  love: "Me encanta",
  laugh: "Me divierte",
  surprise: "Me asombra",
  sad: "Me entristece",
};
export const PRIORIDADES = { normal: "Normal", alta: "Prioridad alta", urgente: "Urgente" };
export const ESTADOS = {
  enviado: "Enviado",
  entregado: "Entregado",
  leido: "Leído",
  fallido: "No entregado",
};
export const ROLES = {
  cliente: "Cliente",
  experto: "Experto",
  moderador: "Moderador",
  admin: "Administrador",
};
export const TIPOS = { individual: "Individual", grupal: "Grupal", soporte: "Soporte" };

const dias = (fecha) => Math.round((inicio(new Date()) - inicio(fecha)) / 86_400_000);
const inicio = (fecha) => new Date(fecha.getFullYear(), fecha.getMonth(), fecha.getDate());

export const hora = (iso) => HORA.format(new Date(iso));
export const fechaEntera = (iso) => ENTERA.format(new Date(iso));
export const mismoDia = (a, b) => inicio(new Date(a)).getTime() === inicio(new Date(b)).getTime();

export function dia(iso) {
  const fecha = new Date(iso);
  const hace = dias(fecha);
  if (hace === 0) return "Hoy";
  if (hace === 1) return "Ayer";
  return mayuscula((fecha.getFullYear() === new Date().getFullYear() ? DIA : DIA_Y_ANO).format(fecha));
}

/** Para la lista: la hora de hoy, el día de esta semana, o la fecha. */
export function cuando(iso) {
  const fecha = new Date(iso);
  const hace = dias(fecha);
  if (hace === 0) return HORA.format(fecha);
  if (hace === 1) return "Ayer";
  return hace < 7 ? mayuscula(SEMANA.format(fecha)) : CORTA.format(fecha);
}

const mayuscula = (texto) => texto[0].toUpperCase() + texto.slice(1);

export const nombreDe = (persona) =>
  persona ? `${persona.nombre} ${persona.apellido}`.trim() : "Cuenta eliminada";

export const otrosDe = (conversacion, yo) =>
  conversacion.participantes.filter((p) => p.activo && p.usuario._id !== yo);

export function tituloDe(conversacion, yo) {
  const { nombrePersonalizado } = conversacion.configuracion;
  if (nombrePersonalizado.trim()) return nombrePersonalizado;
  const otros = otrosDe(conversacion, yo).map((p) => nombreDe(p.usuario));
  if (otros.length > 3) return `${otros.slice(0, 2).join(", ")} y ${otros.length - 2} más`;
  return otros.join(", ") || conversacion.codigoConversacion;
}

/** Sin los controles de dirección: en la barra de título no hay dónde aislarlos. */
export const sinControles = (texto) =>
  texto.replace(/[\u0000-\u001f\u007f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");

/** Lo que se ve de un mensaje en una línea. */
export function resumen(mensaje) {
  if (mensaje.eliminado.eliminado) return "Mensaje eliminado";
  const { texto, archivo } = mensaje.contenido;
  return texto.trim() || (archivo ? archivo.nombre : "");
}

export function tamano(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const enKiB = bytes / 1024;
  return enKiB < 1024 ? `${Math.round(enKiB)} KB` : `${(enKiB / 1024).toFixed(1).replace(".", ",")} MB`;
}

const PALABRAS = {
  SIN_CONEXION: "No se pudo llegar al servidor. Comprueba tu conexión e inténtalo de nuevo.",
  SIN_RESPUESTA: "El servidor tarda demasiado. Inténtalo de nuevo.",
  UNAVAILABLE: "El servicio no está disponible ahora mismo. Inténtalo de nuevo en un momento.",
  EDIT_WINDOW_CLOSED: "Ya pasaron los 15 minutos para editar este mensaje.",
  NOT_FOUND: "No existe o no está a tu alcance.",
  TOKEN_EXPIRED: "Tu sesión ha caducado. Ingresa de nuevo.",
};

/** Lo que salió mal, dicho para una persona. */
export function enPalabras(error) {
  const texto = PALABRAS[error.code] ?? error.message;
  if (error.code !== "RATE_LIMITED" || !error.reintentarEn) return texto;
  return `${texto}. Podrás repetirlo en ${Math.ceil(error.reintentarEn)} s.`;
}
