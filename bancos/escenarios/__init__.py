"""Los trabajos que se miden: cada uno da las figuras de una vez."""
