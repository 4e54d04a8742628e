"""Ten thousand models on a disk: what is not in sight is not made."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from landfall.core.hosts.runtime import InstalledModel, LoadedModel
from landfall.gui import tab_order
from landfall.gui.models.delete_dialog import Candidate, DeleteModels
from landfall.gui.models.installed import InstalledTab
from landfall.gui.models.installed_view import installed_key, installed_row, installed_text
from landfall.gui.models.newer_look import NewerLook
from landfall.gui.widgets.cells import searched, sort_key
from landfall.gui.widgets.controls import Switch

MANY = 10_000


class Idle(QObject):
    """Actions none of which is under way."""

    changed = Signal()

    def busy(self, _name: str) -> str:
        return ""


def a_model(number: int, **changes: object) -> InstalledModel:
    return InstalledModel(
        **{
            "name": f"model-{number}:latest",
            "digest": f"{number:064x}",
            "size_bytes": 4_000_000_000 - number,
            "modified_at": "2026-11-20T10:00:00Z",
            "family": "llama",
            "parameter_size": "8B",
            "quantization": "Q4_K_M",
            "remote": False,
            **changes,
        }  # type: ignore[arg-type]
    )


@pytest.fixture
def tab(qtbot: QtBot) -> InstalledTab:
    nobody: Any = None
    newer = NewerLook(nobody, nobody, host=nobody)
    made = InstalledTab(Idle(), newer)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    return made


def test_that_to_free_space_of_ten_thousand_models_makes_the_lines_in_sight(qtbot: QtBot) -> None:
    dialog = DeleteModels([Candidate(f"m{i}", 5, "never here") for i in range(MANY)], choose=True)
    qtbot.addWidget(dialog)
    dialog.show()
    first = len(dialog.findChildren(Switch))
    assert first < 100
    bar = dialog._area.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert first < len(dialog.findChildren(Switch)) < 200


def test_that_the_last_of_many_is_reached_by_tab_and_deleted(qtbot: QtBot) -> None:
    dialog = DeleteModels([Candidate(f"m{i}", 5, "never here") for i in range(90)], choose=True)
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.show()
    dialog.findChildren(Switch)[0].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(dialog.findChildren(Switch)[0].hasFocus)
    passed = ["delete-m0"]
    while passed[-1] != "delete-m89" and len(passed) < 100:
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        qtbot.wait(1)
        passed.append(dialog.focusWidget().objectName())
    assert passed == [f"delete-m{i}" for i in range(90)]
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Space)
    assert [one.name for one in dialog.chosen] == ["m89"]


def test_that_a_search_and_an_order_make_no_row_of_ten_thousand(
    tab: InstalledTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    tab.set_models(tuple(a_model(i) for i in range(MANY)), (), {})
    monkeypatch.setattr(tab.table.table.rows, "_make", made.append)
    assert tab.search("model-77:") == 1
    assert not made
    tab.search("")
    tab.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert tab._listed[0].name == f"model-{MANY - 1}:latest"
    tab.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert tab._listed[0].name == "model-0:latest"


def test_that_the_selected_model_is_the_one_in_the_order_that_is_shown(tab: InstalledTab) -> None:
    tab.set_models(tuple(a_model(i) for i in range(3)), (), {})
    tab.select("model-2")
    tab.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert tab.current is not None
    assert tab.current.name == "model-2:latest"
    assert tab.table.current == 0
    tab.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert tab.table.current == 2


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("model", [a_model(1), a_model(2, remote=True, family="")], ids=str)
def test_that_a_row_is_searched_and_ordered_as_what_is_written_in_it(
    qapp: object, model: InstalledModel, loaded: bool
) -> None:
    used = {"model-1:latest": "2026-11-26T21:04:00+00:00"}
    row = installed_row(model, used=used, loaded=loaded)
    text = installed_text(model, used=used, loaded=loaded)
    written = " ".join(searched(cell) for cell in row)
    for word in written.replace(",", " ").split():
        assert word in (*text.replace(",", " ").split(), "unknown")
    keys = [installed_key(model, at, used=used, loaded=loaded) for at in range(4)]
    assert keys == [sort_key(cell) for cell in row]


def test_that_a_loaded_model_is_found_by_its_state(tab: InstalledTab) -> None:
    loaded = LoadedModel(
        name="model-1", digest="", size_bytes=1, gpu_bytes=1, context=None, expires_at=""
    )
    tab.set_models((a_model(1), a_model(2)), (loaded,), {})
    assert tab.search("loaded") == 1


def test_that_the_keyboard_begins_at_a_model_and_not_at_a_list_that_shows_no_focus(
    qtbot: QtBot,
) -> None:
    dialog = DeleteModels([Candidate(f"m{i}", 5, "never here") for i in range(3)], choose=True)
    qtbot.addWidget(dialog)
    dialog.open()
    names = [one.objectName() for one in tab_order.stops(dialog)]
    assert names[:3] == ["delete-m0", "delete-m1", "delete-m2"]
