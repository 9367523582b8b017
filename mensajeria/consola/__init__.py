"""Lo que solo hacen las órdenes de consola: traer, exportar, borrar, conservar y diagnosticar."""
