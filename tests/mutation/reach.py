"""Which tests run which lines: collected once, kept outside the tree by a hash of the sources.

A record is kept for each file of tests. It is good as long as the package under test, that file and
all that files of tests share stay as they are; only the missing ones are collected anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutation.recorder import FOLDER_VARIABLE, SOURCES_VARIABLE

_PYTEST = (
    *(sys.executable, "-m", "pytest", "-q", "--no-header"),
    *("-p", "tests.mutation.recorder", "-p", "no:cacheprovider"),
)
_IMPORTS = ""  # the context of lines that run outside any test


@dataclass(slots=True)
class Reach:
    """Tests by module and line; `seconds` is the CPU time of a test while it was recorded."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    at_import: dict[str, set[int]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def tests(self, module: str, lines: Iterable[int]) -> set[str]:
        """Tests that run one of these lines."""
        known = self.lines.get(module, {})
        return set().union(*(known.get(line, set()) for line in lines))

    def add(self, record: dict[str, dict[str, dict[str, list[int]]]]) -> None:
        self.seconds.update(record["seconds"])  # type: ignore[arg-type]
        self.failed.update(record["failed"])
        for test, modules in record["reached"].items():
            for module, lines in modules.items():
                if test == _IMPORTS:
                    self.at_import.setdefault(module, set()).update(lines)
                    continue
                known = self.lines.setdefault(module, {})
                for line in lines:
                    known.setdefault(line, set()).add(test)


def collect(root: Path, sources: Path, tests: list[Path], cache: Path, workers: int) -> Reach:
    """The reach of these files of tests, from the cache or by running what is missing there.

    `root` is where pytest is run; `sources` is the folder of the package under test.
    """
    shared = _digest(_shared(sources, tests))
    kept = {test: cache / f"{_digest([test], shared)}.json" for test in tests}
    missing = [test for test, record in kept.items() if not record.exists()]
    if missing:
        cache.mkdir(parents=True, exist_ok=True)
        _record(root, sources, {test: kept[test] for test in missing}, workers)
    reach = Reach()
    for record in kept.values():
        reach.add(json.loads(record.read_text()))
    return reach


def _shared(sources: Path, tests: list[Path]) -> list[Path]:
    """The package, and every module beside the tests, or above them, that is none of tests."""
    folders = {test.parent for test in tests}
    beside = {file for folder in folders for file in folder.rglob("*.py")}
    return sorted(sources.rglob("*.py")) + sorted(
        file for file in beside if not file.name.startswith("test_")
    )


def _digest(files: list[Path], before: str = "") -> str:
    summed = hashlib.sha256(before.encode())
    for file in files:
        summed.update(file.name.encode() + b"\0" + file.read_bytes())
    return summed.hexdigest()[:24]


def _record(root: Path, sources: Path, kept: dict[Path, Path], workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, FOLDER_VARIABLE: folder, SOURCES_VARIABLE: str(sources)}
        names = [test.relative_to(root).as_posix() for test in kept]
        spread = ["-n", str(workers), "--dist", "loadfile"] if workers > 1 and names[1:] else []
        ended = subprocess.run(
            [*_PYTEST, *spread, *names],
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if ended.returncode not in (0, 1):  # tests that fail are left out, and told of
            raise SystemExit(f"the tests could not be run:\n{ended.stdout[-4000:]}")
        records = [json.loads(file.read_text()) for file in Path(folder).glob("*.json")]
    for test, record in kept.items():
        _keep(record, records, test.relative_to(root).as_posix() + "::")


def _keep(file: Path, records: list[dict[str, dict[str, object]]], start: str) -> None:
    """The part of one file of tests; what imports run is the same for all, and kept with each."""
    whole: dict[str, dict[str, object]] = {"seconds": {}, "reached": {}}
    failed: list[str] = []
    for record in records:
        for name in ("seconds", "reached"):
            whole[name].update(
                (test, value) for test, value in record[name].items() if test.startswith(start)
            )
        if _IMPORTS in record["reached"]:
            whole["reached"][_IMPORTS] = record["reached"][_IMPORTS]
        failed.extend(test for test in record["failed"] if test.startswith(start))
    part = file.with_suffix(".part")
    part.write_text(json.dumps({**whole, "failed": failed}))
    part.replace(file)
