// Lo que escribe quien instala el paquete: si un tipo miente, no compila.
import { ClienteMensajeria, ErrorMensajeria } from "servitech-mensajeria";
import type { EventosServidor, Mensaje } from "servitech-mensajeria/eventos";
import type { Avisos } from "servitech-mensajeria/tipos";

const cliente = new ClienteMensajeria({
  url: "https://mensajeria.ejemplo",
  token: async () => "eyJ…",
});

const dejar: () => void = cliente.on("mensaje_nuevo", ({ conversacionId, mensaje }) => {
  const texto: string = mensaje.contenido.texto;
  const prioridad: "baja" | "normal" | "alta" | "urgente" = mensaje.prioridad;
  console.log(conversacionId, texto, prioridad);
});
cliente.on("evento", (marco) => {
  if (marco.evento === "usuario_escribiendo") console.log(marco.datos.usuarioId, marco.datos.escribiendo);
  // @ts-expect-error: de este evento, `datos` no tiene `escribiendo`
  if (marco.evento === "nuevo_mensaje") console.log(marco.datos.escribiendo);
});
cliente.on("sesion", ({ usuarioId }: Avisos["sesion"]) => console.log(usuarioId?.toUpperCase()));
// @ts-expect-error: no hay tal aviso
cliente.on("mensaje_nuevisimo", () => {});

async function hablar(): Promise<Mensaje[]> {
  cliente.conectar();
  await cliente.abrir("conv_test");
  const { secuencia } = await cliente.enviar("conv_test", "Hola", { prioridad: "alta" }).confirmado;
  const { timestamp }: EventosServidor["pong"] = await cliente.pedir("ping", {});
  // @ts-expect-error: falta `mensajeId`
  await cliente.pedir("fijar_mensaje", {});
  // @ts-expect-error: `mega` no es una prioridad
  cliente.enviar("conv_test", "Hola", { prioridad: "mega" });
  console.log(secuencia + 1, timestamp.length);
  dejar();
  return cliente.mensajes("conv_test");
}

hablar().catch((error: unknown) => {
  if (error instanceof ErrorMensajeria && error.code === "RATE_LIMITED") console.log(error.reintentarEn);
});
// @ts-expect-error: `token` da un texto, no un número
new ClienteMensajeria({ url: "", token: () => 5 });
