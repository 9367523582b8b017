"""El REST del original, fino sobre las mismas operaciones y consultas (docs/rest-original.md)."""
