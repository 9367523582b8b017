"""Lo que se dice por el cable: eventos, cargas, empujes, formas y errores. Sin Django ni E/S."""
