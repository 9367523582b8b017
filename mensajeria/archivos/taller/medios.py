"""Audio y vídeo: si es lo uno o lo otro, cuánto dura, y sin decir dónde se grabó."""

from __future__ import annotations

import io

from tinytag import TinyTag

from mensajeria.archivos.taller import mp4, sonido, webm
from mensajeria.archivos.taller.resultado import Inspeccionado, danado, no_admitido
from mensajeria.archivos.taller.tipos import M4A, MP3, MP4, OGG, WAV, WEBM, WEBM_DE_AUDIO

# Un OGG de vídeo lo dice en su primera página.
_THEORA = b"\x80theora"
_PRIMERA_PAGINA = 4096
# El largo de un WAV que se escribió sin saberlo.
_SIN_LARGO = 0xFFFFFFFF
# De un OGG no se quitan: cada página lleva la suma de lo que dice.
_SIN_METADATOS = {MP3: sonido.mp3_sin_metadatos, WAV: sonido.wav_sin_metadatos}
# Cuatro meses: lo que diga durar más, o no sea un número, está escrito para hacer daño.
MAX_SEGUNDOS = 10_000_000


def mirar(crudo: bytes, tipo: str) -> Inspeccionado:
    if tipo in (M4A, MP4):
        pelicula = mp4.leer(crudo)
        de_video = pelicula.con_video
        return Inspeccionado(
            MP4 if de_video else M4A,
            "video" if de_video else "audio",
            pelicula.sin_metadatos,
            _duracion(pelicula.segundos),
        )
    if tipo == WEBM:
        visto = webm.leer(crudo)
        return Inspeccionado(
            WEBM if visto.con_video else WEBM_DE_AUDIO,
            "video" if visto.con_video else "audio",
            visto.sin_metadatos,
            _duracion(visto.segundos),
        )
    _exigir_entero(crudo, tipo)
    limpio = _SIN_METADATOS.get(tipo, bytes)(crudo)
    return Inspeccionado(tipo, "audio", limpio, _duracion(_segundos(limpio)))


def _exigir_entero(crudo: bytes, tipo: str) -> None:
    if tipo == OGG and _THEORA in crudo[:_PRIMERA_PAGINA]:
        raise no_admitido("De los OGG se admiten los de audio")
    if tipo == WAV:
        largo = int.from_bytes(crudo[4:8], "little")
        if largo != _SIN_LARGO and largo + 8 > len(crudo):
            raise danado("El audio está incompleto")


def _segundos(crudo: bytes) -> float:
    segundos = TinyTag.get(file_obj=io.BytesIO(crudo), tags=False).duration
    if not segundos:
        raise danado("El audio no se puede leer")
    return segundos


def _duracion(segundos: float) -> dict[str, float]:
    # Un NaN no está entre nada.
    if not 0 <= segundos <= MAX_SEGUNDOS:
        raise danado("La duración que dice no es posible")
    return {"duracion": round(segundos, 3)}
