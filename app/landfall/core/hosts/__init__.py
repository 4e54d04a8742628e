"""Servers of models: where they stand and what they say."""
