"""A count of tokens as it is typed after an option."""

from __future__ import annotations

import argparse

MOST_TOKENS = 1 << 24
"""No model has a longer context; what is more is a slip of the finger."""

UNITS = {"k": 1 << 10, "m": 1 << 20}


def tokens(text: str) -> int:
    """`4096`, `32k` for 32768, or `1m` for 1048576: a type for `argparse`.

    Raises:
        ArgumentTypeError: it is no whole number, or one that no model can take.
    """
    shorter = text.strip().lower()
    unit = UNITS.get(shorter[-1:], 1)
    digits = shorter[:-1].rstrip() if unit > 1 else shorter
    known = digits.isascii() and digits.isdigit() and len(digits) < 9
    count = int(digits) * unit if known else 0
    if not 1 <= count <= MOST_TOKENS:
        raise argparse.ArgumentTypeError(f"{text!r} is no count of tokens, such as 8192 or 8k")
    return count
