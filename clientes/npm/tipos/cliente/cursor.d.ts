/**
 * Hasta qué cambio de una conversación se sabe todo. Un cambio visto más allá del siguiente deja un
 * hueco: falta algo, o el servidor lo resumió en un cambio posterior.
 */
export declare class Cursor {
    #private;
    valor: number;
    constructor(valor?: number);
    /** @param {number} cambio */
    ver(cambio: number): void;
    /**
     * Todo hasta `cambio` se sabe.
     *
     * @param {number} cambio
     */
    fijar(cambio: number): void;
    get hueco(): boolean;
}
