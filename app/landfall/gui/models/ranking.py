"""The ranking of the Models page as a value: what it stands on, what comes out, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.fit.held_memory import given_back, held_by
from landfall.core.fit.memory import FitRequest
from landfall.core.fit.offer import (
    Offer,
    better_context,
    longest_context,
    missing_bytes,
    name_key,
    nearest_miss,
    offer,
    offers,
)
from landfall.core.fit.offered_contexts import CONTEXT_STEPS
from landfall.core.fit.recommend import Recommendation, recommend
from landfall.core.models.catalogue import Task
from landfall.gui.format import plain, whole
from landfall.gui.models.inspector import Standing
from landfall.gui.models.listed import managed_words
from landfall.gui.models.past_runs import measured_rates
from landfall.gui.models.view import Marks, hint_words, only_words
from landfall.gui.server_state import answers, is_here, missing
from landfall.gui.units import Unit
from landfall.services.models import shipped_catalogue

if TYPE_CHECKING:
    from landfall.core.fit.fit import Fit
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.core.models.architecture import ModelSpec
    from landfall.core.models.catalogue import ModelCard
    from landfall.core.provenance import Measured
    from landfall.gui.app_state import AppState
    from landfall.services.history.records import RunRecord


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A model that the user named: what a pull asks for, and what was found out about it.

    Attributes:
        exact: Whether its header was read. plain: whether its registry is asked by plain http.
        no_pull: Why it cannot be pulled, or "".
    """

    name: str
    spec: ModelSpec
    card: ModelCard | None
    exact: bool
    may_be_plain: bool = False
    plain: bool = False
    no_pull: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the ranking stands on.

    Attributes:
        profile: The machine that is asked about, with what the catalogue knows of it; None while it
            is not known.
        error: Why this machine could not be found out, or "".
        measured: Decode rates of runs on the machine that is asked about.
        marks: What is the case on the server, whatever machine is asked about.
        no_server: Why nothing can be pulled or run now, or "".
        unmanaged: Whether the server in use answers and manages its models itself.
        note: What the reader should know about the memory, or "".
    """

    cards: tuple[ModelCard, ...] = ()
    profile: HardwareProfile | None = None
    error: str = ""
    measured: Mapping[str, Measured] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)
    no_server: str = ""
    unmanaged: bool = False
    note: str = ""


def ground_of(
    state: AppState,
    runs: Iterable[RunRecord],
    pulling: Iterable[str],
    *,
    what_if: HardwareProfile | None = None,
) -> Ground:
    """What is known now.

    Args:
        runs: The newest of each model.
        pulling: Names in Downloads that are not there yet.
        what_if: A machine that is asked about in place of this one. What was run here says nothing
            about it; what is installed here stays so.
    """
    installed, loaded = state.installed or (), state.loaded or ()
    return Ground(
        cards=shipped_catalogue.load().models,
        profile=_with_room(state) if what_if is None else what_if,
        error=state.profile_error if what_if is None else "",
        measured=measured_rates(runs, installed) if what_if is None else {},
        marks=Marks(
            installed=frozenset(name_key(m.name) for m in installed),
            loaded=frozenset(name_key(m.name) for m in loaded),
            pulling=frozenset(map(name_key, pulling)),
        ),
        no_server=no_server_words(state),
        unmanaged=state.listed is not None and answers(state.runtimes),
        note=_memory_note(state) if what_if is None else _what_if_note(what_if),
    )


def machine_of(state: AppState) -> HardwareProfile | None:
    """This machine with what the catalogue knows of its accelerators."""
    profile = state.profile
    return None if profile is None else shipped_catalogue.load().enriched(profile)


def _with_room(state: AppState) -> HardwareProfile | None:
    """This machine with the memory of loaded models counted as free.

    The server unloads them to make room for another, and a model that is loaded already must not
    be counted against itself.
    """
    profile = machine_of(state)
    if profile is None or not is_here(state.runtimes):
        return profile
    return given_back(profile, [held_by(model) for model in state.loaded or ()])[0]


def no_server_words(state: AppState) -> str:
    """Why nothing can be pulled or run, or ""."""
    if state.listed is not None and answers(state.runtimes):
        return managed_words(state.listed)
    if answers(state.runtimes):
        return ""
    lacks = missing(state.runtimes)
    return lacks.title if lacks else _tr("Ollama is still looked for")


def host_words(state: AppState) -> str:
    """What the server in use is called: a kept host by its name, another machine by its address;
    "" for the usual one of this machine."""
    if not state.runtimes:
        return ""
    if is_here(state.runtimes):
        return state.runtimes[0].name
    return state.runtimes[0].name or state.runtimes[0].url.partition("://")[2]


def undescribed(state: AppState) -> str:
    """The kept host in use of which nobody said what machine it is, by its name, or "".

    Nothing is unknown on this machine, or while another machine is asked about.
    """
    runtime = state.runtimes[0] if state.runtimes else None
    if runtime is None or is_here(state.runtimes) or state.what_if is not None:
        return ""
    return runtime.name if answers(state.runtimes) else ""


def _what_if_note(machine: HardwareProfile) -> str:
    return _tr("Figures are for {0}.").format(machine.name)


def _memory_note(state: AppState) -> str:
    if answers(state.runtimes) and not is_here(state.runtimes):
        words = _tr("Figures are for this machine; the server in use is {0}.")
        return words.format(host_words(state))
    names = ", ".join(model.name for model in state.loaded or ())
    words = _tr("In memory now: {0}; what that takes counts as free.")
    return words.format(names) if names else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Everything priced for one task as it shall run.

    Attributes:
        request: Context, cache type, sequences at once, batch.
        answer: None while the machine is not known.
        offers: What was typed first, then what fits, best first, then what is left out.
    """

    ground: Ground
    task: Task
    request: FitRequest
    typed: tuple[Typed, ...] = ()
    answer: Recommendation | None = None
    offers: tuple[Offer, ...] = ()

    @property
    def left_out(self) -> int:
        """How many are not recommended."""
        return sum(o.left_out for o in self.offers)

    def find(self, name: str) -> Offer | None:
        """The offer of that name."""
        key = name_key(name)
        return next((o for o in self.offers if name_key(o.name) == key), None)

    def is_typed(self, chosen: Offer) -> bool:
        """Whether the user named it."""
        return any(t.name == chosen.name for t in self.typed)

    def gap_words(self) -> str:
        """What is missing where nothing can be recommended."""
        if self.answer is None:
            return ""
        words = []
        miss = nearest_miss(self.offers, self.answer.budget)
        if miss is not None:
            nearest, gap = miss
            lacks = _tr("The nearest is {0}: it lacks about {1}.")
            words.append(lacks.format(nearest.name, plain(gap, Unit.MEMORY_BYTES)))
        slow = sum(o.fit.fits for o in self.offers if o.left_out)
        if slow:
            words.append(_tr("{0} fit, but write slower than people read.").format(whole(slow)))
        return " ".join(words)

    def shorter(self) -> int | None:
        """The longest shorter step of context at which anything can be recommended."""
        profile, tokens = self.ground.profile, self.request.context
        if profile is None:
            return None
        for step in reversed([step for step in CONTEXT_STEPS if step < tokens]):
            request = replace(self.request, context=step)
            if recommend(self.ground.cards, profile, task=self.task, request=request).models:
                return step
        return None

    def better(self, chosen: Offer) -> tuple[int, Fit] | None:
        """The longest shorter step of context at which one of the offers stands better, and how."""
        return None if self.answer is None else better_context(chosen, self.answer.budget)

    def hint(self, chosen: Offer) -> str:
        """What would help one of the offers, or why it is left out; "" where nothing is amiss."""
        if self.answer is None:
            return ""
        gap, better = missing_bytes(chosen.fit, self.answer.budget), self.better(chosen)
        holds = chosen.fit.request.context
        if holds < self.request.context and better is None and not gap:
            return only_words(holds)
        return hint_words(chosen, better, gap)

    @property
    def calibrated(self) -> bool:
        """Whether runs on the machine moved the predicted speed."""
        profile = self.ground.profile
        found = profile.calibration if profile is not None else None
        return found is not None and found.decode_scale is not None

    def standing(self, chosen: Offer) -> Standing:
        """What else is the case for one of the offers."""
        if self.answer is None:
            return Standing()
        ground, key, budget = self.ground, name_key(chosen.name), self.answer.budget
        typed = next((t for t in self.typed if name_key(t.name) == key), None)
        installed = key in ground.marks.installed
        return Standing(
            longest=longest_context(chosen, budget),
            better=self.better(chosen),
            installed=installed,
            pulling=key in ground.marks.pulling,
            unmanaged=ground.unmanaged,
            no_pull=(typed.no_pull if typed else "") or ground.no_server,
            no_run=ground.no_server,
            may_be_plain=typed is not None and typed.may_be_plain,
            plain=typed is not None and typed.plain,
            exact=typed.exact if typed else installed,
            note=ground.note,
        )


def rank(ground: Ground, task: Task, request: FitRequest, typed: tuple[Typed, ...] = ()) -> Ranking:
    """Price everything; some milliseconds for the whole catalogue."""
    profile = ground.profile
    if profile is None:
        return Ranking(ground=ground, task=task, request=request, typed=typed)
    answer = recommend(ground.cards, profile, task=task, request=request)
    mine = tuple(
        offer(
            t.spec,
            profile,
            answer.budget,
            request,
            name=t.name,
            card=t.card,
            measured=ground.measured.get(name_key(t.name)),
        )
        for t in typed
    )
    keys = {name_key(t.name) for t in typed}
    ranked = offers(answer, ground.measured)
    if keys:
        ranked = tuple(o for o in ranked if name_key(o.name) not in keys)
    return Ranking(
        ground=ground,
        task=task,
        request=request,
        typed=typed,
        answer=answer,
        offers=(*mine, *ranked),
    )
