"""What this copy is: its version, how it was built, how old its data are."""

from __future__ import annotations

import platform
import sys
from datetime import date
from pathlib import Path

import pytest

from landfall import __version__
from landfall.core.settings import Thresholds
from landfall.services import resources
from landfall.services.installation import about
from landfall.services.installation.about import Build, DataDate
from landfall.services.verdict import rates

TODAY = date(2026, 11, 26)


def test_that_a_checkout_is_run_from_its_source() -> None:
    copy = about.this_copy()
    assert copy.version == __version__
    assert copy.build is Build.SOURCE
    assert copy.built_as == "source"
    assert copy.python == platform.python_version()
    assert platform.machine() in copy.system


def test_that_resources_inside_the_package_are_those_of_a_wheel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resources, "folder", lambda: resources._INSTALLED)
    assert about.this_copy().build is Build.WHEEL


def test_that_a_bundle_says_so_and_that_of_a_package_who_packed_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(resources, "folder", lambda: tmp_path)
    assert about.this_copy().built_as == "frozen"
    (tmp_path / "packaged_by").write_text("deb\n", encoding="utf-8")
    assert about.this_copy().built_as == "deb"


def test_that_every_part_of_the_data_has_the_day_of_its_newest_fact(tmp_path: Path) -> None:
    found = {one.part: one.newest for one in about.data_dates(tmp_path / "prices.json")}
    assert list(found) == [
        "models",
        "hardware",
        "prices",
        "rentals",
        "purchases",
        "electricity",
        "subscriptions",
        "thresholds",
    ]
    assert found["rentals"] == max(row.as_of for row in rates.load().rentals)
    assert found["electricity"] == max(row.as_of for row in rates.load().electricity)
    assert all(found.values())


@pytest.mark.parametrize(
    ("document", "newest"),
    [
        ({}, None),
        ({"rows": []}, None),
        ({"as_of": "2026-11"}, None),
        ({"as_of": "2026-01-02", "rows": [{"date": "2026-03-04"}, {"date": None}]}, "2026-03-04"),
        ([{"checked": "2026-01-02"}, {"a": {"as_of": "2025-01-02"}}], "2026-01-02"),
        ({"released": "2026-01-02"}, None),
    ],
)
def test_that_the_newest_day_is_found_however_deep(document: object, newest: str | None) -> None:
    found = about.newest_day(document)
    assert (found.isoformat() if found else None) == newest


@pytest.mark.parametrize(
    ("newest", "age", "stale"),
    [
        (date(2026, 11, 26), 0, False),
        (date(2026, 10, 12), 45, False),
        (date(2026, 10, 11), 46, True),
        (None, None, True),
    ],
)
def test_that_data_are_stale_after_as_many_days_as_prices(
    newest: date | None, age: int | None, stale: bool
) -> None:
    one = DataDate(part="models", newest=newest)
    assert one.age_days(TODAY) == age
    assert one.is_stale(TODAY, stale_days=Thresholds().price_stale_days) is stale


def test_that_a_report_names_the_copy_and_nobody(
    monkeypatch: pytest.MonkeyPatch, private_home: Path
) -> None:
    text = about.report(
        about.this_copy(),
        "Qt 6.11.3",
        dates=(DataDate(part="models", newest=TODAY), DataDate(part="prices", newest=None)),
    )
    assert text.startswith(f"Landfall {__version__} (source)\nPython ")
    assert "\nQt 6.11.3\n" in text
    assert "Data: models 2026-11-26, prices undated\n" in text
    for name in (platform.node(), str(Path.home()), str(private_home)):
        assert name not in text
    assert "Data:" not in about.report(about.this_copy())
