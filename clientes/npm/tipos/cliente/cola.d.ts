import { Emisor } from "./emisor.js";
import { ErrorMensajeria } from "./errores.js";
import type { Archivos } from "./archivos.js";
import type { Conexion } from "./conexion.js";
import type { EventosServidor, Mensaje } from "./eventos.js";
import type { Almacen, AvisosDeCola, Envio } from "./tipos.js";
export type Acuse = EventosServidor["mensaje_enviado"];
export type Promesa = {
    bien: (acuse: Acuse) => void;
    mal: (error: ErrorMensajeria) => void;
};
/**
 * Los mensajes propios que aún no están en el historial. Salen en orden dentro de cada conversación,
 * de uno en uno: si el primero ha de esperar, el segundo no lo adelanta. Solo un archivo que aún se
 * sube deja pasar a los textos que se escribieron después; a otros archivos, no. Cada uno lleva su
 * `idCliente`, así que repetirlo no lo duplica.
 *
 * Avisa `cola`, `progreso` y `guardado`.
 *
 * @extends {Emisor<AvisosDeCola>}
 */
export declare class Cola extends Emisor<AvisosDeCola> {
    #private;
    /**
     * @param {Conexion} conexion
     * @param {Archivos} archivos
     * @param {Almacen | null} almacen
     */
    constructor(conexion: Conexion, archivos: Archivos, almacen: Almacen | null);
    /**
     * Recupera lo que esa persona dejó sin enviar, también en una pestaña que se cerró.
     *
     * @param {string} usuarioId
     */
    abrir(usuarioId: string): void;
    /** Se acabó la sesión. Con `borrar`, nada queda guardado para cuando la persona vuelva. */
    vaciar({ borrar }?: {
        borrar?: boolean | undefined;
    }): void;
    /** Cuántos esperan a salir; los que ya se negaron, no. */
    get porSalir(): number;
    /** Cuántos archivos faltan por subir. */
    get porSubir(): number;
    /**
     * El archivo de un envío, si se eligió en esta página.
     *
     * @param {string} idCliente
     */
    archivo(idCliente: string): Blob | undefined;
    /** @param {string} conversacionId */
    de(conversacionId: string): Envio[];
    /**
     * @param {string} conversacionId
     * @param {Envio["datos"]} datos
     * @param {Blob} [blob] el archivo que lleva, por subir
     */
    encolar(conversacionId: string, datos: Envio["datos"], blob?: Blob, nombre?: string | undefined): {
        envio: Envio;
        confirmado: Promise<{
            timestamp: string;
            mensajeId: string;
            conversacionId: string;
            estado: "entregado" | "enviado" | "fallido" | "leido";
            secuencia: number;
            secuenciaCambio: number;
            idCliente: string | null;
            advertencias?: Array<import("./eventos.js").Advertencia>;
        }>;
    };
    /** @param {string} idCliente */
    reintentar(idCliente: string): void;
    /** @param {string} idCliente */
    descartar(idCliente: string): void;
    /**
     * La base volvió atrás: lo que se dio por guardado puede haberse perdido, y se repite.
     *
     * @param {string} conversacionId
     */
    reiniciar(conversacionId: string): void;
    /** Envía lo que espera; se llama al quedar lista la conexión. */
    seguir(): void;
    /**
     * Estos mensajes ya están en el historial.
     *
     * @param {Mensaje[]} mensajes
     */
    llegaron(mensajes: Mensaje[]): void;
}
