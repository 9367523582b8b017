export type Traslado = {
    cabeceras: Record<string, string>;
    cuerpo: FormData;
    /**
     * cuánto va, de 0 a 1
     */
    alProgresar?: (fraccion: number) => void;
    signal?: AbortSignal;
};
/**
 * Envía un formulario y dice cuánto va. `fetch` no sabe decirlo: donde hay XMLHttpRequest, va por él.
 *
 * @param {string} url
 * @param {Traslado} traslado
 * @returns {Promise<Response>}
 */
export declare function trasladar(url: string, traslado: Traslado): Promise<Response>;
