"""Makes a report and writes it whole or not at all, in the format of its name's ending."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, fields, is_dataclass, replace
from importlib.util import find_spec
from operator import is_
from pathlib import Path
from typing import Any

from landfall.core.errors import BadInput, Unavailable
from landfall.core.reporting.blocks import Report
from landfall.core.reporting.report import report
from landfall.core.reporting.subject import Around, Subject, Undecided
from landfall.core.settings import Settings
from landfall.services import apart, whole_file
from landfall.services.keys.secret import scrubbed
from landfall.services.reports.html import to_html
from landfall.services.reports.markdown import to_markdown
from landfall.services.reports.subjects import Evidence, Told, around, subject
from landfall.services.threads import in_thread
from landfall.services.whole_file import not_saved

SUFFIXES = (".html", ".htm", ".pdf", ".md")
_PDF = "landfall.gui.reports.pdf:pdf_of"
"""Made in a process of its own: neither the command line nor the window's thread has Qt for it."""
_NO_QT = "Write it as .html, which any browser prints, or install PySide6-Essentials."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be reported.

    Attributes:
        told: Decided workloads.
        undecided: Those without a verdict.
        as_of: ISO date of the decisions.
    """

    told: Sequence[Told]
    undecided: Sequence[Undecided] = ()
    settings: Settings
    as_of: str
    evidence: Evidence = field(default_factory=Evidence)
    with_prompts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How far it is: so many of so many workloads."""

    done: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """What was written: where, in which format, how much, of which workloads."""

    path: Path
    format: str
    size_bytes: int
    workloads: tuple[str, ...]
    undecided: tuple[str, ...]


def format_of(path: Path) -> str:
    """ "html", "pdf" or "md", by the ending of the name.

    Raises:
        BadInput: another ending.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(
            f"{path.name} ends in no format of a report.",
            f"Let it end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}.",
            file=str(path),
            field="--out",
        )
    return "html" if suffix == ".htm" else suffix[1:]


def check(path: Path, *, overwrite: bool) -> None:
    """Whether a report may be written there, before any work is done.

    Raises:
        BadInput: another ending, a folder, a missing folder, or a file that is there already.
        Unavailable: the system cannot even look there.
    """
    format_of(path)
    try:
        _looked_at(path, overwrite=overwrite)
    except OSError as error:
        raise not_saved("The report", path, error) from error


def _looked_at(path: Path, *, overwrite: bool) -> None:
    if path.is_dir():
        raise BadInput(f"{path} is a folder.", "Name a file.", file=str(path), field="--out")
    if path.exists() and not path.is_file():
        raise BadInput(
            f"{path} is a device or a pipe.", "Name a file.", file=str(path), field="--out"
        )
    if not path.parent.is_dir():
        raise BadInput(
            f"There is no folder {path.parent}.", "Make it first.", file=str(path), field="--out"
        )
    if path.exists() and not overwrite:
        raise _there(path)


def _there(path: Path) -> BadInput:
    return BadInput(
        f"{path} is there already and stays as it is.",
        "Name another file, or let it be replaced with --overwrite.",
        file=str(path),
        field="--out",
    )


async def write(path: Path, asked: Asked, *, overwrite: bool) -> WrittenReport:
    """Make the report and write it. Cancelled, nothing is written.

    Raises:
        BadInput: see `check`.
        Unavailable, DiskFull: the file cannot be written, or there is no Qt for a PDF.
    """
    async with aclosing(steps(path, asked, overwrite=overwrite)) as told:
        async for step in told:
            if isinstance(step, WrittenReport):
                return step
    raise AssertionError("the last step is what was written")


async def steps(
    path: Path, asked: Asked, *, overwrite: bool
) -> AsyncGenerator[Making | WrittenReport]:
    """As `write`, telling after each workload how far it is; what was written comes last."""
    await asyncio.to_thread(check, path, overwrite=overwrite)
    subjects = []
    for place, one in enumerate(asked.told):
        yield Making(done=place, of=len(asked.told))
        subjects.append(await asyncio.to_thread(subject, one, asked.evidence))
    yield Making(done=len(subjects), of=len(subjects))
    data = await rendered(await asyncio.to_thread(_report, subjects, asked), format_of(path))
    await in_thread(_put, path, data, overwrite=overwrite)
    yield WrittenReport(
        path=path,
        format=format_of(path),
        size_bytes=len(data),
        workloads=tuple(one.decided.verdict.workload for one in asked.told),
        undecided=tuple(one.name for one in asked.undecided),
    )


async def made(asked: Asked) -> Report:
    """The report as values, without any key in it; some tens of milliseconds a workload."""
    subjects = [await asyncio.to_thread(subject, one, asked.evidence) for one in asked.told]
    return await asyncio.to_thread(_report, subjects, asked)


def _report(subjects: Sequence[Subject], asked: Asked) -> Report:
    cleaned: Report = without_keys(report(subjects, asked.undecided, _around(asked)))
    return cleaned


def _around(asked: Asked) -> Around:
    return around(asked.told, asked.settings, as_of=asked.as_of, with_prompts=asked.with_prompts)


def without_keys(value: Any) -> Any:
    """The value with every text in it scrubbed: a name or a model may hold what was pasted."""
    match value:
        case str():
            # A word of a fixed list stays the word that it is.
            return value if type(value) is not str else scrubbed(value)
        case tuple():
            parts = tuple(without_keys(one) for one in value)
            return value if all(map(is_, parts, value)) else parts
        case _ if is_dataclass(value) and not isinstance(value, type):
            held = {one.name: getattr(value, one.name) for one in fields(value)}
            changed = {name: without_keys(one) for name, one in held.items()}
            # Nearly nothing holds a key: what is as it was need not be made again.
            same = all(changed[name] is one for name, one in held.items())
            return value if same else replace(value, **changed)
        case _:
            return value


async def rendered(found: Report, kind: str) -> bytes:
    """The report in a format.

    Raises:
        Unavailable: a PDF is asked for and there is no Qt to make it.
    """
    if kind == "md":
        return (await asyncio.to_thread(to_markdown, found)).encode()
    if kind == "html":
        return (await asyncio.to_thread(to_html, found)).encode()
    if find_spec("PySide6") is None:
        raise Unavailable("A PDF is drawn by Qt, and PySide6 is not installed here.", _NO_QT)
    try:
        data: bytes = await apart.call(_PDF, found)
    except apart.Failed as error:
        raise Unavailable(f"The PDF could not be made: {error}.", _NO_QT) from error
    return data


def _put(path: Path, data: bytes, *, overwrite: bool) -> None:
    """The file whole, or as it was.

    Raises:
        BadInput: it came to be there meanwhile.
        Unavailable, DiskFull: it cannot be written.
    """
    try:
        whole_file.write(path, data, overwrite=overwrite)
    except FileExistsError as error:
        raise _there(path) from error
    except OSError as error:
        raise not_saved("The report", path, error) from error
