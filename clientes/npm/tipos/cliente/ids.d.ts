/** Un identificador al azar. `randomUUID` no existe en páginas sin HTTPS fuera de localhost. */
export declare function nuevoId(): string;
