"""The schema's history: one file a step, never changed once released."""

from __future__ import annotations

from landfall.services.history.migrations import (
    m0001_initial,
    m0002_predictions,
    m0003_measurements,
    m0004_cloud,
    m0005_quality,
    m0006_office,
)

MIGRATIONS = (
    m0001_initial.migrate,
    m0002_predictions.migrate,
    m0003_measurements.migrate,
    m0004_cloud.migrate,
    m0005_quality.migrate,
    m0006_office.migrate,
)
"""In order; the database's `user_version` is how many of them have run."""
