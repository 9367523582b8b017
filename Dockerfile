FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=0 LOG_ARCHIVO=/tmp/server.log \
    DATABASE_URL=sqlite:////app/datos/servitech.sqlite3 ARCHIVOS=/app/datos/archivos
WORKDIR /app

COPY requirements.txt requirements-s3.txt ./
RUN pip install --no-cache-dir -r requirements-s3.txt

COPY . .
RUN python -m compileall -q mensajeria servitech
RUN useradd --create-home servitech && mkdir -p /app/datos && chown servitech /app/datos
USER servitech
VOLUME /app/datos

EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD python -c "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", \"3000\")}/salud/')"
CMD ["sh", "-c", "python manage.py preparar && exec python manage.py servir --procesos ${PROCESOS:-1}"]
