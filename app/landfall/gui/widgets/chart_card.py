"""A card with a chart, which can also be read as a table and saved as a picture.

A painted chart says its content in one accessible name, which is long to listen to. The table holds
the same values cell by cell; it is made when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from landfall.gui import theme
from landfall.gui.allowed import allow
from landfall.gui.theme import Radius, Text
from landfall.gui.widgets.cells import Plain
from landfall.gui.widgets.layout import Button, Card, column, icon_button
from landfall.gui.widgets.picture import picture_button
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable


class ChartFrame(QWidget):
    """Holds a painted chart, takes the focus for it, and shows a ring while it has it.

    Signals:
        opened: Enter or Space: the values are wanted as a table.
    """

    opened = Signal()

    def __init__(self, chart: QWidget) -> None:
        super().__init__()
        self._chart = chart
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setLayout(column(chart))

    def speak(self) -> None:
        """Take over what the chart says of itself."""
        self.setAccessibleName(_said(self._chart))
        self.setAccessibleDescription(self.tr("Press Enter for the values as a table."))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.speak()
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.hasFocus():
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(theme.color("focus"), 2))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)


class ChartCard(Card):
    """Heading, note, the chart, and in its place the table of the same values.

    Set `values` whenever the chart is set: title row and lines of plain words.
    """

    def __init__(self, heading: str, chart: QWidget, *, name: str, note: str = " ") -> None:
        """Make it.

        Args:
            heading: Of the card; the question that the chart answers.
            chart: Painted by us; its accessible name says its content.
            name: Of the file when it is saved as a picture, and part of the object names.
            note: Beside the heading.
        """
        self.switch: Button = icon_button("document", self.tr("Show the values as a table"))
        self.switch.setObjectName(f"table-{name}")
        self.switch.setCheckable(True)
        super().__init__(heading, self.switch, picture_button(chart, name), note=note)
        self.setObjectName(f"evidence-{name}")
        self._columns: tuple[str, ...] = ()
        self._lines: tuple[tuple[str, ...], ...] = ()
        self._table: DataTable | None = None
        self.frame = ChartFrame(chart)
        self.frame.opened.connect(self.switch.click)
        self._held = QWidget()
        self._held.setLayout(column(self.frame))
        self.switch.toggled.connect(self._on_switch)
        self.add(self._held)

    @property
    def table(self) -> DataTable | None:
        """The values, or None while nobody asked for them."""
        return self._table

    def set_values(
        self, columns: Sequence[str], lines: Sequence[Sequence[str]], *, of: str = ""
    ) -> None:
        """What the table holds.

        Args:
            columns: Their titles; the first names the line.
            lines: As many words as there are columns.
            of: Accessible name of the table; by default what the chart says.
        """
        self.frame.speak()
        said = of or self.frame.accessibleName().partition(".")[0]
        same = self._table is not None and tuple(columns) == self._columns
        self._columns = tuple(columns)
        self._lines = tuple(tuple(line) for line in lines)
        none = "" if self._lines else self.tr("There are no values to list.")
        allow(self.switch, none, tip=self.switch.accessibleName())
        if same:
            self._fill(said)
            return
        if self._table is not None:
            self._drop_table()
        if self.switch.isChecked():
            self._on_switch(True)

    def _drop_table(self) -> None:
        table, self._table = self._table, None
        layout = self._held.layout()
        if table is not None and layout is not None:
            layout.removeWidget(table)
            table.deleteLater()

    @Slot(bool)
    def _on_switch(self, on: bool) -> None:
        layout = self._held.layout()
        if on and self._table is None and layout is not None:
            self._table = self._make_table()
            layout.addWidget(self._table)
        if self._table is not None:
            self._table.setVisible(on)
        self.frame.setVisible(not on)
        words = self.tr("Show the chart") if on else self.tr("Show the values as a table")
        self.switch.setToolTip(words)
        self.switch.setAccessibleName(words)

    def _make_table(self) -> DataTable:
        metrics = QFontMetrics(theme.font(Text.BODY))
        specs = [Column(self._columns[0])]
        for place, title in enumerate(self._columns[1:], start=1):
            words = [title, *(line[place] for line in self._lines)]
            widest = max(metrics.horizontalAdvance(one) for one in words)
            last_is_long = place == len(self._columns) - 1 and widest > _WIDEST
            specs.append(
                Column(title, 0 if last_is_long else min(widest, _WIDEST) + 40, right=True)
            )
        height = max(32, metrics.height() + 12)
        table = DataTable(specs, "", row_height=height, marks=False)
        table.setObjectName(f"{self.objectName()}-values")
        self._table = table
        self._fill(self.frame.accessibleName().partition(".")[0])
        return table

    def _fill(self, said: str) -> None:
        if self._table is None:
            return
        self._table.setAccessibleName(said)
        self._table.set_rows(
            [
                tuple(Plain(word, right=place > 0) for place, word in enumerate(line))
                for line in self._lines
            ]
        )


def _said(widget: QWidget) -> str:
    """The accessible name of a widget, or of the first below it that has one: a place is silent."""
    if widget.accessibleName():
        return widget.accessibleName()
    # What was only just put in is not shown yet, which is not the same as taken out of sight.
    on_purpose = Qt.WidgetAttribute.WA_WState_ExplicitShowHide
    inner = (
        child
        for child in widget.findChildren(QWidget)
        if not (child.isHidden() and child.testAttribute(on_purpose))
    )
    return next((child.accessibleName() for child in inner if child.accessibleName()), "")


_WIDEST = 220
"""Pixels that a column of numbers may take; longer words share what is left."""
