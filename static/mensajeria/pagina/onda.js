const PASO = 5;
const GRUESO = 3;
const MINIMO = 0.08;

/**
 * Pinta un sonido como barras, hasta donde va más fuertes.
 *
 * @param {HTMLCanvasElement} lienzo
 * @param {number[]} alturas de 0 a 1
 * @param {number} va cuánto se ha oído, de 0 a 1
 */
export function pintarOnda(lienzo, alturas, va) {
  const { clientWidth: ancho, clientHeight: alto } = lienzo;
  lienzo.width = ancho * devicePixelRatio;
  lienzo.height = alto * devicePixelRatio;
  const pincel = lienzo.getContext("2d");
  if (!pincel) return;
  pincel.scale(devicePixelRatio, devicePixelRatio);
  pincel.fillStyle = getComputedStyle(lienzo).color;
  alturas.forEach((altura, i) => {
    const suya = Math.max(MINIMO, altura) * alto;
    pincel.globalAlpha = i / alturas.length < va ? 1 : 0.4;
    pincel.fillRect(i * PASO, (alto - suya) / 2, GRUESO, suya);
  });
}

/**
 * Cuántas barras caben.
 *
 * @param {HTMLCanvasElement} lienzo
 */
export const barrasDe = ({ clientWidth }) => Math.max(1, Math.floor(clientWidth / PASO));

/**
 * Lo más fuerte de cada trozo de una grabación.
 *
 * @param {Float32Array} muestras
 * @param {number} cuantos
 */
export function picos(muestras, cuantos) {
  const trozo = Math.max(1, Math.floor(muestras.length / cuantos));
  const altos = Array.from({ length: cuantos }, (_, i) => {
    let maximo = 0;
    // Con una muestra de cada pocas se ve igual.
    for (let j = i * trozo; j < (i + 1) * trozo; j += 16)
      maximo = Math.max(maximo, Math.abs(muestras[j] ?? 0));
    return maximo;
  });
  const mayor = Math.max(...altos, 0.05);
  return altos.map((alto) => alto / mayor);
}
