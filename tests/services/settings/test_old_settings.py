"""Settings, machines and workloads as older versions stored them are read by this one."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from landfall.core.costs.tariff import Tariff
from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.services.machine import user_machines
from landfall.services.models import shipped_catalogue
from landfall.services.settings import settings_store, settings_toml
from landfall.services.settings.settings_toml import OLD_ELECTRICITY
from landfall.services.verdict import workload_files
from tests.services.old_homes import HOMES, put, tables


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """All that an older version kept."""
    return put(request.param, tmp_path / "home").parent


def test_that_every_setting_of_an_older_version_is_read(home: Path) -> None:
    path = home / "settings.toml"
    stored = tomllib.loads(path.read_text(encoding="utf-8"))
    read = settings_store.load(path)
    changed = {
        one.name for one in fields(Settings) if getattr(read, one.name) != one_default(one.name)
    }
    renamed = {"electricity" if name == OLD_ELECTRICITY else name for name in stored}
    assert changed == renamed - {"schema"}
    assert len(changed) >= 9
    assert read.thresholds.payback_max_months == 18.0
    assert read.overrides == {"ram.total_bytes": 34_359_738_368}
    assert read.prices["openai/m-1"]["cached"] == 1.0
    assert read.daily_budget_usd == 7.5
    assert read.electricity is not None
    if OLD_ELECTRICITY in stored:
        assert read.electricity == Tariff(price_per_kwh=stored[OLD_ELECTRICITY])
    else:
        assert read.electricity.windows[0].price_per_kwh == 0.22


def one_default(name: str) -> object:
    return getattr(Settings(), name)


def test_that_settings_of_an_older_version_are_written_anew_and_stay_the_same(home: Path) -> None:
    path = home / "settings.toml"
    read = settings_store.load(path)
    settings_store.save(path, read)
    assert settings_store.load(path) == read
    assert OLD_ELECTRICITY not in path.read_text(encoding="utf-8")


def test_that_machines_of_an_older_version_are_read(home: Path) -> None:
    found = user_machines.load(home / "machines.toml", shipped_catalogue.load().machines)
    assert found is not None
    assert found.problems == ()
    assert [machine.name for machine in found.machines] == ["Under the desk"]


def test_that_workloads_of_an_older_version_are_read(home: Path) -> None:
    kept = tables(home / "history.db")["workloads"]
    assert len(kept) >= 3
    for row in kept:
        assert workload_files.from_text(row["toml"]).workload.name == row["name"]


FLAT = "electricity_usd_per_kwh = 0.3\nplug_url = 'http://192.168.1.9'\n"
READING = "idle_wall_watts = 80\nidle_measured_watts = 40\nsources = ['RAPL']\nat = '2026-11-26'\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Settings()),
        ("schema = 1\n", Settings()),
        ("electricity_usd_per_kwh = 'none'\n", Settings()),
        ("daily_budget_usd = 'none'\n", replace(Settings(), daily_budget_usd=None)),
        (
            FLAT,
            replace(
                Settings(), electricity=Tariff(price_per_kwh=0.3), plug_url="http://192.168.1.9"
            ),
        ),
    ],
)
def test_that_forms_between_two_schemas_are_read(text: str, expected: Settings) -> None:
    assert settings_toml.parse(text) == expected


def test_that_a_reading_at_the_wall_of_before_it_said_how_is_read() -> None:
    read = settings_toml.parse(f"{FLAT}[wall_calibration]\n{READING}")
    assert read.wall_calibration is not None
    assert read.wall_calibration.how == "typed"


def test_that_a_workload_file_of_a_newer_schema_is_refused_with_its_number() -> None:
    with pytest.raises(BadInput, match="has schema 9; this version of Landfall reads schema 1"):
        workload_files.from_text('schema = 9\n[workload]\nname = "New"\n')
