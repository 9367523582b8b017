const CLAVE = "servitech.tema";

export const TEMAS = [
  { valor: "sistema", texto: "Como el sistema", icono: "sistema" },
  { valor: "claro", texto: "Claro", icono: "sol" },
  { valor: "oscuro", texto: "Oscuro", icono: "luna" },
];

export const temaElegido = () => document.documentElement.dataset.tema ?? "sistema";

export function elegirTema(valor) {
  if (valor === "sistema") delete document.documentElement.dataset.tema;
  else document.documentElement.dataset.tema = valor;
  try {
    localStorage.setItem(CLAVE, valor);
  } catch {}
}
