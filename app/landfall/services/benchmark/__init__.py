"""Benchmarks of a model: planned, made, kept, compared."""
