"""A static page on which a model's latent codes are explored, computed in the browser."""
