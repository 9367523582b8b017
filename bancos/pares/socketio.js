// Socket.IO en Node, con el trabajo de una aplicación de mensajería: entrar con un JWT, unirse a
// las conversaciones propias, comprobar que se participa, guardar el mensaje, repartirlo y acusar.
// MODO: memoria (no guarda), consultas (tres por mensaje) o lote (lo pendiente, en una transacción).
"use strict";
const { createHmac, randomBytes, timingSafeEqual } = require("node:crypto");
const { createServer } = require("node:http");
const { Server } = require("socket.io");
const { Pool } = require("pg");

const { DATABASE_URL, JWT_SECRET, MODO, PUERTO, REDIS_URL } = process.env;
// Las conexiones ociosas se quedan, como las del producto.
const base = DATABASE_URL
  ? new Pool({ connectionString: DATABASE_URL, idleTimeoutMillis: 0 })
  : null;

function usuarioDe(token) {
  const [cabeza, datos, firma] = String(token).split(".");
  const debida = createHmac("sha256", JWT_SECRET).update(`${cabeza}.${datos}`).digest();
  const dada = Buffer.from(firma ?? "", "base64url");
  if (dada.length !== debida.length || !timingSafeEqual(dada, debida)) return null;
  const { userId, exp } = JSON.parse(Buffer.from(datos, "base64url"));
  return exp * 1000 > Date.now() ? userId : null;
}

async function conversacionesDe(usuario) {
  const { rows } = await base.query({
    name: "suyas",
    text: "SELECT conversacion FROM participante WHERE usuario = $1 AND activo",
    values: [usuario],
  });
  return rows.map((fila) => fila.conversacion);
}

const INSERTAR = `INSERT INTO mensaje
  (id, conversacion, remitente, texto, tipo, prioridad, metadatos, id_cliente, fecha_envio)`;

async function guardarConConsultas(m) {
  const { rows } = await base.query({
    name: "buscar",
    text: `SELECT c.activa, p.puede_enviar FROM conversacion c
             JOIN participante p ON p.conversacion = c.id AND p.usuario = $2 AND p.activo
            WHERE c.id = $1`,
    values: [m.conversacion, m.remitente],
  });
  if (!rows.length || !rows[0].activa || !rows[0].puede_enviar) throw new Error("NOT_FOUND");
  await base.query({
    name: "insertar",
    text: `${INSERTAR} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [m.id, m.conversacion, m.remitente, m.texto, m.tipo, m.prioridad, "{}", m.idCliente, m.fecha],
  });
  await base.query({
    name: "actualizar",
    text: "UPDATE conversacion SET ultimo_mensaje = $2, total = total + 1 WHERE id = $1",
    values: [m.conversacion, m.fecha],
  });
}

const espera = [];
let enMarcha = false;

function guardarEnLote(m) {
  return new Promise((hecho, fallo) => {
    espera.push({ m, hecho, fallo });
    if (!enMarcha) {
      enMarcha = true;
      setImmediate(vaciar);
    }
  });
}

async function guardarLote(lote) {
  const columna = (campo) => lote.map(({ m }) => m[campo]);
  const cliente = await base.connect();
  try {
    await cliente.query("BEGIN");
    const { rows } = await cliente.query({
      name: "buscar-lote",
      text: `SELECT c.id, p.usuario FROM unnest($1::text[], $2::text[]) pedido (conversacion, usuario)
               JOIN conversacion c ON c.id = pedido.conversacion AND c.activa
               JOIN participante p ON p.conversacion = c.id AND p.usuario = pedido.usuario
                AND p.activo AND p.puede_enviar`,
      values: [columna("conversacion"), columna("remitente")],
    });
    const pueden = new Set(rows.map((fila) => `${fila.id}|${fila.usuario}`));
    if (!lote.every(({ m }) => pueden.has(`${m.conversacion}|${m.remitente}`))) throw new Error("NOT_FOUND");
    await cliente.query({
      name: "insertar-lote",
      text: `${INSERTAR}
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                             $7::jsonb[], $8::text[], $9::timestamptz[])`,
      values: [...["id", "conversacion", "remitente", "texto", "tipo", "prioridad"].map(columna),
        lote.map(() => "{}"), columna("idCliente"), columna("fecha")],
    });
    await cliente.query({
      name: "actualizar-lote",
      text: `UPDATE conversacion c SET ultimo_mensaje = g.fecha, total = total + g.n
               FROM (SELECT conversacion, max(fecha) fecha, count(*) n
                       FROM unnest($1::text[], $2::timestamptz[]) u (conversacion, fecha)
                      GROUP BY 1) g
              WHERE c.id = g.conversacion`,
      values: [columna("conversacion"), columna("fecha")],
    });
    await cliente.query("COMMIT");
  } catch (error) {
    await cliente.query("ROLLBACK");
    throw error;
  } finally {
    cliente.release();
  }
}

async function vaciar() {
  while (espera.length) {
    const lote = espera.splice(0, 500);
    try {
      await guardarLote(lote);
      for (const { hecho } of lote) hecho();
    } catch (error) {
      for (const { fallo } of lote) fallo(error);
    }
  }
  enMarcha = false;
}

const guardar = { memoria: async () => {}, consultas: guardarConConsultas, lote: guardarEnLote }[MODO];

// La forma «mensaje» del contrato, con sus mismos campos.
function presentar(m) {
  return {
    _id: m.id,
    conversacion: m.conversacion,
    remitente: { _id: m.remitente, nombre: `Persona ${m.remitente}`, apellido: "Del Banco", avatar_url: "" },
    contenido: { texto: m.texto, tipo: m.tipo, archivo: null, metadatos: {} },
    tipo: m.tipo,
    estado: "enviado",
    prioridad: m.prioridad,
    respuestaA: null,
    editado: { editado: false, fechaEdicion: null, historial: [], versiones: 0 },
    eliminado: { eliminado: false, fechaEliminacion: null, eliminadoPor: null, razon: null },
    fijado: { fijado: false, fecha: null, por: null },
    lecturas: [],
    reacciones: [],
    fechaEnvio: m.fecha,
    fechaEntrega: null,
    idCliente: m.idCliente,
  };
}

async function enviar(io, socket, datos, acusar) {
  const { conversacionId: conversacion, contenido, idCliente, prioridad = "normal" } = datos;
  const texto = contenido?.texto;
  if (typeof texto !== "string" || !texto.trim() || texto.length > 5000) {
    acusar({ ok: false, error: { code: "VALIDATION_ERROR" } });
    return;
  }
  const fecha = new Date().toISOString();
  const m = {
    id: randomBytes(12).toString("hex"), conversacion, remitente: socket.data.usuario, texto,
    tipo: contenido.tipo ?? "texto", prioridad, idCliente, fecha,
  };
  try {
    await guardar(m);
  } catch (error) {
    acusar({ ok: false, error: { code: error.message } });
    return;
  }
  io.to(conversacion).emit("nuevo_mensaje", { conversacionId: conversacion, mensaje: presentar(m), timestamp: fecha });
  const enviado = { mensajeId: m.id, estado: "enviado", conversacionId: conversacion, idCliente, timestamp: fecha };
  socket.emit("mensaje_enviado", enviado);
  acusar({ ok: true, datos: enviado });
}

async function entrar(socket) {
  const { usuario } = socket.data;
  const suyas = MODO === "memoria" ? [socket.handshake.auth.conversacion] : await conversacionesDe(usuario);
  socket.join(suyas);
  for (const conversacionId of suyas) {
    socket.to(conversacionId).emit("usuario_conectado", { conversacionId, usuarioId: usuario });
  }
  socket.emit("autenticado", { usuarioId: usuario, success: true, timestamp: new Date().toISOString() });
  socket.on("disconnect", () => {
    for (const conversacionId of suyas) {
      socket.nsp.to(conversacionId).emit("usuario_desconectado", { conversacionId, usuarioId: usuario });
    }
  });
}

async function main() {
  const http = createServer();
  const io = new Server(http, { maxHttpBufferSize: 1e6 });
  if (REDIS_URL) {
    const { createClient } = require("redis");
    const { createAdapter } = require("@socket.io/redis-adapter");
    const publica = createClient({ url: REDIS_URL });
    const escucha = publica.duplicate();
    await Promise.all([publica.connect(), escucha.connect()]);
    io.adapter(createAdapter(publica, escucha));
  }
  io.use((socket, seguir) => {
    socket.data.usuario = usuarioDe(socket.handshake.auth.token);
    seguir(socket.data.usuario ? undefined : new Error("AUTH_INVALID"));
  });
  io.on("connection", (socket) => {
    socket.on("enviar_mensaje", (datos, acusar) => enviar(io, socket, datos, acusar));
    entrar(socket).catch(() => socket.disconnect(true));
  });
  http.listen(Number(PUERTO), "127.0.0.1", 2048);
}

main();
