// Clientes de socket.io-client a la vez, sin más opciones que las que se dicen, que hacen lo mismo en
// cuanto entran y cada vez que vuelven. Uso: node clientes.js '{"url", "conversacionId", "usuarioId",
// "token", "clientes": {"nombre": ["módulo", "transporte" o ""]}}'. Una línea de JSON por vuelta.
const pedido = JSON.parse(process.argv[2]);
const { url, conversacionId, usuarioId, token } = pedido;
// Lo que no es de fábrica: que no compartan conexión, y que volver no tarde segundos.
const comunes = { forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 500 };

function cliente(nombre, modulo, transporte) {
  const { io } = require(modulo);
  const socket = io(url, { ...comunes, ...(transporte ? { transports: [transporte] } : {}) });
  let vuelta = 0;
  let visto;
  const ver = (que) => {
    visto.add(que);
    if (visto.size === 3) {
      console.log(JSON.stringify({ cliente: nombre, vuelta, por: socket.io.engine.transport.name }));
    }
  };
  const texto = () => `${nombre} ${vuelta}`;
  socket.on("connect", () => {
    vuelta += 1;
    visto = new Set();
    socket.emit("autenticar", { usuarioId, token });
  });
  socket.on("autenticado", () => socket.emit("unirse_conversacion", { conversacionId }));
  socket.on("unido_conversacion", () => {
    socket.emit("ping");
    socket.emit("enviar_mensaje", { conversacionId, contenido: { texto: texto() } }, (acuse) => {
      if (acuse.ok) ver("acuse");
    });
  });
  socket.on("nuevo_mensaje", ({ mensaje }) => {
    if (mensaje.contenido.texto === texto()) ver("mensaje");
  });
  socket.on("pong", () => ver("pong"));
}

for (const [nombre, [modulo, transporte]] of Object.entries(pedido.clientes)) {
  cliente(nombre, modulo, transporte);
}
// Hasta que quien lo arrancó cierre su entrada.
process.stdin.on("end", () => process.exit(0)).resume();
