-- Las de una aplicación corriente: lo que guarda un par, con sus índices.
CREATE TABLE conversacion (
    id text PRIMARY KEY,
    activa boolean NOT NULL DEFAULT true,
    ultimo_mensaje timestamptz,
    total bigint NOT NULL DEFAULT 0
);
CREATE TABLE participante (
    conversacion text NOT NULL REFERENCES conversacion,
    usuario text NOT NULL,
    activo boolean NOT NULL DEFAULT true,
    puede_enviar boolean NOT NULL DEFAULT true,
    PRIMARY KEY (conversacion, usuario)
);
CREATE INDEX ON participante (usuario);
CREATE TABLE mensaje (
    id text PRIMARY KEY,
    conversacion text NOT NULL REFERENCES conversacion,
    remitente text NOT NULL,
    texto text NOT NULL,
    tipo text NOT NULL,
    prioridad text NOT NULL,
    metadatos jsonb NOT NULL,
    id_cliente text,
    fecha_envio timestamptz NOT NULL,
    UNIQUE (remitente, id_cliente)
);
CREATE INDEX ON mensaje (conversacion, fecha_envio);
