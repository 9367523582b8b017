// Entra con los tokens que le dan, por orden, y dice lo que pasa, una línea de JSON por suceso.
import { ClienteMensajeria } from "servitech-mensajeria";

const { url, tokens, conversacionId, transporte } = JSON.parse(process.argv[2]);
const decir = (que) => console.log(JSON.stringify(que));
let pedidos = 0;
const cliente = new ClienteMensajeria({
  url,
  ...(transporte ? { transporte } : {}),
  token: async () => tokens[Math.min(pedidos++, tokens.length - 1)],
});
cliente.on("sesion", ({ usuarioId, error }) => decir({ sesion: usuarioId, error: error?.code }));
cliente.on("mensaje_nuevo", ({ mensaje }) => decir({ llega: mensaje.contenido.texto }));
cliente.conectar();
await new Promise((listo) => cliente.once("conversaciones", listo));
await cliente.abrir(conversacionId);
await cliente.enviar(conversacionId, "Hola desde Node").confirmado;
decir({ pedidos, por: cliente.transporte });
await cliente.salir();
