"""Calls a function of ours in a process of its own, which ends with its answer.

What the function imports and computes goes with the process: the window keeps neither its memory,
nor waits for the interpreter's lock while it computes. Question and answer go through pipes, so
they are values; pickled, because both ends are this program.
"""

from __future__ import annotations

import asyncio
import copyreg
import inspect
import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from landfall.services.child_environment import without_secrets
from landfall.services.installation import frozen

WORD = "--apart"
"""What the program is started with to answer one call."""

MOST_SECONDS = 300.0
"""A round of decisions takes half a second a workload."""

_UNREADABLE = (EOFError, AttributeError, ImportError, IndexError, KeyError, TypeError, ValueError)
_SITES = ("site-packages", "dist-packages")
_ROOT = Path(__file__).resolve().parents[2]

if sys.platform == "win32":
    NO_WINDOW = subprocess.CREATE_NO_WINDOW
else:
    NO_WINDOW = 0


class Failed(Exception):
    """The process could not be started or gave no answer; says why. What it computes may be
    computed here instead."""


async def call(function: str, argument: object) -> Any:
    """What a function of ours answers, computed elsewhere. Cancelled, the process is killed.

    Args:
        function: "landfall.module:name"; takes one value, may be a coroutine function.
        argument: What it is given.

    Raises:
        Failed: no answer came. An exception of the function is one of the reasons.
    """
    process, question = await _started(function, argument)
    try:
        async with asyncio.timeout(MOST_SECONDS):
            answer, said = await process.communicate(question)
    except TimeoutError as error:
        raise Failed(f"it has not answered for {MOST_SECONDS:.0f} s") from error
    except OSError as error:
        raise Failed(f"it went away: {error}") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            # To its end: a process whose pipes nobody empties is never seen to end.
            await process.communicate()
    if process.returncode:
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise Failed(f"it ended with {process.returncode}: {last}")
    try:
        return unpacked(answer)
    except (*_UNREADABLE, pickle.UnpicklingError) as error:
        raise Failed(f"its answer cannot be read: {error}") from error


async def _started(function: str, argument: object) -> tuple[asyncio.subprocess.Process, bytes]:
    """The process, and what it has to be told."""
    try:
        question = packed((function, argument))
        process = await asyncio.create_subprocess_exec(
            *frozen.this_program(WORD),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            creationflags=NO_WINDOW,
        )
    except (OSError, ValueError, TypeError, AttributeError, pickle.PicklingError) as error:
        raise Failed(f"it cannot be asked: {error}") from error
    return process, question


def answer() -> int:
    """Answer the one call that stands on standard input: what the process does that was started.

    An exception ends it with a traceback on standard error, which the caller reads.
    """
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that is printed on the way may come between, by no library either
    function, argument = pickle.load(sys.stdin.buffer)
    module, _, name = function.partition(":")
    work: Callable[[object], Any] = getattr(import_module(module), name)
    result = work(argument)
    if inspect.iscoroutine(result):
        result = asyncio.run(_finished(result))
    out.write(packed(result))
    out.flush()
    return 0


async def _finished(work: Any) -> Any:
    return await work


def packed(value: object) -> bytes:
    """A value as it goes through a pipe.

    Raises:
        TypeError, PicklingError: it holds something that is no value.
    """
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = copyreg.dispatch_table | {MappingProxyType: _proxy}
    pickler.dump(value)
    return buffer.getvalue()


def unpacked(data: bytes) -> Any:
    """A value that `packed` made, in this program."""
    return pickle.loads(data)


def _proxy(value: MappingProxyType[Any, Any]) -> tuple[Any, ...]:
    return read_only, (dict(value),)


def read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A mapping that cannot be changed: `MappingProxyType` has no name by which to be found."""
    return MappingProxyType(values)


def environment() -> dict[str, str]:
    """Ours without secrets; the package is found where it was found here."""
    ours = without_secrets(os.environ)
    if frozen.is_frozen() or _ROOT.name in _SITES:
        return ours
    there = [str(_ROOT), *filter(None, [ours.get("PYTHONPATH")])]
    return ours | {"PYTHONPATH": os.pathsep.join(there)}
