"""Correcting a field of the machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from landfall.core.machine import overrides
from landfall.core.machine.hardware import GIB, HardwareProfile
from landfall.gui.format import Origin, Shown
from landfall.gui.machine.corrections import correctables
from landfall.gui.machine.facts import facts, tried
from landfall.gui.machine.override_dialog import OverrideDialog
from landfall.gui.widgets.cells import Title
from landfall.services.models import shipped_catalogue


@pytest.fixture
def profile() -> HardwareProfile:
    return shipped_catalogue.load().what_if("RTX 4090")


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def dialog_on(
    profile: HardwareProfile, current: dict[str, Any], parent: QWidget
) -> tuple[OverrideDialog, list[dict[str, Any]]]:
    dialog = OverrideDialog(profile, current, parent)
    told: list[dict[str, Any]] = []
    dialog.changed.connect(told.append)
    dialog.open()
    return dialog, told


def choose(dialog: OverrideDialog, path: str, profile: HardwareProfile) -> None:
    paths = [one.path for one in correctables(profile)]
    dialog.field.setCurrentIndex(paths.index(path))


def test_that_a_corrected_memory_is_told_in_bytes(
    profile: HardwareProfile, parent: QWidget, qtbot: QtBot
) -> None:
    dialog, told = dialog_on(profile, {}, parent)
    choose(dialog, "accelerators.0.memory_total_bytes", profile)
    assert dialog.value.text() == "24"
    dialog.value.setText("48")
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert told == [{"accelerators.0.memory_total_bytes": 48 * GIB}]
    assert not dialog.isVisible()


@pytest.mark.parametrize("text", ["much", "0", "-4"])
def test_that_nonsense_is_said_and_the_dialog_stays(
    profile: HardwareProfile, parent: QWidget, qtbot: QtBot, text: str
) -> None:
    dialog, told = dialog_on(profile, {}, parent)
    choose(dialog, "ram.total_bytes", profile)
    dialog.value.setText(text)
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert told == []
    assert dialog.isVisible()


def test_that_a_correction_can_be_taken_back(
    profile: HardwareProfile, parent: QWidget, qtbot: QtBot
) -> None:
    current = {"ram.total_bytes": 3 * GIB, "cpu.name": "Mine"}
    dialog, told = dialog_on(profile, current, parent)
    choose(dialog, "cpu.name", profile)
    assert dialog.back.isEnabled()
    qtbot.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
    assert told == [{"ram.total_bytes": 3 * GIB}]
    choose(dialog, "disk.models_path", profile)
    assert not dialog.back.isEnabled()


@pytest.mark.parametrize(
    ("size", "written"),
    [(25_276_000_000, "23.54"), (9_999_999 * GIB, "9999999"), (GIB // 3, "0.3333"), (GIB, "1")],
)
def test_that_no_value_is_written_with_an_exponent_or_needless_digits(
    profile: HardwareProfile, size: int, written: str
) -> None:
    changed = replace(profile, ram=replace(profile.ram, total_bytes=size))
    now = {one.path: one.now for one in correctables(changed)}
    assert now["ram.total_bytes"] == written


def test_that_what_is_left_as_it_was_found_is_no_correction(
    profile: HardwareProfile, parent: QWidget, qtbot: QtBot
) -> None:
    dialog, told = dialog_on(profile, {}, parent)
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert told == []
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("path", "value", "row"),
    [
        ("ram.total_bytes", 48 * GIB, "Main memory"),
        ("disk.free_bytes", 10**12, "Free where models are stored"),
        ("accelerators.0.usable_bytes", 20 * GIB, "Usable GPU memory"),
        ("accelerators.0.memory_total_bytes", 48 * GIB, "Usable GPU memory"),
        ("accelerators.0.power_limit_watts", 300.0, "Power limit"),
        ("accelerators.0.bandwidth_bytes_per_s", 1e12, "Memory bandwidth"),
    ],
)
def test_that_what_the_user_said_is_never_marked_as_measured(
    profile: HardwareProfile, path: str, value: float, row: str
) -> None:
    rows = dict(facts(overrides.apply(profile, {path: value})))
    figure = rows[Title(row, "corrected by you")]
    assert isinstance(figure, Shown)
    assert figure.origin is Origin.STATED


def test_that_a_correction_is_told_in_words_and_units() -> None:
    profile = overrides.apply(
        shipped_catalogue.load().what_if("RTX 4090"), {"ram.total_bytes": 48 * GIB}
    )
    line = tried(profile)[-1]
    assert line.title == "Corrected by you: Main memory"
    assert line.detail.startswith("48 GiB instead of ")
    assert line.detail.endswith(" GiB")


def test_that_enter_in_the_field_saves_and_does_not_go_back_to_what_was_detected(
    profile: HardwareProfile, parent: QWidget, qtbot: QtBot
) -> None:
    path = "accelerators.0.memory_total_bytes"
    dialog, told = dialog_on(profile, {path: 32 * GIB}, parent)
    choose(dialog, path, profile)
    assert dialog.back.isEnabled()
    dialog.value.setFocus()
    dialog.value.setText("48")
    qtbot.keyClick(dialog.value, Qt.Key.Key_Return)
    assert told == [{path: 48 * GIB}]
    assert not dialog.isVisible()
