"""Power at the plug, out of what is measured inside."""

from __future__ import annotations

import pytest

from landfall.core.provenance import Estimated, Stated, Unknown
from landfall.core.wall import wall_joules


def test_that_the_plug_gets_the_other_parts_and_the_supplys_loss_with_a_band() -> None:
    wall = wall_joules(Stated(2000, "x"), 10, other_watts=70)
    assert isinstance(wall, Estimated)
    assert wall.mid == pytest.approx(2700 / 0.9)
    assert wall.low < wall.mid < wall.high


def test_that_unknown_parts_make_an_unknown_plug() -> None:
    assert wall_joules(Unknown("why"), 10, other_watts=50) == Unknown("why")
