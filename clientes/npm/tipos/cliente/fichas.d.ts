import { Emisor } from "./emisor.js";
import { Ficha } from "./ficha.js";
import type { Conversacion, EventosServidor, Mensaje, Preferencias } from "./eventos.js";
import type { AvisosDeFichas, Faltas } from "./tipos.js";
/**
 * Todas las conversaciones conocidas, y lo que cada evento del servidor cambia en ellas.
 *
 * Avisa lo que avisa `ClienteMensajeria`, y `falta` cuando algo pide una lectura.
 *
 * @extends {Emisor<AvisosDeFichas & Faltas>}
 */
export declare class Fichas extends Emisor<AvisosDeFichas & Faltas> {
    #private;
    yo: string;
    epoca: string;
    /** @param {string} id */
    de(id: string): Ficha | undefined;
    get todas(): Ficha[];
    vaciar(): void;
    /**
     * Lo que se sabía de ella no vale: empieza de nuevo con esto.
     *
     * @param {Conversacion} forma
     * @param {Mensaje[]} mensajes
     */
    reiniciar(forma: Conversacion, mensajes: Mensaje[]): Ficha;
    /**
     * Guarda una conversación leída o recibida; la crea si es nueva. La de otra época espera a que se
     * reinicie.
     *
     * @param {Conversacion} forma
     */
    ponerConversacion(forma: Conversacion): Ficha;
    /** @param {string} id */
    quitar(id: string): void;
    /**
     * Guarda mensajes y avisa una vez de lo que cambió y, en su orden, de los nuevos.
     *
     * @param {string} id
     * @param {Mensaje[]} mensajes
     */
    ponerMensajes(id: string, mensajes: Mensaje[]): void;
    /**
     * Así la quiere tener esta persona.
     *
     * @param {string} id
     * @param {Preferencias} preferencias
     */
    preferir(id: string, preferencias: Preferencias): void;
    /**
     * @param {string} id
     * @param {string} usuarioId
     * @param {number} hasta
     */
    leida(id: string, usuarioId: string, hasta: number): void;
    /**
     * Aplica un evento del servidor. Lo que no cambia nada aquí se ignora.
     *
     * @template {keyof EventosServidor} E
     * @param {E} evento
     * @param {EventosServidor[E]} datos
     */
    aplicar<E extends keyof EventosServidor>(evento: E, datos: EventosServidor[E]): void;
}
