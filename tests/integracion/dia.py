"""Un día con guion: el mismo, paso a paso, contra cualquier servidor.

Todo sale de una semilla y nada de lo que el servidor conteste. En cada conversación lo que depende
de algo espera su acuse, y quien envía tiene muchos en vuelo; las conversaciones van a la vez, salvo
lo que avisa a alguien, que va de una en una para que sus avisos lleguen en el mismo orden.

Los conectados contestan a los latidos cuando toca, y con eso acusan recibo: antes de cada hora en
que se mira cómo está una conversación, todos confirman lo que tienen. Los ausentes solo usan REST.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.archivos.muestras import imagen
from tests.integracion.cliente import Cliente, Datos, conectar
from tests.integracion.guion import (
    AJENA,
    AUSENTES,
    CONECTADOS,
    GRUPOS,
    METADATOS,
    MUCHOS,
    NUEVOS,
    PAREJAS,
    REACCIONES,
    TEXTOS,
    Charla,
    cuotas,
)
from tests.integracion.puertas import Mesa, PorSocketIO, Rest
from tests.servicios import PACIENCIA, Servidor

API = "/api/mensajeria/"


def _sin_recibos(respuesta: Any) -> Any:
    """Sin lo que, mientras se habla, depende de si ya tocó un latido; al final se mira entero."""
    if isinstance(respuesta, dict):
        fuera = {"estado", "fechaEntrega"} if "fechaEntrega" in respuesta else set()
        return {k: _sin_recibos(v) for k, v in respuesta.items() if k not in fuera}
    return [_sin_recibos(v) for v in respuesta] if isinstance(respuesta, list) else respuesta


Anotado = tuple[str, Any]


class Dia:
    """`anotado` es lo que contestó el servidor a cada paso, en el orden del guion."""

    def __init__(self, servidor: Servidor, rest: Rest, mesa: Mesa, total: int) -> None:
        self._servidor = servidor
        self._rest = rest
        self._mesa = mesa
        self._total = total
        self._gente: dict[str, Cliente | PorSocketIO] = {}
        self.ids = {n: n for n in (*CONECTADOS, "mod", "admin")}
        self.charlas: list[Charla] = []
        self.anotado: list[Anotado] = []
        self.eventos: set[str] = set()

    async def vivir(self, pila: contextlib.AsyncExitStack) -> None:
        """Al volver, los conectados lo siguen estando mientras `pila` siga abierta."""
        await asyncio.to_thread(self._llegan)
        await self._conectarse(pila)
        await self._crear_charlas()
        await self._elena_entra_y_sale()
        await self._hablar(lambda c: c.cuota // 2)
        await self._se_fue_elena()
        await self._confirmar()
        await self._mediodia()
        await self._hablar(lambda c: c.cuota - 1)
        await self._anochecer()

    # Pedir

    async def _a_la_vez(
        self, donde: list[Anotado], quien: str, *pedidos: tuple[str, Any]
    ) -> list[Datos]:
        """Todo en vuelo por la conexión de `quien`; las respuestas, en su orden."""
        futuros = [await self._gente[quien].enviar(*pedido) for pedido in pedidos]
        respuestas = []
        for (evento, _), futuro in zip(pedidos, futuros, strict=True):
            respuesta = dict(await asyncio.wait_for(futuro, PACIENCIA))
            self.eventos.add(evento)
            respuesta.pop("id", None)
            if "error" in respuesta:
                # Lo numera cada conexión, que aquí es de varias conversaciones a la vez.
                respuesta["error"] = {k: v for k, v in respuesta["error"].items() if k != "id"}
            donde.append((f"{quien} {evento}", respuesta))
            respuestas.append(respuesta)
        return respuestas

    async def _por_http(
        self, donde: list[Anotado], quien: str | None, metodo: str, camino: str, cuerpo: Any = None
    ) -> Any:
        usuario = self.ids.get(quien, quien) if quien else None
        estado, forma = await asyncio.to_thread(
            self._rest.pedir, usuario, metodo, camino if camino[0] == "/" else API + camino, cuerpo
        )
        donde.append((f"{quien} {metodo} {camino}", [estado, forma]))
        return forma

    async def _en_la_mesa(self, modelo: str, accion: str, *ids: str) -> None:
        await asyncio.to_thread(self._mesa.hacer, modelo, accion, *ids)

    # Amanecer

    def _llegan(self) -> None:
        for nombre, datos in NUEVOS.items():
            self.ids[nombre] = self._mesa.crear_usuario(nombre, datos)

    async def _conectarse(self, pila: contextlib.AsyncExitStack) -> None:
        for nombre in (*CONECTADOS, AJENA):
            puerta = PorSocketIO if nombre == "test_user" else conectar
            self._gente[nombre] = await pila.enter_async_context(puerta(self._servidor))
            token = self._rest.token(self.ids[nombre])
            await self._a_la_vez(self.anotado, nombre, ("autenticar", {"token": token}))

    async def _crear_charlas(self) -> None:
        azar = random.Random("charlas")
        for duena, *resto in PAREJAS:
            await self._crear(duena, resto[:1], "individual", azar, *resto[1:])
        for i in range(GRUPOS):
            duena = CONECTADOS[i % 4]
            otros = [n for n in CONECTADOS if n != duena]
            miembros = azar.sample(otros, 2 + i % 2) + azar.sample(AUSENTES, 1 + i % 2)
            await self._crear(duena, miembros, "soporte" if i % 4 == 3 else "grupal", azar)
        # Las del ejemplo, al final: a igual actividad van por su id, y este es el mayor.
        de_prueba = ["ana", "beto", "test_user"]
        self.charlas += [
            Charla("conv_123", "ana", ["ana", "carla"], False, random.Random("conv_123")),
            Charla("conv_test", "ana", de_prueba, True, random.Random("conv_test")),
        ]
        for charla, cuota in zip(self.charlas, cuotas(self._total, len(self.charlas)), strict=True):
            charla.cuota = cuota
        await self._creaciones_que_no()

    async def _crear(
        self,
        duena: str,
        miembros: list[str],
        tipo: str,
        azar: random.Random,
        asesoria: str | None = None,
    ) -> None:
        i = len(self.charlas)
        cuerpo: Datos = {
            "tipo": tipo,
            "participantes": [{"usuarioId": self.ids[m]} for m in miembros],
            "asesoria": asesoria,
        }
        if tipo != "individual":
            cuerpo["participantes"][0]["rol"] = azar.choice(("cliente", "experto", "moderador"))
            cuerpo["configuracion"] = {
                "nombrePersonalizado": f"{azar.choice(TEXTOS)} {i}"[:200],
                "configuracionPrivacidad": azar.choice(METADATOS),
                "notificacionesActivas": azar.random() < 0.7,
            }
        forma = await self._por_http(self.anotado, duena, "POST", "conversaciones/", cuerpo)
        azar_ = random.Random(f"charla {i}")
        self.charlas.append(
            Charla(forma["_id"], duena, [duena, *miembros], tipo != "individual", azar_)
        )

    async def _creaciones_que_no(self) -> None:
        """La segunda individual es la primera; y lo que se niega."""
        negadas: tuple[Datos, ...] = (
            {"participantes": [{"usuarioId": "beto"}]},
            {"participantes": [{"usuarioId": "ana"}]},
            {"participantes": [{"usuarioId": "nadie"}]},
            {"participantes": []},
            {"participantes": [{"usuarioId": "carla", "rol": "moderador"}]},
            {"participantes": [{"usuarioId": "carla"}], "tipo": "secta"},
            {"participantes": [{"usuarioId": "carla"}], "configuracion": {"avatar": "//otro"}},
        )
        for cuerpo in negadas:
            await self._por_http(self.anotado, "ana", "POST", "conversaciones/", cuerpo)
        await self._por_http(self.anotado, None, "POST", "conversaciones/", {})

    async def _elena_entra_y_sale(self) -> None:
        """Así tiene una última conexión; los demás siguen hasta el final."""
        async with conectar(self._servidor) as elena:
            await elena.pedir("autenticar", {"token": self._rest.token(self.ids["elena"])})

    async def _se_fue_elena(self) -> None:
        ana = self._gente["ana"]
        assert isinstance(ana, Cliente)
        se_fue = {"usuarioId": self.ids["elena"], "conectado": False}
        await ana.esperar("estado_usuario_cambiado", lambda d: se_fue.items() <= d.items())

    # Hablar

    async def _hablar(self, hasta: Callable[[Charla], int]) -> None:
        cuadernos: list[list[Anotado]] = [[] for _ in self.charlas]
        await asyncio.gather(
            *(
                self._charlar(charla, hasta(charla), cuaderno)
                for charla, cuaderno in zip(self.charlas, cuadernos, strict=True)
            )
        )
        for cuaderno in cuadernos:
            self.anotado += [(paso, _sin_recibos(respuesta)) for paso, respuesta in cuaderno]

    async def _charlar(self, charla: Charla, hasta: int, donde: list[Anotado]) -> None:
        pasos: list[Callable[[Charla, list[Anotado]], Awaitable[None]]] = [
            self._editar,
            self._reaccionar,
            self._leer,
            self._entregar,
            self._eliminar,
            self._por_rest,
            self._reintentar,
            self._tropezar,
        ]
        charla.azar.shuffle(pasos)
        turno = 0
        while (faltan := hasta - len(charla.mensajes)) > 0:
            cuantos = faltan if faltan < 20 else charla.azar.randint(8, min(40, faltan - 10))
            await self._rafaga(charla, donde, cuantos)
            if faltan >= 20:
                for _ in range(2):
                    await pasos[turno % len(pasos)](charla, donde)
                    turno += 1

    async def _rafaga(self, charla: Charla, donde: list[Anotado], cuantos: int) -> None:
        autor = charla.azar.choice(charla.conectados())
        pedidos = [("enviar_mensaje", charla.mensaje()) for _ in range(cuantos)]
        for respuesta in await self._a_la_vez(donde, autor, *pedidos):
            assert respuesta["ok"], respuesta
            charla.mensajes.append((respuesta["datos"]["mensajeId"], autor))

    async def _editar(self, charla: Charla, donde: list[Anotado]) -> None:
        azar = charla.azar
        quien = azar.choice(charla.conectados())
        suyos = [id_ for id_, autor in charla.mensajes if autor == quien]
        elegidos = azar.sample(suyos, min(6, len(suyos)))
        # Dos del mismo no van a la vez: confirmadas juntas, las dos contestan con la última.
        for ediciones in ([*dict.fromkeys((*elegidos, charla.alguno()))], elegidos[:2]):
            pedidos = [{"mensajeId": m, "texto": azar.choice(TEXTOS)} for m in ediciones]
            await self._a_la_vez(donde, quien, *(("editar_mensaje", p) for p in pedidos))

    async def _reaccionar(self, charla: Charla, donde: list[Anotado]) -> None:
        """De uno en uno: el orden de las reacciones es el de sus fechas."""
        azar = charla.azar
        for mensaje in dict.fromkeys((charla.alguno(), charla.alguno())):
            for quien in azar.sample(charla.conectados(), len(charla.conectados())):
                datos = {"mensajeId": mensaje, "tipo": azar.choice(REACCIONES)}
                await self._a_la_vez(donde, quien, ("agregar_reaccion", datos))
            quien = azar.choice(charla.conectados())
            otra = {"mensajeId": mensaje, "tipo": azar.choice(REACCIONES)}
            await self._a_la_vez(donde, quien, ("agregar_reaccion", otra))
            await self._a_la_vez(donde, quien, ("quitar_reaccion", {**otra, "tipo": "sad"}))
            if azar.random() < 0.5:
                await self._a_la_vez(donde, quien, ("quitar_reaccion", {"mensajeId": mensaje}))

    async def _leer(self, charla: Charla, donde: list[Anotado]) -> None:
        hasta = {"conversacionId": charla.id, "mensajeId": charla.alguno()}
        todo = {"conversacionId": charla.id}
        for datos in (hasta, charla.azar.choice((hasta, todo))):
            quien = charla.azar.choice(charla.conectados())
            await self._a_la_vez(donde, quien, ("marcar_leido", datos))

    async def _entregar(self, charla: Charla, donde: list[Anotado]) -> None:
        hasta = charla.azar.randint(0, len(charla.mensajes) + 5)
        datos = {"conversacionId": charla.id, "hastaSecuencia": hasta}
        await self._a_la_vez(
            donde, charla.azar.choice(charla.conectados()), ("marcar_entregado", datos)
        )

    async def _eliminar(self, charla: Charla, donde: list[Anotado]) -> None:
        """Uno suyo, dos veces; y uno cualquiera, que a veces no le dejan."""
        quien = charla.azar.choice(charla.conectados())
        suyos = [id_ for id_, autor in charla.mensajes if autor == quien] or [charla.alguno()]
        uno = {"mensajeId": charla.azar.choice(suyos), "razon": charla.azar.choice(TEXTOS)[:200]}
        await self._a_la_vez(
            donde,
            quien,
            ("eliminar_mensaje", uno),
            ("eliminar_mensaje", uno),
            ("agregar_reaccion", {"mensajeId": uno["mensajeId"], "tipo": "like"}),
            ("eliminar_mensaje", {"mensajeId": charla.alguno()}),
        )

    async def _por_rest(self, charla: Charla, donde: list[Anotado]) -> None:
        azar = charla.azar
        quien = azar.choice(charla.ausentes() or charla.conectados())
        camino = f"conversaciones/{charla.id}/"
        cuerpo = {**charla.mensaje(), "contenido": {"texto": azar.choice(TEXTOS)}}
        forma = await self._por_http(donde, quien, "POST", camino + "mensajes/", cuerpo)
        charla.mensajes.append((forma["_id"], quien))
        suyo = f"mensajes/{forma['_id']}/"
        otro = f"mensajes/{charla.alguno()}/"
        await self._por_http(donde, quien, "PATCH", suyo, {"texto": azar.choice(TEXTOS)})
        await self._por_http(donde, quien, "POST", otro + "reacciones/", {"tipo": "love"})
        await self._por_http(donde, quien, "POST", suyo + "reacciones/", {"tipo": "sad"})
        await self._por_http(donde, quien, "DELETE", suyo + "reacciones/")
        if azar.random() < 0.4:
            await self._por_http(donde, quien, "POST", otro + "leer/")
        if azar.random() < 0.2:
            await self._por_http(donde, quien, "POST", camino + "leer/")
        if azar.random() < 0.3:
            await self._por_http(donde, quien, "DELETE", suyo, {"razon": "me equivoqué"})

    async def _reintentar(self, charla: Charla, donde: list[Anotado]) -> None:
        """El mismo `idCliente` dos veces, con otro cuerpo, y casi el mismo.

        Solo con algún ausente: sin él, un latido podría cambiar el `estado` de la repetición.
        """
        if not charla.ausentes():
            return
        quien = charla.azar.choice(charla.conectados())
        clave = f"é-{charla.azar.getrandbits(40):x}"
        uno = {**charla.mensaje(), "idCliente": clave}
        otro = {**uno, "contenido": {"texto": "otra cosa"}}
        casi = [clave.upper(), clave + " ", clave.replace("é", "é")]
        respuestas = await self._a_la_vez(
            donde,
            quien,
            *(("enviar_mensaje", d) for d in (uno, uno, otro)),
            *(("enviar_mensaje", {**uno, "idCliente": c}) for c in casi),
        )
        ids = dict.fromkeys(r["datos"]["mensajeId"] for r in respuestas if r["ok"])
        charla.mensajes += [(id_, quien) for id_ in ids]
        assert len(ids) == 4, respuestas
        await self._a_la_vez(donde, quien, ("enviar_mensaje", uno), ("enviar_mensaje", otro))

    async def _tropezar(self, charla: Charla, donde: list[Anotado]) -> None:
        mensaje, id_ = charla.alguno(), charla.id
        hola = {"conversacionId": id_, "contenido": {"texto": "hola"}}
        archivo = {"nombre": "a", "url": "/a", "tamano": 11 * 2**20, "tipo": "x"}
        await self._a_la_vez(
            donde,
            AJENA,
            ("enviar_mensaje", hola),
            ("marcar_leido", {"conversacionId": id_}),
            ("marcar_entregado", {"conversacionId": id_, "hastaSecuencia": 1}),
            ("agregar_reaccion", {"mensajeId": mensaje, "tipo": "like"}),
            ("quitar_reaccion", {"mensajeId": mensaje}),
            ("fijar_mensaje", {"mensajeId": mensaje}),
            ("desfijar_mensaje", {"mensajeId": mensaje}),
            ("cambiar_preferencias", {"conversacionId": id_, "anclada": True}),
            ("editar_mensaje", {"mensajeId": mensaje, "texto": "mío"}),
            ("eliminar_mensaje", {"mensajeId": mensaje}),
            ("unirse_conversacion", {"conversacionId": id_}),
        )
        await self._a_la_vez(
            donde,
            charla.azar.choice(charla.conectados()),
            ("enviar_mensaje", {**hola, "contenido": {"texto": " \n"}}),
            ("enviar_mensaje", {**hola, "contenido": {"texto": "x" * 5001}}),
            ("enviar_mensaje", {**hola, "contenido": {"texto": "a", "archivo": archivo}}),
            ("enviar_mensaje", {**hola, "contenido": {"texto": "a", "metadatos": {"n": 2**63}}}),
            ("enviar_mensaje", {**hola, "respuestaA": 7}),
            ("enviar_mensaje", {**hola, "prioridad": "Normal"}),
            ("enviar_mensaje", {**hola, "conversacionId": id_.upper()}),
            ("agregar_reaccion", {"mensajeId": mensaje, "tipo": "odio"}),
            ("agregar_reaccion", {"mensajeId": mensaje.upper(), "tipo": "like"}),
            ("editar_mensaje", {"mensajeId": "ñandú 👍$.a", "texto": "x"}),
            ("marcar_leido", {"conversacionId": id_, "mensajeId": "no está"}),
            ("borrar_todo", {}),
        )
        # Por un socket, un NUL estropea el marco entero, con su `id`.
        nulo = {"contenido": {"texto": "a\0b"}}
        camino = f"conversaciones/{id_}/mensajes/"
        await self._por_http(donde, charla.duena, "POST", camino, nulo)

    # Mediodía: lo que cambia quién está y qué puede

    async def _confirmar(self) -> None:
        """Los conectados acusan recibo de todo lo suyo."""
        await asyncio.gather(
            *(
                self._a_la_vez([], quien, *(("marcar_entregado", d) for d in self._todo_de(quien)))
                for quien in CONECTADOS
            )
        )

    def _todo_de(self, quien: str) -> list[Datos]:
        return [
            {"conversacionId": c.id, "hastaSecuencia": len(c.mensajes)}
            for c in self.charlas
            if quien in c.miembros
        ]

    async def _mediodia(self) -> None:
        await self._de_la_sesion()
        await self._archivos(self.charlas[0])
        for i, charla in enumerate(self.charlas):
            await self._fijar(charla, random.Random(f"fijar {i}"))
        grupos = [c for c in self.charlas if c.grupal]
        for i, charla in enumerate(grupos):
            await self._negar_a_quien_no_modera(charla)
            await (self._entra, self._calla, self._sale, self._cierra_y_abre)[i % 4](charla)
        await self._moderar(grupos)

    async def _de_la_sesion(self) -> None:
        donde, id_ = self.anotado, self.charlas[0].id
        await self._a_la_vez(
            donde,
            "ana",
            ("obtener_estadisticas", {}),
            ("ping", {}),
            ("escribiendo", {"conversacionId": id_, "escribiendo": True}),
            ("escribiendo", {"conversacionId": id_, "escribiendo": False}),
            ("visibilidad", {"visible": False}),
            ("visibilidad", {"visible": True}),
            ("cambiar_avisos", {"canales": {"correo": {"mensajes": "nunca"}}}),
            ("salir_conversacion", {"conversacionId": id_}),
            ("unirse_conversacion", {"conversacionId": id_, "desdeCambio": 100}),
            ("reanudar", {"cursores": {self.charlas[MUCHOS].id: 5, "nada": 1}}),
            ("renovar_token", {"token": self._rest.token("ana")}),
            ("renovar_token", {"token": self._rest.token("beto")}),
        )

    async def _archivos(self, charla: Charla) -> None:
        """Subir, ver y borrar: quien puede y quien no."""
        quien = charla.conectados()[0]
        for camino in ("archivos/", f"conversaciones/{charla.id}/archivos/"):
            id_ = await self._subir(quien, camino)
            for lector in (quien, AJENA, None):
                for parte in ("contenido/", "pequena/", "mediana/"):
                    await self._por_http(self.anotado, lector, "GET", f"archivos/{id_}/{parte}")
            estado, visto = await asyncio.to_thread(
                self._rest.pedir, self.ids[quien], "GET", f"{API}archivos/{id_}/"
            )
            # Los enlaces llevan el instante en que se firmaron.
            ancho = visto["miniaturas"][0]["ancho"]
            self.anotado.append((f"{quien} ve {camino}", [estado, ancho]))
            estado, suyos = await asyncio.to_thread(
                self._rest.pedir, self.ids[quien], "GET", f"{API}archivos/"
            )
            nombres = [x["nombre"] for x in suyos]
            self.anotado.append((f"{quien} tiene sin enviar", [estado, nombres]))
            await self._por_http(self.anotado, AJENA, "GET", "archivos/")
            for lector in (AJENA, quien, quien):
                await self._por_http(self.anotado, lector, "DELETE", f"archivos/{id_}/")
        await self._por_http(self.anotado, AJENA, "POST", camino)

    async def _subir(self, quien: str, camino: str) -> str:
        """Una imagen suya: su identificador."""
        crudo = imagen("PNG", (640, 480))
        estado, forma = await asyncio.to_thread(
            self._rest.subir, self.ids[quien], API + camino, crudo
        )
        dicho = {c: forma[c] for c in ("nombre", "tipo", "clase", "tamano", "ancho", "borroso")}
        self.anotado.append((f"{quien} sube a {camino}", [estado, dicho]))
        return str(forma["_id"])

    async def _fijar(self, charla: Charla, azar: random.Random) -> None:
        """Quien modera y quien no; lo fijado se repite, se desfija y a veces se elimina."""
        donde = self.anotado
        uno, otro = ({"mensajeId": m} for m, _ in azar.sample(charla.mensajes, 2))
        for quien in charla.conectados()[:2]:
            for evento, datos in (
                ("fijar_mensaje", uno),
                ("fijar_mensaje", otro),
                ("fijar_mensaje", uno),
                ("desfijar_mensaje", otro),
                ("cambiar_preferencias", {"conversacionId": charla.id, "anclada": True}),
            ):
                await self._a_la_vez(donde, quien, (evento, datos))
        ruta = f"mensajes/{azar.choice(charla.mensajes)[0]}/fijado/"
        for metodo in ("POST", "DELETE", "POST"):
            await self._por_http(donde, charla.duena, metodo, ruta)
        await self._de_cada_cual(charla)
        fijados = f"conversaciones/{charla.id}/fijados/"
        await self._por_http(donde, charla.miembros[-1], "GET", fijados)
        if azar.random() < 0.3:
            await self._a_la_vez(donde, charla.conectados()[0], ("eliminar_mensaje", uno))

    async def _de_cada_cual(self, charla: Charla) -> None:
        """Preferencias, personas y avatares: sin poner ninguno, que su dirección sale al azar."""
        suya = f"conversaciones/{charla.id}/"
        for metodo, camino, cuerpo in (
            ("PATCH", f"{suya}preferencias/", {"archivada": False, "silenciadaHasta": "siempre"}),
            ("PUT", f"{suya}avatar/", None),
            ("DELETE", f"{suya}avatar/", None),
            ("GET", "usuarios/?q=alba", None),
            ("GET", "usuarios/admin/", None),
            ("GET", "usuarios/yo/", None),
            ("PATCH", "usuarios/yo/", {"apellido": "del día"}),
            # De uno que no está: en qué orden leyeron los demás no es igual cada vez.
            ("GET", "mensajes/nada/recibos/", None),
            ("PUT", "usuarios/yo/avatar/", None),
            ("DELETE", "usuarios/yo/avatar/", None),
        ):
            await self._por_http(self.anotado, charla.duena, metodo, camino, cuerpo)

    def _ruta(self, charla: Charla, quien: str = "") -> str:
        """La de sus participantes, o la de uno."""
        ruta = f"conversaciones/{charla.id}/participantes/"
        return f"{ruta}{self.ids[quien]}/" if quien else ruta

    async def _negar_a_quien_no_modera(self, charla: Charla) -> None:
        for quien in (charla.miembros[-1], AJENA):
            for metodo, camino, cuerpo in (
                ("PATCH", f"conversaciones/{charla.id}/", {"activa": False}),
                ("POST", self._ruta(charla), {"usuarioId": "carla"}),
                ("PATCH", self._ruta(charla, charla.duena), {"rol": "cliente"}),
                ("DELETE", self._ruta(charla, charla.duena), None),
            ):
                await self._por_http(self.anotado, quien, metodo, camino, cuerpo)

    async def _entra(self, charla: Charla) -> None:
        nuevo = next(n for n in AUSENTES if n not in charla.miembros)
        for id_ in (self.ids[nuevo], self.ids[nuevo], "nadie"):
            cuerpo = {"usuarioId": id_, "rol": "experto"}
            await self._por_http(self.anotado, charla.duena, "POST", self._ruta(charla), cuerpo)
        charla.miembros.append(nuevo)
        await self._configurar(charla, {"descripcion": "\u202eRTL\u202c", "avatar": "/a.png"})

    async def _configurar(self, charla: Charla, configuracion: Datos) -> None:
        camino, cuerpo = f"conversaciones/{charla.id}/", {"configuracion": configuracion}
        await self._por_http(self.anotado, charla.duena, "PATCH", camino, cuerpo)

    async def _calla(self, charla: Charla) -> None:
        """Uno pierde el permiso de enviar y otro gana el de moderar y eliminar."""
        callado, otro = [m for m in charla.conectados() if m != charla.duena][:2]
        for quien, cuerpo in (
            (callado, {"permisos": {"puedeEnviar": False}}),
            (otro, {"rol": "moderador", "permisos": {"puedeModerar": True}}),
            (otro, {"permisos": {"puedeEliminar": True}}),
            (otro, {"rol": "jefe"}),
        ):
            camino = self._ruta(charla, quien)
            await self._por_http(self.anotado, charla.duena, "PATCH", camino, cuerpo)
        suyo = next((id_ for id_, autor in charla.mensajes if autor == callado), "ninguno")
        await self._a_la_vez(
            self.anotado,
            callado,
            ("enviar_mensaje", {"conversacionId": charla.id, "contenido": {"texto": "¿me oís?"}}),
            ("editar_mensaje", {"mensajeId": suyo, "texto": "tampoco"}),
            ("agregar_reaccion", {"mensajeId": suyo, "tipo": "like"}),
        )
        charla.callados.add(callado)

    async def _sale(self, charla: Charla) -> None:
        """A uno lo quitan, y a veces vuelve; otro se va él mismo."""
        quitado = next(m for m in charla.conectados() if m != charla.duena)
        camino = self._ruta(charla, quitado)
        for _ in range(2):
            await self._por_http(self.anotado, charla.duena, "DELETE", camino)
        await self._a_la_vez(
            self.anotado,
            quitado,
            ("enviar_mensaje", {"conversacionId": charla.id, "contenido": {"texto": "¿y yo?"}}),
            ("marcar_leido", {"conversacionId": charla.id}),
            ("eliminar_mensaje", {"mensajeId": charla.mensajes[0][0]}),
        )
        for ausente in charla.ausentes()[:1]:
            for _ in range(2):
                camino = self._ruta(charla, ausente)
                await self._por_http(self.anotado, ausente, "DELETE", camino)
            charla.miembros.remove(ausente)
        if charla.azar.random() < 0.5:
            cuerpo = {"usuarioId": self.ids[quitado]}
            await self._por_http(self.anotado, charla.duena, "POST", self._ruta(charla), cuerpo)
        else:
            charla.miembros.remove(quitado)

    async def _cierra_y_abre(self, charla: Charla) -> None:
        camino, quien = f"conversaciones/{charla.id}/", charla.duena
        await self._por_http(self.anotado, quien, "PATCH", camino, {"activa": False})
        mensaje = {"mensajeId": charla.mensajes[0][0]}
        await self._a_la_vez(
            self.anotado,
            quien,
            ("enviar_mensaje", {"conversacionId": charla.id, "contenido": {"texto": "¿hay eco?"}}),
            ("editar_mensaje", {**mensaje, "texto": "tarde"}),
            ("agregar_reaccion", {**mensaje, "tipo": "like"}),
            ("fijar_mensaje", mensaje),
            ("desfijar_mensaje", mensaje),
            ("marcar_leido", {"conversacionId": charla.id}),
        )
        cuerpo = {"usuarioId": self.ids[AJENA]}
        await self._por_http(self.anotado, quien, "POST", self._ruta(charla), cuerpo)
        await self._configurar(charla, {"nombrePersonalizado": "cerrada"})
        await self._por_http(self.anotado, quien, "PATCH", camino, {"activa": True})

    async def _moderar(self, grupos: Sequence[Charla]) -> None:
        uno, otro, editado = grupos[:3]
        ids = [id_ for id_, _ in uno.mensajes]
        await self._en_la_mesa("mensaje", "ocultar", *ids[:6])
        await self._en_la_mesa("mensaje", "restaurar", *ids[2:4])
        await self._en_la_mesa("mensaje", "eliminar", *ids[5:8])
        # El primero está oculto: la mesa hace los demás y dice que ese no.
        await self._en_la_mesa("mensaje", "fijar", ids[0], *ids[8:11])
        await self._en_la_mesa("mensaje", "desfijar", *ids[9:11])
        await self._en_la_mesa("mensaje", "ocultar", ids[8])
        for id_, autor in uno.mensajes[:6]:
            for metodo, cuerpo in (("PATCH", {"texto": "¿se ve?"}), ("DELETE", None)):
                await self._por_http(self.anotado, autor, metodo, f"mensajes/{id_}/", cuerpo)
        await self._en_la_mesa("conversacion", "cerrar", otro.id)
        await self._en_la_mesa("conversacion", "reabrir", otro.id)
        await self._en_la_mesa("usuario", "desactivar", self.ids["gala"])
        await self._por_http(self.anotado, "gala", "GET", "notificaciones/")
        await self._en_la_mesa("usuario", "reactivar", self.ids["gala"])
        self._rest.renovar(self.ids["gala"])
        await self._por_http(self.anotado, "gala", "GET", "notificaciones/")
        id_, autor = editado.mensajes[0]
        for i in range(22 if autor in editado.conectados() else 0):
            version = {"mensajeId": id_, "texto": f"v{i}"}
            await self._a_la_vez(self.anotado, autor, ("editar_mensaje", version))

    # Anochecer

    async def _anochecer(self) -> None:
        # En el orden en que se crearon: así van también si dos caen en el mismo milisegundo.
        for charla in self.charlas:
            await self._rafaga(charla, self.anotado, 1)
        await self._confirmar()
        for i, charla in enumerate(self.charlas):
            if i % 3 == 0:
                quien = charla.conectados()[0]
                await self._a_la_vez(
                    self.anotado, quien, ("marcar_leido", {"conversacionId": charla.id})
                )
            if i % 4 == 1:
                for quien in charla.ausentes():
                    camino = f"conversaciones/{charla.id}/leer/"
                    await self._por_http(self.anotado, quien, "POST", camino)
        await self._en_la_mesa("conversacion", "cerrar", self.charlas[2].id)
        for charla in self.charlas[10:12]:
            camino = f"conversaciones/{charla.id}/"
            await self._por_http(self.anotado, charla.duena, "PATCH", camino, {"activa": False})
        await self._leer_avisos()
        await self._de_los_tokens()
        borrar = ("borrar_usuario", self.ids["hugo"], "--si", "--con-mensajes")
        await asyncio.to_thread(self._servidor.orden, *borrar)

    async def _leer_avisos(self) -> None:
        puestos = {"canales": {"aplicacion": {"muestra": "quien"}}, "zona": "America/Bogota"}
        await self._por_http(self.anotado, "carla", "PATCH", "preferencias/", puestos)
        await self._por_http(self.anotado, "carla", "PATCH", "preferencias/", {"zona": "Marte"})
        await self._por_http(self.anotado, "carla", "GET", "preferencias/")
        # Lo que se contesta cuando no se sale a ningún dispositivo.
        sitio = {"canal": "fcm", "punto": "un-token-de-fcm"}
        await self._por_http(self.anotado, "carla", "POST", "dispositivos/", sitio)
        await self._por_http(self.anotado, "carla", "GET", "dispositivos/")
        await self._por_http(self.anotado, "carla", "POST", "dispositivos/nada/probar/")
        await self._por_http(self.anotado, "carla", "DELETE", "dispositivos/nada/")
        for quien in ("carla", "gala"):
            avisos = await self._por_http(self.anotado, quien, "GET", "notificaciones/")
            for aviso in avisos["results"][::2]:
                for lector in (quien, AJENA):
                    camino = f"notificaciones/{aviso['_id']}/leer/"
                    await self._por_http(self.anotado, lector, "POST", camino)

    async def _de_los_tokens(self) -> None:
        mala = {"username": "ana", "password": "mala"}
        await self._por_http(self.anotado, None, "POST", "/api/token/", mala)
        await self._por_http(self.anotado, None, "POST", "/api/token/refresh/", {"refresh": "x"})
        for metodo, camino in (("GET", ""), ("DELETE", "nada/"), ("DELETE", "")):
            await self._por_http(self.anotado, "fidel", metodo, f"sesiones/{camino}")
        await self._por_http(self.anotado, "fidel", "POST", "/api/token/revocar/")
        await self._por_http(self.anotado, "fidel", "GET", "conversaciones/")
        self._rest.renovar(self.ids["fidel"])
