"""A decided workload as a report gets it, decided once."""

from __future__ import annotations

import pytest

from landfall.core.reporting.subject import Subject
from landfall.core.workload.privacy import Option
from landfall.services.reports.subjects import Evidence, Told, subject
from tests.services.reports.conftest import DATA, decide


@pytest.fixture(scope="session")
def split() -> Subject:
    """The workload of which the steady part runs here."""
    (decided,) = decide([(DATA / "verdicts/hybrid.toml").read_text(encoding="utf-8")])
    assert decided.verdict.option is Option.HYBRID
    return subject(Told(decided=decided), Evidence())
