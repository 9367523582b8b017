/** Un identificador al azar. `randomUUID` no existe en páginas sin HTTPS fuera de localhost. */
export function nuevoId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
