"""Which mutants are tried, which tests each of them meets, and how sure the score is."""

from __future__ import annotations

import ast
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.mutation.operators import Place, count, places
from tests.mutation.reach import Reach


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module; `module` is its path from the folder of sources."""

    module: str
    place: Place

    @property
    def told(self) -> str:
        place = self.place
        return f"{self.module}:{place.line}: {place.before}  =>  {place.after}"


def sample(sources: Path, modules: Iterable[str], size: int, seed: int) -> list[Mutant]:
    """So many mutants, each module its share by its number of places; all of them for size 0.

    Shares are rounded by the largest remainder, so that they sum to the size.
    """
    texts = {module: (sources / module).read_text(encoding="utf-8") for module in sorted(modules)}
    counts = {module: count(text) for module, text in texts.items()}
    shares = shared_out(counts, size)
    chosen = []
    for module, share in shares.items():
        drawn = random.Random(f"{seed} {module}").sample(range(counts[module]), share)
        chosen += [Mutant(module, place) for place in places(texts[module], frozenset(drawn))]
    return chosen


def shared_out(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """The size in parts as the counts are; no part is above its count."""
    total = sum(counts.values())
    if size == 0 or size >= total:
        return dict(counts)
    exact = {name: size * one / total for name, one in counts.items()}
    parts = {name: int(one) for name, one in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (parts[name] - exact[name], name))
    for name in by_remainder[: size - sum(parts.values())]:
        parts[name] += 1
    return parts


def wilson(killed: int, tried: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927): shares of 1, from nothing tried (0, 1)."""
    if not tried:
        return 0.0, 1.0
    share, square = killed / tried, z * z
    middle = (share + square / (2 * tried)) / (1 + square / tried)
    half = z * math.sqrt(share * (1 - share) / tried + square / (4 * tried * tried))
    half /= 1 + square / tried
    return middle - half, middle + half


class Names:
    """Where the sources mention a name: what a constant that an import makes is met by."""

    def __init__(self, sources: Path, tests: Iterable[Path]) -> None:
        self._lines: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self._bound: dict[tuple[str, int], frozenset[str]] = {}
        for file in sources.rglob("*.py"):
            self._read(file.relative_to(sources).as_posix(), file.read_text(encoding="utf-8"))
        self._tests = {test.name: test.read_text(encoding="utf-8") for test in tests}

    def _read(self, module: str, text: str) -> None:
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, (ast.Name, ast.Attribute)):
                name = node.id if isinstance(node, ast.Name) else node.attr
                self._lines[name].add((module, node.lineno))
        for statement in tree.body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                bound = frozenset(
                    one.id
                    for one in ast.walk(statement)
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
                )
                for line in range(statement.lineno, (statement.end_lineno or 0) + 1):
                    self._bound[module, line] = bound

    @cache  # noqa: B019 - there is one, as long as the program
    def lines(self, names: frozenset[str]) -> frozenset[tuple[str, int]]:
        """Lines that mention one of them, or a constant that is made of one of them."""
        known, new = set(names), set(names)
        found: set[tuple[str, int]] = set()
        while new:
            met = set().union(*(self._lines.get(name, set()) for name in new))
            found |= met
            new = set().union(*(self._bound.get(line, frozenset()) for line in met)) - known
            known |= new
        return frozenset(found)

    def in_tests(self, names: frozenset[str]) -> set[str]:
        """Files of tests whose text has one of them."""
        return {file for file, text in self._tests.items() if any(name in text for name in names)}


def met_by(mutant: Mutant, reach: Reach, names: Names, seconds: float) -> list[str]:
    """The tests that meet this mutant, most telling first, for so much time of the processor.

    In a function: those that run its line, and where imports run it too, those whose file names the
    function. What imports run: those that run a line which mentions its name, or whose file does.
    """
    place = mutant.place
    if place.function is not None:
        found = reach.tests(mutant.module, [place.line])
        found = found or reach.tests(mutant.module, place.lines)
        if place.line in reach.at_import.get(mutant.module, ()):
            found = found or reach.tests(mutant.module, reach.lines.get(mutant.module, {}))
            files = names.in_tests(frozenset({place.function[0].rpartition(".")[2]}))
            found |= {test for test in reach.seconds if _file(test) in files}
    else:
        found = set()
        for module, line in names.lines(place.names):
            found |= reach.tests(module, [line])
        found |= reach.tests(mutant.module, place.lines)
        files = names.in_tests(place.names)
        found |= {test for test in reach.seconds if _file(test) in files}
    return _within(_ordered(mutant.module, found - reach.failed, reach), seconds, reach)


def _file(test: str) -> str:
    return test.partition("::")[0].rpartition("/")[2]


def _ordered(module: str, tests: set[str], reach: Reach) -> list[str]:
    """Its own file of tests first, then of each file its quickest test, its second, and so on."""
    own = f"test_{Path(module).stem}"
    by_file: dict[str, list[str]] = defaultdict(list)
    for test in sorted(tests, key=lambda one: (reach.seconds[one], one)):
        by_file[_file(test)].append(test)
    ranked = [
        (not file.startswith(own), at, file, test)
        for file, of_file in by_file.items()
        for at, test in enumerate(of_file)
    ]
    return [test for *_, test in sorted(ranked)]


def _within(tests: list[str], seconds: float, reach: Reach) -> list[str]:
    taken: list[str] = []
    spent = 0.0
    for test in tests:
        spent += reach.seconds[test]
        if taken and spent > seconds:
            spent -= reach.seconds[test]  # a shorter one may still have room
            continue
        taken.append(test)
    return taken
