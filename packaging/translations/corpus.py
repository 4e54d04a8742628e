"""Prints what core and services say that a window in another language would still say in English.

`python packaging/translations/corpus.py` decides the workloads of the tests and the samples on some
machines, asks for the fit of every model of the catalogue, and reads the findings, notes and errors
that come of it; every text is translated as the window does it, and those that still hold English
words are printed with how often they came, most often first. `--texts FILE` adds texts, a JSON
string a line; `--language` is the language; `--all` prints what is well translated too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from landfall.core.demand.outlook_words import words as outlook_words
from landfall.core.demand.report import load_line
from landfall.core.errors import AppError
from landfall.core.fit.fit import fit
from landfall.core.fit.memory import FitRequest
from landfall.core.machine.hardware import HardwareProfile, memory_budget
from landfall.core.models.weights import spec
from landfall.core.settings import Settings
from landfall.core.verdict import together_words
from landfall.core.verdict.card import card
from landfall.core.verdict.over_volume import break_even_curves
from landfall.core.verdict.swings import swings
from landfall.core.verdict.verdict import reason_text
from landfall.core.verdict.what_if import knobs
from landfall.core.verdict.worlds import worlds_text
from landfall.gui import language, translated
from landfall.services.machine import known_machines
from landfall.services.models import shipped_catalogue
from landfall.services.verdict import standing_verdicts, workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.workload_files import LoadedWorkload

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    ROOT / "tests" / "data" / "decisions",
    ROOT / "tests" / "data" / "verdicts",
    ROOT / "resources" / "samples",
)
MACHINES = (None, "RTX 4090", "M4 Max 64GB", "RTX 3060")
"""On which every workload is decided; None: what its file names."""
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_ENGLISH = re.compile(
    r"\b(?:the|of|and|is|not|with|for|which|no|to|a|by|at|from|than|are|were|has|have|it|its"
    r"|per|more|less|or|if|today|below|above|only|this|that|there|nothing|known|month|busy|would"
    r"|can|cannot|as|on|what|model|machine|memory|because|without|where|one|two|all|how|be|does"
    r"|takes?|grows|shrinks|low|high|points?|prompts|missing|here|then|call|day)\b"
)
_QUOTED = re.compile(
    r"\b\w+(?:\.\w+)+\b|`[^`]*`|„[^“]*“|\"[^\"]*\"|'[^']*'|https?://\S+|\S*[/\\_:]\S+|\S+-\S+"
)


def main(words: Sequence[str]) -> int:
    """Print what stays English; 1 if anything does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, action="append", default=[])
    parser.add_argument("--language", default="de")
    parser.add_argument("--all", action="store_true")
    asked = parser.parse_args(words)
    app = QCoreApplication([])
    texts = Counter(asyncio.run(said_of_verdicts()))
    texts.update(said_of_fits())
    for path in asked.texts:
        texts.update(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    language.use(app, asked.language)
    left = 0
    for text, times in texts.most_common():
        shown = translated.translated(text)
        english = english_words(shown)
        left += bool(english)
        if english or asked.all:
            print(f"{times:5} {' '.join(english)}\n      {text}\n      {shown}")
    print(f"{left} of {len(texts)} texts hold English words")
    return 1 if left else 0


def english_words(text: str, names: Iterable[str] = ()) -> list[str]:
    """English words of grammar in a text, outside code, quotes, addresses and names."""
    for name in names:
        text = text.replace(name, " ")
    return list(dict.fromkeys(_ENGLISH.findall(_QUOTED.sub(" ", text))))


async def said_of_verdicts() -> list[str]:
    """All that is said of the workloads of the tests and the samples, on several machines."""
    texts: list[str] = []
    loaded = []
    for path in sorted(path for folder in FOLDERS for path in folder.glob("*.toml")):
        try:
            loaded.append(workload_files.read(path))
        except AppError as error:
            texts += [error.message, error.hint]
    for machine in MACHINES:
        texts += await said_of_workloads(loaded, machine)
    return [text for text in texts if text]


async def said_of_workloads(loaded: Iterable[LoadedWorkload], machine: str | None) -> list[str]:
    """All that is said of some workloads on a machine, and of all together."""
    settings = Settings()
    decider = (
        Decider(settings, now=NOW, detected=known_machines.what_if("RTX 4090"))
        if machine is None
        else Decider.on(machine, settings, now=NOW)
    )
    texts: list[str] = []
    decided = []
    for one in loaded:
        try:
            decided.append(await decider.decide(one))
        except AppError as error:
            texts += [error.message, error.hint]
    for found in decided:
        texts += said_of(found)
    together = standing_verdicts.all_together(decided, settings.thresholds)
    return [*texts, *together_words.lines(together), *_prose(together)]


def said_of(decided: Decided) -> Iterator[str]:
    """All that is said of one verdict, as the pages of the window ask for it."""
    verdict, facts, assembler = decided.verdict, decided.facts, decided.assembler
    workload = decided.loaded.workload
    shown = card(verdict, decided.hosts)
    yield from (shown.name, *shown.lines[1:])
    yield from _prose(verdict)
    yield from map(reason_text, verdict.reasons)
    yield from _prose(standing_verdicts.notes(decided))
    yield from _prose(standing_verdicts.grounds_of(decided))
    yield from _prose(facts)
    yield from _prose(break_even_curves(workload, facts, assembler))
    yield from _prose(knobs(workload, facts, assembler))
    bars = swings(workload, assembler, decided.limits, verdict.option, flips=verdict.flips)
    yield from _prose(bars)
    if verdict.worlds is not None:
        yield worlds_text(verdict.worlds)
    if verdict.outlook is not None:
        yield from outlook_words(verdict.outlook)
    if verdict.load is not None:
        yield load_line(verdict.load)


def said_of_fits() -> Iterator[str]:
    """What is said of every model of the catalogue on some machines, at two contexts."""
    for profile in _profiles():
        for budget in {memory_budget(profile)}:
            for model in shipped_catalogue.load().models:
                for context in (4096, 131072):
                    yield from _prose(fit(spec(model), budget, FitRequest(context=context)))


def _profiles() -> Iterator[HardwareProfile]:
    for name in filter(None, MACHINES):
        yield known_machines.what_if(name)


def _prose(value: object) -> Iterator[str]:
    """Every text of several words within a value."""
    if isinstance(value, str):
        if " " in value.strip():
            yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _prose(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _prose(one)
    elif isinstance(value, list | tuple | frozenset | set):
        for one in value:
            yield from _prose(one)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
