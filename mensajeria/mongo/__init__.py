"""Las aplicaciones de Django con claves de MongoDB, y sus migraciones."""
