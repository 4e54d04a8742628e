"""How good the predictions were, over what was kept."""

from __future__ import annotations

import pytest

from landfall.core.fit.load_accuracy import accuracy


def test_that_the_middle_and_the_worst_distance_are_told() -> None:
    found = accuracy([(100, 100), (110, 100), (70, 100)])
    assert found is not None
    assert found.loads == 3
    assert found.median == pytest.approx(0.1)
    assert found.worst == pytest.approx(0.3)
    even = accuracy([(100, 100), (110, 100)])
    assert even is not None
    assert even.median == pytest.approx(0.05)


def test_that_what_cannot_be_compared_does_not_count() -> None:
    assert accuracy([]) is None
    assert accuracy([(None, 100), (100, None), (100, 0)]) is None
