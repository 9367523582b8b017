// Ejercita una puerta con socket.io-client sin modificar. Uso: node cliente_real.js URL TRANSPORTES
const { io } = require("socket.io-client");
const [, , url, transportes] = process.argv;
const opciones = { transports: transportes.split(","), forceNew: true, reconnectionDelay: 50 };
const espera = (ms) => new Promise((listo) => setTimeout(listo, ms));
const evento = (s, nombre) => new Promise((listo) => s.once(nombre, (...a) => listo(a)));
const conectar = async (auth) => {
  const s = io(url, { ...opciones, auth });
  await evento(s, "connect");
  return s;
};

async function main() {
  const r = {};
  const s = await conectar({ token: "x" });
  const acks = await Promise.all(
    Array.from({ length: 1000 }, (_, n) => s.timeout(5000).emitWithAck("eco", n)),
  );
  r.mil_acks_en_orden = acks.every((ack, n) => ack === n);
  await espera(300);
  r.transporte = s.io.engine.transport.name;
  const binario = await s.timeout(5000).emitWithAck("eco", { b: Buffer.from([1, 2, 3]) });
  r.binario = [...new Uint8Array(binario.b)];
  r.texto = await s.timeout(5000).emitWithAck("eco", "ñ€😀\u202e\u2028");
  r.ilegible = await s.timeout(5000).emitWithAck("eco", "\ud800");
  s.emit("emitir", "ping", { a: 1 });
  r.emitido = await evento(s, "ping");

  s.emit("cortar");
  r.cortar = await evento(s, "disconnect").then(([motivo]) => motivo);
  await evento(s, "connect");
  r.reconecta = await s.timeout(5000).emitWithAck("eco", 1);

  const orden = [];
  s.on("adios", () => orden.push("adios"));
  s.on("disconnect", (motivo) => orden.push(motivo));
  s.emit("despedir");
  await evento(s, "disconnect");
  r.despedir = orden;
  await espera(1000);
  r.sigue_despedido = s.active === false && s.connected === false;

  const malo = io(url, { ...opciones, auth: { token: "malo" } });
  const [error] = await evento(malo, "connect_error");
  r.rechazo = { message: error.message, data: error.data };
  const ajeno = io(url + "/otro", opciones);
  r.espacio = (await evento(ajeno, "connect_error"))[0].message;
  console.log(JSON.stringify(r));
  process.exit(0);
}
main();
