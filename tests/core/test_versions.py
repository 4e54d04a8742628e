"""Which version is the newer one."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall import __version__
from landfall.core.versions import Version, version

IN_ORDER = [
    "0.1.0.dev1",
    "0.1.0a1",
    "0.1.0a2.dev3",
    "0.1.0a2",
    "0.1.0b1",
    "0.1.0rc1",
    "0.1.0rc2",
    "0.1.0",
    "0.1.0.post1.dev2",
    "0.1.0.post1",
    "0.1.1",
    "0.2",
    "0.10.0",
    "1.0",
    "2026.11.26",
]
numbers = st.lists(st.integers(0, 999_999), min_size=1, max_size=5)


def test_that_versions_stand_in_the_order_of_their_making() -> None:
    for older, newer in pairwise(IN_ORDER):
        assert version(older) < version(newer), (older, newer)


@given(numbers, numbers)
def test_that_plain_numbers_compare_as_numbers(left: list[int], right: list[int]) -> None:
    padded = [one + [0] * (5 - len(one)) for one in (left, right)]
    less = version(".".join(map(str, left))) < version(".".join(map(str, right)))
    assert less == (padded[0] < padded[1])


@pytest.mark.parametrize(
    ("one", "other"), [("1.0", "1.0.0"), ("1.2.0", "1.2.0+debian.1"), ("0", "0.0")]
)
def test_that_two_ways_to_write_a_version_are_the_same(one: str, other: str) -> None:
    assert version(one) == version(other)


@pytest.mark.parametrize(
    "text", ["", "1.", "v1.2", "1.2-rc1", "1.2.0 ", "1..2", "1.2.x", "9" * 7, "١.٢", "1.2\n"]
)
def test_that_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no version"):
        version(text)


def test_that_the_own_version_is_one() -> None:
    assert version(__version__) > version("0.0.1")


def test_that_no_development_build_is_newer_than_its_stage() -> None:
    assert version("1.0.dev1") < version("1.0.dev2") < version("1.0a1") < version("1.0")
    assert version("1.0a1.dev1") < version("1.0a1")
    assert version("1.0") == version("1.0.0")
    assert version("1.0") < version("1.0.post1.dev1") < version("1.0.post1")


def test_that_a_version_is_read_into_its_parts() -> None:
    assert version("1.20.0") == Version(release=(1, 20), stage=(3, 0), post=-1, dev=math.inf)
    assert version("0.0") == Version(release=(0,), stage=(3, 0), post=-1, dev=math.inf)
    assert version("2.0rc4.post5.dev6") == Version(release=(2,), stage=(2, 4), post=5, dev=6)
    assert version("2.0.post0.dev6").stage == (3, 0)
    assert version("2.0.dev0").stage == (-1, 0)
    assert [version(f"1{one}7").stage for one in ("a", "b", "rc")] == [(0, 7), (1, 7), (2, 7)]
    assert version("1.0.post1") > version("1.0.post0") > version("1.0")
    assert version("1.0.post1.dev0") > version("1.0.post0")
