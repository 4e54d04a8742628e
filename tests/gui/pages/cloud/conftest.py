"""What really stands behind these pages, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages
from tests.gui.pages.cloud_stage import CloudStage


@pytest.fixture
def stage(tmp_path: Path, state: AppState, messages: Messages) -> Iterator[CloudStage]:
    made = CloudStage(tmp_path, state, messages)
    yield made
    made.stop()
