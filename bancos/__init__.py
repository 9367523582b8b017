"""Los bancos: cuánto cuesta cada trabajo aquí y en sus pares. `python -m bancos --help`."""
