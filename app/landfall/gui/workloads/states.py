"""What the page of workloads shows where there is no verdict: nothing yet, broken, failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from landfall.core.errors import BadInput
from landfall.gui.app_values import shown_name
from landfall.gui.theme import Text
from landfall.gui.translated import translated
from landfall.gui.widgets.feedback import EmptyState, State, StateLine
from landfall.gui.widgets.layout import Card, button, column, label, row

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Entry


class NothingYet(QWidget):
    """No workload is saved.

    Signals:
        define_asked, import_asked, usage_asked, samples_asked, portfolio_asked: The ways to begin.
    """

    define_asked = Signal()
    import_asked = Signal()
    usage_asked = Signal()
    samples_asked = Signal()
    portfolio_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        define = button(self.tr("New workload"), "primary", icon="plus")
        define.setObjectName("define")
        define.clicked.connect(self.define_asked)
        bring = button(self.tr("Import a file\u2026"))
        bring.setObjectName("import-first")
        bring.clicked.connect(self.import_asked)
        usage = button(self.tr("Import usage\u2026"))
        usage.setObjectName("import-usage-first")
        usage.clicked.connect(self.usage_asked)
        samples = button(self.tr("Show the samples"))
        samples.setObjectName("bring-samples")
        samples.clicked.connect(self.samples_asked)
        portfolio = button(self.tr("Show a sample portfolio"))
        portfolio.setObjectName("bring-sample-portfolio")
        portfolio.setAccessibleDescription(
            self.tr("Four invented workloads in the shape of a published case")
        )
        portfolio.clicked.connect(self.portfolio_asked)
        words = self.tr(
            "A workload is one kind of work you pay a model for. Each gets its own verdict:"
            " here, cloud, rented, bought or split."
        )
        empty = EmptyState(
            "workloads",
            self.tr("No workload yet"),
            words,
            define,
            usage,
            bring,
            samples,
            portfolio,
            footnote=self.tr("Works offline. Verdicts stay provisional until measured."),
        )
        self.setLayout(column(Card().add(empty), None))


class Broken(QWidget):
    """A saved workload that cannot be decided: why, where, and what to do.

    Signals:
        edit_asked, delete_asked, again_asked: What may be done about it.
    """

    edit_asked = Signal()
    delete_asked = Signal()
    again_asked = Signal()

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.setObjectName("broken")
        problem = entry.problem
        name = shown_name(entry.saved.name, sample=entry.saved.sample)
        said = translated(problem.message) if problem else ""
        if isinstance(problem, BadInput) and problem.line is not None:
            said = self.tr("Line {0}: {1}").format(problem.line, said)
        detail = f"{said} {translated(problem.hint)}" if problem else ""
        line = StateLine(State.FAILED, self.tr("{0} cannot be decided").format(name), detail)
        edit = button(self.tr("Edit as text"), "primary")
        edit.setObjectName("edit-broken")
        edit.clicked.connect(self.edit_asked)
        again = button(self.tr("Try again"))
        again.setObjectName("again")
        again.clicked.connect(self.again_asked)
        delete = button(self.tr("Delete"), "destructive")
        delete.setObjectName("delete-broken")
        delete.clicked.connect(self.delete_asked)
        note = label(
            self.tr("The other workloads are decided all the same."),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )
        self.setLayout(column(Card().add(line, note, row(None, delete, again, edit)), None))


class Failed(QWidget):
    """The saved workloads could not be read at all.

    Signals:
        triggered: Try again.
    """

    triggered = Signal()

    def __init__(self, reason: str) -> None:
        super().__init__()
        line = StateLine(
            State.FAILED,
            self.tr("The saved workloads could not be read"),
            reason,
            action=self.tr("Try again"),
        )
        line.setObjectName("failed")
        line.triggered.connect(self.triggered)
        self.setLayout(column(Card().add(line), None))
