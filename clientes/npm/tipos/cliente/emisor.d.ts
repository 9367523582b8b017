/**
 * Avisos con nombre: `on`, `once`, `off`. Un oyente que falla no impide que se avise a los demás.
 *
 * @template {object} Avisos los datos de cada aviso, por su nombre
 */
export declare class Emisor<Avisos extends object> {
    #private;
    /**
     * @template {keyof Avisos} A
     * @param {A} aviso
     * @param {(datos: Avisos[A]) => void} oyente
     * @returns {() => void} deja de escuchar
     */
    on<A extends keyof Avisos>(aviso: A, oyente: (datos: Avisos[A]) => void): () => void;
    /**
     * @template {keyof Avisos} A
     * @param {A} aviso
     * @param {(datos: Avisos[A]) => void} oyente
     */
    once<A extends keyof Avisos>(aviso: A, oyente: (datos: Avisos[A]) => void): () => void;
    /**
     * @template {keyof Avisos} A
     * @param {A} aviso
     * @param {(datos: Avisos[A]) => void} oyente
     */
    off<A extends keyof Avisos>(aviso: A, oyente: (datos: Avisos[A]) => void): void;
    /**
     * @protected
     * @template {keyof Avisos} A
     * @param {A} aviso
     * @param {Avisos[A]} datos
     */
    protected avisar<A extends keyof Avisos>(aviso: A, datos: Avisos[A]): void;
}
