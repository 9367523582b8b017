const SVG = "http://www.w3.org/2000/svg";

// Trazos sobre una cuadrícula de 24. Los que empiezan por `*` van rellenos.
const TRAZOS = {
  volver: "M15 5l-7 7 7 7",
  nueva: "M12 20h8 M4 20l1-4L16 5l3 3L8 19z",
  campana: "M6 10a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7 M10 20a2 2 0 0 0 4 0",
  lupa: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14z M16 16l4 4",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M12 11v5 M12 7.8v.4",
  silencio: "M6.5 9.5a6 6 0 0 1 9.7-4.2 M18 10c0 5 2 6 2 7H8 M4 17c0-1 1.6-1.8 1.9-5 M10 20a2 2 0 0 0 4 0 M4 3l17 18",
  caja: "M4 5h16v4H4z M5.5 9v10h13V9 M10 13h4",
  filtro: "M4 7h16 M7 12h10 M10 17h4",
  subir: "M6 15l6-6 6 6",
  bajar: "M6 9l6 6 6-6",
  codigo: "M8 7l-5 5 5 5 M16 7l5 5-5 5",
  abajo: "M12 5v14 M6 13l6 6 6-6",
  cerrar: "M6 6l12 12 M18 6L6 18",
  bandera: "M6 21V4 M6 5h11l-2 4 2 4H6",
  enviar:
    "*M4.5 4.6c-.5-1.2.6-2.4 1.8-1.8l14.3 7.6c1.2.6 1.2 2.5 0 3.2L6.3 21.2c-1.2.6-2.3-.6-1.8-1.8L7 13h6v-2H7z",
  mas: "*M5 10.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z M12 10.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z M19 10.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z",
  responder: "M10 6l-6 6 6 6 M4 12h9a7 7 0 0 1 7 7",
  fijar: "M9 3h6 M10 3v6l-3 4.5h10L14 9V3 M12 13.5V21",
  lista: "M9 6h11 M9 12h11 M9 18h11 M4.5 6v.2 M4.5 12v.2 M4.5 18v.2",
  editar: "M5 19l1-4L16 5l3 3L9 18z",
  eliminar: "M5 7h14 M9 7V4h6v3 M7 7l1 13h8l1-13",
  copiar: "M9 9h11v11H9z M15 9V4H4v11h5",
  reloj: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M12 8v4l3 2",
  uno: "M5 12.5l4.5 4.5L19 7",
  dos: "M2.5 12.5L7 17l9.5-10 M12 16l1 1L22.5 7",
  alerta: "M12 4L2.5 20h19z M12 10v5 M12 17.5v.2",
  desconectado:
    "M4 4l16 16 M2 9c2-2 4.2-3.2 6.5-3.7 M22 9a14.5 14.5 0 0 0-9-4 M5.5 13a9 9 0 0 1 4.5-2.5 M18.5 13a9 9 0 0 0-2.5-1.8 M12 18.5v.2",
  ojo: "M2 12c2-4 5.5-6.5 10-6.5S20 8 22 12c-2 4-5.5 6.5-10 6.5S4 16 2 12z M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  sol: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z M12 2.5v2 M12 19.5v2 M2.5 12h2 M19.5 12h2 M5.3 5.3l1.4 1.4 M17.3 17.3l1.4 1.4 M5.3 18.7l1.4-1.4 M17.3 6.7l1.4-1.4",
  luna: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  sistema: "M4 5h16v11H4z M9 20h6 M12 16v4",
  salir: "M10 4H5v16h5 M14 8l4 4-4 4 M18 12H9",
  archivo: "M7 3h7l4 4v14H7z M14 3v4h4",
  adjuntar: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.3 8.3a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  sonrisa:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M8 14c1.8 2.4 6.2 2.4 8 0 M9 9v1.2 M15 9v1.2",
  microfono: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z M5.5 11a6.5 6.5 0 0 0 13 0 M12 17.5V21",
  camara: "M4 8h3l2-3h6l2 3h3v11H4z M12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  imagen: "M4 5h16v14H4z M8.5 8.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z M4 17l5-4.5 3.5 3 3-2.5 4.5 4",
  video: "M4 6h11v12H4z M15 10.5l5-3v9l-5-3",
  audio:
    "M9 18V6l10-2v12 M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z M19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
  reproducir: "*M8 5.3c0-.9 1-1.4 1.7-.9l9 6.7c.6.4.6 1.3 0 1.8l-9 6.7c-.7.5-1.7 0-1.7-.9z",
  pausa: "*M7 5h3.5v14H7z M13.5 5H17v14h-3.5z",
  parar: "*M8.5 7h7A1.5 1.5 0 0 1 17 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 15.5v-7A1.5 1.5 0 0 1 8.5 7z",
  descargar: "M12 4v11 M7 11l5 5 5-5 M5 20h14",
  siguiente: "M9 5l7 7-7 7",
  ampliar: "M4 9V4h5 M20 9V4h-5 M4 15v5h5 M20 15v5h-5",
  ubicacion: "M12 21c-4-5-6.5-8.2-6.5-11.5a6.5 6.5 0 0 1 13 0C18.5 12.8 16 16 12 21z M12 7a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  contacto: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z M4.5 20c.8-4 3.8-6 7.5-6s6.7 2 7.5 6",
  globos: "M4 5h11v8H9l-3 2.5V13H4z M18 9h2v8h-2v2.5L15 17h-5v-1.5",
  logo: "*M4 7a4 4 0 0 1 4-4h8a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4h-4.5l-4.7 3.7c-.5.4-1.2 0-1.2-.6v-3.4A4 4 0 0 1 4 13z",
  like: "M7 11v9H4v-9z M7 12l4-8c1.5 0 2.5 1 2.5 2.5V10h5a2 2 0 0 1 2 2.3l-1 6a2 2 0 0 1-2 1.7H7",
  love: "*M12 20.5C5 15.5 3 12 3 9a4.6 4.6 0 0 1 9-1.5A4.6 4.6 0 0 1 21 9c0 3-2 6.5-9 11.5z",
  laugh:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M7.5 13h9a4.5 4.5 0 0 1-9 0z M8 9.5c.5-.7 1.5-.7 2 0 M14 9.5c.5-.7 1.5-.7 2 0",
  surprise:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M12 13a2.3 2.3 0 1 0 0 4.6A2.3 2.3 0 0 0 12 13z M9 8.5v1.5 M15 8.5v1.5",
  sad: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M8.5 16.5c1.8-2.3 5.2-2.3 7 0 M9 9v1.5 M15 9v1.5",
  angry:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M8.5 16.5c1.8-2.3 5.2-2.3 7 0 M7.5 8l3 1.8 M16.5 8l-3 1.8 M9 10.5v1 M15 10.5v1",
  thumbs_down: "M7 13V4H4v9z M7 12l4 8c1.5 0 2.5-1 2.5-2.5V14h5a2 2 0 0 0 2-2.3l-1-6a2 2 0 0 0-2-1.7H7",
};

/** @typedef {keyof typeof TRAZOS} Icono */

/**
 * El icono, solo dibujo: quien lo use dice con palabras lo que hace.
 *
 * @param {Icono} nombre
 */
export function icono(nombre) {
  const crudo = TRAZOS[nombre];
  const lleno = crudo.startsWith("*");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.classList.add("icono", `icono-${nombre}`);
  svg.classList.toggle("lleno", lleno);
  svg.setAttribute("aria-hidden", "true");
  const trazo = document.createElementNS(SVG, "path");
  trazo.setAttribute("d", lleno ? crudo.slice(1) : crudo);
  svg.append(trazo);
  return svg;
}

/**
 * Pone los iconos que pide la plantilla con `data-icono`.
 *
 * @param {ParentNode} [raiz]
 */
export function ponerIconos(raiz = document) {
  for (const hueco of raiz.querySelectorAll("[data-icono]"))
    hueco.replaceChildren(icono(/** @type {Icono} */ (hueco.getAttribute("data-icono"))));
}
