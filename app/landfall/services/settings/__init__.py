"""`settings.toml`: its language and its file."""
