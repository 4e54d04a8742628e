"""Correcting a field of the machine."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from landfall.core.hardware import GIB, HardwareProfile
from landfall.gui.machine.override_dialog import OverrideDialog, correctables
from landfall.services import catalogue


@pytest.fixture
def profile() -> HardwareProfile:
    return catalogue.load().what_if("RTX 4090")


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
