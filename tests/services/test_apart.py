"""A call in a process of its own: what it answers, and every way in which it may not."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
import pytest

from landfall.core.errors import BadInput
from landfall.services import apart


async def test_that_a_function_answers_from_another_process() -> None:
    assert await apart.call("os:getenv", "LANDFALL_APART") is None
    assert await apart.call("operator:neg", 3) == -3


async def test_that_a_coroutine_function_answers_too() -> None:
    assert await apart.call("asyncio:sleep", 0) is None


async def test_that_values_of_ours_cross_and_come_back() -> None:
    value = (MappingProxyType({"a": MappingProxyType({})}), Path("x"), {1.5: frozenset({"y"})})
    assert await apart.call("copy:copy", value) == value


def test_that_an_error_of_ours_keeps_its_place_when_it_crosses() -> None:
    said = BadInput("No.", "Do.", file="a.toml", line=3, field="x.y")
    back = apart.unpacked(apart.packed(said))
    assert (type(back), str(back)) == (BadInput, str(said))
    assert (back.file, back.line, back.field) == ("a.toml", 3, "x.y")


async def test_that_what_is_printed_on_the_way_comes_not_between() -> None:
    assert await apart.call("builtins:print", "noise") is None


async def test_that_secrets_do_not_go_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-planted")
    monkeypatch.setenv("SOME_WORD", "plain")
    assert await apart.call("os:getenv", "SOME_API_KEY") is None
    assert await apart.call("os:getenv", "SOME_WORD") == "plain"


@pytest.mark.parametrize(
    ("function", "argument", "word"),
    [
        ("operator:truth_of", 1, "truth_of"),
        ("landfall.nothing:x", 1, "landfall.nothing"),
        ("builtins:float", "no number", "no number"),
        ("os:_exit", 7, "ended with 7"),
        ("os:abort", 1, "abort"),
        ("operator:neg", lambda: 1, "cannot be asked"),
        ("builtins:memoryview", b"no value", "memoryview"),
    ],
)
async def test_that_a_process_without_an_answer_says_why(
    function: str, argument: object, word: str
) -> None:
    with pytest.raises(apart.Failed, match=word):
        await apart.call(function, argument)


async def test_that_a_program_that_cannot_be_started_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(apart.Failed, match="cannot be asked"):
        await apart.call("operator:neg", 3)


async def test_that_an_answer_that_is_none_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\nexec cat > /dev/null\n")
    other.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(other))
    with pytest.raises(apart.Failed, match="cannot be read"):
        await apart.call("operator:neg", 3)


async def test_that_it_works_from_any_folder_and_takes_no_module_from_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "operator.py").write_text("raise SystemExit(9)\n")
    (tmp_path / "landfall.py").write_text("raise SystemExit(9)\n")
    monkeypatch.chdir(tmp_path)
    assert await apart.call("operator:neg", 3) == -3


async def test_that_a_cancelled_call_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    start = asyncio.create_subprocess_exec

    async def noted(*command: str, **how: Any) -> asyncio.subprocess.Process:
        process = await start(*command, **how)
        started.put_nowait(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    for function, argument in (("time:sleep", 60), ("builtins:bytes", 5_000_000)):
        asking = asyncio.create_task(apart.call(function, argument))
        process = await started.get()
        if function == "builtins:bytes":
            await asyncio.sleep(0.5)  # it has begun to answer, more than a pipe holds
        asking.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(asking, return_exceptions=True)
        assert process.returncode is not None
        assert not psutil.pid_exists(process.pid)


async def test_that_one_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MOST_SECONDS", 0.3)
    with pytest.raises(apart.Failed, match="not answered"):
        await apart.call("time:sleep", 60)


async def test_that_large_values_come_through() -> None:
    assert await apart.call("builtins:bytes", 5_000_000) == bytes(5_000_000)
