"""Days that differ, in numbers that can be reckoned by hand."""

from __future__ import annotations

import pytest

from landfall.core.demand.day_pattern import day_pattern


def test_that_a_pattern_is_of_days_with_work_in_ten_classes() -> None:
    """Mean 2; of 1, 3 and 4 place 0.95 x 2 = 1.9 is 3.9."""
    found = day_pattern([0.0, 4.0, 1.0, 3.0, 2.0 - 2.0])
    assert found is not None
    assert found.busy == pytest.approx(3.9 / 1.6)
    assert found.classes == tuple((pytest.approx(one / 1.6), 0.2) for one in (1, 3, 4))
    assert day_pattern([0.0, 0.0]) is None
    assert day_pattern([]) is None
    two = day_pattern([2.0, 2.0])
    assert two is not None
    assert two.classes == ((1.0, 0.5), (1.0, 0.5))
    eleven = day_pattern([float(n + 1) for n in range(11)])
    assert eleven is not None
    assert [share * 11 for _, share in eleven.classes] == pytest.approx([2.0] * 5 + [1.0])
    assert eleven.classes[0][0] == pytest.approx(1.5 / 6)
