"""REST: cada ruta mira por `consultas`, y lo que cambia algo va por `operaciones`."""
