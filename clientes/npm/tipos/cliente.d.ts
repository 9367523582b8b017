/**
 * Cliente de Servitech Mensajería para el navegador y Node 20 o posterior. Sin dependencias.
 *
 *     import { ClienteMensajeria } from "/static/mensajeria/cliente.js";
 *     const cliente = new ClienteMensajeria();
 *     cliente.on("mensaje_nuevo", ({ mensaje }) => console.log(mensaje.contenido.texto));
 *     await cliente.ingresar("ana", "demo");
 *     await cliente.enviar("conv_test", "Hola").confirmado;
 *
 * La guía está en `docs/cliente.md`.
 */
import { ErrorMensajeria } from "./cliente/errores.js";
import { Nucleo } from "./cliente/nucleo.js";
import { TRANSPORTES } from "./cliente/transportes.js";
import type { EventosCliente, Mensaje, Persona } from "./cliente/eventos.js";
import type { Filtros, NuevaConversacion, Prioridad, Rol } from "./cliente/tipos.js";
/**
 * @import { EventosCliente, Mensaje, Persona } from "./cliente/eventos.js"
 * @import { Filtros, NuevaConversacion, Prioridad, Rol } from "./cliente/tipos.js"
 */
export { ErrorMensajeria, TRANSPORTES };
/** Lo que una persona hace con sus conversaciones y sus mensajes. */
export declare class ClienteMensajeria extends Nucleo {
    /** @param {string} id */
    conversacion(id: string): import("./cliente/eventos.js").Conversacion | undefined;
    /**
     * Cuántos mensajes de los demás no se han leído en ella.
     *
     * @param {string} id
     */
    noLeidos(id: string): number;
    /**
     * Quiénes escriben en ella ahora.
     *
     * @param {string} id
     */
    escriben(id: string): string[];
    /**
     * Se une a ella y la deja al día. Lanza `NOT_FOUND` si no es de esta persona.
     *
     * @param {string} id
     */
    abrir(id: string): Promise<void>;
    /**
     * La lee si aún no se conoce, sin unirse a ella.
     *
     * @param {string} id
     */
    conocer(id: string): Promise<void>;
    /** @param {NuevaConversacion} cuerpo */
    crearConversacion(cuerpo: NuevaConversacion): Promise<import("./cliente/eventos.js").Conversacion>;
    /**
     * Las personas que se conocen de ella, por su identificador: quienes participan y quienes escriben;
     * si es numerosa, las que se han visto.
     *
     * @param {string} id
     * @returns {ReadonlyMap<string, Persona>}
     */
    personas(id: string): ReadonlyMap<string, Persona>;
    /**
     * Una página de sus participantes, también los que salieron; la que sigue, con `siguiente`. Hace
     * falta si es numerosa: con ella no van todos.
     *
     * @param {string} id
     * @param {string | null} [cursor]
     */
    participantes(id: string, cursor?: string | null): Promise<{
        results: import("./cliente/eventos.js").Participante[];
        siguiente: string | null;
    }>;
    /**
     * @param {string} id
     * @param {string} usuarioId
     * @param {Rol} [rol]
     */
    agregarParticipante(id: string, usuarioId: string, rol?: Rol): Promise<void>;
    /**
     * Quita a alguien, o a uno mismo.
     *
     * @param {string} id
     * @param {string} usuarioId
     */
    quitarParticipante(id: string, usuarioId: string): Promise<void>;
    /**
     * El de esa secuencia, si está cargado.
     *
     * @param {string} id
     * @param {number} secuencia
     */
    mensaje(id: string, secuencia: number): Mensaje | undefined;
    /**
     * @param {string} id
     * @param {string} mensajeId
     */
    mensajePorId(id: string, mensajeId: string): Mensaje | undefined;
    /**
     * Los cargados, en orden.
     *
     * @param {string} id
     */
    mensajes(id: string): Mensaje[];
    /**
     * Carga los que falten entre dos secuencias, incluidas, por páginas y sin pedir dos veces lo mismo.
     *
     * @param {string} id
     * @param {number} desde
     * @param {number} hasta
     */
    cargar(id: string, desde: number, hasta: number): Promise<void>;
    /**
     * Olvida lo cargado fuera de ese tramo, si hay más de `tope`.
     *
     * @param {string} id
     * @param {number} desde
     * @param {number} hasta
     */
    podar(id: string, desde: number, hasta: number, tope?: number): void;
    /**
     * Un mensaje, leído ahora del servidor (con todas sus lecturas).
     *
     * @param {string} mensajeId
     */
    leerMensaje(mensajeId: string): Promise<Mensaje>;
    /**
     * Quién lo recibió y quién lo leyó, con su fecha.
     *
     * @param {string} mensajeId
     */
    recibosDe(mensajeId: string): Promise<import("./cliente/eventos.js").RecibosDeMensaje>;
    /**
     * Una página de los mensajes que coinciden; la que sigue, con `siguiente`.
     *
     * @param {Filtros} filtros
     * @param {string | null} [cursor]
     */
    buscar(filtros: Filtros, cursor?: string | null): Promise<{
        results: import("./cliente/eventos.js").Hallado[];
        siguiente: string | null;
    }>;
    /**
     * Envía un texto, o lo guarda para cuando haya conexión. `confirmado` se cumple cuando el servidor
     * lo ha guardado, y falla si lo niega.
     *
     * @param {string} id
     * @param {string} texto
     * @param {{respuestaA?: string, prioridad?: Prioridad, metadatos?: Record<string, unknown>}} [opciones]
     */
    enviar(id: string, texto: string, { respuestaA, prioridad, metadatos }?: {
        respuestaA?: string;
        prioridad?: Prioridad;
        metadatos?: Record<string, unknown>;
    }): {
        envio: import("./cliente/tipos.js").Envio;
        confirmado: Promise<{
            timestamp: string;
            mensajeId: string;
            conversacionId: string;
            estado: "entregado" | "enviado" | "fallido" | "leido";
            secuencia: number;
            secuenciaCambio: number;
            idCliente: string | null;
            advertencias?: Array<import("./cliente/eventos.js").Advertencia>;
        }>;
    };
    /**
     * Sube un archivo y lo envía, con un texto si se quiere. `progreso` dice cuánto va y `descartar` lo
     * cancela; si se corta, se sube otra vez, y el mensaje sale una. Uno a uno, con `archivos.subir`.
     *
     * @param {string} id
     * @param {Blob} archivo un `File`, o un `Blob` con `nombre`
     * @param {{nombre?: string, texto?: string, respuestaA?: string, prioridad?: Prioridad,
     *   metadatos?: Record<string, unknown>}} [opciones]
     */
    enviarArchivo(id: string, archivo: Blob, { nombre, texto, respuestaA, prioridad, metadatos }?: {
        nombre?: string;
        texto?: string;
        respuestaA?: string;
        prioridad?: Prioridad;
        metadatos?: Record<string, unknown>;
    }): {
        envio: import("./cliente/tipos.js").Envio;
        confirmado: Promise<{
            timestamp: string;
            mensajeId: string;
            conversacionId: string;
            estado: "entregado" | "enviado" | "fallido" | "leido";
            secuencia: number;
            secuenciaCambio: number;
            idCliente: string | null;
            advertencias?: Array<import("./cliente/eventos.js").Advertencia>;
        }>;
    };
    /** Cuántos mensajes esperan a salir: si se cierra la página, no salen hasta que se vuelva a abrir. */
    get porSalir(): number;
    /** Cuántos archivos faltan por subir: si se cierra la página, se pierden. */
    get porSubir(): number;
    /**
     * El archivo de un envío pendiente, si se eligió en esta página.
     *
     * @param {string} idCliente
     */
    archivoPendiente(idCliente: string): Blob | undefined;
    /**
     * Los propios que aún no están en el historial.
     *
     * @param {string} id
     */
    pendientes(id: string): import("./cliente/tipos.js").Envio[];
    /** @param {string} idCliente */
    reenviar(idCliente: string): void;
    /** @param {string} idCliente */
    descartar(idCliente: string): void;
    /**
     * @param {string} mensajeId
     * @param {string} texto
     */
    editar(mensajeId: string, texto: string): Promise<{
        timestamp: string;
        conversacionId: string;
        secuenciaCambio: number;
        mensaje: Mensaje;
    }>;
    /**
     * @param {string} mensajeId
     * @param {string} [razon]
     */
    eliminar(mensajeId: string, razon?: string): Promise<{
        timestamp: string;
        conversacionId: string;
        secuenciaCambio: number;
        mensajeId: string;
    }>;
    /**
     * @param {string} mensajeId
     * @param {string} tipo una de `reacciones`
     */
    reaccionar(mensajeId: string, tipo: string): Promise<{
        timestamp: string;
        conversacionId: string;
        secuenciaCambio: number;
        mensajeId: string;
        reacciones: Array<import("./cliente/eventos.js").Reaccion>;
    }>;
    /** @param {string} mensajeId */
    quitarReaccion(mensajeId: string): Promise<{
        timestamp: string;
        conversacionId: string;
        secuenciaCambio: number;
        mensajeId: string;
        reacciones: Array<import("./cliente/eventos.js").Reaccion>;
    }>;
    /**
     * Los fijados de una conversación abierta, el último en fijarse primero.
     *
     * @param {string} id
     */
    fijados(id: string): Mensaje[];
    /** @param {string} mensajeId */
    fijar(mensajeId: string): Promise<{
        timestamp: string;
        conversacionId: string;
        secuenciaCambio: number;
        mensajeId: string;
        fijado: import("./cliente/eventos.js").Fijado;
    }>;
    /** @param {string} mensajeId */
    desfijar(mensajeId: string): Promise<{
        timestamp: string;
        conversacionId: string;
        secuenciaCambio: number;
        mensajeId: string;
        fijado: import("./cliente/eventos.js").Fijado;
    }>;
    /**
     * Se leyó hasta ese mensaje; se dice al servidor por tandas.
     *
     * @param {string} id
     * @param {Mensaje} mensaje
     */
    leer(id: string, mensaje: Mensaje): void;
    /**
     * Se está escribiendo en ella, o se dejó de escribir.
     *
     * @param {string} id
     */
    escribir(id: string, escribiendo?: boolean): void;
    /** Dónde está abierta la cuenta, la usada más recientemente primero. */
    sesiones(): Promise<import("./cliente/tipos.js").SesionAbierta[]>;
    /** @param {string} id */
    acabarSesion(id: string): Promise<null>;
    /** Solo queda esta. */
    acabarLasDemasSesiones(): Promise<null>;
    notificaciones(): Promise<{
        results: import("./cliente/eventos.js").Notificacion[];
        siguiente: string | null;
    }>;
    /** @param {string} id */
    leerNotificacion(id: string): Promise<import("./cliente/eventos.js").Notificacion>;
    /**
     * Cualquier evento del catálogo, con su respuesta.
     *
     * @template {keyof EventosCliente} E
     * @param {E} evento
     * @param {EventosCliente[E]} [datos]
     */
    pedir<E extends keyof EventosCliente>(evento: E, datos?: EventosCliente[E]): Promise<import("./cliente/eventos.js").Respuestas[E]>;
}
