"""The schema's history: one file a step, never changed once released."""

from __future__ import annotations

from landfall.services.migrations import m0001_initial

MIGRATIONS = (m0001_initial.migrate,)
"""In order; the database's `user_version` is how many of them have run."""
