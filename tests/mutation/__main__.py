"""Would the tests of the core notice if its code were wrong? Changes it in many places and looks.

    PYTHONPATH=app python -m tests.mutation --sample 1500 --seed 1 [--list-survivors]
    PYTHONPATH=app python -m tests.mutation --module costs/horizon.py --sample 0 \
        --tests tests/core/costs/test_horizon.py --list-survivors

A mutant is one change of one place of `landfall.core`: arithmetic, the boundary and the sense of
a comparison, `and` and `or`, a condition negated, numbers ±1, a value returned as None, a statement
taken out, min and max, any and all, floor and ceil, two arguments swapped, a default. The sample
has of each module its share by the number of its places; the same seed gives the same mutants.
A mutant meets the tests that run its line (`reach.py`), its own file of tests first, until one
fails, for at most `--seconds` of what those tests take without it: a survivor may yet be caught by
a test that there was no time for, so that the score is a lower bound. One that runs six times as
long as its tests, or beyond its memory, is killed by that.

Not changed, since nothing could follow from it: docstrings, annotations and types, `__slots__` and
`__all__`, bodies of protocols and overloads, what only a checker of types reads, decorators,
`zip(strict=)`, lines that say that they are never reached, `return False` as None, and texts, which
are shown, and two of them as arguments, but for those that something is compared with. A survivor
is no proof of a missing test: some changes change nothing that can be seen. They are counted as
survivors nonetheless.

Why not a package: mutmut 3 (3.8) puts its changes into functions alone and neither samples nor
picks tests by line, cosmic-ray (8.7) starts pytest anew for every mutant, mutatest (3.1) ended
with Python 3.8. It forks, so that it runs on Linux and macOS.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from tests.mutation.choice import Names, met_by, sample, wilson
from tests.mutation.reach import collect
from tests.mutation.recorder import fix_hypothesis
from tests.mutation.runner import Outcome, Project, Trial, run_trials

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Prints the score; 0 where it is at least `--least`, else 1."""
    options = _parser().parse_args(arguments)
    project = Project(
        root=options.root.resolve(),
        sources=(options.root / options.sources).resolve(),
        package=options.package,
        grace_seconds=options.grace_seconds,
    )
    tests = _files(options.root, options.tests or ["tests/core"])
    modules = [file.relative_to(project.sources).as_posix() for file in _sources(project.sources)]
    modules = options.module or modules
    mutants = sample(project.sources, modules, options.sample, options.seed)
    reach = collect(project.root, project.sources, tests, options.cache, options.workers)
    for test in sorted(reach.failed):
        print(f"left out, since it fails without any mutant: {test}")
    names = Names(project.sources, tests)
    trials = []
    for mutant in mutants:
        met = met_by(mutant, reach, names, options.seconds)
        by_imports = mutant.place.line in reach.at_import.get(mutant.module, ())
        trials.append(Trial(mutant, met, sum(reach.seconds[test] for test in met), by_imports))
    random.Random(options.seed).shuffle(trials)  # what is told on the way is a sample as well
    fix_hypothesis()
    outcomes = run_trials(project, trials, options.workers)
    _print(outcomes, survivors=options.list_survivors, killers=options.list_killers)
    killed = sum(one.killed for one in outcomes)
    return 0 if 100 * killed >= options.least * len(outcomes) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tests.mutation", description="Mutants of the core that its tests let live."
    )
    add = parser.add_argument
    add("--sample", type=int, default=1500, help="how many mutants; 0: all")
    add("--seed", type=int, default=1)
    add("--module", action="append", help="a module, as costs/horizon.py; may be repeated")
    add("--tests", action="append", help="a file or folder of tests (tests/core)")
    add("--seconds", type=float, default=10.0, help="time of the tests that a mutant meets")
    add("--grace-seconds", type=float, default=10.0, help="what each may take beyond that")
    add("--workers", type=int, default=min(2, os.cpu_count() or 1))
    add("--list-survivors", action="store_true", help="each as file:line and what was changed")
    add("--list-killers", action="store_true", help="which test killed which mutant")
    add("--least", type=float, default=0.0, help="a score, in percent, below which the exit is 1")
    add("--cache", type=Path, default=Path(tempfile.gettempdir()) / "landfall-mutation")
    add("--root", type=Path, default=_ROOT, help="where the tests are run")
    add("--sources", type=Path, default=Path("app/landfall/core"), help="from the root")
    add("--package", default="landfall.core", help="the name of what is in the folder of sources")
    return parser


def _files(root: Path, named: list[str]) -> list[Path]:
    found: set[Path] = set()
    for name in named:
        path = (root / name).resolve()
        found.update(path.rglob("test_*.py") if path.is_dir() else [path])
    return sorted(found)


def _sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def _print(outcomes: list[Outcome], *, survivors: bool, killers: bool) -> None:
    by_module: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_module[one.mutant.module].append(one)
    if killers:
        for one in outcomes:
            if one.killed:
                print(f"{one.mutant.told}   [{one.by}]")
    if survivors:
        for one in sorted(outcomes, key=lambda o: (o.mutant.module, o.mutant.place.line)):
            if not one.killed:
                print(f"{one.mutant.told}{f'   [{one.by}]' if one.by else ''}")
    worst = sorted(by_module.items(), key=lambda item: (_lived(item[1]), item[0]), reverse=True)
    for module, those in worst:
        killed = len(those) - _lived(those)
        print(f"{killed / len(those):6.1%} {killed:5}/{len(those):<5} {module}")
    killed = sum(one.killed for one in outcomes)
    low, high = wilson(killed, len(outcomes))
    share = killed / len(outcomes) if outcomes else 0.0
    print(
        f"score {share:.1%} of {len(outcomes)} mutants killed, 95 % interval {low:.1%}-{high:.1%}"
    )


def _lived(outcomes: list[Outcome]) -> int:
    return sum(not one.killed for one in outcomes)


if __name__ == "__main__":
    sys.exit(main())
