"""Los dispositivos de una persona: registrarlos, olvidarlos y probarlos."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator

from asgiref.sync import async_to_sync

from mensajeria.avisos import buzon, dicho, preferencias
from mensajeria.avisos.buzon import ENVIADO, Quedo, Resultado
from mensajeria.avisos.canales import aplicacion, correo, webpush
from mensajeria.avisos.canales.a_dispositivos import entregar, sigue_dentro
from mensajeria.base_de_datos import en_transaccion
from mensajeria.difusion.sobre import Sobre
from mensajeria.entre_procesos import limites
from mensajeria.models import Aviso, Canal, Dispositivo, Usuario, ahora, nuevo_id
from mensajeria.operaciones.dispositivos import nombre_de
from mensajeria.protocolo import formas
from mensajeria.protocolo.avisos import RegistrarDispositivo
from mensajeria.protocolo.errores import no_existe, no_valido
from mensajeria.salientes import SEGUNDOS, Salientes

# Uno más olvida el que hace más que no dice nada.
MAX_DISPOSITIVOS = 20
# Las pruebas a la vez: cada una ocupa un hilo de peticiones lo que tarde quien ha de contestar.
MAX_PRUEBAS = 3


def registrar(
    usuario: Usuario, carga: RegistrarDispositivo, agente: str, ingreso: str | None
) -> Dispositivo:
    """El mismo otra vez dice que sigue ahí; si era de otra persona, pasa a ser de esta."""
    _comprobar(carga)
    return en_transaccion(_registrar, usuario, carga, nombre_de(agente), ingreso or "")


def _comprobar(carga: RegistrarDispositivo) -> None:
    if not buzon.sale_por(carga.canal):
        raise no_valido(f"Aquí no se avisa por {Canal(carga.canal).label}", "canal")
    if carga.canal == Canal.WEBPUSH.value:
        if carga.claves is None:
            raise no_valido("Falta el campo «claves»", "claves")
        webpush.comprobar_punto(carga.punto)
        webpush.comprobar_claves(carga.claves.p256dh, carga.claves.auth)


def _registrar(
    usuario: Usuario, carga: RegistrarDispositivo, nombre: str, ingreso: str
) -> Dispositivo:
    huella = hashlib.sha256(f"{carga.canal}\0{carga.punto}".encode()).hexdigest()
    fila = Dispositivo.objects.select_for_update().filter(huella=huella).first()
    if fila is not None and fila.usuario_id != usuario.pk:
        # Con la otra persona, lo que esperaba a salir: no es para esta.
        fila.delete()
        fila = None
    fila = fila or Dispositivo(usuario=usuario, huella=huella)
    fila.canal, fila.punto, fila.nombre, fila.ingreso = carga.canal, carga.punto, nombre, ingreso
    fila.claves = {} if carga.claves is None else carga.claves.guardadas()
    fila.ultima_vez, fila.idioma = ahora(), carga.idioma
    fila.save()
    viejos = Dispositivo.objects.filter(usuario=usuario).order_by("-ultima_vez", "-pk")
    sobran = list(viejos.values_list("pk", flat=True)[MAX_DISPOSITIVOS:])
    Dispositivo.objects.filter(pk__in=sobran).delete()
    return fila


def los_de(usuario: Usuario) -> list[Dispositivo]:
    """Los suyos, el que se supo de él más recientemente primero."""
    filas = Dispositivo.objects.filter(usuario=usuario).select_related("usuario")
    return [f for f in filas.order_by("-ultima_vez", "-pk") if sigue_dentro(f)]


def olvidar(usuario: Usuario, id_: str) -> None:
    """NOT_FOUND si no es suyo."""
    borrados, _ = Dispositivo.objects.filter(pk=id_, usuario=usuario).delete()
    if not borrados:
        raise no_existe()


def probar(usuario: Usuario, id_: str) -> tuple[formas.PruebaDeAviso, list[Sobre]]:
    """Le envía uno ahora, y dice qué pasó; queda en su último error, o lo borra.

    También `aplicacion`, con lo que se ha de emitir, y `correo`.
    """
    limites.gastar_prueba_de_aviso(usuario.pk)
    if id_ == Canal.APLICACION:
        return prueba_de(ENVIADO), [aplicacion.de_prueba(usuario.pk)]
    with _probando(usuario.pk):
        if id_ == Canal.CORREO:
            return prueba_de(_por_correo(usuario)), []
        return _probar_dispositivo(usuario, id_), []


_prueban: set[str] = set()
_cerrojo = threading.Lock()


@contextlib.contextmanager
def _probando(usuario_id: str) -> Iterator[None]:
    """RATE_LIMITED si ya hay otra suya, o no caben más."""
    with _cerrojo:
        if usuario_id in _prueban or len(_prueban) >= MAX_PRUEBAS:
            raise limites.exceso_de_pruebas(SEGUNDOS)
        _prueban.add(usuario_id)
    try:
        yield
    finally:
        with _cerrojo:
            _prueban.discard(usuario_id)


def _por_correo(usuario: Usuario) -> Resultado:
    try:
        return correo.de_prueba(usuario)
    except Exception as error:
        # Como al enviarlos: una dirección que no cabe en un correo.
        return buzon.fallo_al_enviar(error)


def _probar_dispositivo(usuario: Usuario, id_: str) -> formas.PruebaDeAviso:
    fila = Dispositivo.objects.filter(pk=id_, usuario=usuario).first()
    if fila is None:
        raise no_existe()
    suyas = preferencias.canal_de(preferencias.las_de(usuario.pk), fila.canal)
    resultado = async_to_sync(_enviar)(fila, suyas.muestra)
    _apuntar(fila, resultado)
    return prueba_de(resultado)


def prueba_de(resultado: Resultado) -> formas.PruebaDeAviso:
    enviado = resultado.quedo is Quedo.ENVIADO
    return formas.PruebaDeAviso(enviado=enviado, error=None if enviado else resultado.error)


async def _enviar(fila: Dispositivo, muestra: str) -> Resultado:
    aviso = Aviso(id=nuevo_id(), canal=fila.canal, clase="prueba", prioridad="alta")
    salientes = Salientes()
    try:
        return await entregar(salientes, aviso, (dicho.de_prueba(), muestra, fila))
    finally:
        await salientes.cerrar()


def _apuntar(fila: Dispositivo, resultado: Resultado) -> None:
    if resultado.quedo is Quedo.OLVIDADO:
        fila.delete()
    elif resultado.quedo is Quedo.ENVIADO:
        Dispositivo.objects.filter(pk=fila.pk).update(ultimo_envio=ahora(), ultimo_error="")
    else:
        cambios = {"ultimo_error": resultado.error[:300], "fecha_error": ahora()}
        Dispositivo.objects.filter(pk=fila.pk).update(**cambios)
