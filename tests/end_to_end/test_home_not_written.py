"""Where nothing can be written, what only reads works, and what is not kept is said."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from landfall.services.ollama.client import Ollama
from tests.end_to_end.process import Ran, environment
from tests.end_to_end.test_bad_surroundings import NOBODY, POWERLESS, needs_root, run_by
from tests.fakes.ollama_thread import TwinThread
from tests.fakes.tiny_models import TinyModel
from tests.services.ollama.conftest import fill

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="surroundings of Linux")


@pytest.fixture
def server(tmp_path: Path, tiny: Mapping[str, TinyModel]) -> Iterator[str]:
    """The address of a server with small models."""

    async def filled(url: str) -> None:
        async with Ollama(url) as client:
            await fill(client, tiny)

    with TwinThread(tmp_path / "models") as thread:
        asyncio.run(filled(thread.twin.url))
        yield thread.twin.url


def template(home: Path, folder: Path) -> Path:
    """A workload file."""
    file = folder / "mine.toml"
    printed = run_by("verdict", "--template", before=(), env=environment(home), home=home)
    file.write_text(printed.out)
    return file


def without_writing(*words: str, home: Path, **more: str) -> Ran:
    """Run a command that may read its home only."""
    env = environment(home, **{"OLLAMA_HOST": NOBODY} | more)
    home.chmod(0o555)
    try:
        return run_by(*words, before=POWERLESS, env=env, home=home)
    finally:
        home.chmod(0o755)


@needs_root
@pytest.mark.parametrize(
    "words",
    [
        ("verdict",),
        ("usage", "list"),
        ("usage", "workloads"),
        ("usage", "local"),
        ("export", "history", "--out", "{0}/out.json"),
        ("export", "report", "--out", "{0}/out.md"),
        ("people", "qwen3:8b", "--people", "3"),
    ],
    ids=" ".join,
)
def test_that_what_only_reads_works_in_a_home_that_is_read_only(
    filled: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    ran = without_writing(*(word.format(tmp_path) for word in words), home=filled)
    # The history of the fixture holds a workload without a task: 2, where it is decided.
    assert ran.code in (0, 1, 2), ran
    assert "history.db" not in ran.err
    assert "Triage" in ran.err or ran.out


@needs_root
@pytest.mark.parametrize("there", [False, True], ids=["new", "old"])
def test_that_a_file_is_decided_in_a_home_that_is_read_only(
    home: Path, tmp_path: Path, there: bool
) -> None:
    if there:
        shutil.copy(Path(__file__).parents[1] / "data" / "history_v1.db", home / "history.db")
    file = template(home, tmp_path)
    ran = without_writing("verdict", str(file), "--json", home=home)
    assert ran.code == 0, ran
    assert ran.document[0]["verdict"]


def test_that_a_file_is_decided_beside_a_damaged_history(home: Path, tmp_path: Path) -> None:
    file = template(home, tmp_path)
    (home / "history.db").write_bytes(os.urandom(4096))
    env = environment(home, OLLAMA_HOST=NOBODY)
    ran = run_by("verdict", str(file), before=(), env=env, home=home)
    assert ran.code == 0, ran
    assert "Decided without what was measured before" in ran.err


@needs_root
def test_that_a_model_answers_in_a_home_that_is_read_only_and_what_is_not_kept_is_said(
    filled: Path, server: str
) -> None:
    before = (filled / "history.db").read_bytes()
    ran = without_writing("run", "tiny-story", "Once", home=filled, OLLAMA_HOST=server)
    assert ran.code == 0, ran
    assert ran.out
    assert "Nothing of this is kept" in ran.err
    assert (filled / "history.db").read_bytes() == before


def test_that_a_home_that_vanishes_during_an_answer_is_said(home: Path, server: str) -> None:
    ran = subprocess.Popen(
        [sys.executable, "-m", "landfall", "run", "tiny-story", "Once", "--num-predict", "60"],
        env=environment(home, OLLAMA_HOST=server),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert ran.stdout is not None
    ran.stdout.read(1)
    shutil.rmtree(home)
    _, said = ran.communicate(timeout=60)
    assert "This answer is not in the history" in said
    assert "moved or deleted while it was in use" in said
