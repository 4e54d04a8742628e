from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall import __version__
from landfall.core.costs.tariff import Tariff, TariffWindow
from landfall.core.energy.wall import WallCalibration
from landfall.core.errors import BadInput, SettingsTooNew, Unavailable
from landfall.core.settings import Settings, ThemeChoice, Thresholds
from landfall.services.settings import settings_store, settings_toml


def test_without_a_file_the_defaults_stand(tmp_path: Path) -> None:
    assert settings_store.load(tmp_path / "settings.toml") == Settings()


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    settings = replace(
        Settings(),
        theme=ThemeChoice.DARK,
        electricity=Tariff(
            price_per_kwh=0.31,
            currency="EUR",
            windows=(
                TariffWindow(
                    from_hour=22, to_hour=6, price_per_kwh=0.2, weekdays=frozenset({0, 1})
                ),
                TariffWindow(from_hour=12, to_hour=14, price_per_kwh=0.1),
            ),
        ),
        currency_usd_rate=1.08,
        currency_usd_date="2026-11-20",
        daily_budget_usd=None,
        check_updates=True,
        thresholds=replace(Thresholds(), local_bill_min_usd_month=750.0, history_min_days=14),
        overrides=MappingProxyType({"ram.total_bytes": 1 << 35}),
        base_urls=MappingProxyType({"openai": "http://127.0.0.1:1234/v1"}),
        prices=MappingProxyType({"openai/gpt-5.5": MappingProxyType({"input": 4.5})}),
    )
    path = tmp_path / "settings.toml"
    settings_store.save(path, settings)
    assert settings_store.load(path) == settings


@given(
    rate=st.floats(min_value=0, max_value=1e6),
    context=st.integers(min_value=0, max_value=2_000_000),
    language=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)
def test_any_setting_survives_a_round_trip(rate: float, context: int, language: str) -> None:
    settings = replace(Settings(), hourly_rate_usd=rate, context_length=context, language=language)
    assert settings_toml.parse(settings_toml.dump(settings)) == settings


@pytest.mark.parametrize(
    ("text", "field", "line"),
    [
        ("theme = 'pink'\n", "theme", 1),
        ("\nhourly_rat_usd = 3\n", "hourly_rat_usd", 2),
        ("hourly_rate_usd = 'x'\n", "hourly_rate_usd", 1),
        ("hourly_rate_usd = nan\n", "hourly_rate_usd", 1),
        ("hourly_rate_usd = -1\n", "hourly_rate_usd", 1),
        ("context_length = 1.5\n", "context_length", 1),
        ("context_length = true\n", "context_length", 1),
        ("refresh_prices = true\n", "refresh_prices", 1),
        ("[thresholds]\nutilisation = 1\n", "thresholds.utilisation", 2),
        ("thresholds = 1\n", "thresholds", 1),
        ("schema = 0\n", "schema", 1),
        ("schema = true\n", "schema", 1),
        ("schema = '2'\n", "schema", 1),
        ("check_updates = 1\n", "check_updates", 1),
        ("[prices.'a/b']\ninput = 'x'\n", "prices.a/b.input", 2),
        ("currency_usd_rate = 0\n", "currency_usd_rate", 1),
        ("currency_usd_date = 'soon'\n", "currency_usd_date", 1),
        ("currency_usd_date = 3\n", "currency_usd_date", 1),
        ("electricity = 3\n", "electricity", 1),
        ("[electricity]\ncurrency = 'EUR'\n", "electricity.price_per_kwh", 1),
        ("[electricity]\nprice_per_kwh = 'x'\n", "electricity.price_per_kwh", 2),
        ("[electricity]\nprice_per_kwh = -1\n", "electricity.price_per_kwh", 2),
        ("[electricity]\nprice_per_kwh = nan\n", "electricity.price_per_kwh", 2),
        ("[electricity]\nprice_per_kwh = 1\ncurrency = 'euro'\n", "electricity.currency", 3),
        ("[electricity]\nprice_per_kwh = 1\ncurrency = 3\n", "electricity.currency", 3),
        ("[electricity]\nprice_per_kwh = 1\nprise = 3\n", "electricity.prise", 3),
        ("[electricity]\nprice_per_kwh = 1\nwindows = 3\n", "electricity.windows", 3),
        ("[electricity]\nprice_per_kwh = 1\nwindows = [3]\n", "electricity.windows[0]", 3),
        ("electricity_usd_per_kwh = 'x'\n", "electricity_usd_per_kwh", 1),
        (
            "electricity_usd_per_kwh = 1\n[electricity]\nprice_per_kwh = 1\n",
            "electricity_usd_per_kwh",
            1,
        ),
        ("[overrides]\n\n'ram.totl_bytes' = 3\n", "overrides.ram.totl_bytes", 3),
        ("[overrides]\n'ram.total_bytes' = 'x'\n", "overrides.ram.total_bytes", 2),
    ],
)
def test_a_wrong_line_is_named(text: str, field: str, line: int) -> None:
    with pytest.raises(BadInput) as caught:
        settings_toml.parse(text)
    assert (caught.value.field, caught.value.line) == (field, line)


WINDOW = "[[electricity.windows]]\nfrom_hour = {}\nto_hour = {}\nprice_per_kwh = {}\n"


@pytest.mark.parametrize(
    ("second", "field", "line"),
    [
        (WINDOW.format(6.5, 8, 1), "electricity.windows[1].from_hour", 8),
        (WINDOW.format(6, 25, 1), "electricity.windows[1].from_hour", 8),
        (WINDOW.format(6, 6, 1), "electricity.windows[1].to_hour", 9),
        (WINDOW.format(6, 8, "'x'"), "electricity.windows[1].price_per_kwh", 10),
        (WINDOW.format(6, 8, 1) + "weekdays = ['mo']\n", "electricity.windows[1].weekdays", 11),
        (WINDOW.format(6, 8, 1) + "weekdays = 'mon'\n", "electricity.windows[1].weekdays", 11),
        (WINDOW.format(6, 8, 1) + "weekdays = []\n", "electricity.windows[1].weekdays", 11),
        (WINDOW.format(6, 8, 1) + "days = []\n", "electricity.windows[1].days", 11),
        (WINDOW.format(5, 8, 1), "electricity.windows[1]", 7),
        ("[[electricity.windows]]\nfrom_hour = 6\n", "electricity.windows[1].to_hour", 7),
    ],
)
def test_that_a_wrong_window_of_a_tariff_is_named_with_its_own_line(
    second: str, field: str, line: int
) -> None:
    text = "[electricity]\nprice_per_kwh = 0.3\n" + WINDOW.format(22, 6, 0.2) + second
    with pytest.raises(BadInput) as caught:
        settings_toml.parse(text)
    assert (caught.value.field, caught.value.line) == (field, line)


def test_that_the_flat_price_of_an_older_file_is_not_lost() -> None:
    old = settings_toml.parse("electricity_usd_per_kwh = 0.31\n")
    assert old.electricity == Tariff(price_per_kwh=0.31)
    assert settings_toml.parse('electricity_usd_per_kwh = "none"\n').electricity is None
    assert settings_toml.parse(settings_toml.dump(old)) == old


def test_that_a_date_may_be_written_as_toml_knows_dates() -> None:
    assert settings_toml.parse("currency_usd_date = 2026-11-20\n").currency_usd_date == "2026-11-20"


def test_a_close_name_is_suggested() -> None:
    with pytest.raises(BadInput) as caught:
        settings_toml.parse("hourly_rate_us = 3\n")
    assert "hourly_rate_usd" in caught.value.hint


def test_broken_toml_names_its_line() -> None:
    with pytest.raises(BadInput) as caught:
        settings_toml.parse("theme = 'dark'\nlanguage = \n")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "text",
    [f"context_length = {'9' * 5000}", f"hourly_rate_usd = {'9' * 400}", "a = " + "[" * 5000],
)
def test_that_a_text_that_no_reader_takes_is_said(text: str) -> None:
    with pytest.raises(BadInput, match="is not TOML"):
        settings_toml.parse(text)


def test_that_the_mark_of_windows_editors_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbfcontext_length = 4096\r\n")
    assert settings_store.load(path).context_length == 4096


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"theme = 'dark'\nlanguage = '\xff'\n")
    with pytest.raises(BadInput) as caught:
        settings_store.load(path)
    assert caught.value.line == 2


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(Unavailable):
        settings_store.load(tmp_path / "settings.toml")


@pytest.mark.skipif(os.name != "posix", reason="no endless file here")
def test_a_file_without_an_end_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").symlink_to("/dev/zero")
    with pytest.raises(Unavailable, match="no regular file"):
        settings_store.load(tmp_path / "settings.toml")


def test_a_save_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.toml"
    settings_store.save(path, replace(Settings(), language="de"))

    def refused(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refused)
        with pytest.raises(Unavailable):
            settings_store.save(path, replace(Settings(), language="fr"))
    assert settings_store.load(path).language == "de"
    assert [one.name for one in path.parent.glob("*.part")] == []


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_the_folder_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "config" / "settings.toml"
    settings_store.save(path, Settings())
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_is_not_understood_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("colour = 'red'\n")
    settings_store.save(path, replace(Settings(), language="de"))
    assert settings_store.load(path).language == "de"
    assert (tmp_path / "settings.broken.toml").read_text() == "colour = 'red'\n"


NEWER = "# Written by Landfall 99.1.0\nschema = 1\nfuture = true\n"


@pytest.mark.parametrize(
    ("text", "writer"),
    [
        ("schema = 9\n", "a newer version of Landfall"),
        ("# Written by Landfall 99.1.0\nschema = 9\n", "Landfall 99.1.0 or a newer one"),
        (NEWER, "Landfall 99.1.0 or a newer one"),
        ("# Written by Landfall 0.1.0.1\ntheme = 'pink'\n", "Landfall 0.1.0.1 or a newer one"),
    ],
)
def test_that_settings_of_a_newer_version_are_refused_with_its_name_and_left_alone(
    tmp_path: Path, text: str, writer: str
) -> None:
    path = tmp_path / "config" / "settings.toml"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(SettingsTooNew) as caught:
        settings_store.load(path)
    assert caught.value.exit_code == 3
    assert f"Install {writer}, or move" in caught.value.hint
    with pytest.raises(SettingsTooNew):
        settings_store.save(path, replace(Settings(), language="de"))
    kept = [(one.name, one.read_text()) for one in path.parent.iterdir()]
    assert kept == [("settings.toml", text)]


def test_that_settings_of_a_newer_version_that_are_understood_are_read_and_written_anew(
    tmp_path: Path,
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# Written by Landfall 99.1.0\nschema = 1\nlanguage = 'de'\n")
    assert settings_store.load(path).language == "de"
    settings_store.save(path, replace(Settings(), language="en"))
    assert path.read_text().startswith(f"# Written by Landfall {__version__}\nschema = 1\n")


@pytest.mark.parametrize(
    "first", ["# Written by Landfall ", "# Written by Landfall x", "# 99", "", "# Written by 9"]
)
def test_that_a_first_line_that_names_no_version_makes_no_settings_newer(first: str) -> None:
    with pytest.raises(BadInput, match="no such setting"):
        settings_toml.parse(f"{first}\nfuture = true\n")


CALIBRATION = WallCalibration(
    idle_wall_watts=80.0,
    idle_measured_watts=40.0,
    load_wall_watts=420.0,
    load_measured_watts=346.0,
    sources=("NVML GPU 0", "RAPL package-0"),
    at="2026-11-26T10:00:00+00:00",
    how="plug",
)


@pytest.mark.parametrize(
    "calibration",
    [CALIBRATION, replace(CALIBRATION, load_wall_watts=None, load_measured_watts=None)],
)
def test_that_a_plug_and_a_calibration_at_the_wall_are_kept(calibration: WallCalibration) -> None:
    settings = replace(
        Settings(),
        plug_url="http://192.168.1.50:8080",
        plug_anywhere=True,
        wall_calibration=calibration,
    )
    assert settings_toml.parse(settings_toml.dump(settings)) == settings


def test_that_hosts_of_plain_http_are_kept_and_anything_but_a_list_of_them_is_refused() -> None:
    settings = replace(Settings(), plain_http_hosts=("box.lan:8000", "10.0.0.5"))
    assert settings_toml.parse(settings_toml.dump(settings)) == settings
    for wrong in ("'box.lan'", "[1]", "true"):
        with pytest.raises(BadInput, match="a list of hosts") as error:
            settings_toml.parse(f"plain_http_hosts = {wrong}")
        assert error.value.field == "plain_http_hosts"


def test_that_a_plugs_address_is_kept_as_a_plain_url() -> None:
    assert settings_toml.parse("plug_url = ' 192.168.1.50 '").plug_url == "http://192.168.1.50"
    assert settings_toml.parse("plug_url = ''").plug_url == ""


_HEAD = "[wall_calibration]\nat = '2026-11-26'\nsources = ['NVML GPU 0']\n"
_IDLE = "idle_wall_watts = 80\nidle_measured_watts = 40\n"


@pytest.mark.parametrize(
    ("text", "field", "line"),
    [
        ("\nplug_url = 'https://192.168.1.5'\n", "plug_url", 2),
        ("plug_url = 5\n", "plug_url", 1),
        ("wall_calibration = 5\n", "wall_calibration", 1),
        (f"{_HEAD}idle_wall_wats = 8\n", "wall_calibration.idle_wall_wats", 4),
        (f"{_HEAD}idle_wall_watts = 'x'\n", "wall_calibration.idle_wall_watts", 4),
        (f"{_HEAD}idle_wall_watts = 80\n", "wall_calibration.idle_measured_watts", 1),
        (
            f"{_HEAD}{_IDLE}load_wall_watts = 60\nload_measured_watts = 50\n",
            "wall_calibration.load_wall_watts",
            6,
        ),
        ("[wall_calibration]\nsources = 'NVML'\n", "wall_calibration.sources", 2),
        ("[wall_calibration]\nat = 5\n", "wall_calibration.at", 2),
    ],
)
def test_that_a_wrong_line_of_plug_or_calibration_is_named(
    text: str, field: str, line: int
) -> None:
    with pytest.raises(BadInput) as caught:
        settings_toml.parse(text)
    assert (caught.value.field, caught.value.line) == (field, line)
