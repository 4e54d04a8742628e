"""The smallest architecture that a model can have."""

from __future__ import annotations

from landfall.core.models.architecture import Architecture

BARE = Architecture(
    name="llama",
    layers=2,
    caches=(),
    vocabulary=100,
    hidden=10,
    heads=1,
    query_width=10,
    feed_forward=10,
    context_trained=None,
)
