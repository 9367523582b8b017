"""Los documentos de `docs/` son los que salen del catálogo, y dicen la verdad."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from django.core.management import CommandError, call_command
from msgspec.structs import fields

from mensajeria.consola.documentacion import asyncapi, esquemas, textos
from mensajeria.consola.documentacion.declaraciones import declaraciones
from mensajeria.consola.documentacion.markdown import markdown
from mensajeria.consola.documentacion.negativas import negativas
from mensajeria.protocolo import avisos, cargas, datos_de_tipo, empujes, formas
from mensajeria.protocolo.errores import TRADUCCIONES, CodigoError
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR
from mensajeria.protocolo.json_estricto import codificar

RAIZ = Path(__file__).resolve().parents[2]
ASYNCAPI = asyncapi.asyncapi()
MARKDOWN = markdown()


@pytest.mark.parametrize(
    ("archivo", "texto"),
    [
        ("docs/eventos.md", MARKDOWN),
        ("docs/errores.md", negativas()),
        ("docs/asyncapi.yaml", asyncapi.asyncapi_yaml()),
        ("static/mensajeria/cliente/eventos.d.ts", declaraciones()),
    ],
)
def test_lo_guardado_es_lo_que_sale_del_catalogo(archivo: str, texto: str) -> None:
    guardado = (RAIZ / archivo).read_text(encoding="utf-8")
    assert guardado == texto, "No está al día: ejecuta make docs"


def test_sale_lo_mismo_con_otra_semilla_de_hash() -> None:
    orden = (
        "from mensajeria.consola.documentacion import markdown as m; print(m.markdown(), end='')"
    )
    entorno = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"}
    salida = subprocess.run(
        [sys.executable, "-c", orden], cwd=RAIZ, env=entorno, capture_output=True, check=True
    )
    assert salida.stdout.decode() == MARKDOWN


class TestOrden:
    @pytest.fixture(autouse=True)
    def _otra_raiz(self, settings: Any, tmp_path: Path) -> None:
        settings.BASE_DIR = tmp_path

    def test_escribe_y_queda_al_dia(self, tmp_path: Path) -> None:
        salida = StringIO()
        call_command("documentar", stdout=salida)
        assert salida.getvalue().splitlines() == [
            "Escrito docs/eventos.md",
            "Escrito docs/errores.md",
            "Escrito docs/asyncapi.yaml",
            "Escrito static/mensajeria/cliente/eventos.d.ts",
        ]
        assert (tmp_path / "docs" / "eventos.md").read_text(encoding="utf-8") == MARKDOWN
        call_command("documentar", comprobar=True)

    def test_comprobar_falla_sin_escribir(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"eventos\.md, errores\.md, asyncapi\.yaml"):
            call_command("documentar", comprobar=True)
        assert not list(tmp_path.iterdir())

    def test_comprobar_nombra_solo_lo_que_difiere(self, tmp_path: Path) -> None:
        call_command("documentar", stdout=StringIO())
        with (tmp_path / "docs" / "asyncapi.yaml").open("a") as archivo:
            archivo.write("# a mano\n")
        with pytest.raises(CommandError, match=r"al día: asyncapi\.yaml\."):
            call_command("documentar", comprobar=True)


class TestMarkdown:
    @pytest.mark.parametrize("nombre", [*CLIENTE, *SERVIDOR])
    def test_cada_evento_tiene_una_seccion(self, nombre: str) -> None:
        assert MARKDOWN.count(f"\n### `{nombre}`\n") == 1

    @pytest.mark.parametrize("codigo", CodigoError)
    def test_cada_codigo_esta_con_su_estado_y_su_mensaje(self, codigo: CodigoError) -> None:
        http, mensaje = TRADUCCIONES[codigo]
        assert f"| `{codigo}` | {http} | {mensaje} |" in MARKDOWN

    def test_cada_enlace_lleva_a_un_titulo(self) -> None:
        titulos = re.findall(r"^#+ (.+)$", MARKDOWN, re.MULTILINE)
        anclas = [re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titulos]
        assert len(set(anclas)) == len(anclas)
        assert set(re.findall(r"\]\(#([^)]+)\)", MARKDOWN)) <= set(anclas)

    def test_una_fila_dice_tipo_limites_y_presencia(self) -> None:
        filas = MARKDOWN.splitlines()
        assert (
            "| `hastaSecuencia` | entero (desde 0) | obligatorio "
            "| Recibido hasta este número de mensaje, incluido |"
        ) in filas
        assert (
            "| `prioridad` | `alta`, `baja`, `normal`, `urgente` o `null` | opcional "
            "| Sin decirla, `normal` |"
        ) in filas

    def test_cada_fila_tiene_las_columnas_de_su_cabecera(self) -> None:
        for tabla in re.findall(r"(?:^\|.*\|\n)+", MARKDOWN, re.MULTILINE):
            anchos = {len(re.findall(r"(?<!\\)\|", fila)) for fila in tabla.splitlines()}
            assert len(anchos) == 1, tabla


@pytest.mark.parametrize("codigo", CodigoError)
def test_de_cada_codigo_se_dice_quien_lo_da(codigo: CodigoError) -> None:
    apartado = negativas().partition(f"\n## {codigo}\n")[2].partition("\n## ")[0]
    assert re.search(r"^Lo dan: [\w\[]", apartado, re.MULTILINE)


class TestSignificados:
    def _tipos(self) -> Iterator[type[msgspec.Struct]]:
        for modulo in (avisos, cargas, datos_de_tipo, empujes, formas):
            for tipo in vars(modulo).values():
                if isinstance(tipo, type) and issubclass(tipo, msgspec.Struct):
                    yield tipo

    def test_ninguno_sobra(self) -> None:
        usados = {f"{t.__name__}.{f.encode_name}" for t in self._tipos() for f in fields(t)}
        usados |= {clave.split(".")[1] for clave in usados}
        assert set(textos.SIGNIFICADOS) - usados == set()

    def test_ninguno_falta(self) -> None:
        for esquema in (
            *map(esquemas.de_evento, _cargas_de_eventos()),
            *esquemas.formas().values(),
        ):
            for suyo in esquema.get("properties", {}).values():
                assert suyo["description"]


class TestDeclaraciones:
    def test_cada_evento_y_cada_forma_tienen_la_suya_una_vez(self) -> None:
        texto = declaraciones()
        cliente, servidor, respuestas = re.split(
            r"^export interface (?:Eventos|Resp)", texto, flags=re.M
        )[1:]
        for nombre in CLIENTE:
            assert len(re.findall(rf"^  {nombre}: ", cliente, re.M)) == 1
            assert len(re.findall(rf"^  {nombre}: ", respuestas, re.M)) == 1
        for nombre in SERVIDOR:
            assert len(re.findall(rf"^  {nombre}: ", servidor, re.M)) == 1
        declarados = re.findall(r"^export (?:interface|type) (\w+)", texto, re.M)
        assert len(set(declarados)) == len(declarados)
        assert {*esquemas.formas(), "Notificacion"} < set(declarados)

    def test_dice_tipo_presencia_y_significado(self) -> None:
        texto = declaraciones()
        assert '    prioridad?: "alta" | "baja" | "normal" | "urgente" | null;\n' in texto
        assert "  remitente: Persona | null;\n" in texto
        assert "    /** Si está escribiendo */\n    escribiendo: boolean;\n" in texto
        assert '  enviar_mensaje: EventosServidor["mensaje_enviado"];\n' in texto


def _cargas_de_eventos() -> list[Any]:
    return [*(e.carga for e in CLIENTE.values()), *(e.carga for e in SERVIDOR.values())]


def _referencias(nodo: Any) -> Iterator[str]:
    if isinstance(nodo, dict):
        if isinstance(nodo.get("$ref"), str):
            yield nodo["$ref"]
        for hijo in nodo.values():
            yield from _referencias(hijo)
    elif isinstance(nodo, list):
        for hijo in nodo:
            yield from _referencias(hijo)


def _validar(valor: Any, mensaje: str) -> None:
    esquema = {**ASYNCAPI, "$ref": f"#/components/messages/{mensaje}/payload"}
    jsonschema.Draft7Validator({"allOf": [{"$ref": esquema.pop("$ref")}], **esquema}).validate(
        valor
    )


class TestAsyncAPI:
    def test_el_yaml_es_el_documento(self) -> None:
        assert yaml.safe_load(asyncapi.asyncapi_yaml()) == ASYNCAPI
        assert ASYNCAPI["asyncapi"] == "3.0.0"

    def test_cada_referencia_existe(self) -> None:
        for referencia in set(_referencias(ASYNCAPI)):
            nodo: Any = ASYNCAPI
            for paso in referencia.removeprefix("#/").split("/"):
                nodo = nodo[paso]

    @pytest.mark.parametrize(("puerta", "respuesta"), list(asyncapi.RESPUESTAS.items()))
    def test_por_las_dos_puertas_pasan_los_mismos_eventos(
        self, puerta: str, respuesta: str
    ) -> None:
        mensajes = set(ASYNCAPI["channels"][puerta]["messages"])
        assert mensajes == {*CLIENTE, *SERVIDOR, respuesta}
        operaciones = {o.split(".")[1] for o in ASYNCAPI["operations"] if o.startswith(puerta)}
        assert operaciones == {*CLIENTE, "emitir"}

    def test_ninguna_forma_tapa_a_otra_del_mismo_nombre(self) -> None:
        for tipo in _cargas_de_eventos():
            _, partes = msgspec.json.schema_components([tipo], ref_template="{name}")
            del partes[tipo.__name__]
            for nombre, esquema in partes.items():
                guardada = esquemas.formas()[nombre]
                assert guardada.get("properties", {}).keys() == esquema.get("properties", {}).keys()

    @pytest.mark.parametrize("nombre", CLIENTE)
    def test_los_ejemplos_cumplen_su_esquema(self, nombre: str) -> None:
        datos = esquemas.ejemplo(CLIENTE[nombre])
        _validar(datos, nombre)
        _validar({"evento": nombre, "datos": datos, "id": 1}, f"{nombre}.marco")

    def test_lo_que_enviamos_cumple_su_esquema(self) -> None:
        error = empujes.Error(code=CodigoError.NOT_FOUND, message="No", evento=None)
        for nombre, empuje in (("error", error), ("pong", empujes.Pong())):
            datos = msgspec.json.decode(codificar(empuje))
            _validar(datos, nombre)
            _validar({"evento": nombre, "datos": datos}, f"{nombre}.marco")
        _validar({"ok": False, "error": msgspec.json.decode(codificar(error))}, "acuse")
        _validar({"evento": "respuesta", "id": "a", "ok": True, "datos": {}}, "respuesta")

    @pytest.mark.parametrize(
        ("mensaje", "valor"),
        [
            ("pong", {}),
            ("error", {"timestamp": "t", "code": "NADA", "message": "", "evento": None}),
            ("enviar_mensaje", {"conversacionId": "c" * 37, "contenido": {}}),
            ("enviar_mensaje.marco", {"evento": "otro", "datos": {}}),
            ("acuse", {"ok": True, "error": {}}),
        ],
    )
    def test_lo_que_no_vale_no_cumple(self, mensaje: str, valor: Any) -> None:
        with pytest.raises(jsonschema.ValidationError):
            _validar(valor, mensaje)
