from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate


class MensajeriaConfig(AppConfig):
    name = "mensajeria"
    verbose_name = "Mensajería"

    def ready(self) -> None:
        from django.conf import settings
        from django.contrib.auth.signals import user_logged_in
        from django.contrib.sessions.models import Session

        # Registran los system checks, y los plazos de cada conexión.
        from mensajeria import comprobaciones, plazos, rastro  # noqa: F401
        from mensajeria.indice_de_busqueda import al_migrar as asegurar_el_indice
        from mensajeria.models import Usuario
        from mensajeria.models.epoca import al_migrar as crear_epoca
        from mensajeria.operaciones.autenticacion import al_borrar_usuario
        from mensajeria.operaciones.grupo import al_migrar
        from mensajeria.operaciones.ingresos import al_borrar_sesion, al_entrar_con_cookie

        rastro.encendido = settings.RASTRO
        # Los permisos de los modelos se crean con esta misma señal, antes.
        post_migrate.connect(al_migrar, sender=self)
        post_migrate.connect(crear_epoca, sender=self)
        post_migrate.connect(asegurar_el_indice, sender=self)
        user_logged_in.connect(al_entrar_con_cookie)
        post_delete.connect(al_borrar_sesion, sender=Session)
        post_delete.connect(al_borrar_usuario, sender=Usuario)
