"""The files of an export on the disk: a new folder, whole or not at all."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from landfall.core.errors import AppError, BadInput
from landfall.core.routing.files import files
from landfall.core.routing.findings import Finding, Severity
from landfall.core.routing.folder_text import NewFile
from landfall.core.routing.plan import RoutingPlan
from landfall.services.routing import linting
from landfall.services.routing.callbacks import callbacks
from landfall.services.routing.engine import engine
from landfall.services.whole_file import LEFT_SECONDS, not_saved

_STAGED = ".landfall-routes-"
_WHAT = "The routes"


class RoutesRefused(AppError):
    """There is nothing to route, or the linter found that it would leak: nothing was written.

    Attributes:
        findings: What it found.
    """

    kind = "routes_refused"

    def __init__(self, message: str, hint: str, findings: Sequence[Finding]) -> None:
        super().__init__(message, hint)
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an export wrote.

    Attributes:
        directory: Where, absolute. names: the files.
        findings: What the linter says of them; no leak.
        unkept: Why the export is not remembered, or "".
    """

    directory: Path
    names: tuple[str, ...]
    findings: tuple[Finding, ...]
    unkept: str = ""


def assert_free(directory: Path) -> None:
    """A folder that holds something is never written to.

    Raises:
        BadInput: it is a file, or a folder that is not empty or may not be looked into.
    """
    if not os.path.lexists(directory):
        return
    try:
        if not directory.is_dir() or directory.is_symlink():
            what = "is no folder"
        elif any(directory.iterdir()):
            what = "is not empty"
        else:
            return
    except OSError as error:
        what = f"cannot be looked into ({error.strerror})"
    raise BadInput(
        f"{directory} {what}: nothing was written.",
        "Name a new folder: routes are never written over others.",
        file=str(directory),
        field="--out",
    )


async def checked(plan: RoutingPlan) -> tuple[Finding, ...]:
    """What the linter says of the files of a plan, before they are written anywhere.

    Raises:
        RoutesRefused: no workload has an alias.
        DiskFull, Unavailable: there is no room for a copy.
    """
    made = await _made(plan)
    return await _linted(made, Path(tempfile.gettempdir()) / "routes", None)


async def write(plan: RoutingPlan, directory: Path) -> Written:
    """Write the files of a plan into a new or empty folder.

    They are written beside it and checked first; then the folder is there, or it is not.

    Raises:
        BadInput: the folder holds something.
        RoutesRefused: no workload has an alias, or they would leak.
        DiskFull, Unavailable: they cannot be written.
    """
    await asyncio.to_thread(assert_free, directory)
    directory = await asyncio.to_thread(directory.absolute)
    made = await _made(plan)
    findings = await _linted(made, directory, directory)
    return Written(directory=directory, names=tuple(one.name for one in made), findings=findings)


async def _made(plan: RoutingPlan) -> tuple[NewFile, ...]:
    if not plan.aliases:
        why = "; ".join(f"{one.workload}: {one.reason}" for one in plan.left_out)
        raise RoutesRefused(f"There is nothing to route. {why}.", "See `landfall verdict`.", ())
    known = await asyncio.to_thread(engine)
    return files(plan, known, callbacks=callbacks())


async def _linted(
    made: Sequence[NewFile], beside: Path, target: Path | None
) -> tuple[Finding, ...]:
    """Write the files beside a place, check them, and put them there where it is named."""
    new = await asyncio.to_thread(_missing, beside)
    try:
        staged = await asyncio.to_thread(_staged, beside, made)
    except OSError as error:
        await asyncio.to_thread(_forget, new)
        raise not_saved(_WHAT, beside, error) from error
    try:
        findings = await linting.lint_folder(staged)
        if target is not None:
            _refuse(findings)
            await asyncio.to_thread(_put, staged, target)
    finally:
        await asyncio.to_thread(shutil.rmtree, staged, ignore_errors=True)
        await asyncio.to_thread(_forget, new)
    return findings


def _missing(directory: Path) -> list[Path]:
    """The folders above a place that are not there yet, the deepest first."""
    return [one for one in directory.absolute().parents if not os.path.lexists(one)]


def _forget(folders: Sequence[Path]) -> None:
    """Folders that were made for nothing; one that holds something stays."""
    for one in folders:
        with suppress(OSError):
            one.rmdir()


def _refuse(findings: Sequence[Finding]) -> None:
    wrong = [one for one in findings if one.severity is not Severity.NOTE]
    if wrong:
        said = f"These routes are not written: {wrong[0].text}"
        raise RoutesRefused(said, wrong[0].hint, findings)


def _sweep(parent: Path) -> None:
    """Take away what an export that was killed left beside the folders of routes."""
    before = time.time() - LEFT_SECONDS
    for one in parent.glob(f"{_STAGED}????????"):
        with suppress(OSError):
            if one.lstat().st_mtime < before:
                shutil.rmtree(one)


def _staged(directory: Path, made: Sequence[NewFile]) -> Path:
    """The files in a folder beside the one that is wanted, on the same disk."""
    parent = directory.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=_STAGED, dir=parent))
    try:
        for one in made:
            path = folder / one.name
            with path.open("w", encoding="utf-8", newline="\n") as out:
                out.write(one.text)
                out.flush()
                os.fsync(out.fileno())
            path.chmod(0o755 if one.executable else 0o644)
        folder.chmod(0o755)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _put(staged: Path, directory: Path) -> None:
    """A folder that is there stays the same one: a shell may stand in it, or a disk hang there."""
    try:
        if not directory.is_dir():
            staged.rename(directory)
            return
        assert_free(directory)
        _moved(staged, directory)
    except OSError as error:
        raise not_saved(_WHAT, directory, error) from error


def _moved(staged: Path, directory: Path) -> None:
    """Every file, or none."""
    moved: list[Path] = []
    try:
        for one in sorted(staged.iterdir()):
            shutil.move(one, directory / one.name)
            moved.append(directory / one.name)
    except OSError:
        for one in moved:
            one.unlink(missing_ok=True)
        raise
