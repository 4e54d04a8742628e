"""`machines.toml`: the user's own machines on disk, read forgivingly and written whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landfall.core.errors import BadInput, Unavailable
from landfall.services.paths import READABLE_HINT
from landfall.services.whole_file import replaced

if TYPE_CHECKING:
    from types import ModuleType

    from landfall.core.machine.machines import Machine
    from landfall.core.machine.user_machines import UserMachines

MOST_BYTES = 1 << 20


def load(path: Path, catalogue: Sequence[Machine]) -> UserMachines | None:
    """What the file says; None where there is no file.

    A file that cannot be read at all is a problem of the answer, never an exception: the catalogue
    is there without it.
    """
    try:
        text = _text(path)
    except (BadInput, Unavailable) as error:
        problem = error if isinstance(error, BadInput) else _unread(path, error)
        nothing: UserMachines = _language().UserMachines(problems=(problem,))
        return nothing
    if text is None:
        return None
    found: UserMachines = _language().parse(text, catalogue, file=str(path))
    return found


def add(path: Path, fields: Mapping[str, Any], catalogue: Sequence[Machine]) -> Machine:
    """Describe one more machine.

    Raises:
        BadInput: a field is missing or impossible, or the name is taken.
        DiskFull, Unavailable: the file cannot be written; the old one is untouched.
    """
    text = _text(path) or ""
    made: Machine = _language().check(fields, catalogue)
    _refuse_double(text, made.name, catalogue, path)
    replaced(path, _language().with_table(text, fields), what="Your machines")
    return made


def change(
    path: Path, name: str, fields: Mapping[str, Any], catalogue: Sequence[Machine]
) -> Machine:
    """Describe a machine anew, in its place in the file.

    Raises:
        BadInput: as `add`; or no machine of that name stands in the file.
        DiskFull, Unavailable: the file cannot be written; the old one is untouched.
    """
    text = _text(path) or ""
    made: Machine = _language().check(fields, catalogue)
    if made.name.lower() != name.lower():
        _refuse_double(text, made.name, catalogue, path)
    index = _index(text, name, catalogue, path)
    replaced(path, _language().with_table(text, fields, replacing=index), what="Your machines")
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What it takes to put a machine back: its table, and the file before and after."""

    fields: Mapping[str, Any]
    before: str
    after: str


def remove(path: Path, name: str, catalogue: Sequence[Machine]) -> Removed:
    """Forget a machine.

    Raises:
        BadInput: no machine of that name stands in the file.
        DiskFull, Unavailable: the file cannot be written; the old one is untouched.
    """
    text = _text(path) or ""
    index = _index(text, name, catalogue, path)
    fields = _language().parse(text, catalogue, file=str(path)).entries[index]
    after: str = _language().without_table(text, index)
    replaced(path, after, what="Your machines")
    return Removed(fields=fields, before=text, after=after)


def restore(path: Path, removed: Removed, catalogue: Sequence[Machine]) -> None:
    """Put a machine back in its place, or at the end where the file was changed meanwhile.

    Raises:
        BadInput: its name was given to another machine meanwhile.
        DiskFull, Unavailable: the file cannot be written.
    """
    if _text(path) == removed.after:
        replaced(path, removed.before, what="Your machines")
    else:
        add(path, removed.fields, catalogue)


def _entries(text: str, catalogue: Sequence[Machine], path: Path) -> list[str]:
    """Names of the tables, in order; of a file that is no TOML nothing can be changed."""
    found: UserMachines = _language().parse(text, catalogue, file=str(path))
    if found.problems and not found.entries and text.strip():
        raise found.problems[0]
    return [str(entry.get("name", "")).strip().lower() for entry in found.entries]


def _refuse_double(text: str, name: str, catalogue: Sequence[Machine], path: Path) -> None:
    if name.lower() in _entries(text, catalogue, path):
        raise BadInput(
            f"You have a machine called {name} already.", "Give it another name.", field="name"
        )


def _index(text: str, name: str, catalogue: Sequence[Machine], path: Path) -> int:
    names = _entries(text, catalogue, path)
    if name.lower() not in names:
        raise BadInput(f"{name} does not stand in {path} any more.", "Look again.", field="name")
    return names.index(name.lower())


def _text(path: Path) -> str | None:
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe would be read for ever.
            raise Unavailable(f"{path} is no regular file.", "Move it away.")
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise BadInput(
                f"{path} has more than {MOST_BYTES >> 20} MiB.", "Shorten it.", file=str(path)
            )
        return body.decode("utf-8-sig")  # with the mark that Notepad may set
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{path} is not UTF-8 text.",
            "Save it as UTF-8.",
            file=str(path),
            line=error.object[: error.start].count(b"\n") + 1,
        ) from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}.", READABLE_HINT) from error


def _unread(path: Path, error: Unavailable) -> BadInput:
    return BadInput(error.message, error.hint, file=str(path))


def _language() -> ModuleType:
    """Where nothing is described, nothing is parsed: a start without the file does without it."""
    return import_module("landfall.core.machine.user_machines")
