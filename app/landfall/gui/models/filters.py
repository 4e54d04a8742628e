"""What models are priced for: the task, and how they shall run. And which of them are listed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from landfall.core.fit.memory import DEFAULT_BATCH, FitRequest, KvType
from landfall.core.fit.offered_contexts import CONTEXT_STEPS, nearest_step
from landfall.core.fit.recommend import DECODE_FLOOR_TOK_S
from landfall.core.models.catalogue import Task
from landfall.gui import grown
from landfall.gui.format import number, whole
from landfall.gui.models.view import context_words, task_words
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice, SliderField, Switch
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import button, column, holder, label, row

FITS, ALL, LEFT_OUT = range(3)
KV_TYPES = (KvType.F16, KvType.Q8_0, KvType.Q4_0)
MOST_AT_ONCE = 8
_BATCHES = (DEFAULT_BATCH, 1024, 2048)


class Filters(QWidget):
    """The row above the ranking, and below it what is rarely asked.

    Signals:
        changed: The task, or how the models shall run.
        listed: Which of the ranking is wanted.
    """

    changed = Signal()
    listed = Signal()

    def __init__(self, context: int) -> None:
        super().__init__()
        self._words = task_words()
        self._tasks = tuple(self._words)
        self._build(nearest_step(context))
        self._connect()
        self._tell()

    # How it looks

    def _build(self, step: int) -> None:
        self._make_asked()
        self._make_how(step)
        self._make_more()
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._box.setSpacing(Space.S)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addLayout(self._asked)
        self._box.addLayout(self._how, 1)
        self._note = label("", Text.CAPTION, tone="text_3", wrap=True)
        self._note.setObjectName("how-note")
        self._note.hide()
        self.setLayout(column(self._box, self._more_place, self._note, spacing=Space.S))
        self._order.hide()

    def _make_asked(self) -> None:
        self.task = Choice(self.tr("Task"), list(self._words.values()), width=112)
        self.task.setObjectName("task")
        self.shows = Choice(self.tr("Show"), [""] * 3, width=104)
        self.shows.setObjectName("which")
        self.shows.setToolTip(
            self.tr("Suitable: fits this machine and writes at least {0} tokens a second").format(
                number(DECODE_FLOOR_TOK_S, digits=0)
            )
        )
        self._machine = row(spacing=0)
        self._asked = FlowLayout()
        self._asked.setSpacing(Space.S)
        self._asked.addWidget(holder(self._machine))
        wanted = row(label(self.tr("For"), tone="text_2"), self.task, spacing=Space.S)
        self._asked.addWidget(holder(wanted))
        self._asked.addWidget(self.shows)
        for choice in (self.task, self.shows):
            choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def _make_how(self, step: int) -> None:
        self.context = SliderField(
            self.tr("Context"), "", low=0, high=len(CONTEXT_STEPS) - 1, value=step, width=150
        )
        self.context.setObjectName("context")
        self.context.slider.setObjectName("context-slider")
        self.context.slider.setPageStep(2)
        grown.least_width(self.context.value, 86)
        self.kv_type = Choice(self.tr("KV cache type"), [str(kind) for kind in KV_TYPES], width=72)
        self.kv_type.setObjectName("kv-type")
        self.kv_type.setToolTip(self.tr("What keys and values of the context are kept in"))
        self.more = button(self.tr("More"), "quiet", icon="right")
        self.more.setObjectName("more-settings")
        self.more.setCheckable(True)
        self.more.setAccessibleDescription(self.tr("Requests at once, flash attention, batch"))
        cache = label(self.tr("Cache"), tone="text_2")
        order = self.tr("Ranked by fit, then published quality, then speed")
        self._order = label(order, Text.CAPTION, tone="text_3")
        floor = self.tr("What writes less than {0} tokens a second is left out")
        self._order.setToolTip(floor.format(number(DECODE_FLOOR_TOK_S)))
        flow = FlowLayout()
        flow.setSpacing(Space.S)
        flow.addWidget(self.context)
        flow.addWidget(holder(row(cache, self.kv_type, spacing=Space.S)))
        self._settings = holder(flow)
        self._how = row(self._settings, spacing=Space.S)
        self._how.addStretch(1)
        self._how.addWidget(self._order)
        # Alone in a line it stays at the right, where it is beside the others.
        self._how.addWidget(self.more, 0, Qt.AlignmentFlag.AlignRight)

    def _make_more(self) -> None:
        self.parallel = SliderField(
            self.tr("Requests at once"), "1", low=1, high=MOST_AT_ONCE, value=1, width=110
        )
        self.parallel.setObjectName("parallel")
        self.parallel.slider.setObjectName("parallel-slider")
        grown.least_width(self.parallel.value, 16)
        self.flash = Switch(self.tr("Flash attention"), on=True)
        self.flash.setObjectName("flash-attention")
        sizes = [whole(size) for size in _BATCHES]
        self.batch = Choice(self.tr("Batch"), sizes, width=96)
        self.batch.setObjectName("batch")
        flash = row(label(self.tr("Flash attention"), tone="text_2"), self.flash, spacing=Space.S)
        batch = row(label(self.tr("Batch"), tone="text_2"), self.batch, spacing=Space.S)
        flow = FlowLayout()
        flow.setSpacing(Space.M)
        for one in (self.parallel, holder(flash), holder(batch)):
            flow.addWidget(one)
        self._more_place = holder(flow)
        self._more_place.hide()

    def _connect(self) -> None:
        self.task.currentIndexChanged.connect(self.changed)
        self.shows.currentIndexChanged.connect(self.listed)
        self.more.toggled.connect(self.on_more)
        for moved in (
            self.context.changed,
            self.parallel.changed,
            self.kv_type.currentIndexChanged,
            self.batch.currentIndexChanged,
            self.flash.toggled,
        ):
            moved.connect(self.on_moved)

    def minimumSizeHint(self) -> QSize:
        """That of two rows also while one is shown: it must not keep a narrower page wide."""
        hint = super().minimumSizeHint()
        parts = (self._settings.minimumSizeHint(), self.more.minimumSizeHint())
        rows = max(self._asked.minimumSize().width(), *(part.width() for part in parts))
        return QSize(min(hint.width(), rows), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """In one row where there is room, else in two; the order in words where there is more."""
        fixed = self._asked.sizeHint().width() + self.more.sizeHint().width()
        needs = fixed + self._settings.sizeHint().width() + 2 * Space.S
        words = self._order.sizeHint().width() + Space.XL
        direction = QBoxLayout.Direction
        one = self.width() >= needs
        self._box.setDirection(direction.LeftToRight if one else direction.TopToBottom)
        self._order.setVisible(self.width() >= needs + words)
        least = self._settings.minimumSizeHint().width() + self.more.minimumSizeHint().width()
        beside = self.width() >= least + 2 * Space.S
        self._how.setDirection(direction.LeftToRight if beside else direction.TopToBottom)

    def hold_machine(self, picker: QWidget) -> None:
        """Put the choice of the machine that is asked about where the row begins."""
        self._machine.addWidget(picker)
        self._machine.addSpacing(Space.S)
        self._arrange()

    # What is asked

    @property
    def wanted_for(self) -> Task:
        """The task that is chosen."""
        return self._tasks[max(self.task.currentIndex(), 0)]

    @property
    def tokens(self) -> int:
        """The context that is chosen."""
        return CONTEXT_STEPS[self.context.slider.value()]

    @property
    def request(self) -> FitRequest:
        """How the models shall run."""
        batch = _BATCHES[self.batch.currentIndex()]
        return FitRequest(
            context=self.tokens,
            parallel=self.parallel.slider.value(),
            kv_type=KV_TYPES[self.kv_type.currentIndex()],
            batch=None if batch == DEFAULT_BATCH else batch,
            flash_attention=self.flash.isChecked(),
        )

    @property
    def which(self) -> int:
        """FITS, ALL or LEFT_OUT."""
        return self.shows.currentIndex()

    def use_context(self, tokens: int) -> None:
        """Take a context as the slider would: the nearest of its steps."""
        self.context.slider.setValue(nearest_step(tokens))

    def name_choices(self, counts: tuple[int, int, int] | None) -> None:
        """How many are suitable, there are, and are left out; None while it is not known."""
        words = (self.tr("Suitable"), self.tr("All"), self.tr("Left out"))
        for i, text in enumerate(words):
            told = text if counts is None else f"{text}, {whole(counts[i])}"
            if told != self.shows.itemText(i):
                self.shows.setItemText(i, told)

    # What changes

    @Slot(bool)
    def on_more(self, shown: bool) -> None:
        """Show what is rarely asked."""
        self.more.set_icon("down" if shown else "right")
        self._more_place.setVisible(shown)

    @Slot()
    def on_moved(self) -> None:
        """The models shall run in another way."""
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        self.context.show_value(self.tr("{0} tokens").format(context_words(self.tokens)))
        self.parallel.show_value(whole(self.parallel.slider.value()))
        note = " ".join(self._notes())
        self._note.setText(note)
        self._note.setVisible(bool(note))

    def _notes(self) -> list[str]:
        """What the choices cost, and where they are made: a server takes them when it starts.

        Source of what a type costs: its bytes a number (`KvType`); of what it does to answers:
        Ollama's FAQ, "How can I set the quantization type for the K/V cache?".
        """
        asked = self.request
        notes = []
        if asked.kv_type.quantized and not asked.flash_attention:
            notes.append(self.tr("Without flash attention the cache stays in f16."))
        elif asked.kv_type.quantized:
            share = asked.kv_type.bytes_per_number / KvType.F16.bytes_per_number
            harm = {
                KvType.Q8_0: self.tr("answers hardly change"),
                KvType.Q4_0: self.tr("answers can get worse, the more so in a long context"),
            }[asked.kv_type]
            text = self.tr(
                "{0} keeps the cache in {1} % of f16; {2}. It needs flash attention: start the"
                " server with OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE={0}."
            )
            notes.append(text.format(asked.kv_type, number(share * 100), harm))
        if asked.parallel > 1:
            text = self.tr(
                "{0} requests at once keep {0} caches of this context: OLLAMA_NUM_PARALLEL={0}."
            )
            notes.append(text.format(asked.parallel))
        return notes
