# Las órdenes del proyecto. `make` sin nada las lista.
SHELL := /bin/bash
.DEFAULT_GOAL := ayuda
PYTHON ?= python3
PY := .venv/bin/python
N ?= 2

.PHONY: ayuda run cluster test mongo test-mongo test-replica dia grabar caos avisos soak turnos motores \
	maquinas vuelta alertas imagen fuego bench carga perfil lint formato docs capturas limpiar

ayuda: ## Esta lista
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# Con su Python quitado o cambiado por otro, .venv ya no sirve aunque llegara a estar lista.
ROTA := $(shell $(PY) -c '' 2>/dev/null || echo rota)
.PHONY: rota

.venv/listo: requirements.txt $(ROTA)
	@echo "Preparando .venv (una vez; un par de minutos)…"
	@./entorno.sh "$(PYTHON)"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/listo-dev: requirements.txt requirements-s3.txt requirements-nats.txt requirements-otel.txt \
		requirements-sentry.txt requirements-dev.txt | .venv/listo
	@echo "Preparando lo que necesitan las pruebas…"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Un cliente que no puede convivir con el de requirements-dev.txt: en su carpeta, sin lo que ya hay.
PYTHON_SOCKETIO_5_5 := .clientes/python-socketio-5.5
$(PYTHON_SOCKETIO_5_5)/.listo: tests/integracion/python-socketio-5.5.txt | .venv/listo-dev
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
		--target $(@D) -r $<
	@touch $@

node_modules/.listo: package.json package-lock.json
	@./instalar.sh npm
	@echo "Instalando de npm lo que necesitan las pruebas y las comprobaciones…"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

run: .venv/listo ## Sirve en PORT (3000): prepara, migra, carga el ejemplo y arranca
	@$(PY) manage.py preparar
	@exec $(PY) manage.py servir

cluster: .venv/listo ## N procesos (2) en un puerto, tras REDIS_URL
	@$(PY) manage.py preparar
	@exec $(PY) manage.py servir --procesos $(N)

test: .venv/listo-dev node_modules/.listo $(PYTHON_SOCKETIO_5_5)/.listo ## Todas las pruebas, con los servidores que necesitan; o RUTA=tests/… (y BASE=postgres|mongo)
	@PY=$(PY) ./probar.sh "$(RUTA)" "$(BASE)"

mongo: .venv/listo-dev ## Todo lo que toca la base, contra el sustituto de MongoDB; make test deja la API, la mesa, la consola y las migraciones
	@PY=$(PY) ./probar.sh tests mongo

test-mongo: .venv/listo-dev ## Lo que toca la base, contra el MongoDB de MONGODB_URI
	@test -n "$(MONGODB_URI)" || { echo "Falta MONGODB_URI"; exit 2; }
	@$(PY) -m pytest -m bd

test-replica: .venv/listo-dev ## Una réplica de PostgreSQL atrasada y promovida, con clientes conectados
	@./instalar.sh redis-server postgresql
	@$(PY) -m pytest tests/replica.py

dia: .venv/listo-dev ## El mismo día de 5.000 mensajes en las tres bases, comparado campo a campo
	@MENSAJES_DEL_DIA=$(or $(MENSAJES),5000) $(PY) -m pytest -s tests/integracion/test_mismo_dia.py

grabar: .venv/listo-dev node_modules/.listo ## Otra vez lo que envía el original (Node): ORIGINAL=…/backend, con sus dependencias
	@test -f "$(ORIGINAL)/src/app.js" || { echo "Falta ORIGINAL: la carpeta backend del original"; exit 2; }
	@$(PY) -m tests.original "$(ORIGINAL)"

caos: .venv/listo-dev ## 200 muertes de golpe en cada punto; nada acusado se pierde ni se dobla
	@$(PY) -m tests.caos $(or $(VECES),200)

avisos: .venv/listo-dev ## Carteros que mueren en cada punto; y 10.000 avisos (CUANTOS) con dos que mueren, y lo que tardan
	@./instalar.sh redis-server postgresql
	@$(PY) -m tests.servicios postgres -- $(PY) -m pytest tests/integracion/test_avisos.py
	@$(PY) -m tests.carteros $(CUANTOS)

soak: .venv/listo-dev ## MIN minutos (10) con 30 clientes y un fallo al azar cada 5 segundos
	@$(PY) -m tests.soak $(or $(MIN),10)

turnos: .venv/listo-dev ## VECES (10) reinicios, y actualizaciones desde REF (la última etiqueta v*), por turnos y bajo tráfico
	@./instalar.sh redis-server postgresql nginx
	@$(PY) -m tests.turnos $(or $(VECES),10) $(REF)

motores: .venv/listo-dev node_modules/.listo ## Lo que pasa entre dos procesos, por NATS y por un Redis Cluster
	@./instalar.sh redis-server postgresql nats-server
	@MOTORES="nats cluster" $(PY) -m pytest tests/difusion/test_capa.py tests/integracion/test_dos_procesos.py \
		tests/integracion/test_sin_afinidad.py \
		tests/integracion/test_fallos.py::test_la_capa_muerta_y_vuelta_con_trafico

maquinas: .venv/listo-dev ## Dos máquinas (espacios de red) tras nginx, con la red cortada a una y la otra muerta, bajo tráfico
	@./instalar.sh redis-server postgresql nginx iproute2
	@$(PY) -m tests.maquinas

alertas: .venv/listo-dev ## Cada alerta, provocada de verdad ante el Prometheus de Debian
	@./instalar.sh redis-server postgresql nats-server prometheus
	@$(PY) -m tests.alertas

vuelta: .venv/listo-dev ## CUANTOS (10.000) clientes que vuelven a la vez: dentro en 30 s, en dos procesos
	@./instalar.sh redis-server postgresql
	@$(PY) -m tests.vuelta $(CUANTOS)

imagen: .venv/listo-dev ## Los pasos del Dockerfile, uno a uno y sin Docker, en una carpeta limpia
	@$(PY) -m tests.imagen

fuego: .venv/listo-dev ## MIN minutos (60) de cualquier cosa por todas las rutas y las dos puertas
	@$(PY) -W ignore -m tests.fuego $(or $(MIN),60)

.venv/listo-bancos: bancos/requirements.txt | .venv/listo-dev
	@$(PY) -m pip install --quiet --disable-pip-version-check -r bancos/requirements.txt
	@touch $@

bancos/node_modules/.listo: bancos/package.json bancos/package-lock.json
	@./instalar.sh npm
	@echo "Instalando de npm los pares con los que se compara…"
	@npm ci --prefix bancos --no-audit --no-fund --loglevel=error
	@touch $@

bench: .venv/listo-bancos bancos/node_modules/.listo ## Cuánto cuesta cada trabajo aquí y en sus pares: RAPIDO=1, FILA="20x4 receptor", FILAS=1 las nombra
	@$(PY) -m bancos $(FILA) $(if $(FILAS),--filas) $(if $(RAPIDO),--rapido)

carga: .venv/listo-dev ## Cuánta gente aguanta esta instalación, o la de URL, y qué cede primero: OPCIONES=--help
	@$(PY) -W ignore -m bancos.carga $(URL) $(OPCIONES)

perfil: .venv/listo-dev ## En qué se va la CPU con QUE=enviar, recibir, unirse, historia o latidos
	@$(PY) -m bancos.perfil $(or $(QUE),enviar)

lint: .venv/listo-dev node_modules/.listo ## Formato, tipos, importaciones y lo generado, de Python y de JavaScript
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) manage.py documentar --comprobar
	@set -o pipefail; $(PY) manage.py spectacular --validate --fail-on-warn | .venv/bin/openapi-spec-validator -
	@$(PY) -m tests.asyncapi
	@$(PY) -m tests.fragmentos
	@node_modules/.bin/tsc
	@node_modules/.bin/eslint --max-warnings 0 .

formato: .venv/listo-dev node_modules/.listo ## Da formato a todo
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .
	@node_modules/.bin/eslint --fix .

docs: .venv/listo-dev node_modules/.listo ## Escribe del catálogo docs/eventos.md, docs/errores.md, docs/asyncapi.yaml y eventos.d.ts; y los tipos del paquete de npm
	@$(PY) manage.py documentar
	@rm -rf clientes/npm/tipos
	@node_modules/.bin/tsc -p clientes/npm

capturas: .venv/listo-dev node_modules/.listo ## Las imágenes del README (docs/imagenes), y todas las vistas, con axe (capturas/)
	@./instalar.sh chromium
	@$(PY) -W ignore -m tests.capturas

limpiar: ## Quita .venv, la base embebida y lo generado
	@rm -rf .venv .clientes node_modules bancos/node_modules servitech.sqlite3* server.log estaticos
