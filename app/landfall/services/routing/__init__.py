"""Routing configurations written into folders, and what came back from them."""
