"""`landfall price`: its document, its table and its exit codes."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.main import main
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.provider import HostedModel, ProviderRow
from landfall.services.pricing import offered_models, second_opinion
from landfall.services.pricing import refresh as price_refresh
from landfall.services.pricing import tables as price_tables
from tests.fakes import price_tables as tables

DEAD = "http://127.0.0.1:9/data.json"
"""Where nobody listens."""


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["price", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_that_the_document_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--input", "900", "--cached", "600", "--output", "120", "--at", "2026-11-25")
    code, found = ask(capsys, "openai", "gpt-5.5", *words)
    assert code == 0
    assert set(found) == {
        "provider",
        "model",
        "at",
        "usd",
        "parts",
        "source",
        "as_of",
        "age_days",
        "notes",
    }
    assert found["at"] == "2026-11-25T12:00:00+00:00"
    assert found["usd"] == 0.0084
    assert sum(part["tokens"] for part in found["parts"]) == 1620
    assert sum(part["usd"] for part in found["parts"]) == pytest.approx(found["usd"])
    assert (found["as_of"], found["age_days"]) == ("2026-11-09", 16)


def test_that_a_long_prompt_and_a_batch_change_the_rate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--output", "0", "--at", "2026-11-25", "--batch")
    _, short = ask(capsys, "openai", "gpt-5.5", "--input", "272000", *words)
    _, long = ask(capsys, "openai", "gpt-5.5", "--input", "1", "--cached", "272000", *words)
    assert short["parts"][0]["usd_per_mtok"] == 2.5
    assert long["parts"][0]["usd_per_mtok"] == 5


def test_that_the_hour_of_the_call_counts(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("deepseek", "deepseek-flash", "--input", "1000000", "--output", "0", "--at")
    _, noon = ask(capsys, *words, "2026-11-25")
    _, peak = ask(capsys, *words, "2026-11-25T02:00:00Z")
    assert (noon["usd"], peak["usd"]) == (0.15, 0.3)


def test_that_an_unknown_model_is_null_with_a_note_and_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, found = ask(capsys, "openai", "gpt-99", "--input", "1", "--output", "1")
    assert code == 1
    assert found["usd"] is None
    assert found["parts"] == []
    assert "gpt-5" in found["notes"][0]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("nobody", "m", "--input", "1", "--output", "1"), "provider"),
        (("openai", "gpt-5.5", "--input", "1", "--output", "1", "--at", "yesterday"), "at"),
        (("openai", "gpt-5.5", "--input", "1e3", "--output", "1"), "input"),
        (("openai", "gpt-5.5", "--input", "1", "--output", "1000000000000000"), "output"),
        (("openai", "gpt-5.5", "--input", "1", "--output", "1", "--cached", "nan"), "cached"),
    ],
)
def test_that_bad_input_is_2_and_names_its_field(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], field: str
) -> None:
    code, found = ask(capsys, *words)
    assert code == 2
    assert found["error"]["kind"] == "bad_input"
    assert found["error"]["field"] == field


def test_that_people_get_a_table_with_source_age_and_notes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("openai", "gpt-4", "--input", "1500", "--output", "100", "--at", "2027-03-01")
    assert main(["price", *words]) == 0
    text = capsys.readouterr().out
    assert "gpt-4" in text
    assert "112 days old" in text
    assert "Retired on 2026-10-23" in text
    assert main(["price", "openai", "gpt-99", "--input", "1", "--output", "1"]) == 1
    assert "price unknown" in capsys.readouterr().out


def test_that_without_a_date_a_call_costs_what_it_costs_now(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, found = ask(capsys, "anthropic", "claude-opus-4-7", "--input", "10", "--output", "0")
    assert code == 0
    assert found["at"].endswith("+00:00")


def test_that_cache_writes_of_both_lifetimes_have_their_own_price(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--input", "2000", "--output", "1000", "--at", "2026-11-25")
    _, hour = ask(capsys, "anthropic", "claude-opus-4-5", *words, "--cache-write-1h", "10000")
    assert hour["usd"] == pytest.approx(0.135)
    _, short = ask(capsys, "anthropic", "claude-opus-4-5", *words, "--cache-write", "10000")
    assert short["usd"] == pytest.approx(0.0975)
    assert [part["what"] for part in short["parts"]] == ["input", "cache_write", "output"]


def test_that_a_service_has_its_own_price(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("openai", "gpt-5.5", "--input", "1000", "--output", "0", "--at", "2026-11-25")
    _, plain = ask(capsys, *words)
    _, flex = ask(capsys, *words, "--service", "flex")
    _, other = ask(capsys, *words, "--service", "gold")
    assert flex["usd"] == pytest.approx(plain["usd"] / 2)
    assert other["usd"] == plain["usd"]
    assert any("'gold'" in note for note in other["notes"])


def settings_file(home: Path, text: str) -> None:
    (home / "settings.toml").write_text(text, encoding="utf-8")


def test_that_the_users_currency_stands_beside_usd_with_the_date_of_its_rate(
    capsys: pytest.CaptureFixture[str], private_home: Path
) -> None:
    words = ("openai", "gpt-5.5", "--input", "1000000", "--output", "0", "--batch")
    _, usd = ask(capsys, *words)
    assert "converted" not in usd
    settings_file(
        private_home,
        'currency = "EUR"\ncurrency_usd_rate = 1.25\ncurrency_usd_date = 2026-01-02\n',
    )
    _, both = ask(capsys, *words)
    assert both["usd"] == usd["usd"]
    assert both["converted"]["amount"] == pytest.approx(both["usd"] / 1.25)
    assert both["converted"]["currency"] == "EUR"
    assert "as of 2026-01-02" in both["converted"]["note"]
    assert "type a newer rate" in both["converted"]["note"]
    assert main(["price", *words]) == 0
    assert "EUR (1 EUR = 1.25 USD as of 2026-01-02" in capsys.readouterr().out
    settings_file(private_home, 'currency = "EUR"\n')
    _, none = ask(capsys, *words)
    assert none["converted"] == {
        "amount": None,
        "currency": None,
        "note": "what 1 EUR is in USD was not said",
    }
    assert main(["price", *words]) == 0
    assert "not converted: what 1 EUR is in USD was not said" in capsys.readouterr().out


PLANS = ("--plans", "--input", "2000", "--output", "500", "--at", "2026-11-26")


def test_that_plans_are_held_against_the_bill_by_the_token(
    capsys: pytest.CaptureFixture[str], private_home: Path
) -> None:
    words = ("anthropic", "claude-opus-4-5", *PLANS, "--calls-per-day")
    code, found = ask(capsys, *words, "40")
    assert code == 0
    assert found["best"] == "copilot-pro"
    assert found["saving_usd_month"] == pytest.approx(5.0)
    fits = [plan["fit"] for plan in found["plans"]]
    assert fits == sorted(fits, key={"yes": 0, "over": 0, "unknown": 1, "no": 2}.get)
    assert all(plan["source"] and plan["why"] for plan in found["plans"])
    settings_file(
        private_home, 'currency = "EUR"\ncurrency_usd_rate = 1.25\ncurrency_usd_date = 2026-11-20\n'
    )
    assert main(["price", *words, "40"]) == 0
    shown = capsys.readouterr().out
    assert "saves 5.00 USD a month" in shown
    assert "In the apps of GitHub alone" in shown
    assert "EUR (1 EUR = 1.25 USD" in shown
    (amount,) = re.findall(r"that plan: ([\d.]+) EUR", shown)
    assert len(amount.partition(".")[2]) == 2, "as many digits as the month in USD has"
    _, same = ask(capsys, *words, "40")
    assert same["converted"]["currency"] == "EUR"
    assert main(["price", *words, "1"]) == 0
    assert "By the token is cheaper" in capsys.readouterr().out


def test_that_plans_without_a_model_are_judged_by_their_limits_alone(
    capsys: pytest.CaptureFixture[str], private_home: Path
) -> None:
    code, found = ask(capsys, *PLANS, "--calls-per-day", "1000")
    assert code == 1
    assert (found["best"], found["api_usd_month"]) == (None, None)
    assert main(["price", *PLANS, "--calls-per-day", "1000"]) == 1
    assert "No plan is known to hold this volume." in capsys.readouterr().out
    settings_file(private_home, '[plans."Ours"]\nusd_month = 5\n')
    code, found = ask(capsys, *PLANS, "--calls-per-day", "1000")
    assert (code, found["best"]) == (0, "own:Ours")
    assert main(["price", *PLANS, "--calls-per-day", "1000"]) == 0
    shown = capsys.readouterr().out
    assert "The cheapest plan that holds this volume is Ours." in shown
    assert "In the apps" not in shown


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ((), "provider"),
        (("openai",), "model"),
        (("openai", "gpt-5.5", "--output", "1"), "input"),
        (("openai", "gpt-5.5", "--input", "1"), "output"),
        (PLANS, "calls_per_day"),
        (("openai", *PLANS, "--calls-per-day", "1"), "model"),
        ((*PLANS, "--calls-per-day", "many"), "calls_per_day"),
        ((*PLANS, "--calls-per-day", "1", "--users", "0"), "users"),
        (("openai", "--refresh"), "refresh"),
        (("--refresh", "--bundled"), "refresh"),
        (("--bundled", "--plans"), "bundled"),
    ],
)
def test_that_what_is_missing_is_named(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], field: str
) -> None:
    code, found = ask(capsys, *words)
    assert code == 2
    assert found["error"]["field"] == field


def test_that_a_refresh_without_a_network_says_failed_and_the_date_of_what_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, private_home: Path
) -> None:
    monkeypatch.setattr(price_refresh.refresh, "__kwdefaults__", {"url": DEAD, "now": None})
    assert main(["price", "--refresh"]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Refresh failed, showing data of 2026-11-09 (")
    assert "refreshed" not in told.err
    code, found = ask(capsys, "--refresh")
    assert code == 3
    assert (found["fetched"], found["as_of"]) == (False, "2026-11-09")
    assert set(found["error"]) == {"kind", "message", "hint", "file", "line", "field"}
    assert found["error"]["kind"] == "network_unavailable"
    assert not (private_home / "prices.json").exists()
    code, found = ask(capsys, "openai", "gpt-5.5", "--input", "1", "--output", "1")
    assert (code, found["as_of"]) == (0, "2026-11-09")


def test_that_one_goes_back_to_the_table_that_came_with_the_program(
    capsys: pytest.CaptureFixture[str], private_home: Path
) -> None:
    document = price_tables.as_document(
        tables.document(), url="u", at=datetime(2026, 11, 26, tzinfo=UTC)
    )
    price_tables.keep(document, private_home / "prices.json")
    code, found = ask(capsys, "openai", "m-1", "--input", "1000000", "--output", "0")
    assert (code, found["usd"], found["as_of"]) == (0, 2.0, "2026-11-26")
    code, found = ask(capsys, "--bundled")
    assert (code, found["removed"], found["as_of"]) == (0, True, "2026-11-09")
    assert main(["price", "--bundled"]) == 0
    assert "genai-prices" in capsys.readouterr().out
    assert ask(capsys, "openai", "m-1", "--input", "1", "--output", "0")[0] == 1


def test_that_a_refresh_that_works_tells_what_changed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def done(*_args: object, **_more: object) -> price_refresh.Refreshed:
        return price_refresh.Refreshed(table=tables.table(), changed=3, added=2, gone=1)

    monkeypatch.setattr(price_refresh, "refresh", done)
    code, found = ask(capsys, "--refresh")
    assert (code, found["fetched"], found["changed"], found["error"]) == (0, True, 3, None)
    assert main(["price", "--refresh"]) == 0
    assert "3 changed, 2 new, 1 gone" in capsys.readouterr().out


ONE = ("openai", "gpt-5.5", "--input", "1000", "--output", "0")


def test_that_the_provider_is_asked_only_when_told_to_and_its_list_holds_from_then_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def models(_self: CloudAccess, row: ProviderRow) -> tuple[HostedModel, ...]:
        asked.append(row.id)
        listed = (HostedModel(id="gpt-5.4-mini", name="gpt-5.4-mini"),)
        offered_models.keep(row.id, listed, on=date(2026, 11, 26))
        return listed

    monkeypatch.setattr(CloudAccess, "models", models)
    assert ask(capsys, *ONE)[0] == 0
    assert asked == []
    code, found = ask(capsys, *ONE, "--check")
    assert (code, asked) == (0, ["openai"])
    assert any("own list of 2026-11-26 does not have it" in note for note in found["notes"])
    _, later = ask(capsys, *ONE)
    assert later["notes"] == found["notes"]
    assert asked == ["openai"]


def test_that_a_provider_without_a_key_or_at_another_address_is_not_asked(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    private_home: Path,
) -> None:
    code, found = ask(capsys, *ONE, "--check")
    assert code == 3
    assert found["error"]["kind"] in {"key_missing", "keyring_unavailable"}
    settings_file(private_home, '[base_urls]\nopenai = "http://127.0.0.1:9/v1"\n')
    code, found = ask(capsys, *ONE, "--check")
    assert (code, found["error"]["field"]) == (2, "check")


def test_that_a_second_opinion_stands_beside_the_price_or_says_why_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, found = ask(capsys, *ONE, "--second-opinion")
    assert code == 0
    assert found["second_opinion"]["why_not"]
    assert main(["price", *ONE, "--second-opinion"]) == 0
    assert "second opinion: none, " in capsys.readouterr().out

    async def other(*_args: object) -> second_opinion.Opinion:
        return second_opinion.Opinion(model="x/y", input_usd_per_mtok=0.02)

    monkeypatch.setattr(second_opinion, "ask", other)
    assert main(["price", *ONE, "--second-opinion"]) == 0
    assert "OpenRouter lists x/y at 0.02 / unknown USD/Mtok" in capsys.readouterr().out
