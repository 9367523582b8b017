"""Por dónde sale un aviso; cada canal en su archivo."""
