import { Cursor } from "./cursor.js";
import { Historial } from "./historial.js";
import type { Conversacion, Mensaje, Participante, Persona } from "./eventos.js";
import type { EstadoMensaje } from "./tipos.js";
/**
 * @import { Conversacion, Mensaje, Participante, Persona } from "./eventos.js"
 * @import { EstadoMensaje } from "./tipos.js"
 */
/** Una conversación tal como la conoce este cliente. */
export declare class Ficha {
    #private;
    yo: string;
    conversacion: Conversacion;
    historial: Historial;
    cursor: Cursor;
    /** @type {Map<string, ReturnType<typeof setTimeout>>} quién escribe, con su fin por si no llega */
    escriben: Map<string, ReturnType<typeof setTimeout>>;
    noLeidos: number;
    /** @type {Map<string, Persona>} las que se han visto: de una numerosa no se sabe quiénes están todos */
    personas: Map<string, Persona>;
    abierta: boolean;
    conFijados: boolean;
    anunciada: number;
    /**
     * @param {Conversacion} conversacion
     * @param {string} yo
     */
    constructor(conversacion: Conversacion, yo: string);
    get id(): string;
    /** En la que valen sus números. */
    get epoca(): string;
    /** Si tiene tantos participantes que con ella no van todos. */
    get numerosa(): boolean;
    get propio(): Participante | undefined;
    /**
     * La forma nueva de la conversación, salvo que sea más vieja que lo que ya se sabe.
     *
     * @param {Conversacion} forma
     */
    actualizar(forma: Conversacion): boolean;
    /**
     * Guarda mensajes; devuelve los que cambiaron algo.
     *
     * @param {Mensaje[]} mensajes
     */
    recibir(mensajes: Mensaje[]): Mensaje[];
    /**
     * Se eliminó: si estaba sin leer, ya no cuenta.
     *
     * @param {Mensaje} m
     */
    retirar(m: Mensaje): void;
    /**
     * La que la sustituye cuando lo que se sabía no vale: la base volvió atrás, y sus números son otros.
     * Se avisarán los mensajes que aquí no estaban.
     *
     * @param {Conversacion} forma
     * @param {Mensaje[]} mensajes
     */
    reiniciada(forma: Conversacion, mensajes: Mensaje[]): Ficha;
    /** Los que llegaron y no se han avisado, en orden; se detiene en el primero que falta. */
    porAnunciar(): Mensaje[];
    /** @param {Partial<Conversacion>} campos */
    cambiar(campos: Partial<Conversacion>): void;
    /**
     * @param {string} usuarioId
     * @param {Partial<Participante>} campos
     */
    cambiarParticipante(usuarioId: string, campos: Partial<Participante>): void;
    /**
     * Alguien leyó hasta ahí.
     *
     * @param {string} usuarioId
     * @param {number} hasta
     */
    leida(usuarioId: string, hasta: number): boolean;
    /**
     * Los mensajes propios hasta ahí alcanzan ese estado; devuelve los que cambian.
     *
     * @param {EstadoMensaje} estado
     * @param {number} hasta
     */
    alcanzar(estado: EstadoMensaje, hasta: number): Mensaje[];
    /**
     * Lo mismo, deducido de hasta dónde llegaron los demás: repone los avisos que se perdieron. De una
     * numerosa no se sabe.
     */
    alcanzarPorCursores(): Mensaje[];
}
