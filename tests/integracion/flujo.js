// El flujo de la semilla con `socket.io-client` sin modificar. Escribe lo que vio, en JSON.
// Uso: node flujo.js URL TRANSPORTES CONVERSACION ANA BETO CARLA SECRETO
const { createHmac } = require('node:crypto');
const { io } = require('socket.io-client');

const [url, transportes, conversacionId, idAna, idBeto, idCarla, secreto] = process.argv.slice(2);
const PLAZO = 30000;
const opciones = {
    forceNew: true,
    reconnectionDelay: 50,
    ...(transportes === 'defecto' ? {} : { transports: [transportes] }),
};
const visto = {};

function firmar(userId, segundos) {
    const parte = (objeto) => Buffer.from(JSON.stringify(objeto)).toString('base64url');
    const iat = Date.now() / 1000;
    const cuerpo = `${parte({ alg: 'HS256', typ: 'JWT' })}.${parte({ userId, iat, exp: iat + segundos })}`;
    return `${cuerpo}.${createHmac('sha256', secreto).update(cuerpo).digest('base64url')}`;
}

function espera(socket, evento, cumple = () => true) {
    return new Promise((resolver, fallar) => {
        const plazo = setTimeout(() => fallar(new Error(`no llegó ${evento}`)), PLAZO);
        const oye = (datos) => {
            if (cumple(datos)) {
                clearTimeout(plazo);
                socket.off(evento, oye);
                resolver(datos);
            }
        };
        socket.on(evento, oye);
    });
}

function pide(socket, evento, datos) {
    return socket.timeout(PLAZO).emitWithAck(evento, datos);
}

async function flujo() {
    // Como en la semilla: conectar y `autenticar`.
    const ana = io(url, opciones);
    await espera(ana, 'connect');
    const autenticado = espera(ana, 'autenticado');
    ana.emit('autenticar', { usuarioId: idAna, token: firmar(idAna, 300) });
    visto.autenticado = (await autenticado).usuarioId;

    // Con `auth` en el saludo, que se vuelve a preguntar al reconectar.
    let saludos = 0;
    const beto = io(url, { ...opciones, auth: (dar) => { saludos += 1; dar({ token: firmar(idBeto, 300) }); } });
    visto.saludo = (await espera(beto, 'autenticado')).usuarioId;

    const unido = espera(ana, 'unido_conversacion');
    ana.emit('unirse_conversacion', { conversacionId });
    visto.unido = (await unido).conversacionId;

    const nuevo = espera(beto, 'nuevo_mensaje', (d) => d.conversacionId === conversacionId);
    const enviado = espera(ana, 'mensaje_enviado');
    const acuse = await pide(ana, 'enviar_mensaje', {
        conversacionId, contenido: { texto: 'Hola mundo! ñ€😀' }, tipo: 'texto', idCliente: `c-${conversacionId}`,
    });
    visto.acuse = [acuse.ok, acuse.datos.secuencia, (await enviado).mensajeId === acuse.datos.mensajeId];
    visto.texto = (await nuevo).mensaje.contenido.texto;
    const mensajeId = acuse.datos.mensajeId;

    const escribe = espera(ana, 'usuario_escribiendo', (d) => d.escribiendo);
    beto.emit('escribiendo', { conversacionId, escribiendo: true });
    visto.escribe = (await escribe).usuarioId;
    const leido = espera(ana, 'mensaje_leido');
    beto.emit('marcar_leido', { conversacionId, mensajeId });
    visto.leido = (await leido).leidoPor;
    const reaccion = espera(ana, 'reaccion_agregada');
    beto.emit('agregar_reaccion', { mensajeId, tipo: 'like' });
    visto.reaccion = (await reaccion).reacciones[0].tipo;
    const pong = espera(ana, 'pong');
    ana.emit('ping');
    visto.pong = typeof (await pong).timestamp;

    // Errores: por `error` y por el ack; binario, que aquí nunca es válido; y lo ilegible.
    const error = espera(beto, 'error');
    const negado = await pide(beto, 'enviar_mensaje', { conversacionId: 'nada', contenido: { texto: 'x' } });
    visto.negado = [negado.ok, negado.error.code, (await error).code];
    const binario = await pide(beto, 'enviar_mensaje', {
        conversacionId, contenido: { texto: 'x', metadatos: { a: Buffer.from([1, 2]) } },
    });
    visto.binario = binario.error.code;
    visto.desconocido = (await pide(beto, 'nada', {})).error.code;
    visto.sustituto = (await pide(beto, 'enviar_mensaje', { conversacionId, contenido: { texto: '\ud800' } })).error.code;
    visto.nulo = (await pide(beto, 'enviar_mensaje', { conversacionId, contenido: { texto: 'a\u0000' } })).error.code;

    // 200 envíos seguidos: todos acusados, y recibidos en orden.
    const secuencias = [];
    beto.on('nuevo_mensaje', (d) => d.conversacionId === conversacionId && secuencias.push(d.mensaje.secuencia));
    const ultimo = espera(beto, 'nuevo_mensaje', (d) => d.mensaje.secuencia === 201);
    const acuses = await Promise.all(Array.from({ length: 200 }, (_, i) =>
        pide(ana, 'enviar_mensaje', { conversacionId, contenido: { texto: `m${i}` } })));
    await ultimo;
    visto.doscientos = [acuses.filter((a) => a.ok).length, secuencias.length,
        secuencias.every((s, i) => s === i + 2)];

    // Se corta el transporte: reconecta solo, vuelve a saludar y reanuda.
    const vuelve = espera(beto, 'autenticado');
    beto.io.engine.close();
    await vuelve;
    visto.saludos = saludos;
    const reanudado = await pide(beto, 'reanudar', { cursores: { [conversacionId]: 200 } });
    visto.reanudado = reanudado.datos.conversaciones[conversacionId].cambios.map((m) => m.secuencia).slice(0, 3);

    // Un mal token en el saludo es `connect_error` con su código.
    const malo = io(url, { ...opciones, auth: { token: 'malo' }, reconnection: false });
    const rechazo = await espera(malo, 'connect_error');
    visto.rechazo = [rechazo.message, rechazo.data.code];

    // Al caducar, el servidor despide: `io server disconnect`, y el cliente no insiste.
    const corto = io(url, { ...opciones, auth: { token: firmar(idCarla, 4) } });
    const caducado = espera(corto, 'error', (e) => e.code === 'TOKEN_EXPIRED');
    const fin = espera(corto, 'disconnect');
    await caducado;
    visto.fin = await fin;
    visto.insiste = corto.active;

    for (const socket of [ana, beto, malo, corto]) socket.close();
    console.log(JSON.stringify(visto));
}

flujo().catch((fallo) => { console.error(fallo, visto); process.exit(1); });
