"""Runs mutants against their tests, each in a forked child.

A change inside a function is put into the living function, in a child of a process that has already
collected all tests: that costs tenths of a second. A change of what imports run meets its
tests in a child that imports everything anew, the changed module among it. So does a mutant that
survived in a living function whose line imports run too, as when a file of tests calls it.
"""

from __future__ import annotations

import gc
import importlib.machinery
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import _lru_cache_wrapper, partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.choice import Mutant
from tests.mutation.operators import mutated
from tests.mutation.processes import Ended, Work, run_all

_SURVIVED, _KILLED, _NOT_ALIVE = 0, 1, 64
_IMPORT_SECONDS = 20.0
_CACHES = ("", "", 0)
_CPU_FACTOR = 6.0  # a mutant may cost so many times what its tests cost


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant and the tests that it meets, which took so much time of the processor without it.

    `by_imports`: its line is one that imports run.
    """

    mutant: Mutant
    tests: list[str]
    seconds: float
    by_imports: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a mutant fared: killed by a test, by time or by a crash, or survived (`by` is "")."""

    mutant: Mutant
    killed: bool
    by: str


@dataclass(frozen=True, slots=True)
class Project:
    """Where the tests are run, the folder of the package under test, and that package's name.

    A mutant may cost `grace_seconds` of the processor beside its share of what its tests cost.
    """

    root: Path
    sources: Path
    package: str
    grace_seconds: float


def run_trials(project: Project, trials: list[Trial], workers: int) -> list[Outcome]:
    """All trials; those without a test survive. This process must not have the package imported."""
    if project.package in sys.modules:
        raise RuntimeError(f"{project.package} is imported: it could not be imported changed")
    outcomes = {trial.mutant: Outcome(trial.mutant, False, "no test") for trial in trials}
    tried = [trial for trial in trials if trial.tests]
    living = [trial for trial in tried if trial.mutant.place.function is not None]
    first = _living(project, living, workers)
    outcomes.update(first)
    again = [
        trial
        for trial in tried
        if trial.mutant not in first or (trial.by_imports and not first[trial.mutant].killed)
    ]
    for at, ended in enumerate(run_all(_anew(project, again), workers)):
        outcomes[ended.key] = _outcome(ended)
        _say(at + 1, len(again), "imported anew")
    return list(outcomes.values())


def _say(at: int, of: int, what: str) -> None:
    if at % 20 == 0 or at == of:
        print(f"{at}/{of} {what}", file=sys.stderr, flush=True)


def _outcome(ended: Ended[Mutant]) -> Outcome:
    if ended.status == _SURVIVED:
        return Outcome(ended.key, False, "")
    by = "time" if ended.ran_out else ended.told or f"exit {ended.status}"
    return Outcome(ended.key, True, by)


def _limit(project: Project, trial: Trial) -> float:
    return project.grace_seconds + _CPU_FACTOR * trial.seconds


def _pytest(project: Project, tests: list[str], plugin: object) -> int:
    files = sorted({test.partition("::")[0] for test in tests})
    return int(
        pytest.main(
            [
                *(str(project.root / file) for file in files),
                *("--rootdir", str(project.root), "-x", "-qq", "-s"),
                *("-p", "no:cacheprovider", "-p", "no:faulthandler"),
                # That hypothesis is imported already is why a child costs so little.
                *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
            ],
            plugins=[plugin],
        )
    )


# ---- in living functions -------------------------------------------------------------------------


def _living(project: Project, trials: list[Trial], workers: int) -> dict[Mutant, Outcome]:
    """A child collects the tests once and forks a grandchild for each trial.

    A test that fails there without any mutant kills none: its mutants are tried anew.
    """
    if not trials:
        return {}
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        status = 1
        try:
            loop = _Loop(project, trials, workers, writes)
            _pytest(project, [test for trial in trials for test in trial.tests], loop)
            status = 0 if loop.done else 1
        except BaseException:  # noqa: BLE001 - a child must not go on as its parent
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(writes)
    with os.fdopen(reads, encoding="utf-8") as lines:
        told = [_heard(json.loads(line), trials) for line in lines]
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError("the tests could not be collected")
    unsound = {test for one in told for test in one.get("unsound", [])}
    for test in sorted(unsound):
        print(f"fails without any mutant in a fork: {test}", file=sys.stderr)
    found = {}
    for one in told:
        if "at" in one and one["status"] != _NOT_ALIVE and one["by"] not in unsound:
            mutant = trials[one["at"]].mutant
            found[mutant] = Outcome(mutant, one["status"] != _SURVIVED, one["by"])
    return found


def _heard(told: dict[str, Any], trials: list[Trial]) -> dict[str, Any]:
    if told.get("status") == _SURVIVED:
        print(f"lives: {trials[told['at']].mutant.told}", file=sys.stderr, flush=True)
    return told


class _Loop:
    """A plugin that runs mutants where pytest would run its tests."""

    def __init__(self, project: Project, trials: list[Trial], workers: int, pipe: int) -> None:
        self._project = project
        self._trials = trials
        self._workers = workers
        self._pipe = pipe
        self.done = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        functions = _functions(self._project.sources)
        gc.freeze()  # what is shared with the children stays shared
        killers: set[str] = set()
        for count, ended in enumerate(run_all(self._works(items, functions), self._workers)):
            by = "time" if ended.ran_out else ended.told
            self._write({"at": ended.key, "status": ended.status, "by": by})
            killers.add(by)
            _say(count + 1, len(self._trials), "in living functions")
        self._write({"unsound": self._unsound([items[one] for one in items if one in killers])})
        self.done = True
        return True

    def _write(self, told: dict[str, Any]) -> None:
        os.write(self._pipe, json.dumps(told).encode() + b"\n")

    def _works(
        self, items: dict[str, pytest.Item], functions: dict[tuple[str, str, int], list[Any]]
    ) -> Iterator[Work[int]]:
        for at, trial in enumerate(self._trials):
            chosen = [items[test] for test in trial.tests]
            yield Work(
                at, self._work(trial.mutant, chosen, functions), _limit(self._project, trial)
            )

    def _work(
        self,
        mutant: Mutant,
        items: list[pytest.Item],
        functions: dict[tuple[str, str, int], list[Any]],
    ) -> Callable[[Callable[[str], None]], int]:
        def work(tell: Callable[[str], None]) -> int:
            if not _replace(self._project.sources / mutant.module, mutant, functions):
                return _NOT_ALIVE
            return _first_failure(items, tell)

        return work

    def _unsound(self, items: list[pytest.Item]) -> list[str]:
        """Which of these fail without any mutant."""
        parts = [items[at :: self._workers] for at in range(self._workers)]
        works = (Work(at, partial(_failures, part), 900.0) for at, part in enumerate(parts) if part)
        told = [ended.told for ended in run_all(works, self._workers)]
        return [test for one in told if one for test in one.split("\0")]


def _failures(items: list[pytest.Item], tell: Callable[[str], None]) -> int:
    failed = []
    for item, following in zip(items, [*items[1:], None], strict=True):
        reports = runtestprotocol(item, log=False, nextitem=following)
        if any(report.failed for report in reports):
            failed.append(item.nodeid)
    tell("\0".join(failed))
    return 0


def _first_failure(items: list[pytest.Item], tell: Callable[[str], None]) -> int:
    for at, item in enumerate(items):
        following = items[at + 1] if at + 1 < len(items) else None
        reports = runtestprotocol(item, log=False, nextitem=following)
        if any(report.failed for report in reports):
            tell(item.nodeid)
            return _KILLED
    return _SURVIVED


def _functions(sources: Path) -> dict[tuple[str, str, int], list[Any]]:
    """The functions of these sources that are alive, by file, qualified name and first line.

    Under `_CACHES` is all that remembers calls.
    """
    start = str(sources)
    found: dict[tuple[str, str, int], list[Any]] = {_CACHES: []}
    for one in gc.get_objects():
        if type(one) is _lru_cache_wrapper:
            found[_CACHES].append(one)
        elif type(one) is FunctionType:
            code = one.__code__
            file = os.path.realpath(code.co_filename)
            if file.startswith(start):
                found.setdefault((file, code.co_qualname, code.co_firstlineno), []).append(one)
    return found


def _replace(file: Path, mutant: Mutant, functions: dict[tuple[str, str, int], list[Any]]) -> bool:
    """Puts the changed code into the function, and empties what is remembered of calls."""
    assert mutant.place.function is not None
    name, line = mutant.place.function
    alive = functions.get((str(file), name, line), [])
    tree = mutated(file.read_text(encoding="utf-8"), mutant.place.index)
    code = _code(compile(tree, str(file), "exec", dont_inherit=True), name, line)
    if not alive or code is None:
        return False
    if any(code.co_freevars != function.__code__.co_freevars for function in alive):
        return False  # without its `super()` a method has no cell for its class: imported anew
    for function in alive:
        function.__code__ = code
    for remembers in functions[_CACHES]:
        remembers.cache_clear()
    return True


def _code(within: CodeType, name: str, line: int) -> CodeType | None:
    for one in within.co_consts:
        if isinstance(one, CodeType):
            if one.co_qualname == name and one.co_firstlineno == line:
                return one
            found = _code(one, name, line) if name.startswith(f"{one.co_qualname}.") else None
            if found is not None:
                return found
    return None


# ---- imported anew -------------------------------------------------------------------------------


def _anew(project: Project, trials: list[Trial]) -> Iterator[Work[Mutant]]:
    for trial in trials:
        yield Work(
            trial.mutant, _import_work(project, trial), _limit(project, trial) + _IMPORT_SECONDS
        )


def _import_work(project: Project, trial: Trial) -> Callable[[Callable[[str], None]], int]:
    def work(tell: Callable[[str], None]) -> int:
        sys.meta_path.insert(0, _Changed(project, trial.mutant))
        return _pytest(project, trial.tests, _Only(trial.tests, tell))

    return work


class _Only:
    """A plugin that keeps these tests, in this order, and tells which failed."""

    def __init__(self, tests: list[str], tell: Callable[[str], None]) -> None:
        self._at = {test: at for at, test in enumerate(tests)}
        self._tell = tell

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = [item for item in items if item.nodeid in self._at]
        items[:] = sorted(kept, key=lambda item: self._at[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._tell(report.nodeid)


class _Changed(importlib.machinery.SourceFileLoader):
    """Finds and loads one module: the changed one."""

    def __init__(self, project: Project, mutant: Mutant) -> None:
        self._file = project.sources / mutant.module
        parts = [project.package, *Path(mutant.module).with_suffix("").parts]
        self._package = parts[-1] == "__init__"
        self._index = mutant.place.index
        super().__init__(".".join(parts[: -1 if self._package else None]), str(self._file))

    def find_spec(
        self, name: str, path: object = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        inside = [str(self._file.parent)] if self._package else None
        return importlib.util.spec_from_file_location(
            name, self._file, loader=self, submodule_search_locations=inside
        )

    def get_code(self, fullname: str) -> CodeType:
        tree = mutated(self._file.read_text(encoding="utf-8"), self._index)
        return compile(tree, str(self._file), "exec", dont_inherit=True)
