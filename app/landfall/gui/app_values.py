"""Values that AppState holds and that no service defines: made by bootstrap, shown by pages."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.provenance import Figure

SAMPLE_PREFIX = "Sample: "


def shown_name(name: str, *, sample: bool) -> str:
    """A workload's name as lists show it: a sample is labelled beside its name, not in it."""
    if not (sample and name.startswith(SAMPLE_PREFIX)):
        return name
    bare = name.removeprefix(SAMPLE_PREFIX)
    return bare[:1].upper() + bare[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSensor:
    """A sensor that may be read: what it covers, and what it says.

    Attributes:
        name: "NVML energy counter".
        scope: What its watts include: "GPU board", "CPU package", "whole machine".
        available: Whether it can be read here and now.
        quality: How good it is, in words, or "".
        reason: Why it cannot be read, or "".
        watts: The last reading, or Unknown; None where it was never read.
        rule: What its user may apply by hand so that it can be read, or "".
    """

    name: str
    scope: str
    available: bool
    quality: str = ""
    reason: str = ""
    watts: Figure | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSummary:
    """A workload with its verdict, as Home and the sidebar show it.

    Attributes:
        name: As the user called it.
        detail: One fact: tokens a day, a privacy lock.
        verdict: The name of the kind ("LOCAL_THIS_MACHINE"), or "" where none could be decided.
        provisional: Whether something is still to be measured.
        close: Whether it is too close to call.
        now_usd_month: What is paid today. after_usd_month: with the verdict followed.
        saving_usd_month: May be negative.
        stale: Why the verdict that was kept is to be checked again; empty where it stands.
        beside: Why its machine does not take it together with the other workloads, or "".
        now_note, after_note: The date of the price behind each, or "".
        sample: Whether it came with the program.
        today: Where it runs today, as the name of a verdict, or "" where that was not said.
        next_step: What to do, or "". next_action: the words on the button for it.
    """

    name: str
    detail: str
    verdict: str
    provisional: bool
    now_usd_month: Figure
    after_usd_month: Figure
    saving_usd_month: Figure
    sample: bool = False
    today: str = ""
    next_step: str = ""
    next_action: str = ""
    close: bool = False
    now_note: str = ""
    after_note: str = ""
    stale: tuple[str, ...] = ()
    beside: str = ""

    @property
    def firm(self) -> bool:
        """Whether there is a verdict on which nothing hangs any more."""
        return bool(self.verdict) and not self.provisional and not self.close

    @property
    def title(self) -> str:
        """The name as it is shown; `name` is what it is found by."""
        return shown_name(self.name, sample=self.sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTask:
    """Something under way: its key, what it is, how far, and the page that shows it."""

    key: str
    title: str
    detail: str
    page: str
