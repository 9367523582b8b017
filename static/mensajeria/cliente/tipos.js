/**
 * Las formas del contrato que este módulo usa, campo por campo. Aquí no hay código: son tipos para
 * el editor (`@import` desde JSDoc, o `import type` desde TypeScript).
 *
 * @typedef {{_id: string, nombre: string, apellido: string, avatar_url: string}} Persona
 * @typedef {"enviado" | "entregado" | "leido" | "fallido"} EstadoMensaje
 * @typedef {"normal" | "alta" | "urgente"} Prioridad
 * @typedef {"like" | "love" | "laugh" | "surprise" | "sad"} TipoReaccion
 * @typedef {{usuario: string, tipo: TipoReaccion, fecha: string}} Reaccion
 * @typedef {{nombre: string, url: string, tamano: number, tipo: string}} Archivo
 *
 * @typedef {object} Mensaje
 * @property {string} _id
 * @property {string} conversacion
 * @property {Persona | null} remitente
 * @property {{texto: string, tipo: string, archivo: Archivo | null, metadatos: object}} contenido
 * @property {{_id: string, texto: string, remitente: Persona | null} | null} respuestaA
 * @property {Prioridad} prioridad
 * @property {EstadoMensaje} estado
 * @property {string} fechaEnvio
 * @property {string | null} fechaEntrega
 * @property {{usuario: string, fechaLectura: string}[]} lecturas
 * @property {Reaccion[]} reacciones
 * @property {{editado: boolean, fechaEdicion: string | null, historial: {texto: string, fecha: string}[]}} editado
 * @property {{eliminado: boolean, fechaEliminacion: string | null, eliminadoPor: string | null, razon: string | null}} eliminado
 * @property {number} secuencia
 * @property {number} secuenciaCambio
 * @property {string | null} idCliente
 *
 * @typedef {object} Participante
 * @property {Persona} usuario
 * @property {"cliente" | "experto" | "moderador" | "admin"} rol
 * @property {string} fechaIngreso
 * @property {boolean} activo
 * @property {string | null} ultimaConexion
 * @property {boolean} enLinea
 * @property {{puedeEnviar: boolean, puedeEliminar: boolean, puedeModerar: boolean}} permisos
 * @property {number} entregadoHasta
 * @property {number} leidoHasta
 *
 * @typedef {object} Conversacion
 * @property {string} _id
 * @property {string} codigoConversacion
 * @property {Participante[]} participantes
 * @property {string | null} asesoria
 * @property {"individual" | "grupal" | "soporte"} tipo
 * @property {{nombrePersonalizado: string, descripcion: string, avatar: string}} configuracion
 * @property {{totalMensajes: number, ultimoMensaje: string | null, mensajesNoLeidos: Record<string, number>}} estadisticas
 * @property {boolean} activa
 * @property {string} fechaCreacion
 * @property {string} fechaUltimaActividad
 * @property {number} ultimaSecuencia
 * @property {number} ultimoCambio
 *
 * @typedef {object} Notificacion
 * @property {string} _id
 * @property {string} tipo
 * @property {string} titulo
 * @property {string} mensaje
 * @property {Record<string, unknown>} datos
 * @property {{id: string, texto: string, tipo: string}[]} acciones
 * @property {boolean} leida
 * @property {string} fecha
 *
 * @typedef {object} Envio Un mensaje propio que aún no está en el historial.
 * @property {string} idCliente
 * @property {string} conversacionId
 * @property {{contenido: {texto: string}, tipo: string, respuestaA?: string, prioridad?: Prioridad}} datos
 * @property {"pendiente" | "enviando" | "enviado" | "fallido"} estado
 * @property {string} creado
 * @property {{code: string, message: string} | null} error
 *
 * @typedef {object} Oyentes Lo que una conexión pide a un transporte que le diga.
 * @property {() => void} alAbrir
 * @property {(marco: {evento: string, datos?: any, id?: number | string, ok?: boolean, error?: any}) => void} alRecibir
 * @property {(razon: string) => void} alCerrar
 *
 * @typedef {object} Transporte Lo que sabe llevar marcos. El de WebSocket es `TransporteNativo`.
 * @property {(oyentes: Oyentes) => void} abrir
 * @property {(evento: string, datos: object, id: number) => void} enviar
 * @property {() => void} cerrar
 *
 * @typedef {{getItem(clave: string): string | null, setItem(clave: string, valor: string): void, removeItem(clave: string): void}} Almacen
 */
export {};
