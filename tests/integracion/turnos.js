// Conecta N clientes con un transporte, envía M mensajes desde cada uno y cuenta lo que pasa.
// Uso: node turnos.js URL TRANSPORTES CONVERSACION TOKEN N M
const { io } = require('socket.io-client');

const [url, transportes, conversacionId, token, n, m] = process.argv.slice(2);
const cuantos = Number(n);
const mensajes = Number(m);
const opciones = {
    forceNew: true, reconnection: false, auth: { token },
    ...(transportes === 'defecto' ? {} : { transports: [transportes] }),
};

function conectar() {
    return new Promise((resolver) => {
        const socket = io(url, opciones);
        socket.on('autenticado', () => resolver(socket));
        socket.on('connect_error', (e) => resolver(e.message));
        setTimeout(() => resolver('no llegó'), 30000);
    });
}

async function correr() {
    const sockets = [];
    for (let i = 0; i < cuantos; i += 1) sockets.push(await conectar());
    const fallidos = sockets.filter((s) => typeof s === 'string');
    const vivos = sockets.filter((s) => typeof s !== 'string');
    const cortes = [];
    for (const s of vivos) s.on('disconnect', (motivo) => cortes.push(motivo));
    const [emisor, testigo] = vivos;
    const vistas = [];
    let listo;
    const todas = new Promise((resolver) => { listo = resolver; });
    testigo.on('nuevo_mensaje', (d) => {
        if (d.conversacionId !== conversacionId) return;
        vistas.push(d.mensaje.secuencia);
        if (vistas.length === mensajes) listo();
    });
    const acuses = await Promise.all(Array.from({ length: mensajes }, (_, i) =>
        emisor.timeout(60000).emitWithAck('enviar_mensaje', {
            conversacionId, contenido: { texto: `m${i}` },
        }).catch((e) => ({ ok: false, error: e.message }))));
    await Promise.race([todas, new Promise((r) => { setTimeout(r, 30000); })]);
    const base = vistas[0];
    console.log(JSON.stringify({
        conectados: vivos.length, fallidos,
        acusados: acuses.filter((a) => a.ok).length,
        vistos: vistas.length,
        enOrden: vistas.every((s, i) => s === base + i),
        cortes,
        transportes: [...new Set(vivos.map((s) => s.io.engine.transport.name))],
    }));
    for (const s of vivos) s.close();
}

correr().then(() => process.exit(0));
