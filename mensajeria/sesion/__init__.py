"""La conversación de un cliente con el servidor, sea cual sea su puerta.

`sesion`: lo que pide, en su turno. `interlocutor`: quién es y cómo se le contesta. `manejadores`:
lo que no cambia la base. `conexion`: por dónde llega y se le envía.
"""
