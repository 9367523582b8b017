// Lo que lleva el paquete: el mismo código que sirve la página, y sus tipos. Lo mismo junta, sin Node,
// el servidor (mensajeria/pagina/paquete_npm.py).
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const aqui = fileURLToPath(new URL(".", import.meta.url));
const raiz = fileURLToPath(new URL("../../", import.meta.url));
const fuente = `${raiz}static/mensajeria/`;
const destino = `${aqui}lib/`;

rmSync(destino, { recursive: true, force: true });
cpSync(`${aqui}tipos`, destino, { recursive: true });
for (const parte of ["cliente.js", "cliente"]) {
  cpSync(fuente + parte, destino + parte, { recursive: true });
}
cpSync(`${raiz}LICENSE`, `${aqui}LICENSE`);
