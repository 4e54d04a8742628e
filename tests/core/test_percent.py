"""Shares are written one way throughout the program."""

from __future__ import annotations

import re
from pathlib import Path

import landfall
from landfall.core.percent import percent, signed_percent

_SIGN_AT_ONCE = re.compile(r"\{[^{}]+:[+,]?\.\d%\}")


def test_that_a_space_stands_before_the_sign() -> None:
    assert percent(0.97) == "97 %"
    assert percent(0.0321, 1) == "3.2 %"


def test_that_a_change_has_its_sign_with_a_true_minus() -> None:
    assert [signed_percent(one) for one in (0.1, -0.5)] == ["+10 %", "−50 %"]


def test_that_no_text_of_the_program_writes_shares_another_way() -> None:
    root = Path(landfall.__file__).parent
    others = [
        f"{path.relative_to(root)}: {found}"
        for path in sorted(root.rglob("*.py"))
        for found in _SIGN_AT_ONCE.findall(path.read_text(encoding="utf-8"))
    ]
    assert others == []


def test_that_shares_are_rounded_to_the_digits_that_are_asked() -> None:
    assert [percent(one) for one in (0.0, 0.004, 0.006, 1.0, -0.25)] == [
        "0 %", "0 %", "1 %", "100 %", "-25 %",
    ]  # fmt: skip
    assert percent(0.5, 2) == "50.00 %"
    assert [signed_percent(one) for one in (0.0, 1.5, -0.006)] == ["+0 %", "+150 %", "−1 %"]
