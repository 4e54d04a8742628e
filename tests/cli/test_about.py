"""`about`: the version and its data, licences, and whether a newer version is out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cryptography", reason="needs the package cryptography")

from nacl.signing import SigningKey

from landfall import __version__
from landfall.cli.main import main
from landfall.core.announcement import Seen
from landfall.services import certificates
from landfall.services.installation import about, licences, updates
from landfall.services.installation.about import About, Build, DataDate
from landfall.services.installation.updates import Channel, Kept
from tests.fakes import certificates as made
from tests.fakes.news_host import PAGE, NewsHost, answer, file_of, publishing


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: SigningKey) -> Iterator[NewsHost]:
    certificates.trusted.cache_clear()
    office = made.authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(office.path))
    with publishing(made.context(tmp_path, office), answer(file_of(key))) as opened:
        monkeypatch.setattr(updates, "channel", lambda: opened.channel(key))
        yield opened
    certificates.trusted.cache_clear()


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    def say(*words: str, code: int = 0) -> str:
        assert main(["about", *words]) == code
        return capsys.readouterr().out

    return say


def test_that_version_build_and_the_age_of_the_data_are_said(said: Any) -> None:
    text = said()
    assert text.startswith(f"Landfall {__version__} (source), licence MIT\nPython 3.")
    assert "models" in text
    document = json.loads(said("--json"))
    assert (document["version"], document["build"]) == (__version__, "source")
    assert document["packaged_by"] is None
    assert [row["part"] for row in document["data"]][:2] == ["models", "hardware"]
    assert set(document) == {
        "version",
        "build",
        "packaged_by",
        "python",
        "system",
        "licence",
        "data",
    }


def test_that_old_and_undated_data_are_flagged(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dates = (
        DataDate(part="models", newest=date(2020, 1, 1)),
        DataDate(part="prices", newest=None),
        DataDate(part="rentals", newest=date(2999, 1, 1)),
    )
    monkeypatch.setattr(about, "data_dates", lambda _prices: dates)
    lines = said().splitlines()[-3:]
    assert lines[0].endswith(" days, stale")
    assert lines[1].split() == ["prices", "unknown", "not", "dated"]
    assert lines[2].endswith("  0 days")
    assert [row["stale"] for row in json.loads(said("--json"))["data"]] == [True, True, False]


def test_that_licences_are_listed_and_one_is_printed_in_full(said: Any) -> None:
    assert "PyYAML" in said("--licences")
    listed = json.loads(said("--licences", "--json"))["licences"]
    assert listed[0]["name"] == "Landfall"
    assert all("text" not in row for row in listed)
    text = said("--licence", "pyyaml")
    assert text.startswith("PyYAML ")
    assert "https://pyyaml.org/" in text
    assert "Permission is hereby granted" in text
    assert json.loads(said("--licence", "landfall", "--json"))["text"] == licences.own().text
    assert "brings no text" in said("--licence", "nvidia.ml_py")
    assert said("--licence", "genai.prices").startswith("genai-prices ")


def test_that_settings_which_cannot_be_read_are_no_reason_to_say_nothing(
    said: Any, private_home: Path
) -> None:
    private_home.mkdir(exist_ok=True)
    (private_home / "settings.toml").write_text("broken = [")
    assert said().startswith(f"Landfall {__version__} ")


def test_that_a_part_which_is_not_there_is_bad_input(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["about", "--licence", "nothing", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["field"] == "licence"


def test_that_a_newer_version_is_said_with_its_page_and_is_a_no(said: Any, host: NewsHost) -> None:
    text = said("--check", code=1)
    assert "Landfall 1.2.0 is out, 2026-11-20: Faster starts.\n" in text
    assert PAGE in text
    assert json.loads(said("--check", "--json", code=1))["news"] == {
        "standing": "newer",
        "version": "1.2.0",
        "date": "2026-11-20",
        "page": PAGE,
        "notes": "Faster starts.",
        "expires": "2999-12-31",
        "announced_before": None,
    }


@pytest.mark.parametrize(
    ("announced", "words"),
    [(__version__, "This is the newest version"), ("0.0.1", "is newer than what is announced")],
)
def test_that_the_newest_version_is_a_yes(
    said: Any, host: NewsHost, key: SigningKey, announced: str, words: str
) -> None:
    host.answers = [answer(file_of(key, announced))]
    assert words in said("--check")


def test_that_an_old_file_is_seen_through(said: Any, host: NewsHost, private_home: Path) -> None:
    seen = Seen(version="1.3.0", expires=date(2030, 1, 1))
    updates.keep(private_home / "announced.json", Kept(seen=seen))
    assert "it announces 1.2.0, and 1.3.0 was announced here before" in said("--check")


def test_that_forged_news_are_an_error(
    host: NewsHost, key: SigningKey, capsys: pytest.CaptureFixture[str]
) -> None:
    host.answers = [answer(file_of(key).replace(b"1.2.0", b"9.9.9"))]
    assert main(["about", "--check", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "not_genuine"


def test_that_where_nobody_can_be_asked_it_is_unavailable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "channel", Channel)
    assert main(["about", "--check"]) == 3
    assert "no address for news" in capsys.readouterr().err


def test_that_a_package_says_who_updates_it(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = About(version="1.0", build=Build.FROZEN, packaged_by="deb", python="3", system="Linux")
    monkeypatch.setattr(about, "this_copy", lambda: copy)
    assert said().startswith("Landfall 1.0 (deb), licence MIT\nPython 3, Linux\nYour package man")
