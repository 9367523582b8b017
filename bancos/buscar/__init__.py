"""Buscar entre un millón de mensajes: cuánto tarda y a quién estorba."""
