"""The language of `settings.toml`: read strictly, written with what differs from the defaults."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from importlib import import_module
from types import MappingProxyType
from typing import Any

import tomli_w

from landfall import __version__
from landfall.core import toml_lines, toml_text
from landfall.core.costs.tariff import Tariff
from landfall.core.energy.plug_address import plug_address
from landfall.core.energy.wall import WallCalibration, checked
from landfall.core.errors import BadInput, SettingsTooNew
from landfall.core.machine import overrides
from landfall.core.settings import (
    PLAN_NUMBERS,
    PLAN_TEXTS,
    PRICE_PARTS,
    Settings,
    ThemeChoice,
    Thresholds,
)
from landfall.core.versions import version
from landfall.services.settings import tariff_toml

SCHEMA = 1
OLD_ELECTRICITY = "electricity_usd_per_kwh"
"""How a flat price in USD was written before there were tariffs; it is still read."""

SIGNED = "# Written by Landfall "
"""How the first line begins: a comment, which versions from before it was written skip."""


def parse(text: str, *, file: str = "settings.toml") -> Settings:
    """Settings from TOML text.

    Raises:
        SettingsTooNew: it has a newer schema, or a newer version wrote what is not understood.
        BadInput: not TOML, an unknown key or a value of the wrong type; says where.
    """
    try:
        return _parsed(text, file)
    except BadInput as error:
        writer = _writer(text)
        if writer and version(writer) > version(__version__):
            raise _too_new(file, writer, error.message) from error
        raise


def _parsed(text: str, file: str) -> Settings:
    try:
        table = toml_text.read(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        line = _line_of(message)
        raise BadInput(
            f"{file} is not TOML: {toml_text.in_words(message, text)}.",
            "Correct the line.",
            file=file,
            line=line,
        ) from error
    reader = _Reader(text, file)
    schema = table.pop("schema", SCHEMA)
    if type(schema) is int and schema > SCHEMA:
        what = f"It has schema {schema}, and this version ({__version__}) reads schema {SCHEMA}."
        raise _too_new(file, _writer(text), what)
    if type(schema) is not int or schema != SCHEMA:
        raise reader.bad("schema", f"this version reads schema {SCHEMA}, not {schema!r}")
    return reader.settings(table)


def _writer(text: str) -> str:
    """The version that the first line names, or ""."""
    first = text.partition("\n")[0].strip()
    said = first.removeprefix(SIGNED)
    try:
        version(said)
    except ValueError:
        return ""
    return said if said != first else ""


def _too_new(file: str, writer: str, what: str) -> SettingsTooNew:
    named = f"Landfall {writer}" if writer else "a newer version of Landfall"
    return SettingsTooNew(
        f"{file} was written by {named}. {what} It was left as it is.",
        f"Install {named}{' or a newer one' if writer else ''}, or move the file away to begin with"
        " the defaults.",
    )


def dump(settings: Settings) -> str:
    """TOML text with what differs from the defaults, and nothing secret: keys are not settings."""
    default = Settings()
    table: dict[str, Any] = {"schema": SCHEMA}
    for f in fields(Settings):
        value = getattr(settings, f.name)
        if value == getattr(default, f.name):
            continue
        table[f.name] = (
            _hosts().plain(value) if f.name == "hosts" else _plain(value, default.thresholds)
        )
    return tomli_w.dumps(table)


def _hosts() -> Any:
    """Few settings hold any, and every command reads settings."""
    return import_module("landfall.services.hosts.toml")


def _plain(value: Any, thresholds: Thresholds) -> Any:
    match value:
        case Thresholds():
            return {
                f.name: getattr(value, f.name)
                for f in fields(Thresholds)
                if getattr(value, f.name) != getattr(thresholds, f.name)
            }
        case WallCalibration():
            kept = {f.name: getattr(value, f.name) for f in fields(WallCalibration)}
            return {name: _plain(v, thresholds) for name, v in kept.items() if v is not None}
        case ThemeChoice():
            return str(value)
        case Tariff():
            return tariff_toml.plain(value)
        case tuple():
            return list(value)
        case Mapping():
            return {key: _plain(inner, thresholds) for key, inner in value.items()}
        case None:
            return "none"
        case _:
            return value


class _Reader:
    """Checks a parsed table against the dataclasses, and knows where each key stands."""

    def __init__(self, text: str, file: str) -> None:
        self._lines = text.splitlines()
        self._file = file

    def settings(self, table: dict[str, Any]) -> Settings:
        known = [f.name for f in fields(Settings)]
        changes: dict[str, Any] = {}
        if OLD_ELECTRICITY in table:
            changes["electricity"] = self._old_electricity(table)
        for name, value in table.items():
            if name not in known:
                raise self.bad(name, "there is no such setting", near=known)
            changes[name] = self._value(name, value)
        return replace(Settings(), **changes)

    def _old_electricity(self, table: dict[str, Any]) -> Tariff | None:
        """The flat price in USD of older files, taken out of the table."""
        value = table.pop(OLD_ELECTRICITY)
        if "electricity" in table:
            raise self.bad(OLD_ELECTRICITY, "it stands beside [electricity]: keep one of the two")
        if value == "none":
            return None
        return Tariff(price_per_kwh=self._number(OLD_ELECTRICITY, value))

    def _value(self, name: str, value: Any) -> Any:
        match name:
            case "theme":
                if value not in list(ThemeChoice):
                    raise self.bad(name, f"{value!r} is none of {', '.join(ThemeChoice)}")
                return ThemeChoice(value)
            case "thresholds":
                return self._thresholds(self._table(name, value))
            case "overrides":
                return self._overrides(self._table(name, value))
            case "base_urls":
                return self._base_urls(self._table(name, value))
            case "prices":
                return self._prices(self._table(name, value))
            case "plans":
                return self._plans(self._table(name, value))
            case "wall_calibration":
                return self._wall_calibration(self._table(name, value))
            case "electricity":
                return tariff_toml.tariff(self._table(name, value), self._bad_in_tables)
            case _:
                return self._single(name, value)

    def _single(self, name: str, value: Any) -> Any:
        """A setting that is no table."""
        match name:
            case "currency_usd_rate":
                rate = self._number(name, value)
                if rate == 0:
                    raise self.bad(name, "a rate above 0 is expected")
                return rate
            case "currency":
                return self._currency(name, value)
            case "currency_usd_date":
                return self._date(name, value)
            case "plug_url":
                return self._plug_url(value)
            case "hosts":
                return _hosts().hosts(value, self._bad_in_tables)
            case "plain_http_hosts":
                if not isinstance(value, list) or not all(isinstance(host, str) for host in value):
                    raise self.bad(name, "a list of hosts is expected")
                return tuple(value)
            case "daily_budget_usd":
                return None if value == "none" else self._number(name, value)
            case _:
                return self._like(name, value, getattr(Settings(), name))

    def _overrides(self, table: dict[str, Any]) -> MappingProxyType[str, Any]:
        for path, value in table.items():
            try:
                overrides.check({path: value})
            except BadInput as error:
                raise self.bad(f"overrides.{path}", error.message.rstrip("."), key=path) from error
        return MappingProxyType(dict(table))

    def _thresholds(self, table: dict[str, Any]) -> Thresholds:
        known = [f.name for f in fields(Thresholds)]
        changes: dict[str, Any] = {}
        for key, value in table.items():
            path = f"thresholds.{key}"
            if key not in known:
                raise self.bad(path, "there is no such threshold", near=known)
            changes[key] = self._like(path, value, getattr(Thresholds(), key))
        return replace(Thresholds(), **changes)

    def _base_urls(self, table: dict[str, Any]) -> MappingProxyType[str, str]:
        return MappingProxyType(
            {key: str(self._like(f"base_urls.{key}", url, "")) for key, url in table.items()}
        )

    def _prices(self, table: dict[str, Any]) -> MappingProxyType[str, MappingProxyType[str, float]]:
        out = {}
        for model, row in table.items():
            path = f"prices.{model}"
            parts = self._table(path, row)
            for part in parts:
                if part not in PRICE_PARTS:
                    raise self.bad(f"{path}.{part}", "there is no such price", near=[*PRICE_PARTS])
            out[model] = MappingProxyType(
                {part: self._number(f"{path}.{part}", usd) for part, usd in parts.items()}
            )
        return MappingProxyType(out)

    def _plans(
        self, table: dict[str, Any]
    ) -> MappingProxyType[str, MappingProxyType[str, float | str]]:
        out: dict[str, MappingProxyType[str, float | str]] = {}
        for name, row in table.items():
            values: dict[str, float | str] = {}
            for key, value in self._table(f"plans.{name}", row).items():
                path = f"plans.{name}.{key}"
                if key in PLAN_NUMBERS:
                    values[key] = self._number(path, value)
                elif key in PLAN_TEXTS:
                    values[key] = str(self._like(path, value, ""))
                else:
                    raise self.bad(
                        path, "a plan has no such value", near=[*PLAN_NUMBERS, *PLAN_TEXTS]
                    )
            if "usd_month" not in values:
                raise self.bad(f"plans.{name}.usd_month", "is missing", key=name)
            out[name] = MappingProxyType(values)
        return MappingProxyType(out)

    def _currency(self, path: str, value: Any) -> str:
        code = str(self._like(path, value, "")).strip().upper()
        if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
            raise self.bad(path, f"a code such as EUR is expected, not {value!r}")
        return code

    def _date(self, path: str, value: Any) -> str:
        text = value.isoformat() if isinstance(value, date) else value
        try:
            return date.fromisoformat(text).isoformat()
        except (TypeError, ValueError):
            raise self.bad(path, f"a date such as 2026-11-26 is expected, not {value!r}") from None

    def _plug_url(self, value: Any) -> str:
        typed = str(self._like("plug_url", value, ""))
        if not typed.strip():
            return ""
        try:
            return plug_address(typed).url
        except BadInput as error:
            raise self.bad("plug_url", error.message.rstrip(".")) from error

    def _wall_calibration(self, table: dict[str, Any]) -> WallCalibration:
        known = [f.name for f in fields(WallCalibration)]
        values: dict[str, Any] = dict.fromkeys(known[:5])
        for key, value in table.items():
            path = f"wall_calibration.{key}"
            if key not in known:
                raise self.bad(path, "there is no such reading", near=known)
            values[key] = self._reading(path, key, value)
        for key in ("idle_wall_watts", "idle_measured_watts", "sources", "at"):
            if values.get(key) is None:
                raise self.bad(f"wall_calibration.{key}", "is missing", key="[wall_calibration]")
        try:
            return checked(WallCalibration(**values))
        except BadInput as error:
            path = f"wall_calibration.{error.field}"
            raise self.bad(path, error.message.rstrip(".")) from error

    def _reading(self, path: str, key: str, value: Any) -> Any:
        if key == "sources":
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                raise self.bad(path, "a list of names of sources is expected")
            return tuple(value)
        if key in {"at", "how"}:
            return self._like(path, value, "")
        return self._number(path, value)

    def _table(self, path: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.bad(path, "a table is expected")
        return value

    def _number(self, path: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.bad(path, f"a number is expected, not {value!r}")
        if not math.isfinite(value) or value < 0:
            raise self.bad(path, "a finite number of 0 or more is expected")
        return float(value)

    def _like(self, path: str, value: Any, default: Any) -> Any:
        if isinstance(default, bool):
            if not isinstance(value, bool):
                raise self.bad(path, f"true or false is expected, not {value!r}")
            return value
        if isinstance(default, int):
            number = self._number(path, value)
            if number != int(number):
                raise self.bad(path, f"a whole number is expected, not {value!r}")
            return int(number)
        if isinstance(default, float):
            return self._number(path, value)
        if not isinstance(value, str):
            raise self.bad(path, f"text is expected, not {value!r}")
        return value

    def _bad_in_tables(self, path: str, what: str, *, near: list[str] | None = None) -> BadInput:
        """Windows and hosts repeat their keys: the line is found by the whole path."""
        line = toml_lines.line_of(path, toml_lines.lines_of_keys("\n".join(self._lines)))
        return self.bad(path, what, near=near, line=line)

    def bad(
        self,
        path: str,
        what: str,
        *,
        near: list[str] | None = None,
        key: str = "",
        line: int | None = None,
    ) -> BadInput:
        key = key or path.rpartition(".")[2]
        close = difflib.get_close_matches(key, near or [], n=1)
        hint = f"Did you mean {close[0]}?" if close else "Correct it or delete the line."
        return BadInput(
            f"{self._file}: {path}: {what}.",
            hint,
            file=self._file,
            line=line or self._line(key),
            field=path,
        )

    def _line(self, key: str) -> int | None:
        for number, line in enumerate(self._lines, start=1):
            if line.partition("=")[0].strip().strip("\"'") == key:
                return number
        return None


def _line_of(message: str) -> int | None:
    """tomllib names the line in its text only: "(at line 3, column 5)"."""
    _, found, rest = message.partition("at line ")
    number = rest.split(",")[0].strip(")")
    return int(number) if found and number.isdigit() else None
