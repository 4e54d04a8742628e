"""Verdicts as routes of an existing engine, and what must never leak through them."""
