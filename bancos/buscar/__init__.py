"""Buscar entre un millón de mensajes: cuánto tarda y a quién estorba."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
django.setup()
