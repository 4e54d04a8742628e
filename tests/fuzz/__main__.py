"""Feeds hostile input to every parser of the program.

    PYTHONPATH=app:. python -m tests.fuzz [--minutes 60] [--parser "workload" ...]

Each parser has its share of the time: one half by structure (Hypothesis changes tokens of whole
inputs), one half by bytes, led by coverage, where `pip install atheris` was done; else all of it by
structure. An input must end with a value or with an error that the parser documents, within two
seconds and 2 GiB. Whatever else happens is a finding: the input and its traceback are kept, once
for each place in the program, and the command ends with 1. How many inputs each parser had is told.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.parsers import PARSERS

ROOT = Path(__file__).parents[2]
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one parser under one engine.

    Attributes:
        stopped: How the process ended where it did not end by itself, or "".
    """

    runs: int
    stopped: str = ""


def hunted(parser: str, engine: str, seconds: float, findings: Path) -> Told:
    """Hunt in one parser, in a process that may die of it."""
    command = [sys.executable, "-m", "tests.fuzz.hunt", parser, f"{seconds:.1f}", engine]
    try:
        done = subprocess.run(
            [*command, str(findings)],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(
                    (str(ROOT / "app"), str(ROOT), os.environ.get("PYTHONPATH", ""))
                ),
            },
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds + 120,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Told(0, "it did not end")
    if found := _EXECUTED.search(done.stderr):
        runs = int(found[1])
    else:
        last = done.stdout.strip().rpartition("\n")[2]
        runs = json.loads(last)["runs"] if last.startswith("{") else 0
    died = done.returncode != 0
    return Told(runs, f"ended with {done.returncode}: {done.stderr[-600:]}" if died else "")


def main() -> int:
    """Hunt in all of them, one after another."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--minutes", type=float, default=60, help="for all of it")
    arguments.add_argument("--parser", action="append", choices=PARSERS, help="this one alone")
    arguments.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    asked = arguments.parse_args()
    names = asked.parser or list(PARSERS)
    engines = ["structure"]
    if importlib.util.find_spec("atheris"):
        engines.append("bytes")
    else:
        print("atheris is not installed: all of the time goes to structure")
    seconds = 60 * asked.minutes / len(names) / len(engines)
    findings = asked.findings.absolute()
    total = 0
    stopped = False
    for name in names:
        for engine in engines:
            told = hunted(name, engine, seconds, findings)
            total += told.runs
            stopped = stopped or bool(told.stopped)
            print(f"{name:18} {engine:10} {told.runs:10,} inputs  {told.stopped}", flush=True)
    kept = sorted(findings.glob("*.txt"))
    for path in kept:
        print(f"{path.stem}: {path.read_text(encoding='utf-8').partition(chr(10))[0]}")
    print(f"{total:,} inputs, {len(kept)} kinds of findings in {findings}")
    return 1 if kept or stopped else 0


if __name__ == "__main__":
    sys.exit(main())
