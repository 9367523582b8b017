"""El catálogo: cada evento, entero y con un solo sentido; y los campos de las formas.

Que los eventos y sus campos son los del contrato lo mira `tests/test_contrato.py`.
"""

from __future__ import annotations

import pytest
from msgspec.structs import fields

from mensajeria.consola.documentacion.esquemas import MENSAJE_DE_EJEMPLO, ejemplo
from mensajeria.operaciones.verbos import VERBOS
from mensajeria.protocolo import cargas, datos_de_tipo, empujes, formas
from mensajeria.protocolo.errores import CodigoError
from mensajeria.protocolo.eventos import CLIENTE, NOMBRE_DE, SERVIDOR, EventoCliente
from mensajeria.protocolo.tipos import Carga, Forma
from mensajeria.protocolo.validacion import convertir
from mensajeria.sesion.manejadores import MANEJADORES

# `docs/contrato.md`, sección 3, y los modelos de la semilla.
FORMAS: dict[type[Forma | Carga], str] = {
    formas.Persona: "_id nombre apellido avatar_url",
    formas.ContenidoDeCita: "texto",
    formas.Cita: "_id contenido texto remitente",
    formas.Archivo: "_id nombre url tamano tipo clase ancho alto duracion miniaturas borroso",
    formas.Miniatura: "url ancho alto",
    formas.Contenido: "texto tipo archivo metadatos",
    formas.Lectura: "usuario fechaLectura",
    formas.Reaccion: "_id usuario tipo fecha",
    formas.Version: "texto fecha",
    formas.Editado: "editado fechaEdicion historial versiones",
    formas.Fijado: "fijado fecha por",
    formas.Eliminado: "eliminado fechaEliminacion eliminadoPor razon",
    formas.Mensaje: "_id conversacion remitente contenido respuestaA menciones prioridad estado "
    "fechaEnvio fechaEntrega lecturas reacciones editado eliminado fijado secuencia "
    "secuenciaCambio idCliente createdAt updatedAt",
    formas.Permisos: "puedeEnviar puedeEliminar puedeModerar",
    formas.Participante: "usuario rol fechaIngreso activo ultimaConexion enLinea permisos "
    "entregadoHasta leidoHasta",
    formas.Configuracion: "nombrePersonalizado descripcion avatar configuracionPrivacidad "
    "notificacionesActivas",
    formas.Estadisticas: "totalMensajes ultimoMensaje mensajesNoLeidos",
    formas.Conversacion: "_id codigoConversacion participantes totalParticipantes totalConectados "
    "asesoria tipo "
    "configuracion estadisticas activa fechaCreacion fechaUltimaActividad ultimaSecuencia "
    "ultimoCambio epoca preferencias",
    formas.Preferencias: "silenciadaHasta anclada archivada",
    formas.Accion: "id texto tipo",
    empujes.Reanudada: "ultimoCambio conversacion cambios completo reiniciado",
    empujes.CifrasDeActividad: "mensajesEnviados conversacionesActivas usuariosMasActivos",
    empujes.SalidoConversacion: "conversacionId",
    cargas.ContenidoEnviado: "texto tipo archivo metadatos",
    cargas.ArchivoEnviado: "id _id nombre url tamano tipo tamaño mimeType",
    datos_de_tipo.Ubicacion: "latitud longitud direccion",
    datos_de_tipo.Contacto: "nombre telefono email",
}
EVENTOS = pytest.mark.parametrize("evento", CLIENTE.values(), ids=list(CLIENTE))


def en_el_cable(tipo: type[Forma | Carga]) -> list[str]:
    return sorted(f.encode_name for f in fields(tipo))


def test_cada_evento_esta_por_su_nombre_y_va_en_un_solo_sentido() -> None:
    assert not CLIENTE.keys() & SERVIDOR.keys()
    assert all(clave == e.nombre for clave, e in CLIENTE.items())
    assert all(clave == e.nombre for clave, e in SERVIDOR.items())


@pytest.mark.parametrize("nombre", SERVIDOR)
def test_todo_empuje_lleva_su_timestamp(nombre: str) -> None:
    assert "timestamp" in en_el_cable(SERVIDOR[nombre].carga)


@pytest.mark.parametrize(
    ("tipo", "campos"), list(FORMAS.items()), ids=lambda x: getattr(x, "__name__", "")
)
def test_los_campos_de_las_formas(tipo: type[Forma | Carga], campos: str) -> None:
    assert en_el_cable(tipo) == sorted(campos.split())


def test_cada_evento_tiene_su_propia_carga() -> None:
    assert len({e.carga for e in CLIENTE.values()}) == len(CLIENTE)
    assert len(NOMBRE_DE) == len(SERVIDOR)
    assert all(SERVIDOR[nombre].carga is tipo for tipo, nombre in NOMBRE_DE.items())
    assert all(issubclass(e.carga, empujes.Empuje) for e in SERVIDOR.values())


@pytest.mark.parametrize("nombre", SERVIDOR)
def test_lo_que_ocupa_un_numero_de_cambio_dice_cual_y_de_que_conversacion(nombre: str) -> None:
    tipo = SERVIDOR[nombre].carga
    campos = en_el_cable(tipo)
    con_numero = "secuenciaCambio" in campos
    assert con_numero == (issubclass(tipo, empujes.Cambio) or tipo is empujes.MensajeEnviado)
    assert not con_numero or "conversacionId" in campos


@EVENTOS
def test_cada_evento_tiene_un_solo_manejador(evento: EventoCliente) -> None:
    assert (evento.carga in VERBOS) + (evento.carga in MANEJADORES) == 1


@EVENTOS
def test_el_ejemplo_vale(evento: EventoCliente) -> None:
    datos = ejemplo(evento)
    assert "" not in datos.values()
    assert datos.get("mensajeId", MENSAJE_DE_EJEMPLO) == MENSAJE_DE_EJEMPLO
    convertir(datos, evento.carga)


@EVENTOS
def test_responde_con_un_evento_del_servidor(evento: EventoCliente) -> None:
    assert evento.respuesta is None or evento.respuesta in SERVIDOR


@EVENTOS
def test_los_errores_posibles_son_codigos_y_no_se_repiten(evento: EventoCliente) -> None:
    posibles = evento.errores_posibles
    assert set(posibles) <= set(CodigoError)
    assert len(set(posibles)) == len(posibles)


def test_solo_ping_y_autenticar_valen_sin_credencial() -> None:
    assert {n for n, e in CLIENTE.items() if not e.con_credencial} == {"ping", "autenticar"}
    assert CodigoError.AUTH_REQUIRED in CLIENTE["enviar_mensaje"].errores_posibles
    assert CodigoError.AUTH_REQUIRED not in CLIENTE["ping"].errores_posibles
