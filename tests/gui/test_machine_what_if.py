"""Asking about a machine that is not at hand, and describing one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from landfall.core.errors import AppError
from landfall.core.machine.hardware import GIB
from landfall.gui.app_state import AppState
from landfall.gui.machine.describe_dialog import DescribeMachine
from landfall.gui.machine.machine_list import ENTRY_ROLE, entries
from landfall.gui.machine.machine_panel import here_words
from landfall.gui.machine.picker import MachinePicker
from landfall.gui.messages import Messages
from landfall.gui.page import PageState
from landfall.gui.pages.machine_page import MachinePage
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.tables import DataTable
from landfall.gui.workloads.machine_what_if import MachineWhatIf
from landfall.services import paths
from landfall.services.machine import known_machines, user_machines
from landfall.services.models import shipped_catalogue
from tests.gui import worlds
from tests.gui.conftest import settle

TOWER = {"name": "the tower", "like": "RTX 3090", "count": 2, "price_usd": 1900}


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANDFALL_HOME", str(tmp_path))
    return paths.of_user().machines


@pytest.fixture
def picker(state: AppState, qtbot: QtBot) -> MachinePicker:
    state.set_profile(worlds.WITH_GPU)
    made = MachinePicker(state)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def page(state: AppState, messages: Messages, qtbot: QtBot) -> MachinePage:
    state.set_profile(worlds.WITH_GPU)
    state.set_power_sources(worlds.SENSORS)
    made = MachinePage(state, messages)
    qtbot.addWidget(made)
    made.resize(1100, 900)
    made.show()
    return made


def keep(fields: dict[str, object] = TOWER) -> None:
    user_machines.add(paths.of_user().machines, fields, shipped_catalogue.load().machines)


def words(widget: QWidget) -> str:
    """Everything that is visible as text."""
    settle()
    said = [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]
    for table in widget.findChildren(DataTable):
        if table.isVisibleTo(widget):
            model = table.model()
            said += [
                str(model.index(r, c).data(Qt.ItemDataRole.AccessibleTextRole))
                for r in range(model.rowCount())
                for c in range(model.columnCount())
            ]
    return "\n".join(said).replace("\u00a0", " ").replace("\u202f", " ")


def press(widget: QWidget, name: str) -> None:
    found = widget.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    found.click()


def titles(picker: MachinePicker) -> list[str]:
    assert picker.panel is not None
    model = picker.panel.list.entries
    return [model.index(row).data() for row in range(model.rowCount())]


def typed(picker: MachinePicker, text: str, qtbot: QtBot) -> None:
    assert picker.panel is not None
    picker.panel.search.setText(text)
    qtbot.waitUntil(lambda: 0 < len(titles(picker)) < 9)


def dialog() -> DescribeMachine:
    found = [w for w in QApplication.topLevelWidgets() if isinstance(w, DescribeMachine)]
    assert len(found) == 1
    return found[0]


def fill(form: DescribeMachine, **fields: str) -> None:
    for key, text in fields.items():
        edit = form.findChild(QLineEdit, f"own-{key}")
        assert isinstance(edit, QLineEdit)
        edit.setText(text)


# ---------------------------------------------------------------- the picker


def test_that_the_state_tells_once_when_another_machine_is_asked_about(
    state: AppState, qtbot: QtBot
) -> None:
    told: list[int] = []
    state.what_if_changed.connect(lambda: told.append(1))
    profile = known_machines.what_if("RTX 4090")
    state.set_what_if(profile)
    state.set_what_if(known_machines.what_if("RTX 4090"))
    assert len(told) == 1
    assert state.what_if == profile
    state.set_what_if(None)
    assert (state.what_if, len(told)) == (None, 2)


def test_that_the_panel_lists_this_machine_own_ones_then_makers(picker: MachinePicker) -> None:
    keep()
    picker.open()
    listed = titles(picker)
    assert listed[:3] == ["This machine", "Your machines", "the tower"]
    makers = [title for title in listed if title in {"NVIDIA", "Apple", "AMD", "Intel", "Others"}]
    assert makers == ["NVIDIA", "Apple", "AMD", "Intel"]
    assert len(listed) == 200 + 3 + len(makers)
    panel = picker.panel
    assert panel is not None
    first = panel.list.entries.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert first == "This machine, NVIDIA GeForce RTX 4090"
    assert here_words(worlds.WITHOUT_GPU) == "AMD EPYC"
    assert here_words(None) == ""


def test_that_a_machine_is_found_and_taken_by_keyboard_alone(
    picker: MachinePicker, state: AppState, qtbot: QtBot
) -> None:
    picker.open()
    panel = picker.panel
    assert panel is not None
    qtbot.keyClicks(panel.search, "m4 max")
    qtbot.waitUntil(lambda: titles(picker) == ["Apple", "M4 Max 32-core", "M4 Max 40-core"])
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    assert panel.list.chosen is not None
    assert panel.list.chosen.name == "M4 Max 40-core"
    assert panel.memory.isVisible()
    assert not panel.count.isVisible()
    panel.memory.setCurrentIndex(1)
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert not panel.isVisible()
    assert state.what_if is not None
    assert state.what_if.name == "M4 Max 40-core 64GB"
    assert picker.button.text() == "What if: M4 Max 40-core 64GB"
    assert picker.button.accessibleName() == "Machine: What if: M4 Max 40-core 64GB"


def test_that_several_of_a_card_can_be_asked_for_and_this_machine_again(
    picker: MachinePicker, state: AppState, qtbot: QtBot
) -> None:
    picker.open()
    panel = picker.panel
    assert panel is not None
    typed(picker, "RTX 3090", qtbot)
    panel.count.setCurrentIndex(3)
    qtbot.mouseClick(panel.use, Qt.MouseButton.LeftButton)
    assert state.what_if is not None
    assert len(state.what_if.accelerators) == 4
    picker.open()
    panel.list.show_entries(entries(known_machines.load(), "", ""), "")
    assert panel.use.text() == "Use this machine"
    panel.use.click()
    assert state.what_if is None
    assert picker.button.text() == "This machine"


@pytest.mark.parametrize(
    ("text", "name"),
    [("2x 3090 + 4090", "2x RTX 3090 + RTX 4090"), ("m4 max 64gb", "M4 Max 40-core 64GB")],
)
def test_that_what_is_typed_in_full_is_offered_as_typed(
    picker: MachinePicker, state: AppState, qtbot: QtBot, text: str, name: str
) -> None:
    picker.open()
    panel = picker.panel
    assert panel is not None
    panel.search.setText(text)
    # Enter comes before the list was searched: what was typed counts all the same.
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert state.what_if is not None
    assert state.what_if.name == name


def test_that_escape_closes_and_nothing_found_cannot_be_taken(
    picker: MachinePicker, state: AppState, qtbot: QtBot
) -> None:
    picker.open()
    panel = picker.panel
    assert panel is not None
    panel.search.setText("zx81")
    qtbot.waitUntil(lambda: titles(picker) == [])
    assert not panel.use.isEnabled()
    problem = panel.findChild(QLabel, "machine-problem")
    assert isinstance(problem, QLabel)
    assert problem.isVisible()
    assert "zx81" in problem.text()
    assert "RTX 4090" in problem.text()
    assert "`" not in problem.text(), "a command is no way on here"
    panel.use.click()
    qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not problem.isVisible())
    assert panel.search.text() == ""
    qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert state.what_if is None


def test_that_a_bad_file_is_said_in_the_panel_and_a_lost_machine_too(
    picker: MachinePicker, state: AppState, file: Path, qtbot: QtBot
) -> None:
    keep()
    picker.open()
    panel = picker.panel
    assert panel is not None
    typed(picker, "tower", qtbot)
    file.write_text("[[machine]]\nname = 1\n", encoding="utf-8")
    panel.use.click()
    assert panel.isVisible()
    problem = panel.findChild(QLabel, "machine-problem")
    assert isinstance(problem, QLabel)
    assert "the tower" in problem.text()
    panel.close()
    picker.open()
    assert "machine[0].name" in problem.text()
    assert state.what_if is None


def test_that_the_list_is_a_sound_model_whose_headings_cannot_be_chosen(
    picker: MachinePicker, qtmodeltester: ModelTester, qapp: QApplication
) -> None:
    picker.open()
    panel = picker.panel
    assert panel is not None
    model = panel.list.entries
    qtmodeltester.check(model)
    for row in range(model.rowCount()):
        index = model.index(row)
        chosen = bool(model.flags(index) & Qt.ItemFlag.ItemIsSelectable)
        assert chosen != index.data(ENTRY_ROLE).heading
    image = panel.grab().toImage()
    assert not image.isNull()


# ---------------------------------------------------------------- the page


def test_that_the_page_shows_the_machine_asked_about_with_sources_and_a_way_back(
    page: MachinePage, state: AppState
) -> None:
    state.set_what_if(known_machines.what_if("RTX 4090"))
    assert page.state is PageState.READY
    said = words(page)
    for fact in (
        "What if: RTX 4090 \u2013 not this machine",
        "24.0 GiB, published",
        "1,010 GB/s, published",
        "techpowerup.com",
        "450 W, published",
        "$1,600, published",
        "Nothing else uses its memory: 23.0 GiB",
        "Main memory of 32 GiB is assumed.",
        "For a model",
    ):
        assert fact in said, fact
    for of_this_machine in ("NVML", "What was tried", "Ollama is"):
        assert of_this_machine not in said
    press(page, "what-if-back")
    assert state.what_if is None
    assert "What was tried" in words(page)
    assert "What if:" not in words(page)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("RTX 4090 + RTX 3090", ["RTX 4090: Memory bandwidth", "RTX 3090: Memory bandwidth"]),
        ("4x RTX 3090", ["4 cards RTX 3090, one of them", "RTX 3090: Listed now"]),
        ("M4 Max 64GB", ["working set of 51.8 GiB"]),
        ("Radeon 780M", ["it shares main memory", "half of main memory, of which 32 GiB"]),
    ],
)
def test_that_every_kind_of_machine_has_its_page(
    page: MachinePage, state: AppState, name: str, facts: list[str]
) -> None:
    state.set_what_if(known_machines.what_if(name))
    said = words(page).replace("Working", "working")
    for fact in facts:
        assert fact in said, fact


def test_that_what_belongs_to_this_machine_can_be_looked_at_meanwhile(
    page: MachinePage, state: AppState
) -> None:
    state.set_what_if(known_machines.what_if("RTX 4090"))
    page.open_at("power")
    assert "RAPL: unknown" in words(page)
    assert state.what_if is not None


def test_that_an_own_machine_is_changed_removed_and_put_back(
    page: MachinePage, state: AppState, messages: Messages, qtbot: QtBot, file: Path
) -> None:
    keep()
    state.set_what_if(known_machines.what_if("the tower"))
    assert "Your price" in words(page)
    assert "$1,900" in words(page)
    press(page, "what-if-edit")
    form = dialog()
    assert form.windowTitle() == "Change the tower"
    fill(form, price_usd="2100", name="rig")
    form.save.click()
    assert state.what_if is not None
    assert state.what_if.name == "rig"
    assert "$2,100" in words(page)
    with qtbot.waitSignal(messages.toast_asked) as toast:
        press(page, "what-if-remove")
    text, undo = toast.args
    assert text == "Removed rig"
    assert state.what_if is None
    assert known_machines.load().own == ()
    undo.run()
    assert [machine.name for machine in known_machines.load().own] == ["rig"]
    assert state.what_if.name == "rig"
    undo.run()
    assert state.what_if.name == "rig"


def test_that_a_machine_that_went_from_the_file_is_said(
    page: MachinePage, state: AppState, messages: Messages, file: Path
) -> None:
    keep()
    state.set_what_if(known_machines.what_if("the tower"))
    file.unlink()
    press(page, "what-if-edit")
    assert messages.worst is not None
    assert "any more" in messages.worst.title
    messages.dismiss("bad_input")
    press(page, "what-if-remove")
    assert messages.worst is not None
    page.refresh()
    assert "What if: the tower" in words(page)


# ---------------------------------------------------------------- the description


@pytest.fixture
def form(picker: MachinePicker) -> Callable[[], DescribeMachine]:
    def opened() -> DescribeMachine:
        picker.open()
        assert picker.panel is not None
        press(picker.panel, "machine-describe")
        return dialog()

    return opened


def test_that_a_machine_typed_in_is_kept_and_asked_about(
    form: Callable[[], DescribeMachine], state: AppState, file: Path
) -> None:
    made = form()
    fill(made, name="old card", memory_gib="8", bandwidth_gb_s="256", ram_gib="64")
    vendor = made.findChild(Choice, "own-vendor")
    assert isinstance(vendor, Choice)
    vendor.setCurrentText("AMD")
    made.save.click()
    assert state.what_if is not None
    assert state.what_if.name == "old card"
    assert state.what_if.accelerators[0].memory_total_bytes == 8 * GIB
    text = file.read_text(encoding="utf-8")
    assert 'vendor = "amd"' in text
    assert 'kind = "discrete"' in text


def test_that_a_row_to_start_from_fills_what_is_empty(
    form: Callable[[], DescribeMachine], state: AppState
) -> None:
    made = form()
    fill(made, like="4090")
    memory = made.findChild(QLineEdit, "own-memory_gib")
    assert isinstance(memory, QLineEdit)
    assert memory.placeholderText() == "24"
    assert not made.findChild(Choice, "own-vendor").isEnabled()  # type: ignore[union-attr]
    fill(made, name="modded", memory_gib="48", like="RTX 4090")
    made.save.click()
    assert state.what_if is not None
    assert state.what_if.accelerators[0].memory_total_bytes == 48 * GIB


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"memory_gib": "8", "bandwidth_gb_s": "100"}, "name"),
        ({"name": "a", "memory_gib": "much", "bandwidth_gb_s": "100"}, "memory_gib"),
        ({"name": "a", "memory_gib": "8"}, "bandwidth_gb_s"),
        ({"name": "a", "like": "RTX 4091"}, "like"),
        ({"name": "The Tower", "like": "RTX 4090"}, "name"),
        ({"name": "a", "like": "RTX 4090", "date": "soon"}, "date"),
    ],
)
def test_that_a_mistake_is_said_at_its_field_and_nothing_is_kept(
    form: Callable[[], DescribeMachine],
    state: AppState,
    fields: dict[str, str],
    wrong: str,
    file: Path,
) -> None:
    keep()
    before = file.read_bytes()
    made = form()
    fill(made, **fields)
    made.save.click()
    assert made.isVisible()
    problem = made.findChild(QLabel, f"own-problem-{wrong}")
    assert isinstance(problem, QLabel)
    assert problem.isVisible()
    assert problem.text()
    assert file.read_bytes() == before
    assert state.what_if is None
    made.close()


@pytest.mark.parametrize(
    ("fields", "wrong", "said"),
    [
        ({"name": "a", "memory_gib": "much", "bandwidth_gb_s": "1"}, "memory_gib", "Memory of a"),
        ({"name": "a", "memory_gib": "8"}, "bandwidth_gb_s", "Memory bandwidth is missing"),
        ({"name": "a", "like": "RTX 4090", "date": "soon"}, "date", "Price as of"),
    ],
)
def test_that_a_mistake_names_the_field_as_the_form_does(
    form: Callable[[], DescribeMachine], fields: dict[str, str], wrong: str, said: str
) -> None:
    made = form()
    fill(made, **fields)
    made.save.click()
    problem = made.findChild(QLabel, f"own-problem-{wrong}")
    assert isinstance(problem, QLabel)
    assert problem.text().startswith(said)
    assert "_" not in problem.text()
    made.close()


def test_that_a_file_that_cannot_be_written_is_said_in_the_form(
    form: Callable[[], DescribeMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise AppError("The disk is full.", "Free some space.")

    monkeypatch.setattr(user_machines, "add", full)
    made = form()
    fill(made, name="a", like="RTX 4090")
    made.save.click()
    problem = made.findChild(QLabel, "own-problem")
    assert isinstance(problem, QLabel)
    assert problem.text() == "The disk is full. Free some space."
    made.close()


def test_that_every_control_has_a_name(form: Callable[[], DescribeMachine]) -> None:
    made = form()
    for control in (*made.findChildren(QLineEdit), *made.findChildren(Choice)):
        assert control.accessibleName(), control.objectName()
        assert control.objectName()
    made.close()


def test_that_tab_goes_through_the_panel_as_it_is_read(picker: MachinePicker, qtbot: QtBot) -> None:
    picker.open()
    panel = picker.panel
    assert panel is not None
    typed(picker, "RTX 3090", qtbot)
    seen = []
    panel.search.setFocus()
    for _ in range(5):
        focus = panel.focusWidget()
        assert focus is not None
        seen.append(focus.objectName())
        panel.focusNextPrevChild(True)
    assert seen == [
        "machine-search",
        "machine-list",
        "machine-describe",
        "machine-count",
        "machine-use",
    ]
    panel.focusNextPrevChild(False)
    assert panel.focusWidget() is panel.use


def test_that_what_cannot_be_pressed_says_why(qtbot: QtBot) -> None:
    card = MachineWhatIf()
    qtbot.addWidget(card)
    card.show_none()
    for name in ("machine-back", "machine-weigh"):
        control = card.findChild(QAbstractButton, name)
        assert control is not None
        assert not control.isEnabled()
        assert control.toolTip(), name
    assert not card.day.isEnabled()
    assert card.day.toolTip()
