"""The quantizations of a repository as a table: what each needs here, and which one is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QWidget

from landfall.core.fit.memory import FitRequest
from landfall.core.fit.offer import Offer, offer
from landfall.core.machine.hardware import memory_budget
from landfall.core.provenance import Published, Unknown
from landfall.gui import grown
from landfall.gui.allowed import allow
from landfall.gui.format import capital, shown
from landfall.gui.models.view import fit_look, need_title, rate_shown, speed, speed_title
from landfall.gui.theme import Space
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Row, Title
from landfall.gui.widgets.layout import button, column, row
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import HEADER, DataTable

if TYPE_CHECKING:
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.services.models.repository_models import RepositoryModels, Variant

_NEED = 2
_ROW = 44
_ROWS_AT_MOST = 5


def _is_meant(variant: Variant, found: RepositoryModels) -> bool:
    """Whether the repository's name means this one: it is that whose header was read."""
    return variant.spec is not None and variant.spec.weights == found.chosen.weights


class QuantizationTable(QWidget):
    """One row a quantization, smallest first; Enter, a double click or the button takes one.

    Signals:
        taken: The row of the variant.
    """

    taken = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._found: RepositoryModels | None = None
        self._profile: HardwareProfile | None = None
        self._request = FitRequest(context=8192)
        columns = (
            Column(self.tr("Quantization")),
            Column(self.tr("File"), 104, right=True),
            Column(need_title(self._request.context), 112, right=True),
            Column(self.tr("Fit"), 126),
            Column(speed_title(embedding=False), 122, right=True),
        )
        self.table = DataTable(
            columns, self.tr("Quantizations of the repository"), row_height=_ROW, scrolls=True
        )
        self.table.setObjectName("quantizations")
        self._take = button(self.tr("Show in the list"))
        self._take.setObjectName("take-quantization")
        layout = column(self.table, row(None, self._take), spacing=Space.M)
        self.setLayout(layout)
        self.table.chosen.connect(self.on_chosen)
        self.table.opened.connect(self.taken)
        self._take.clicked.connect(self.on_take)

    def set_ground(self, profile: HardwareProfile | None, request: FitRequest) -> None:
        """The machine or the question is another: every row is priced anew."""
        if (profile, request) != (self._profile, self._request):
            self._profile, self._request = profile, request
            self._fill()

    def show_models(self, found: RepositoryModels) -> None:
        """List these; the one that the repository's name means by itself is selected."""
        self._found = found
        self._fill()
        meant = [i for i, v in enumerate(found.variants) if _is_meant(v, found)]
        self.table.select(meant[0] if meant else 0)
        centre = QAbstractItemView.ScrollHint.PositionAtCenter
        self.table.scrollTo(self.table.currentIndex(), centre)

    def variant(self, index: int) -> Variant | None:
        """The quantization in a row."""
        variants = self._found.variants if self._found else ()
        return variants[index] if 0 <= index < len(variants) else None

    def _fill(self) -> None:
        found = self._found
        if found is None:
            return
        self.table.table.set_title(_NEED, need_title(self._request.context))
        self.table.set_rows([self._row(variant, found) for variant in found.variants])
        rows = min(len(found.variants), _ROWS_AT_MOST)
        grown.fix_height(self.table, _ROW, times=rows, rest=HEADER + 1)

    def _row(self, variant: Variant, found: RepositoryModels) -> Row:
        quantization = variant.quantization
        size = Published(quantization.size_bytes, self.tr("the repository's list of files"), "")
        note = capital(translated(variant.reason)) or quantization.path
        if _is_meant(variant, found):
            note = self.tr("{0}, taken where no tag is given").format(note)
        title = Title(quantization.title if variant.spec else quantization.path, note)
        file = shown(size, Unit.FILE_BYTES)
        priced = self._priced(variant)
        if isinstance(priced, Unknown):
            unknown = shown(priced, Unit.MEMORY_BYTES)
            return title, file, unknown, Plain(self.tr("not known"), tone="text_3"), unknown
        return (
            title,
            file,
            shown(priced.need_bytes, Unit.MEMORY_BYTES),
            fit_look(priced),
            rate_shown(speed(priced)),
        )

    def _priced(self, variant: Variant) -> Offer | Unknown:
        if variant.spec is None:
            return Unknown(variant.reason)
        if self._profile is None:
            return Unknown(self.tr("the machine is not known"))
        budget = memory_budget(self._profile)
        return offer(variant.spec, self._profile, budget, self._request, name=variant.name)

    @Slot(int)
    def on_chosen(self, index: int) -> None:
        """A row is selected: the button says what it would do."""
        variant = self.variant(index)
        allow(self._take, "" if variant is not None else self.tr("Choose a row first."))
        if variant is None:
            return
        reads = variant.spec is None
        self._take.setText(self.tr("Read its header") if reads else self.tr("Show in the list"))
        self._take.setAccessibleName(f"{self._take.text()}: {variant.name}")

    @Slot()
    def on_take(self) -> None:
        """Take the selected row."""
        self.taken.emit(self.table.current)
