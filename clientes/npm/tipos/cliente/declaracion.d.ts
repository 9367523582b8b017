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
export type Declaracion = {
    userId?: string | number;
    user_id?: string | number;
    sub?: string | number;
    id?: string | number;
    exp?: number;
    iat?: number;
    servitechSesion?: string;
    vuelta?: number;
};
/**
 * @param {string} token
 * @returns {Declaracion} vacía, si no es un JWT que se lea
 */
export declare function declaracionDe(token: string): Declaracion;
/**
 * De quién dice ser, con los nombres que el servidor admite y por su orden (docs/contrato.md,
 * sección 2).
 *
 * @param {Declaracion} declaracion
 */
export declare function usuarioDe({ userId, user_id, sub, id }: Declaracion): string | null;
