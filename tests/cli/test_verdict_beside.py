"""`landfall verdict`: what is said beside the verdicts: the sum, stale ones, privacy, the guide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.main import main
from landfall.core.settings import Thresholds
from landfall.services import resources

SAMPLES = Path(resources.folder()) / "samples"
DATA = Path(__file__).parents[1] / "data" / "decisions"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    main(["verdict", *words])
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    main(["verdict", "--json", *words])
    return json.loads(capsys.readouterr().out)


@pytest.mark.framework("S33")
def test_that_the_sample_portfolio_ends_with_its_83_per_cent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = said(capsys, "--sample-portfolio")
    assert "$47,000 → $8,000 a month, $39,000 less (83 %)." in text
    assert text.count("Sample portfolio: ") == 4
    assert "worth asking for (S34)" in text
    owned = said(capsys, "--sample-portfolio", "--machine", "RTX 4090")
    assert "(83 %)" in owned


def test_that_several_workloads_are_added_up_and_one_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = said(capsys, str(DATA / "D12.toml"))
    assert "All together" not in one
    both = said(capsys, str(DATA / "D12.toml"), str(DATA / "D7.toml"))
    assert "All together: 1 LOCAL_THIS_MACHINE, 1 HOSTED_OPEN." in both
    assert "build no routing layer" in both


def test_that_json_stays_a_list_and_the_sum_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [str(DATA / f"{name}.toml") for name in ("D12", "D7")]
    listed = document(capsys, *files)
    assert [one["workload"] for one in listed] == ["D12", "D7"]
    both = document(capsys, "--together", *files)
    assert both["workloads"] == listed
    assert both["together"]["split"] == {"LOCAL_THIS_MACHINE": 1, "HOSTED_OPEN": 1}
    alone = document(capsys, "--together", files[0])
    assert [one["machine"] for one in alone["together"]["machines"]] == ["the machine"]


def test_that_a_verdict_says_what_it_beat_when_it_expires_and_what_it_rests_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (found,) = document(capsys, str(DATA / "D12.toml"))
    nearest = found["beat"][0]
    assert nearest["kind"] in ("HOSTED_OPEN", "CLOUD_FRONTIER", "RENT_GPU")
    assert nearest["more_usd_month"]["mid"] > 0
    assert found["expires_on"] > found["as_of"]
    assert len(found["rests_on"]["digest"]) == 16
    assert found["stale"] == []
    assert any(note["rule"] == "S18" for note in found["notes"])


def test_that_reasons_say_what_would_turn_them(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, str(DATA / "D1.toml"))
    assert "[turns with: the rule names an approved vendor or a region]" in text
    assert "look again on" in text


def test_that_a_saved_verdict_goes_stale_and_counts_again_when_it_was_checked(
    capsys: pytest.CaptureFixture[str], private_home: Path
) -> None:
    first = document(capsys)
    assert all(one["stale"] == [] for one in first)
    (private_home / "settings.toml").write_text(
        "[thresholds]\nsaving_min_share = 0.15\n", encoding="utf-8"
    )
    changed = document(capsys)
    says = "re-check: the threshold saving min share changed from 0.2 to 0.15"
    assert all(one["stale"] == [says] for one in changed)
    assert f"warning: {says}" in said(capsys)
    assert all(one["stale"] == [] for one in document(capsys, "--checked"))
    assert all(one["stale"] == [] for one in document(capsys))


def test_that_privacy_is_checked_on_demand_for_locked_workloads_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [str(DATA / "D2.toml"), str(DATA / "D12.toml")]
    locked, free = document(capsys, "--check-privacy", *files)
    assert "privacy_check" not in free
    check = locked["privacy_check"]
    assert not check["inside"]
    assert check["sentence"].endswith("Your rule, not a legal finding.")
    assert [one["step"] for one in check["steps"] if one["place"] == "outside your network"] == [
        "embed"
    ]
    text = said(capsys, "--check-privacy", files[0])
    assert "step embed: outside your network" in text
    assert "privacy_check" not in document(capsys, files[0])[0]


@pytest.mark.framework("S51")
def test_that_thresholds_are_listed_with_source_and_date(
    capsys: pytest.CaptureFixture[str], private_home: Path
) -> None:
    (private_home / "settings.toml").write_text(
        "[thresholds]\npayback_max_months = 18\n", encoding="utf-8"
    )
    found = {one["name"]: one for one in document(capsys, "--thresholds")}
    assert found["payback_max_months"]["value"] == 18
    assert found["payback_max_months"]["default"] == Thresholds().payback_max_months
    assert all(one["source"] and one["date"] for one in found.values())
    assert "decision guide of May 2026" in said(capsys, "--thresholds")


def test_that_the_guide_says_kindly_where_it_is_dated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert len(document(capsys, "--guide")) == 51
    text = said(capsys, "--guide")
    assert "S38" in text
    assert "fits neither a 24 GB RTX 4090 nor a 32 GB Mac" in text


def test_that_the_samples_carry_their_label(capsys: pytest.CaptureFixture[str]) -> None:
    samples = sorted(SAMPLES.glob("*.toml"))
    assert samples
    for path in samples:
        (found,) = document(capsys, str(path))
        assert found["workload"].startswith("Sample")


def test_that_long_answers_without_a_target_are_said_where_somebody_waits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "w.toml"
    text = (
        '[workload]\nname = "Long"\ntask = "code"\n[volume]\ncalls_per_day = 40\n'
        "[tokens]\ninput = 20000\noutput = 6000\n"
        '[candidates]\nlocal = ["qwen3:4b"]\n'
    )
    file.write_text(text)
    told = said(capsys, str(file), "--machine", "RTX 3060")
    assert "S23" in told
    assert "latency.p95_seconds" in told
    assert "S38" not in told
    file.write_text(text + "[latency]\np95_seconds = 600\n")
    assert "S23" not in said(capsys, str(file), "--machine", "RTX 3060")
    file.write_text(text.replace('"code"', '"extraction"'))
    assert "S23" not in said(capsys, str(file), "--machine", "RTX 3060")
