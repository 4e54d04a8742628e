"""What if another machine: one of the catalogue, two of a card, or a typed one, at a price."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QDate, QStringListModel, Qt, Signal, Slot
from PySide6.QtWidgets import QCompleter, QGridLayout, QLineEdit, QWidget

from landfall.core.provenance import middle
from landfall.gui import theme
from landfall.gui.allowed import allow
from landfall.gui.dates import when
from landfall.gui.format import money, percent
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.date_field import DateField
from landfall.gui.widgets.layout import Card, button, column, holder, label, row
from landfall.gui.widgets.number_edit import NumberEdit
from landfall.gui.widgets.verdict_chip import verdict_word
from landfall.gui.workloads.words import machine_word, sentence

if TYPE_CHECKING:
    from landfall.core.errors import AppError
    from landfall.services.verdict.decided import Decided


def _tr(words: str) -> str:
    return QCoreApplication.translate("machine_what_if", words)


_DEAREST = 1e9
_BESIDE_FROM = 980


class MachineWhatIf(Card):
    """Asks for a machine, and tells what the workload would do on it.

    Signals:
        asked: Weigh this one: its name, whether it is owned, its price or None, the day of that.
        dropped: Back to the machine that there is.
        names_wanted: It is shown for the first time: `offer` gives names to choose from.
    """

    asked = Signal(str, bool, object, str)
    dropped = Signal()
    names_wanted = Signal()

    def __init__(self) -> None:
        self._back = button(self.tr("Back to mine"), "link")
        self._back.setObjectName("machine-back")
        super().__init__(self.tr("What if another machine"), self._back, note=" ")
        self.setObjectName("machine-what-if")
        self._offered = False
        self._build_fields()
        self._weigh = button(self.tr("Weigh it"))
        self._weigh.setObjectName("machine-weigh")
        self._describe = button(self.tr("Describe one\u2026"), "link")
        self._describe.setObjectName("machine-describe")
        self._says = label("", tone="text_2", wrap=True)
        self._says.setObjectName("machine-says")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.S)
        self._lay_out()
        self.add(self._grid, self._says)
        self._connect()
        self._on_typed()

    def _build_fields(self) -> None:
        self._names = QStringListModel(self)
        self.name = QLineEdit()
        self.name.setObjectName("machine-name")
        self.name.setAccessibleName(self.tr("Machine"))
        self.name.setPlaceholderText(self.tr("RTX 4090, 2x RTX 3090, Mac Studio\u2026"))
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.name.setCompleter(completer)
        self.how = Choice(self.tr("To buy, or owned already"), ("", ""), width=110)
        self.how.setItemText(0, self.tr("to buy"))
        self.how.setItemText(1, self.tr("as if it were mine"))
        self.how.setObjectName("machine-how")
        self.price = NumberEdit(
            self.tr("Price, USD"),
            low=0,
            high=_DEAREST,
            digits=2,
            empty=self.tr("listed"),
            bare=True,
        )
        self.price.edit.setObjectName("machine-price")
        today = QDate.currentDate()
        self.day = DateField(self.tr("Day of the price"), today, latest=today)
        self.day.setObjectName("machine-day")

    def _connect(self) -> None:
        self.name.textChanged.connect(self._on_typed)
        self.name.returnPressed.connect(self._on_weigh)
        self.price.changed.connect(self._on_typed)
        self.price.edit.returnPressed.connect(self._on_weigh)
        self.how.currentIndexChanged.connect(self._on_typed)
        self._weigh.clicked.connect(self._on_weigh)
        self._back.clicked.connect(self._on_back)
        self._describe.clicked.connect(self._on_describe)

    def _parts(self) -> tuple[QWidget, ...]:
        if not hasattr(self, "_made"):
            self._made = (
                _captioned(self.tr("Machine"), self.name),
                _captioned(self.tr("It is"), self.how),
                self.price,
                _captioned(self.tr("Day of the price"), self.day),
                _captioned("", holder(row(self._weigh, self._describe, None))),
            )
        return self._made

    def _lay_out(self) -> None:
        """All beside each other, or the machine above the rest where that is too wide."""
        parts = self._parts()
        wide = self.width() >= theme.roomy(_BESIDE_FROM)
        for part in parts:
            self._grid.removeWidget(part)
        places = ((0, 0, 1), (0, 1, 1), (0, 2, 1), (0, 3, 1), (0, 4, 1))
        if not wide:
            places = ((0, 0, 2), (1, 0, 1), (1, 1, 1), (2, 0, 1), (2, 1, 1))
        for part, (line, place, span) in zip(parts, places, strict=True):
            self._grid.addWidget(part, line, place, 1, span, Qt.AlignmentFlag.AlignBottom)
        self._grid.setColumnStretch(0, 1)

    # What is asked

    def offer(self, names: Sequence[str]) -> None:
        """Names to choose from."""
        self._offered = True
        self._names.setStringList(list(names))

    def showEvent(self, event: Any) -> None:
        if not self._offered:
            self.names_wanted.emit()
        super().showEvent(event)

    def resizeEvent(self, event: Any) -> None:
        self._lay_out()
        super().resizeEvent(event)

    @Slot()
    def _on_typed(self) -> None:
        owned = self.how.currentIndex() == 1
        allow(self.price, self.tr("It is paid for: no price counts.") if owned else "")
        typed = not owned and self.price.value is not None
        allow(self.day, "" if typed else self.tr("Only a typed price has a day."))
        named = bool(self.name.text().strip())
        why = "" if named else self.tr("Name a machine first.")
        allow(self._weigh, self.price.problem or why)

    @Slot()
    def _on_weigh(self) -> None:
        if not self._weigh.isEnabled():
            return
        owned = self.how.currentIndex() == 1
        price = None if owned else self.price.value
        day = "" if price is None else self.day.date().toString(Qt.DateFormat.ISODate)
        self._says.setText(self.tr("Being weighed\u2026"))
        self.asked.emit(self.name.text().strip(), owned, price, day)

    @Slot()
    def _on_back(self) -> None:
        self.show_none()
        self.dropped.emit()

    @Slot()
    def _on_describe(self) -> None:
        """A machine that no list has: it is kept with the user's own."""
        module = import_module("landfall.gui.machine.describe_dialog")
        dialog = module.DescribeMachine(self.window())
        dialog.saved.connect(self._on_described)
        dialog.open()

    @Slot(str)
    def _on_described(self, name: str) -> None:
        self.name.setText(name)
        self._on_weigh()

    # What is answered

    def show_none(self) -> None:
        """The verdict is of the machine that there is."""
        self._says.setText("")
        allow(self._back, self.tr("The verdict is of your own machine."))
        if self.note is not None:
            self.note.setText(self.tr("nothing is saved"))

    def show_answer(self, decided: Decided, *, day: str) -> None:
        """What the workload does with it: the verdict above follows."""
        allow(self._back)
        self._says.setText(answer(decided, owned=self.how.currentIndex() == 1, day=day))

    def show_error(self, error: AppError) -> None:
        """It cannot be weighed."""
        self._says.setText(f"{translated(error.message)} {translated(error.hint)}".strip())


def _captioned(words: str, widget: QWidget) -> QWidget:
    caption = label(words, Text.CAPTION, tone="text_2")
    return holder(column(caption, widget, spacing=2))


def answer(decided: Decided, *, owned: bool, day: str) -> str:
    """In two or three sentences: does it hold the model, what would it cost, is it the verdict."""
    host = decided.facts.machine if owned else decided.facts.buy
    if host is None:
        return ""
    said = []
    if host.fits is False:
        said.append(sentence(translated(host.note("H3", _tr("the model does not fit it")))))
    elif host.fits:
        called = machine_word(host.machine)
        words = _tr("{0} holds {1}.").format(called, host.model or _tr("the model"))
        said.append(f"{words[:1].upper()}{words[1:]}")
    busy, cost, price = (
        middle(figure) for figure in (host.peak_utilisation, host.usd_month, host.price_usd)
    )
    if busy is not None:
        said.append(_tr("Its busiest hour is {0} full.").format(percent(busy)))
    if cost is not None:
        month = _tr("It adds {0} a month.") if owned else _tr("It costs {0} a month all in.")
        said.append(month.format(money(cost)))
    if price is not None and not owned:
        of = _tr("Price {0} of {1}.") if day else _tr("Listed price {0}.")
        said.append(of.format(money(price), when(day)))
    word = verdict_word(decided.verdict.option.value)
    said.append(_tr("The verdict then: {0}.").format(word))
    return " ".join(said)
