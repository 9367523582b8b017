"""Lo que mira `manage.py diagnosticar`: cada módulo, una parte, y de cada fallo qué hacer."""
