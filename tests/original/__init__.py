"""El servicio original, repetido: lo que envió a cada cliente, frente a lo que enviamos."""
