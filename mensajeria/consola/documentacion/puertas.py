"""Lo que `docs/eventos.md` dice de las puertas y de no perder nada, antes del catálogo."""

PUERTAS = """\
## Las dos puertas

Por las dos pasan los mismos eventos con los mismos datos; solo cambia el envoltorio. Lo de
esta página, para máquinas: [AsyncAPI](/docs/asyncapi.yaml) y
[tipos de TypeScript](/static/mensajeria/cliente/eventos.d.ts).

### Socket.IO, en `/socket.io/`

Sirve `socket.io-client` 3.1 o posterior sin opciones especiales (protocolo 5 sobre Engine.IO 4). El
acuse, si se pide, recibe un solo objeto: `{ok: true, datos: {…}}` o `{ok: false, error: {…}}`.

```js
const socket = io('http://localhost:3000');
socket.on('error', (error) => console.error(error.code, error.message));
socket.emit('autenticar', { token }, (acuse) => {
  if (acuse.ok) console.log('Soy', acuse.datos.usuarioId);
});
```

También se puede ingresar al conectar, con `io(url, { auth: { token } })`: `autenticado` llega
igual,
poco después de `connect` (hasta entonces no se sabe la época). Un token que no vale
llega entonces como `connect_error`, con el código en `error.data.code`. En python-socketio,
`connect`
lanza `ConnectionError`, y el código está en lo que recibe `connect_error`: `datos["data"]["code"]`.

### WebSocket sencillo, en `/ws/mensajeria/`

Un objeto JSON por marco. `id` es opcional: un entero o un texto de hasta 64 caracteres; con él,
la petición recibe además una `respuesta` con el mismo `id`.

| quién | marco |
|---|---|
| cliente | `{"evento": "ping", "datos": {}, "id": 7}` |
| servidor, respuesta | `{"evento": "respuesta", "id": 7, "ok": true, "datos": {…}}` |
| servidor, negativa | `{"evento": "respuesta", "id": 7, "ok": false, "error": {…}}` |
| servidor, evento | `{"evento": "nuevo_mensaje", "datos": {…}}` |

### En las dos

- El evento de respuesta (`mensaje_enviado`, `autenticado`, …) se emite haya o no acuse o `id`; una
  negativa se emite además siempre como [`error`](#error), y su `error` en el acuse o la `respuesta`
  lleva los mismos campos.
- Los tipos son estrictos: `"5"` no es un entero. Los campos que no se conocen se ignoran.
- Lo que una conexión envía se hace en su orden.
- Sin haber entrado solo se admiten `autenticar` y `ping`.
- Un marco de más de 1.000.000 de bytes cierra la conexión (1009). El JSON tiene 32 niveles como
  mucho, y ni caracteres de control (salvo `\\t` y `\\n`) ni sustitutos sueltos ni `NaN`.
- Las fechas son ISO 8601 en UTC con milisegundos: `2025-07-06T10:30:00.000Z`.

### Perder la conexión sin perder nada

Todo cambio de una conversación lleva `conversacionId` y `secuenciaCambio`, que crece de uno en uno.
Lleva por cada una un cursor: hasta qué cambio lo sabes **todo**.

- El primero es el `ultimoCambio` de la conversación, en la lista
  (`GET /api/mensajeria/conversaciones/`) o en `conversacion_creada`.
- Con lo que llega en vivo sube solo de uno en uno: si `secuenciaCambio` es `cursor + 1`. Si es
  mayor
  hay un hueco: aplica el evento, deja el cursor donde está y envía [`reanudar`](#reanudar) con él.
  No siempre se perdió algo: varios cambios pueden llegar resumidos en el último.
- `mensaje_enviado` no lo sube: dice que se guardó, y el mensaje entero viene en `nuevo_mensaje`.
- Al volver, envía `reanudar` con los cursores que tenías. Quien entra queda unido a todo, y lo
  nuevo
  puede llegar antes que `reanudado`: un cursor que suba con ello se salta lo perdido. Con la regla
  de arriba no sube; si llevas «el mayor visto», cópialo al perder la conexión, no lo toques hasta
  `reanudado`, y guarda cada mensaje solo si su `secuenciaCambio` no es menor que la que tenías.
- De `reanudado`, por cada conversación: guarda sus `cambios` (mensajes como están ahora, también
  los
  editados y los eliminados) y pon el cursor en su `ultimoCambio`. Con `completo: false` sigue desde
  ahí por REST, `GET /api/mensajeria/conversaciones/{id}/mensajes/?desdeCambio=N&epoca=E`, hasta que
  `next` sea `null`. Las `pendientes` se piden otra vez, con el mismo cursor. La que pediste y no
  está en ninguna de las dos ya no es tuya.
- `reanudar` solo trae lo que nombras. La conversación que nació durante el corte se halla volviendo
  a leer la lista.
- Los recibos no ocupan número: tras un corte, hasta dónde ha recibido y leído cada cual lo dice
  `participantes[]` (`entregadoHasta`, `leidoHasta`) de la `conversacion` que trae `reanudado`; de
  una numerosa, `GET /api/mensajeria/mensajes/{id}/recibos/`.

Los números valen en una época: la dicen `autenticado`, cada conversación y cada respuesta con
cursores. Guárdala con ellos y envíala. Si la base vuelve atrás (se restaura una copia, se promueve
una réplica atrasada) llega `epoca_cambiada`: reanuda con los cursores y la época que tenías. Lo que
venga con `reiniciado: true` empieza desde cero: olvida lo que sabías de esa conversación.

Entero, en JavaScript y en Python: [recetas](recetas.md#no-perder-nada-tras-un-corte).

### Nombres que se parecen

| aquí | allí |
|---|---|
| `nuevo_mensaje`: el evento del servidor, en el cable | `mensaje_nuevo`: el aviso del [cliente \
de la casa](cliente.md) |
| `usuarioId`: una persona, en el cable | `userId`: lo mismo, dentro de un JWT |
| `secuencia`: el número de un mensaje | `secuenciaCambio`: el del último cambio de ese mensaje, \
o el del evento |
| `ultimaSecuencia`: el último mensaje de una conversación | `ultimoCambio`: su último cambio |
| `desdeCambio`: un cursor, al unirse o por REST | `cursores`: varios, al reanudar |
"""

# Por nombre en el cable; `Tipo.nombre` cuando en ese tipo significa otra cosa.
