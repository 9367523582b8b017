"""Los archivos que se suben: qué son, dónde se guardan y cuándo se borran."""
