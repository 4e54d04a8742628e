"""A layout in lines: what it holds stays its own."""

from __future__ import annotations

import gc

import shiboken6
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from landfall.gui.tab_order import stops
from landfall.gui.widgets.flow import FlowLayout


def test_that_what_was_read_from_another_layout_does_not_end_what_a_line_holds(
    qapp: QApplication,
) -> None:
    for _ in range(20):
        gone: list[QWidget] = []
        for _ in range(20):
            other = QWidget()
            layout = QVBoxLayout(other)
            words = [QLabel(str(number)) for number in range(8)]
            for word in words:
                layout.addWidget(word)
            # As the order of Tab is found, then what stood there goes.
            assert all(layout.itemAt(number) is not None for number in range(8))
            for word in words:
                shiboken6.delete(word)
            gone.append(other)
        page = QWidget()
        flow = FlowLayout()
        for number in range(8):
            flow.addWidget(QPushButton(str(number)))
        page.setLayout(flow)
        for other in gone:
            shiboken6.delete(other)
        del gone, layout
        gc.collect()
        assert flow.sizeHint().width() > 0
        assert all(shiboken6.isValid(flow.itemAt(number)) for number in range(8))


def test_that_what_is_deleted_leaves_its_line(qapp: QApplication) -> None:
    page = QWidget()
    flow = FlowLayout()
    page.setLayout(flow)
    parts = [QPushButton(str(number)) for number in range(3)]
    for part in parts:
        flow.addWidget(part)
    shiboken6.delete(parts[1])
    gc.collect()
    held = [flow.itemAt(number) for number in range(flow.count())]
    assert [item.widget() for item in held if item is not None] == [parts[0], parts[2]]
    flow.removeWidget(parts[0])
    assert flow.count() == 1


def test_that_an_order_of_tab_leaves_a_line_inside_of_a_line_its_own(qapp: QApplication) -> None:
    page = QWidget()
    head = QHBoxLayout(page)
    flow = FlowLayout()
    for number in range(3):
        flow.addWidget(QPushButton(str(number)))
    head.addLayout(flow)
    page.show()
    assert len(stops(page)) == 3
    # As what Python knows of the line ends with a part of the page.
    shiboken6.invalidate(head)
    assert flow.sizeHint().width() > 0
    page.close()
    shiboken6.delete(page)
