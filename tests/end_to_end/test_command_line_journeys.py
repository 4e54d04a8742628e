"""The journeys without a screen, in the real process: J1, J2, J3, J5 and J8."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from landfall.services.ollama.client import Ollama
from tests.end_to_end.process import landfall, start
from tests.fakes.model_registry import Registry
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_twin import Twin
from tests.fakes.tiny_models import TinyModel, cut, write_speaker
from tests.services.ollama.conftest import Live

DECISIONS = Path(__file__).parents[1] / "data" / "decisions"
NOBODY = "http://127.0.0.1:9"


def fresh_model(folder: Path) -> TinyModel:
    text = "Fresh words of a model that no server has, and no more."
    pieces = cut(text)
    path = folder / "tiny-journey.gguf"
    write_speaker(path, pieces=pieces)
    return TinyModel("tiny-journey", path, text, pieces)


async def test_that_the_first_minute_without_a_display_ends_in_verdicts(home: Path) -> None:
    ran = await landfall(home=home, OLLAMA_HOST=NOBODY)
    assert ran.code == 0, ran.err
    assert "no display" in ran.err
    assert "Memory" in ran.out
    assert "models for chat" in ran.out
    assert ran.out.count("Sample: ") >= 3
    assert "[LOCAL_REQUIRED_NOT_FEASIBLE]" in ran.out or "[LOCAL_THIS_MACHINE]" in ran.out


async def test_that_files_for_the_window_are_decided_where_there_is_no_display(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[workload]\nname = "Mine"\ntask = "code"\n', encoding="utf-8")
    ran = await landfall(str(file), home=home, OLLAMA_HOST=NOBODY)
    assert (ran.code, "no display" in ran.err) == (0, True)
    assert ran.out.startswith("Mine: ")
    assert "Sample: " not in ran.out
    gone = await landfall(str(tmp_path / "gone.toml"), home=home, OLLAMA_HOST=NOBODY)
    assert (gone.code, gone.out) == (2, "")
    assert "gone.toml cannot be read" in gone.err


async def test_that_the_machine_is_one_document(home: Path) -> None:
    ran = await landfall("detect", "--json", home=home, OLLAMA_HOST=NOBODY)
    assert ran.code == 0
    assert set(ran.document) == {
        "system",
        "cpu",
        "ram",
        "disk",
        "accelerators",
        "power_sources",
        "runtimes",
        "failures",
        "overrides",
    }
    assert ran.document["runtimes"][0]["state"] in ("stopped", "absent")


async def test_from_a_recommendation_to_an_answer_and_back(
    live: Live, registry: Registry, home: Path, tmp_path: Path
) -> None:
    host = {"OLLAMA_HOST": live.url}
    told = await landfall("recommend", "--json", home=home, **host)
    assert told.code == 0
    assert told.document["models"]

    model = fresh_model(tmp_path)
    name = registry.add(model.name, model.path.read_bytes())
    fits = await landfall("fit", str(model.path), "--context", "512", "--json", home=home, **host)
    assert fits.code == 0
    assert fits.document["fit"] in ("cpu", "gpu")
    assert fits.document["memory"]["total_bytes"] < fits.document["budget_bytes"]

    pulled = await landfall("pull", name, "--insecure", "--json", home=home, **host)
    assert pulled.code == 0, pulled.err
    listed = await landfall("list", "--json", home=home, **host)
    assert name in [entry["name"] for entry in listed.document]

    ran = await landfall(
        "run", name, "Say it.", "--threads", "1", "--context", "512", "--json", home=home, **host
    )
    assert ran.code == 0, ran.err
    assert ran.document["text"] == model.text
    assert ran.document["done_reason"] == "stop"
    assert ran.document["decode_tok_s"] > 0
    assert ran.document["energy"]["gross_joules"] is None or ran.document["energy"]["scope"]
    loaded = await landfall("ps", "--json", home=home, **host)
    assert name in [entry["name"] for entry in loaded.document]

    gone = await landfall("rm", name, home=home, **host)
    assert gone.code == 0, gone.err
    listed = await landfall("list", "--json", home=home, **host)
    assert name not in [entry["name"] for entry in listed.document]
    again = await landfall("rm", name, home=home, **host)
    assert again.code == 1


async def test_that_an_answer_is_printed_piece_by_piece_and_measured(
    live: Live, home: Path, tiny: dict[str, TinyModel]
) -> None:
    ran = await landfall(
        "run", "tiny-story", "Hello", "--threads", "1", home=home, OLLAMA_HOST=live.url
    )
    assert ran.code == 0, ran.err
    assert tiny["tiny-story"].text in ran.out
    assert "tok/s" in ran.out.splitlines()[-1]
    assert "Traceback" not in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_that_cancelling_frees_the_server_at_once(
    live: Live, home: Path, number: signal.Signals
) -> None:
    process = await start(
        "run", "tiny-count", "Count", "--threads", "1", home=home, OLLAMA_HOST=live.url
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.read(40), 30)
    process.send_signal(number)
    out, err = await asyncio.wait_for(process.communicate(), 5)
    assert process.returncode == 130
    assert b"Traceback" not in out + err
    async with Ollama(live.url) as client:
        # The only slot is free again: another request is answered.
        assert await asyncio.wait_for(client.unload("tiny-count", wait_seconds=3), 5)


async def test_that_a_server_that_dies_in_an_answer_is_said_and_what_came_is_kept(
    twin: Twin, home: Path
) -> None:
    twin.faults.append(Fault("die", after=5))
    ran = await landfall("run", "tiny-story", "Hello", home=home, OLLAMA_HOST=twin.url)
    assert ran.code in (1, 3)
    assert ran.out
    assert "Traceback" not in ran.err
    assert ran.err.strip()


@pytest.mark.parametrize("words", [["list"], ["ps"], ["run", "tiny", "x"], ["pull", "x"]])
async def test_that_no_server_is_said_with_what_to_do(home: Path, words: list[str]) -> None:
    ran = await landfall(*words, "--json", home=home, OLLAMA_HOST=NOBODY)
    assert ran.code == 3
    error = ran.document["error"]
    assert error["kind"] == "ollama_unavailable"
    assert error["hint"]


async def test_that_a_verdict_file_is_answered_with_one_document(home: Path) -> None:
    ran = await landfall("verdict", str(DECISIONS / "D13.toml"), "--json", home=home)
    assert ran.code == 0
    (verdict,) = ran.document
    assert verdict["verdict"] == "HYBRID"
    assert verdict["local_share"] == 0.78
    assert {reason["rule"] for reason in verdict["reasons"]} >= {"S27", "E5"}


async def test_that_a_flip_put_into_the_file_gives_the_verdict_it_promises(
    home: Path, tmp_path: Path
) -> None:
    text = (DECISIONS / "D12.toml").read_text()
    (verdict,) = (
        await landfall("verdict", str(DECISIONS / "D12.toml"), "--json", home=home)
    ).document
    flip = next(f for f in verdict["flips"] if f["input"] == "quotes.hosted_open_usd_month")
    changed = tmp_path / "flipped.toml"
    changed.write_text(
        text.replace("hosted_open_usd_month = 260.0", f"hosted_open_usd_month = {flip['at']!r}")
    )
    assert changed.read_text() != text
    (then,) = (await landfall("verdict", str(changed), "--json", home=home)).document
    assert then["verdict"] == flip["verdict_then"]


async def test_that_nonsense_names_file_line_and_key(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    file.write_text('[workload]\nname = "x"\ntask = "chat"\n\n[volume]\ncalls_per_dya = 3\n')
    ran = await landfall("verdict", str(file), "--json", home=home)
    assert ran.code == 2
    error = ran.document["error"]
    assert (error["file"], error["line"]) == (str(file), 6)
    assert error["field"] == "volume.calls_per_dya"
    assert "calls_per_day" in error["hint"]


async def test_that_a_history_from_a_newer_version_is_refused_and_untouched(home: Path) -> None:
    import sqlite3

    database = home / "history.db"
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = database.read_bytes()
    ran = await landfall("verdict", "--json", home=home)
    assert ran.code == 3
    assert ran.document["error"]["kind"] == "database_too_new"
    assert database.read_bytes() == before


async def test_that_a_pipe_that_closes_is_no_traceback(home: Path) -> None:
    process = await start("machines", home=home)
    assert process.stdout is not None
    await process.stdout.read(10)
    process.stdout._transport.close()  # type: ignore[attr-defined]
    assert process.stderr is not None
    err = await asyncio.wait_for(process.stderr.read(), 30)
    await process.wait()
    assert b"Traceback" not in err
