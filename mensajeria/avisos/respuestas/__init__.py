"""Contestar un aviso por correo: a qué dirección, qué dice lo que llega, y cómo se envía."""
