"""Hosts of models that bill by the token."""
