"""All benchmarks in one run, and one table of what they reached and what they must.

    PYTHONPATH=app:. python -m tests.benchmarks [-k WORDS] [--seconds 60] [--out FILE]

Takes about a quarter of an hour on two cores, which should have nothing else to do: the figures of
a busy machine are those of its other work. Ends with 1 where a goal was missed. `--seconds` is how
long streams, idling and watching last each; `-k` takes some of the benchmarks, as in pytest.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest


def main() -> int:
    """Run them one after another, without a screen where none was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("-k", metavar="WORDS", help="the benchmarks of this name, as in pytest")
    parser.add_argument("--seconds", type=float, help="how long streams and idling last (10 to 60)")
    parser.add_argument("--out", metavar="FILE", help="write the table there as well")
    asked = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if asked.seconds is not None:
        os.environ["LANDFALL_BENCH_SECONDS"] = f"{asked.seconds:g}"
    if asked.out is not None:
        os.environ["LANDFALL_BENCH_TABLE"] = str(Path(asked.out).resolve())
    words = ["--benchmark-only", "--benchmark-columns=median", "-q", "-rs"]
    words += ["-k", asked.k] if asked.k else []
    return int(pytest.main([str(Path(__file__).parent), *words]))


if __name__ == "__main__":
    sys.exit(main())
