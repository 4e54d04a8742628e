"""A plugin of pytest that writes down which lines of the core every test runs, and its CPU time.

Loaded by `tests.mutation.reach` alone, by name, into each process that runs tests. Shrinking and
the store of examples of hypothesis are off, and its examples are those of every run: what a test
reaches here it reaches beside a mutant.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest
from hypothesis import HealthCheck, Phase, settings

FOLDER_VARIABLE = "MUTATION_RECORDS"
SOURCES_VARIABLE = "MUTATION_SOURCES"


def fix_hypothesis() -> None:
    """The same examples in every run, no shrinking, no limits of time, nothing kept."""
    settings.register_profile(
        "mutation",
        database=None,
        deadline=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutation")


class Recorder:
    """Lines by test from coverage's contexts, and seconds of this process by test."""

    def __init__(self, folder: Path, sources: Path) -> None:
        self._file = folder / f"{os.environ.get('PYTEST_XDIST_WORKER', 'one')}.json"
        self._sources = sources
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        self._coverage = coverage.Coverage(
            data_file=None, source=[str(sources)], branch=False, config_file=False
        )
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._coverage.switch_context(item.nodeid)
        began = time.process_time()
        try:
            return (yield)
        finally:
            self._seconds[item.nodeid] = time.process_time() - began
            self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """What was run, as lines of each module by test; "" is what imports run."""
        self._coverage.stop()
        if not self._seconds:
            return  # the process that only hands out tests
        data = self._coverage.get_data()
        reached: dict[str, dict[str, list[int]]] = {}
        for file in data.measured_files():
            module = Path(file).resolve().relative_to(self._sources).as_posix()
            for line, tests in data.contexts_by_lineno(file).items():
                for test in tests:
                    reached.setdefault(test, {}).setdefault(module, []).append(line)
        self._file.write_text(
            json.dumps(
                {"seconds": self._seconds, "reached": reached, "failed": sorted(self._failed)}
            )
        )


def pytest_configure(config: pytest.Config) -> None:
    fix_hypothesis()
    if FOLDER_VARIABLE in os.environ:
        folder, sources = os.environ[FOLDER_VARIABLE], os.environ[SOURCES_VARIABLE]
        config.pluginmanager.register(Recorder(Path(folder), Path(sources).resolve()))
