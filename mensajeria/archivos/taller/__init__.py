"""Lo que abre un archivo ajeno: en un proceso aparte, con la memoria y el tiempo acotados.

Nada de aquí importa Django: ese proceso solo tiene lo que hace falta para mirar bytes.
"""
