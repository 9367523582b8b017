"""Lo que se escribe del catálogo: Markdown para leer, AsyncAPI y tipos de JavaScript."""
