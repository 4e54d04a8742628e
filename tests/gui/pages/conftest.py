"""What really stands behind a page, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages
from tests.gui.pages.backstage import Backstage


@pytest.fixture
def backstage(tmp_path: Path, state: AppState, messages: Messages) -> Iterator[Backstage]:
    made = Backstage(tmp_path, state, messages)
    yield made
    made.stop()
