// Uno por clave: dos pestañas que escriben a la vez no se pisan los de otras conversaciones.
let prefijo = "servitech.borrador./";

/**
 * Los de quien entró, que siguen ahí al volver a cargar.
 *
 * @param {string} usuarioId
 */
export function abrirBorradores(usuarioId) {
  prefijo = `servitech.borrador.${encodeURIComponent(usuarioId)}/`;
}

/** @param {string} conversacion */
export const borradorDe = (conversacion) => localStorage.getItem(prefijo + conversacion) ?? "";

/**
 * @param {string} conversacion
 * @param {string} texto
 */
export function guardarBorrador(conversacion, texto) {
  const clave = prefijo + conversacion;
  if (!texto.trim()) return localStorage.removeItem(clave);
  try {
    localStorage.setItem(clave, texto);
  } catch {} // Sin sitio, dura lo que la página.
}

/** Quien sale no deja lo que escribía en este equipo. */
export function borrarBorradores() {
  for (const clave of Object.keys(localStorage)) if (clave.startsWith(prefijo)) localStorage.removeItem(clave);
}
