"""The binding of NVIDIA's library, asked by several threads at once."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from landfall.services import nvml

SLOW = """
import threading
threading.Event().wait(0.2)
class NVMLError(Exception):
    pass
def nvmlDeviceGetCount():
    return 1
"""


def test_that_who_asks_while_the_binding_is_imported_gets_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Probes of hardware and of power begin together; on an H200 `landfall detect` ended there."""
    (tmp_path / "pynvml.py").write_text(SLOW)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    answers: list[Any] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(nvml.ask("nvmlDeviceGetCount")), name=f"asking {n}"
        )
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
        while "pynvml" not in sys.modules:
            threading.Event().wait(0.005)
    for thread in threads:
        thread.join()
    assert answers == [1, 1, 1]
