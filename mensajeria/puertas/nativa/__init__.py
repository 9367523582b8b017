"""La puerta sencilla, `/ws/mensajeria/`: un objeto JSON por trama, en `marcos`."""
