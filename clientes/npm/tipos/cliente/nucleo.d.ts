import { Ajustes } from "./ajustes.js";
import { Api } from "./api.js";
import { Archivos } from "./archivos.js";
import { Cola } from "./cola.js";
import { Conexion } from "./conexion.js";
import { Emisor } from "./emisor.js";
import { Escritura } from "./escritura.js";
import { Fichas } from "./fichas.js";
import { Gente } from "./gente.js";
import { MisAvisos } from "./mis_avisos.js";
import { Paginas } from "./paginas.js";
import { Recibos } from "./recibos.js";
import { Sesion } from "./sesion.js";
import { SesionAjena } from "./sesion_ajena.js";
import { Sincronia } from "./sincronia.js";
import { TRANSPORTES } from "./transportes.js";
import type { Conversacion } from "./eventos.js";
import type { DarToken } from "./sesion_ajena.js";
import type { Almacen, Avisos } from "./tipos.js";
export type Opciones = {
    /**
     * `https://servidor`, o `https://servidor/chat` si lleva prefijo; por
     * defecto, el servidor de la página, sin él.
     */
    url?: string;
    /**
     * lo mismo que `url`.
     */
    origen?: string;
    /**
     * para entrar con los tokens de otro sistema: da uno que valga. Se llama
     * otra vez cuando va a caducar o el servidor lo rechaza. Con él no se usa `ingresar`.
     */
    token?: DarToken;
    /**
     * dónde quedan los tokens y lo que no se ha enviado:
     * `sessionStorage`, `localStorage` o algo parecido. Sin él, solo en memoria.
     */
    almacen?: Almacen | null;
    /**
     * la puerta; por defecto, `nativo`, o `sondeo` donde
     * no hay WebSocket.
     */
    transporte?: keyof typeof TRANSPORTES;
};
/**
 * Las piezas del cliente y cómo se enlazan: quién ingresó, su conexión y lo que llega por ella.
 *
 * @extends {Emisor<Avisos>}
 */
export declare class Nucleo extends Emisor<Avisos> {
    #private;
    /** @protected */
    protected sesion: Sesion | SesionAjena;
    /** @protected */
    protected conexion: Conexion;
    /** @protected */
    protected api: Api;
    /** @protected */
    protected fichas: Fichas;
    /** @protected */
    protected sincronia: Sincronia;
    /** @protected */
    protected cola: Cola;
    /** @protected */
    protected recibos: Recibos;
    /** @protected */
    protected escritura: Escritura;
    /** @protected */
    protected paginas: Paginas;
    transporte: "nativo" | "socketio" | "sondeo";
    /** Los archivos de los mensajes: subirlos, verlos y traer sus bytes. */
    archivos: Archivos;
    /** Las personas a las que se puede escribir, y el perfil propio. */
    gente: Gente;
    /** Lo que se cambia de una conversación: para todos, o solo para uno. */
    ajustes: Ajustes;
    /** Qué se le avisa a esta persona, por dónde y en qué dispositivos. */
    avisos: MisAvisos;
    /** @param {Opciones} [opciones] */
    constructor({ url, origen, token, almacen, transporte, }?: Opciones);
    /** Quién ingresó, o `null`. */
    get usuarioId(): string | null;
    /** `apagada`, `conectando`, `lista` o `esperando` (a volver a intentarlo). */
    get estado(): import("./tipos.js").EstadoConexion;
    /** Con las que se puede reaccionar; ninguna hasta que conecta por primera vez. */
    get reacciones(): string[];
    /**
     * Ingresa con usuario y clave, y conecta. Lanza `ErrorMensajeria` si el servidor lo niega.
     *
     * @param {string} usuario
     * @param {string} clave
     */
    ingresar(usuario: string, clave: string): Promise<void>;
    /** Conecta con los tokens guardados, o con el que den; `false` si no los hay. */
    conectar(): boolean;
    /** Acaba esta sesión y desconecta. Con `enTodas`, ninguna otra de la persona sigue abierta. */
    salir({ enTodas }?: {
        enTodas?: boolean | undefined;
    }): Promise<void>;
    /** Vuelve a intentarlo ya, o comprueba que la conexión sigue viva. */
    reintentar(): void;
    /**
     * Si la página se ve y qué conversación enseña: de lo que no se ve se avisa por los demás canales.
     * Mientras no se diga, se ven todas.
     *
     * @param {boolean} visible
     * @param {string | null} [conversacionId] `null`, ninguna
     */
    ponerALaVista(visible: boolean, conversacionId?: string | null): void;
    /**
     * Cambia de puerta sin perder nada.
     *
     * @param {keyof typeof TRANSPORTES} nombre
     */
    usarTransporte(nombre: keyof typeof TRANSPORTES): void;
    /** Las conocidas: las ancladas primero, y la de actividad más reciente antes. */
    get conversaciones(): Conversacion[];
    get hayMasConversaciones(): boolean;
    /** Lee la primera página de conversaciones; con `mas`, la que sigue. */
    listar({ mas }?: {
        mas?: boolean | undefined;
    }): Promise<void>;
    /** Lee las archivadas, que no van con las demás. */
    listarArchivadas(): Promise<void>;
}
