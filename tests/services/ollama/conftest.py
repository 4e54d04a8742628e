"""Servers to test against: the protocol twin in both generations, and what is on PATH."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.fakes import tiny_models
from tests.fakes.tiny_models import TinyModel


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, TinyModel]:
    """Tiny models on disk, by name."""
    return tiny_models.make(tmp_path_factory.mktemp("tiny"))
