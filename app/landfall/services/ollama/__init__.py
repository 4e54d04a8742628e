"""The local runtime: its server, its API, its registry."""
