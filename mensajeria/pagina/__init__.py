"""La página de prueba y el catálogo que lleva dentro."""
