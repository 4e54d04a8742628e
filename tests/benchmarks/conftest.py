"""The same real server and models as everywhere."""

from __future__ import annotations

from tests.services.ollama.conftest import real_server, tiny

__all__ = ["real_server", "tiny"]
