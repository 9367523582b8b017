"""Los clientes: WebSocket en crudo, lo bastante ligeros para que el cuello sea el servidor."""
