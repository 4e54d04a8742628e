"""`landfall usage local`: what the answers of this machine would have cost at a host."""

from __future__ import annotations

import asyncio
import json

import pytest

from landfall.cli.main import main
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord

AGAINST = ("--against", "openai:gpt-5-mini")


async def _answer(electricity_usd: float | None) -> None:
    places = paths.of_user()
    places.make()
    history = History(places.database)
    await history.open()
    run = RunRecord(
        started_at="2026-11-25T10:00:00+00:00",
        place="local",
        host="127.0.0.1",
        model="own:1b",
        state="done",
        prompt="Hi",
        prompt_tokens=3,
        output_tokens=20,
        electricity_cost=electricity_usd,
        electricity_currency=None if electricity_usd is None else "USD",
    )
    await history.add_run(run)
    await history.close()


def test_that_nothing_kept_and_a_wrong_name_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["usage", "local"]) == 1
    assert "No answer of this machine is kept" in capsys.readouterr().out
    assert main(["usage", "local", "--against", "openai", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["field"] == "against"


def test_that_a_saving_is_told_and_one_that_is_not_known_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asyncio.run(_answer(0.001))
    assert main(["usage", "local", *AGAINST, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["model"], told["hosted_model"], told["answers"]) == ("own:1b", "gpt-5-mini", 1)
    assert told["saved_usd"] == pytest.approx(told["cloud_usd"] - 0.001)
    asyncio.run(_answer(None))
    assert main(["usage", "local", *AGAINST]) == 0
    table = capsys.readouterr().out
    assert "openai:gpt-5-mini" in table
    assert "0.00008" in table  # of two answers: a fraction of a cent is no 0
    assert "not known" in table
    assert "the electricity of 1 of 2 answers is not known in USD" in table
    assert main(["usage", "local"]) == 1
    assert "no host of the same weights is known" in capsys.readouterr().out
