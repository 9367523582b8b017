from django.apps import AppConfig


class MensajeriaConfig(AppConfig):
    name = "mensajeria"
    verbose_name = "Mensajería"

    def ready(self) -> None:
        from mensajeria import comprobaciones  # noqa: F401  (registra los system checks)
