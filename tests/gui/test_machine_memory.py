from __future__ import annotations

from dataclasses import replace

from landfall.core.machine.hardware import GIB
from landfall.gui.machine.memory import accelerator_memory
from tests.core.machine.test_hardware import card


def test_that_what_the_driver_keeps_is_not_drawn_as_used_by_others() -> None:
    """12 GiB, of which the driver keeps 0.5 and a margin of 1 stays free."""
    half = GIB // 2
    idle = card(
        "an idle card",
        memory_total_bytes=12 * GIB,
        memory_free_bytes=12 * GIB - half,
        usable_bytes=11 * GIB - half,
    )
    told = accelerator_memory(replace(idle, memory_reserved_bytes=half), ())
    assert told is not None
    assert [part.size_bytes for part in told[0]] == [11 * GIB - half, GIB + half]
    untold = accelerator_memory(idle, ())
    assert untold is not None
    assert [part.size_bytes for part in untold[0]] == [half, 11 * GIB - half, GIB]
