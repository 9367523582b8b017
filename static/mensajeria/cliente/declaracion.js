/**
 * Lo que un token dice de sí mismo, sin comprobar su firma: eso lo hace el servidor.
 *
 * @typedef {object} Declaracion
 * @property {string | number} [userId]
 * @property {string | number} [user_id]
 * @property {string | number} [sub]
 * @property {string | number} [id]
 * @property {number} [exp]
 * @property {number} [iat]
 * @property {string} [servitechSesion]
 * @property {number} [vuelta]
 */

/**
 * @param {string} token
 * @returns {Declaracion} vacía, si no es un JWT que se lea
 */
export function declaracionDe(token) {
  try {
    const base64 = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
  } catch {
    return {};
  }
}

/**
 * De quién dice ser, con los nombres que el servidor admite y por su orden (docs/contrato.md,
 * sección 2).
 *
 * @param {Declaracion} declaracion
 */
export function usuarioDe({ userId, user_id, sub, id }) {
  const quien = userId ?? user_id ?? sub ?? id;
  return quien === undefined ? null : String(quien);
}
