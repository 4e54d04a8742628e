"""What a real server says of a load, and what its process takes, against what was predicted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.real_memory import SETUPS, Loaded, Setup, loads, models
from tests.fakes.real_ollama import REAL

pytestmark = pytest.mark.real_ollama


@pytest.mark.parametrize("setup", SETUPS, ids=lambda s: f"{s.parallel}-{s.kv_type}")
async def test_that_loads_take_what_was_predicted(setup: Setup, tmp_path: Path) -> None:
    if REAL is None:
        pytest.skip("no ollama executable on PATH")
    files = models(tmp_path, quick=True)
    seen: list[Loaded] = [
        one async for one in loads(tmp_path, files, contexts=(2048, 8192), setups=(setup,))
    ]
    assert len(seen) == 2 * len(files)
    assert all(one.runner.parallel in (1, setup.parallel) for one in seen)
    wrong = [one.row() for one in seen if not (one.ps_is_right and one.process_is_right)]
    assert not wrong, "\n".join(wrong)
