"""Lo que se le puede pedir a la casa, un módulo por nombre; la tabla está en `verbos`."""
