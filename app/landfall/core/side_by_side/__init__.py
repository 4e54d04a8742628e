"""The same prompts at several models."""
