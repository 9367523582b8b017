/**
 * A dónde se va tras entrar: lo que dice `?next=`, si es otra página de aquí; si no, `null`.
 *
 * @param {string} aqui  La dirección entera de esta página.
 * @returns {string | null}  Camino, consulta y fragmento.
 */
export function siguienteDe(aqui) {
  const esta = new URL(aqui);
  const dicho = esta.searchParams.get("next");
  if (!dicho?.startsWith("/") || !URL.canParse(dicho, esta)) return null;
  // El navegador quita tabuladores y endereza barras: `/\ajeno` y `//ajeno` son de otro sitio.
  const destino = new URL(dicho, esta);
  if (destino.origin !== esta.origin || destino.href === esta.href) return null;
  return destino.pathname + destino.search + destino.hash;
}
