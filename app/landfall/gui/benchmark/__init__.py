"""Benchmarks on the Run page."""
