# Para que sea la misma hoy y dentro de un año, se fija por su huella: docs/produccion.md, 9.
ARG BASE=python:3.12-slim

FROM ${BASE} AS entorno
COPY requirements.txt requirements-s3.txt requirements-nats.txt ./
RUN python -m venv /opt/entorno
RUN /opt/entorno/bin/pip install --no-cache-dir -r requirements-s3.txt -r requirements-nats.txt

FROM ${BASE}
ENV PATH=/opt/entorno/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=0 \
    LOG_ARCHIVO=/tmp/server.log DATABASE_URL=sqlite:////app/datos/servitech.sqlite3 \
    ARCHIVOS=/app/datos/archivos
WORKDIR /app
RUN useradd --uid 10001 --create-home servitech
RUN install -d -o servitech /app/datos
COPY --from=entorno /opt/entorno /opt/entorno
COPY . .
RUN python -m compileall -q mensajeria servitech
USER 10001
VOLUME /app/datos
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '3000') + '/salud/')"]
ENTRYPOINT ["python", "manage.py"]
CMD ["servir"]
