// Lo que lleva el paquete: el mismo código que sirve la página, y sus tipos, sacados de él por tsc.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const aqui = fileURLToPath(new URL(".", import.meta.url));
const raiz = fileURLToPath(new URL("../../", import.meta.url));
const fuente = `${raiz}static/mensajeria/`;
const destino = `${aqui}lib/`;

rmSync(destino, { recursive: true, force: true });
mkdirSync(destino);
for (const parte of ["cliente.js", "cliente"]) {
  cpSync(fuente + parte, destino + parte, { recursive: true });
}
execFileSync(`${raiz}node_modules/.bin/tsc`, ["-p", `${aqui}tsconfig.json`], { stdio: "inherit" });
