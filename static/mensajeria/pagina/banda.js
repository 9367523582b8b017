import { porId } from "./dom.js";

// Una caída breve se arregla sola antes de que valga la pena decirla.
const PACIENCIA = 1_200;

/** La banda que dice que no hay conexión, y cuándo se vuelve a intentar. */
export function prepararBanda(cliente) {
  let paciencia;
  let cuenta;
  porId("banda-reintentar").addEventListener("click", () => cliente.reintentar());
  cliente.on("estado", ({ estado, espera, error }) => {
    clearInterval(cuenta);
    if (estado === "lista" || estado === "apagada") {
      clearTimeout(paciencia);
      paciencia = undefined;
      porId("banda").hidden = true;
      return;
    }
    paciencia ??= setTimeout(() => (porId("banda").hidden = false), PACIENCIA);
    if (estado === "conectando") return decir("Conectando…", false);
    const hasta = Date.now() + espera;
    const motivo = error?.code === "RATE_LIMITED" ? error.message : navigator.onLine ? "Se perdió la conexión" : "No tienes conexión a la red";
    const contar = () => decir(`${motivo}. Nuevo intento en ${Math.max(1, Math.ceil((hasta - Date.now()) / 1000))} s.`, true);
    contar();
    cuenta = setInterval(contar, 1_000);
  });
}

function decir(texto, conBoton) {
  porId("banda-texto").textContent = texto;
  porId("banda-reintentar").hidden = !conBoton;
}
