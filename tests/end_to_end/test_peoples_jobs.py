"""Five people and their jobs, from what they really have to a decision, in the real command line.

The bands of money are reckoned by hand beside each; prices are those of the price table that ships.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.end_to_end.process import landfall

PEOPLE = Path(__file__).parents[1] / "data" / "people"
NOBODY = {"OLLAMA_HOST": "http://127.0.0.1:9"}
DAYS = 30.4375
"""Of a month."""


def dollars(amount: float) -> str:
    """As sentences write it: cents below 20."""
    return f"${amount:,.{0 if amount >= 20 else 2}f}"


FIRST = datetime(2026, 10, 19, tzinfo=UTC)
"""A Monday."""
SPAN, WORKED, A_DAY = 37, 27, 100
"""Days of the developer's log, those of them from Monday to Friday, and answers on each."""


def claude_code(folder: Path) -> Path:
    """Conversations as Claude Code logs them: an answer stands there twice while it streams, and a
    weekend has no line at all."""
    place = folder / "claude" / "projects" / "-home-mira-shop"
    place.mkdir(parents=True)
    number = 0
    for day in range(SPAN):
        if (FIRST + timedelta(days=day)).weekday() >= 5:
            continue
        lines = []
        for answer in range(A_DAY):
            number += 1
            at = FIRST + timedelta(days=day, hours=8, minutes=5 * answer)
            usage = {
                "input_tokens": 5,
                "cache_creation_input_tokens": 2000,
                "cache_read_input_tokens": 60_000,
                "output_tokens": 500,
                "service_tier": "standard",
            }
            record = {
                "type": "assistant",
                "cwd": "/home/mira/shop",
                "sessionId": f"s{day}",
                "isSidechain": False,
                "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "requestId": f"req_{number}",
                "message": {
                    "id": f"msg_{number}",
                    "role": "assistant",
                    "model": "claude-opus-4-7",
                    "usage": usage,
                },
            }
            lines += [json.dumps(record)] * (2 if number % 4 == 0 else 1)
        (place / f"s{day}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "claude"


async def decided(home: Path, *files: str, machine: str = "") -> list[dict[str, Any]]:
    """The documents of `landfall verdict`."""
    words = [str(PEOPLE / f"{name}.toml") for name in files]
    words += ["--machine", machine] if machine else []
    ran = await landfall("verdict", *words, "--json", home=home, **NOBODY)
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = ran.document
    return found


def option(verdict: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in verdict["options"] if one["kind"] == kind)
    return found


def usd(verdict: dict[str, Any], kind: str) -> float:
    return float(option(verdict, kind)["usd_month"]["mid"])


def rules(verdict: dict[str, Any]) -> set[str]:
    return {one["rule"] for one in verdict["reasons"]}


def near(value: float, wanted: float, share: float = 0.01) -> bool:
    return math.isclose(value, wanted, rel_tol=share)


async def test_that_a_developers_logs_become_a_months_bill_and_a_decision(
    home: Path, tmp_path: Path
) -> None:
    logs = [str(claude_code(tmp_path))]
    logs += [str(PEOPLE / name) for name in ("openai_usage.csv", "openrouter_activity.csv")]
    ran = await landfall("import", *logs, "--save", "--json", home=home, **NOBODY)
    assert ran.code == 0, ran.err
    claude, openai, router = ran.document["workloads"]
    assert [one["task"] for one in (claude, openai, router)] == ["code", "chat", "code"]
    assert claude["calls"] == WORKED * A_DAY
    assert claude["history_days"] == SPAN
    assert near(claude["calls_per_day"], WORKED * A_DAY / SPAN)

    verdicts = await decided(home, machine="RTX 4090")
    names = [one["workload"] for one in verdicts]
    assert names == ["claude-opus-4-7", "gpt-5.5-2026-04-23", "deepseek/deepseek-v3.2-20251201"]
    # 5 tokens at 5, 2,000 written to the cache at 6.25, 60,000 at 0.50 and 500 at 25 USD a million.
    month = 0.055025 * WORKED * A_DAY / SPAN * DAYS
    assert near(usd(verdicts[0], "CLOUD_FRONTIER"), month)
    assert verdicts[0]["verdict"] == "CLOUD_FRONTIER"
    assert verdicts[0]["provisional"]
    assert "E0" in rules(verdicts[0])
    assert {"input": "quality.gate", "verdict_then": "LOCAL_THIS_MACHINE"}.items() <= verdicts[0][
        "flips"
    ][0].items()
    # 60 cents a month of DeepSeek: there is nothing that a test of quality could save.
    assert 0.4 < usd(verdicts[2], "CLOUD_FRONTIER") < 0.9
    told = await landfall("verdict", "--machine", "RTX 4090", home=home, **NOBODY)
    assert "nothing to change" in told.out
    assert "Sample" not in told.out
    assert "samples are left out" in told.err
    assert "All together: 3 CLOUD_FRONTIER." in told.out


async def test_that_a_clinics_letters_stay_in_the_building_on_its_own_card(home: Path) -> None:
    fits = await landfall(
        *("fit", "qwen3:14b", "--context", "12000", "--machine", "RTX 4090", "--json"), home=home
    )
    assert fits.document["fit"] == "gpu"
    (verdict,) = await decided(home, "clinic")
    assert verdict["verdict"] == "LOCAL_THIS_MACHINE"
    assert "H1" in rules(verdict)
    outside = ("CLOUD_FRONTIER", "HOSTED_OPEN", "RENT_GPU", "HYBRID")
    assert [option(verdict, one)["feasible"] for one in outside] == [False] * 4
    # 180 letters a day, 5,200 tokens at 5 and 650 at 30 USD a million.
    assert near(usd(verdict, "CLOUD_FRONTIER"), 180 * DAYS * (5200 * 5 + 650 * 30) / 1e6)
    # A tenth of three hours of care at 70 USD, and some kWh: not the card, which is paid.
    assert 5 < usd(verdict, "LOCAL_THIS_MACHINE") < 60
    told = await landfall("verdict", str(PEOPLE / "clinic.toml"), home=home, **NOBODY)
    assert "Next: get qwen3:14b and point the calls at it" in told.out


async def test_that_a_shops_nightly_job_moves_to_a_cheap_host_and_buys_nothing(home: Path) -> None:
    (verdict,) = await decided(home, "shop")
    assert verdict["verdict"] == "HOSTED_OPEN"
    calls = 900 * DAYS
    today = calls * (1400 * 0.25 + 380 * 2) / 1e6
    assert near(usd(verdict, "CLOUD_FRONTIER"), today)
    assert near(usd(verdict, "HOSTED_OPEN"), calls * (1400 * 0.08 + 380 * 0.28) / 1e6)
    assert usd(verdict, "LOCAL_BUY") > 5 * today
    assert verdict["purchase"] is not None
    (waits,) = [one["text"] for one in verdict["notes"] if one["rule"] == "S3"]
    assert f"{dollars(today / 2)} a month in place of {dollars(today)}" in waits
    told = await landfall("verdict", str(PEOPLE / "shop.toml"), home=home, **NOBODY)
    assert "Next: set up Qwen/Qwen3-32B at deepinfra" in told.out


async def test_that_a_startup_is_told_what_renting_costs_and_stays_in_the_cloud(
    home: Path,
) -> None:
    assistant, invoices = await decided(home, "startup_assistant", "startup_invoices")
    calls = 14_000 * 1.1 * DAYS
    today = calls * (2600 * 3 + 1800 * 0.3 + 320 * 15) / 1e6
    assert near(usd(assistant, "CLOUD_FRONTIER"), today)
    assert assistant["verdict"] == "HOSTED_OPEN"
    assert "S48" in rules(assistant)
    # No price for what is cached there: all 4,400 tokens at 0.09, 320 at 0.55.
    assert near(usd(assistant, "HOSTED_OPEN"), calls * (4400 * 0.09 + 320 * 0.55) / 1e6)
    # About 3 s a call on an RTX 4090: 390 hours at 0.71 an hour, and 12 hours of care at 90.
    assert 1000 < usd(assistant, "RENT_GPU") < 1900
    assert option(assistant, "RENT_GPU")["feasible"]
    assert "S48" in option(assistant, "HYBRID")["why_not"]

    assert invoices["verdict"] == "CLOUD_FRONTIER"
    assert near(usd(invoices, "CLOUD_FRONTIER"), 6000 * 1.1 * DAYS * (3100 * 5 + 450 * 30) / 1e6)
    told = await landfall("verdict", str(PEOPLE / "startup_invoices.toml"), home=home, **NOBODY)
    assert "Next: find out quality.gate_hosted" in told.out


async def test_that_an_offices_workstation_serves_all_and_a_host_is_cheaper(
    home: Path, tmp_path: Path
) -> None:
    asked = ("--people", "12", "--p95", "25", "--calls-per-hour", "6", "--machine", "RTX 4090")
    lengths = ("--input", "1800", "--output", "420", "--json")
    people = await landfall("people", "gpt-oss:20b", *asked, *lengths, home=home, **NOBODY)
    assert people.code == 0, people.err
    (verdict,) = await decided(home, "office")
    calls = 430 * DAYS
    assert near(usd(verdict, "CLOUD_FRONTIER"), calls * (1800 * 5 + 420 * 30) / 1e6)
    assert near(usd(verdict, "HOSTED_OPEN"), calls * (1800 * 0.075 + 420 * 0.3) / 1e6)
    assert verdict["verdict"] == "HOSTED_OPEN"
    here = option(verdict, "LOCAL_THIS_MACHINE")
    more = usd(verdict, "LOCAL_THIS_MACHINE") - usd(verdict, "HOSTED_OPEN")
    assert here["why_not"] == f"{dollars(more)} a month more"

    own_rule = tmp_path / "own.toml"
    text = (PEOPLE / "office.toml").read_text(encoding="utf-8")
    own_rule.write_text(
        text.replace('kind = "office"', 'kind = "office"\nhosted_allowed = false'), "utf-8"
    )
    told = await landfall("verdict", str(own_rule), "--json", home=home, **NOBODY)
    (verdict,) = told.document
    assert verdict["verdict"] == "LOCAL_THIS_MACHINE"
    assert "E2" in rules(verdict)
