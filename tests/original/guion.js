// Lo que hacen cinco personas con `socket.io-client`, paso a paso, y lo que recibe cada una.
// Uso: node guion.js URL SECRETO [GRABADO.json]
// Con lo grabado, un paso acaba cuando llegó todo lo que entonces llegó; sin ello, tras un rato fijo:
// así se graba. Escribe en JSON una lista de {paso, c, ev, a}.
const { createHmac } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { io } = require('socket.io-client');

const [url, secreto, grabado] = process.argv.slice(2);
const PACIENCIA = 10000;
const RATO = 450;
const RATO_LARGO = 1500;

const PERSONAS = { A: `6869${'a'.repeat(20)}`, B: `6869${'b'.repeat(20)}`, C: `6869${'c'.repeat(20)}` };
const C1 = '68690000000000000000c001';
const C2 = '68690000000000000000c002';
const NADIE = '68690000000000000000eeee';

function token(quien) {
    const parte = (objeto) => Buffer.from(JSON.stringify(objeto)).toString('base64url');
    const iat = Math.floor(Date.now() / 1000);
    const cuerpo = `${parte({ alg: 'HS256', typ: 'JWT' })}.${parte({ userId: PERSONAS[quien], iat, exp: iat + 7200 })}`;
    return `${cuerpo}.${createHmac('sha256', secreto).update(cuerpo).digest('base64url')}`;
}

const autenticar = (quien, c = quien) => [c, 'autenticar', { usuarioId: PERSONAS[quien], token: token(quien) }];
const enviar = (c, conversacionId, contenido, mas = {}) =>
    [c, 'enviar_mensaje', { conversacionId, contenido, ...mas }];
const archivo = { nombre: 'a.png', url: 'https://x.co/a.png' };

// `$m1` es el mensaje que se envió en ese paso; `+X` conecta a X (con esas opciones) y `-X` lo desconecta;
// una función se llama y se espera.
const PASOS = [
    ['01 conectar B', ['+B']],
    ['02 autenticar B', autenticar('B')],
    ['03 conectar A', ['+A']],
    ['04 autenticar A', autenticar('A')],
    ['05 A se une a c1', ['A', 'unirse_conversacion', { conversacionId: C1 }]],
    ['06 B se une a c1', ['B', 'unirse_conversacion', { conversacionId: C1 }]],
    ['07 C conecta y autentica', ['+C'], autenticar('C')],
    ['08 C se une a c2', ['C', 'unirse_conversacion', { conversacionId: C2 }]],
    ['09 A envia completo', enviar('A', C1, { texto: 'Hola, ¿cómo estás?', tipo: 'texto', archivo: null, metadatos: {} }, { tipo: 'texto', prioridad: 'alta' })],
    ['10 B responde', enviar('B', C1, { texto: 'Bien' }, { respuestaA: '$09 A envia completo' })],
    ['11 A envia imagen (archivo de la semilla)', enviar('A', C1, { texto: 'foto', archivo: { ...archivo, tamano: 10, tipo: 'image/png' } }, { tipo: 'imagen' })],
    ['12 A envia imagen (archivo del original)', enviar('A', C1, { texto: 'foto2', archivo: { ...archivo, 'tamaño': 10, mimeType: 'image/png' }, metadatos: { duracion: 3, dimensiones: { ancho: 1, alto: 2 } } }, { tipo: 'imagen' })],
    ['13 C (grupo) recibe de A', enviar('A', C2, { texto: 'grupo' }, { tipo: 'texto' })],
    ['14 B escribiendo si', ['B', 'escribiendo', { conversacionId: C1, escribiendo: true }]],
    ['15 B escribiendo no', ['B', 'escribiendo', { conversacionId: C1, escribiendo: false }]],
    ['16 B marca leido m1', ['B', 'marcar_leido', { mensajeId: '$09 A envia completo', conversacionId: C1 }]],
    ['17 B marca leido todo', ['B', 'marcar_leido', { conversacionId: C1 }]],
    ['18 A marca leido lo suyo', ['A', 'marcar_leido', { mensajeId: '$09 A envia completo', conversacionId: C1 }]],
    ['19 A marca leido otra vez todo', ['A', 'marcar_leido', { conversacionId: C1 }]],
    ['20 B reacciona like', ['B', 'agregar_reaccion', { mensajeId: '$09 A envia completo', tipo: 'like' }]],
    ['21 A reacciona love', ['A', 'agregar_reaccion', { mensajeId: '$09 A envia completo', tipo: 'love' }]],
    ['22 B cambia a sad', ['B', 'agregar_reaccion', { mensajeId: '$09 A envia completo', tipo: 'sad' }]],
    ['23 B surprise', ['B', 'agregar_reaccion', { mensajeId: '$09 A envia completo', tipo: 'surprise' }]],
    ...['wow', 'angry', 'thumbs_up', 'thumbs_down'].map((tipo) =>
        [`24 B reaccion ${tipo}`, ['B', 'agregar_reaccion', { mensajeId: '$09 A envia completo', tipo }]]),
    ['25 B reaccion sin tipo', ['B', 'agregar_reaccion', { mensajeId: '$09 A envia completo' }]],
    ['26 A repite la misma reaccion', ['A', 'agregar_reaccion', { mensajeId: '$09 A envia completo', tipo: 'love' }]],
    ['27 ping', ['A', 'ping']],
    ['28 A sale de c1', ['A', 'salir_conversacion', { conversacionId: C1 }]],
    ['29 B envia con A fuera', enviar('B', C1, { texto: '¿sigues?' })],
    ['30 A envia sin estar dentro', enviar('A', C1, { texto: 'desde fuera' })],
    ['31 A vuelve a unirse', ['A', 'unirse_conversacion', { conversacionId: C1 }]],
    ['32 A se une dos veces', ['A', 'unirse_conversacion', { conversacionId: C1 }]],
    ['33 segunda conexion de A autentica', ['+A2'], autenticar('A', 'A2')],
    ['34 A2 se une a c1', ['A2', 'unirse_conversacion', { conversacionId: C1 }]],
    ['35 A envia, A2 mira', enviar('A', C1, { texto: 'multi' })],
    ['36 B marca todo leido con A2', ['B', 'marcar_leido', { conversacionId: C1 }]],
    ['37 A escribe, A2 mira', ['A', 'escribiendo', { conversacionId: C1, escribiendo: true }]],
    ['38 A2 se desconecta', ['-A2']],
    ...['baja', 'urgente'].map((prioridad) =>
        [`40 prioridad ${prioridad}`, enviar('A', C1, { texto: 'p' }, { prioridad })]),
    ...['video', 'audio', 'archivo', 'ubicacion', 'contacto', 'sistema'].map((tipo) =>
        [`41 tipo ${tipo}`, enviar('A', C1, { texto: 't', metadatos: tipo === 'ubicacion' ? { ubicacion: { latitud: 4.6, longitud: -74, direccion: 'Bogotá' } } : undefined }, { tipo })]),
    ['42 tipo solo en contenido', enviar('A', C1, { texto: 't', tipo: 'imagen' })],
    ['43 respuestaA null', enviar('A', C1, { texto: 't' }, { respuestaA: null })],
    ['44 respuestaA inexistente', enviar('A', C1, { texto: 't' }, { respuestaA: '68690000000000000000ffff' })],
    ['45 respuestaA vacio', enviar('A', C1, { texto: 't' }, { respuestaA: '' })],
    ['50 sin autenticar conecta', ['+X']],
    ...[
        ['unirse_conversacion', { conversacionId: C1 }],
        ['enviar_mensaje', { conversacionId: C1, contenido: { texto: 'x' } }],
        ['marcar_leido', { conversacionId: C1 }],
        ['escribiendo', { conversacionId: C1, escribiendo: true }],
        ['agregar_reaccion', { mensajeId: '$09 A envia completo', tipo: 'like' }],
        ['salir_conversacion', { conversacionId: C1 }],
    ].map(([evento, datos]) => [`51 sin autenticar ${evento}`, ['X', evento, datos]]),
    ['52 autenticar sin usuarioId', ['X', 'autenticar', {}]],
    ['53 autenticar sin usuarioId pero con token', ['X', 'autenticar', { token: token('C') }]],
    ['54 autenticar con token falso', ['X', 'autenticar', { usuarioId: PERSONAS.C, token: 'no.vale' }]],
    ['55 autenticar sin token', ['X', 'autenticar', { usuarioId: PERSONAS.C }]],
    ['56 autenticar usuario de texto', ['X', 'autenticar', { usuarioId: 'test_user_001', token: 'test_token_123' }]],
    ['57 unirse a conv_test_001', ['X', 'unirse_conversacion', { conversacionId: 'conv_test_001' }]],
    ['58 C a c1 (no participa)', ['C', 'unirse_conversacion', { conversacionId: C1 }]],
    ['59 C a inexistente', ['C', 'unirse_conversacion', { conversacionId: '68690000000000000000dddd' }]],
    ['60 C envia a c1', enviar('C', C1, { texto: 'x' })],
    ['61 A envia sin contenido', ['A', 'enviar_mensaje', { conversacionId: C1 }]],
    ['62 A envia texto vacio', enviar('A', C1, { texto: '' })],
    ['63 A envia 5001', enviar('A', C1, { texto: 'x'.repeat(5001) })],
    ['64 reaccion a inexistente', ['A', 'agregar_reaccion', { mensajeId: NADIE, tipo: 'like' }]],
    ['65 leido inexistente', ['A', 'marcar_leido', { mensajeId: NADIE, conversacionId: C1 }]],
    ['66 leido sin conversacionId', ['B', 'marcar_leido', { mensajeId: '$09 A envia completo' }]],
    ['67 leido sin nada', ['B', 'marcar_leido', {}]],
    ['68 evento desconocido', ['A', 'no_existe', { a: 1 }]],
    ['69 C reacciona en c1 (ajena)', ['C', 'agregar_reaccion', { mensajeId: '$09 A envia completo', tipo: 'like' }]],
    ['70 unirse sin datos', ['A', 'unirse_conversacion']],
    ['71 salir sin conversacion', ['A', 'salir_conversacion', {}]],
    ['72 escribiendo sin campo', ['B', 'escribiendo', { conversacionId: C1 }]],
    ['73 texto numero', enviar('A', C1, { texto: 42 })],
    ['74 contenido texto plano', enviar('A', C1, 'hola')],
    ['75 ack en enviar', [...enviar('A', C1, { texto: 'ack' }), 'con acuse']],
    ['80 rafaga de 5', ...Array.from({ length: 5 }, (_, i) => enviar('A', C1, { texto: `r${i}` }))],
    ['81 llega el segundo tic', todoEntregado],
    ['85 auth en el handshake (token bueno)', ['+H', { auth: { token: token('C') } }]],
    ['86 auth en el handshake (token malo)', ['+H2', { auth: { token: 'malo' } }]],
    ['87 auth con otras claves', ['+H3', { auth: { usuario: 'x' } }]],
    ['90 B se desconecta', ['-B']],
    ['91 C se desconecta', ['-C']],
];

const registro = [];
const clientes = {};
const enviados = {};
let paso = '';

let vaciando = false;

function apuntar(c, ev, a) {
    if (vaciando && ev === 'pong') return;
    registro.push({ paso, c, ev, a: JSON.parse(JSON.stringify(a)) });
    if (ev === 'mensaje_enviado') enviados[paso] ??= a[0].mensajeId;
    for (const mirar of [...al_apuntar]) mirar();
}
const al_apuntar = new Set();

const dormir = (ms) => new Promise((listo) => setTimeout(listo, ms));

function hasta(cumple) {
    return new Promise((listo) => {
        const fin = () => { clearTimeout(plazo); al_apuntar.delete(mirar); listo(); };
        const mirar = () => cumple() && fin();
        const plazo = setTimeout(fin, PACIENCIA);
        al_apuntar.add(mirar);
        mirar();
    });
}

async function conectar(c, opciones = {}) {
    const socket = io(url, { forceNew: true, reconnection: false, ...opciones });
    clientes[c] = socket;
    socket.onAny((ev, ...a) => apuntar(c, ev, a));
    socket.on('disconnect', (motivo) => apuntar(c, '#disconnect', [motivo]));
    socket.on('connect_error', (e) => apuntar(c, '#connect_error', [e.message]));
    await Promise.race(['connect', 'connect_error'].map((ev) => new Promise((listo) => socket.once(ev, listo))));
}

function resuelto(valor) {
    return JSON.parse(JSON.stringify(valor), (_, v) =>
        typeof v === 'string' && v.startsWith('$') ? enviados[v.slice(1)] : v);
}

/** Que de todo lo enviado se sepa que llegó. El original no numera, y no hay qué esperar. */
function todoEntregado() {
    const llegado = (enviado) => (e) => e.ev === 'mensaje_actualizado' && e.c === enviado.c
        && e.a[0].conversacionId === enviado.a[0].conversacionId
        && e.a[0].hastaSecuencia >= enviado.a[0].secuencia;
    return hasta(() => registro.every((e) =>
        e.ev !== 'mensaje_enviado' || !e.a[0].secuencia || registro.some(llegado(e))));
}

async function hacer(accion) {
    if (typeof accion === 'function') return accion();
    const [c, evento, datos, acuse] = accion;
    if (c.startsWith('+')) return conectar(c.slice(1), evento);
    if (c.startsWith('-')) return clientes[c.slice(1)].disconnect();
    const argumentos = datos === undefined ? [] : [resuelto(datos)];
    if (acuse) argumentos.push((respuesta) => apuntar(c, '#ack', [respuesta]));
    clientes[c].emit(evento, ...argumentos);
}

/** Quien sigue conectado recibe lo que ya se le había enviado antes que su `pong`. */
async function vaciar() {
    vaciando = true;
    const vivos = Object.values(clientes).filter((s) => s.connected);
    await Promise.all(vivos.map((s) => new Promise((listo) => { s.once('pong', listo); s.emit('ping'); })));
    vaciando = false;
}

async function repetir(esperado) {
    const faltan = new Map();
    const clave = (e) => `${e.c} ${e.ev}`;
    for (const e of esperado) faltan.set(clave(e), (faltan.get(clave(e)) ?? 0) + 1);
    const desde = registro.length;
    return hasta(() => {
        const llegado = new Map();
        for (const e of registro.slice(desde)) llegado.set(clave(e), (llegado.get(clave(e)) ?? 0) + 1);
        return [...faltan].every(([que, n]) => (llegado.get(que) ?? 0) >= n);
    });
}

async function todo() {
    const antes = grabado && JSON.parse(readFileSync(grabado, 'utf8'));
    for (const [nombre, ...acciones] of PASOS) {
        paso = nombre;
        const esperado = antes && repetir(antes.filter((e) => e.paso === nombre));
        for (const accion of acciones) await hacer(accion);
        if (!antes) await dormir(/^[389]\d /.test(nombre) ? RATO_LARGO : RATO);
        else {
            await esperado;
            await vaciar();
        }
    }
    console.log(JSON.stringify(registro));
    for (const socket of Object.values(clientes)) socket.close();
}

todo().catch((fallo) => { console.error(fallo); process.exit(1); });
