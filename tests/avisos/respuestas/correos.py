# Tal cual llegan: largas, y con espacios al final.
# ruff: noqa: E501, W291
"""Respuestas como las escriben los programas de correo, letra por letra."""

from __future__ import annotations

from email.message import EmailMessage

GMAIL_ES = """\
<div dir="ltr"><div>Sí, mañana a las <b>10</b>.</div><div><br></div><div>Llevo el plano.</div></div>\
<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">El vie, 27 nov \
2026 a las 10:00, Servitech (&lt;<a href="mailto:avisos@ejemplo.com">avisos@ejemplo.com</a>&gt;) \
escribió:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px \
solid rgb(204,204,204);padding-left:1ex"><div><table><tr><td>Ana Prueba te escribió</td></tr><tr>\
<td>¿Vienes mañana?</td></tr></table></div></blockquote></div>
"""
GMAIL_ES_LLANO = """\
Sí, mañana a las *10*.

Llevo el plano.

El vie, 27 nov 2026 a las 10:00, Servitech (<avisos@ejemplo.com>)
escribió:

> Ana Prueba te escribió
>
> ¿Vienes mañana?
>
"""
GMAIL_EN = """\
<div dir="ltr">Yes, at ten.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On \
Fri, Nov 27, 2026 at 10:00 AM Servitech &lt;<a href="mailto:avisos@ejemplo.com">avisos@ejemplo.com\
</a>&gt; wrote:<br></div><blockquote class="gmail_quote"><p>Ana Prueba te escribió</p></blockquote>\
</div><br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div \
dir="ltr" class="gmail_signature">Beto Prueba<br>+52 55 1234 5678</div>
"""
OUTLOOK_ES = """\
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0cm;} \
--></style></head><body lang="ES"><div class="WordSection1"><p class="MsoNormal">De acuerdo, lo \
reviso hoy.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;\
border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>De:</b> Servitech \
&lt;avisos@ejemplo.com&gt; <br><b>Enviado el:</b> viernes, 27 de noviembre de 2026 10:00<br>\
<b>Para:</b> Beto Prueba &lt;beto@ejemplo.com&gt;<br><b>Asunto:</b> Ana Prueba te escribió<o:p>\
</o:p></p></div></div><p class="MsoNormal">Ana Prueba te escribió<o:p></o:p></p></div></body></html>
"""
OUTLOOK_EN_LLANO = """\
Fine, I will check it today.

From: Servitech <avisos@ejemplo.com>
Sent: Friday, November 27, 2026 10:00 AM
To: Beto Prueba <beto@ejemplo.com>
Subject: Ana Prueba te escribió

Ana Prueba te escribió
"""
OUTLOOK_MOVIL_ES = """\
Voy para allá

Obtener Outlook para iOS<https://aka.ms/o0ukef>
________________________________
De: Servitech <avisos@ejemplo.com>
Enviado: Friday, November 27, 2026 10:00:00 AM
Para: Beto Prueba <beto@ejemplo.com>
Asunto: Ana Prueba te escribió

Ana Prueba te escribió
"""
APPLE_ES = """\
<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir=\
"auto">Claro, te llamo.<div><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Enviado desde mi \
iPhone</div><div dir="ltr"><br><blockquote type="cite">El 27 nov 2026, a las 10:00, Servitech \
&lt;avisos@ejemplo.com&gt; escribió:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\
\ufeff<div>Ana Prueba te escribió</div></div></blockquote></div></body></html>
"""
APPLE_ES_LLANO = """\
Claro, te llamo.

Enviado desde mi iPhone

> El 27 nov 2026, a las 10:00, Servitech <avisos@ejemplo.com> escribió:
> 
> \ufeffAna Prueba te escribió
"""
APPLE_EN_LLANO = """\
Sure, I'll call you.

Sent from my iPhone

> On Nov 27, 2026, at 10:00 AM, Servitech <avisos@ejemplo.com> wrote:
> 
> Ana Prueba te escribió
"""
PUNTO_POR_PUNTO = """\
Te contesto abajo:

El vie, 27 nov 2026 a las 10:00, Servitech (<avisos@ejemplo.com>) escribió:

> ¿Vienes mañana?
Sí.
> ¿Y el plano?
También.
"""


def respuesta(
    para: str,
    texto: str | None = "Sí, voy.\n",
    html: str | None = None,
    de: str = "Beto Prueba <beto@ejemplo.com>",
    **cabeceras: str,
) -> EmailMessage:
    """Con su `Message-ID`; `Auto_Submitted` es `Auto-Submitted`."""
    mensaje = EmailMessage()
    mensaje["From"], mensaje["To"] = de, para
    mensaje["Subject"] = "Re: Ana Prueba te escribió"
    mensaje["Date"] = "Fri, 27 Nov 2026 10:05:00 +0000"
    cabeceras.setdefault("Message_ID", "<uno@correo.ejemplo.com>")
    for nombre, valor in cabeceras.items():
        if valor:
            mensaje[nombre.replace("_", "-")] = valor
    if texto is not None:
        mensaje.set_content(texto)
    if html is not None and texto is not None:
        mensaje.add_alternative(html, subtype="html")
    elif html is not None:
        mensaje.set_content(html, subtype="html")
    return mensaje
