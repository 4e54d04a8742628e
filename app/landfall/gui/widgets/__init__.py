"""Painted and composed widgets, one family a file."""
