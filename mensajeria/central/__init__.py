"""Quién está conectado a este proceso, y el reparto de cada evento entre ellos."""
