"""The card that says of one load what was predicted and what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from landfall.core.provenance import Estimated, Figure, Measured, Unknown
from landfall.gui.format import MINUS, capital, shown, whole
from landfall.gui.models.inspector import FactLine
from landfall.gui.models.view import Fact, breakable
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated
from landfall.gui.units import Unit
from landfall.gui.widgets.layout import Card, clear, column, holder, label
from landfall.gui.widgets.two_parts import SideBySide

if TYPE_CHECKING:
    from landfall.core.fit.load_check import LoadCheck
    from landfall.core.hosts.runtime import LoadedModel

_BESIDE = 640
"""From which width on what the server says and what the process takes stand side by side."""


class LoadCard(Card):
    """Predicted and measured of the selected model."""

    def __init__(self) -> None:
        super().__init__(self.tr("Predicted and measured"), note=" ")
        self.setObjectName("load-check")
        self._lines = column(spacing=3)
        self.add(holder(self._lines))

    def show_load(self, model: LoadedModel | None, check: LoadCheck | None) -> None:
        """Another model, or more that is known of it; nothing where none is selected."""
        self.setVisible(model is not None)
        clear(self._lines)
        if model is None:
            return
        if self.note is not None:
            self.note.setText(breakable(model.name))
        if check is None:
            self._lines.addWidget(label(self.tr("Looking at it"), Text.CAPTION, tone="text_2"))
            return
        said, taken = self._facts(check)
        self._lines.addWidget(SideBySide(_half(said), _half(taken), needs=_BESIDE))
        for reason in all_translated(check.reasons):
            text = capital(f"{reason}.")
            line = label(text, Text.CAPTION, tone="text_3", wrap=True)
            line.setContentsMargins(0, Space.XS, 0, 0)
            self._lines.addWidget(line)

    def _facts(self, check: LoadCheck) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
        """Of the server's word, and of the process."""
        rule = self.tr("the rule for what Ollama {0} counts").format(check.version)
        taken = self.tr("the rule for what a runner of Ollama {0} takes, {1}")
        taken = taken.format(check.version, self._prompt_words(check.prompt_tokens))
        process, name = self._process(check)
        return (
            (
                self._line(
                    self.tr("The server says"), Measured(check.model.size_bytes, "", "/api/ps")
                ),
                self._line(
                    self.tr("Predicted for that"),
                    _estimated(check.predicted_ps_bytes, rule),
                    check.ps_error,
                ),
            ),
            (
                self._line(name, process),
                self._line(
                    self.tr("Predicted for that"),
                    _estimated(check.predicted_process_bytes, taken),
                    check.process_error,
                ),
            ),
        )

    def _process(self, check: LoadCheck) -> tuple[Figure, str]:
        name, runner = self.tr("Its process takes"), check.runner
        if isinstance(runner, Unknown):
            return runner, name
        kind = self._process_note(runner.memory_kind)
        return Measured(runner.memory_bytes, "", kind), f"{name} ({runner.memory_kind})"

    def _line(self, name: str, figure: Figure, error: float | None = None) -> Fact:
        if error is not None:
            name = self.tr("{0}, {1} off").format(name, _off(error))
        return Fact(name, shown(figure, Unit.MEMORY_BYTES))

    def _prompt_words(self, tokens: int | None) -> str:
        if tokens is None:
            return self.tr("once a prompt has filled a batch")
        if tokens == 0:
            return self.tr("just loaded, and asked nothing yet")
        return self.tr("after a prompt of {0} tokens").format(whole(tokens))

    def _process_note(self, kind: str) -> str:
        if kind == "PSS":
            return self.tr("memory of the process, pages shared with others by their share")
        return self.tr("resident memory of the process, with what it shares with others")


def _half(facts: tuple[Fact, ...]) -> QWidget:
    return holder(column(*map(_line, facts), spacing=3))


def _line(fact: Fact) -> FactLine:
    made = FactLine()
    made.show_fact(fact)
    return made


def _off(error: float) -> str:
    """ "+4.2 %"; a hair's breadth has no sign."""
    percent = round(100 * error, 1)
    return f"{percent:+.1f}\u00a0%".replace("-", MINUS) if percent else "0.0\u00a0%"


def _estimated(value: int | Unknown, rule: str) -> Figure:
    return value if isinstance(value, Unknown) else Estimated(value, value, value, rule)
