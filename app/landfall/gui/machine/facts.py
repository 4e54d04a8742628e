"""A hardware profile as rows of tables, doctor lines and text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Figure, Measured, Stated, Unknown, provenance
from landfall.gui.dates import when
from landfall.gui.format import capital, number, plain, shown, text, whole
from landfall.gui.machine.corrections import correction_words
from landfall.gui.translated import all_translated, translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Row, Status, Title
from landfall.gui.widgets.feedback import State

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import Runtime
    from landfall.core.machine.hardware import Accelerator, Failure, HardwareProfile
    from landfall.core.speed.calibration import Calibration
    from landfall.gui.app_values import PowerSensor

_RAM = "ram.total_bytes"


@dataclass(frozen=True, slots=True)
class Tried:
    """A probe and what it answered; `rule` is what its user may apply by hand."""

    state: State
    title: str
    detail: str
    rule: str = ""


def _tr(words: str) -> str:
    return QCoreApplication.translate("machine", words)


def facts(profile: HardwareProfile) -> list[Row]:
    """What is known of the machine; each value with where it comes from."""
    stated = {override.field for override in profile.overrides}
    rows: list[Row] = []
    for i, accelerator in enumerate(profile.accelerators):
        several = len(profile.accelerators) > 1
        prefix = f"GPU {i}: " if several else ""
        rows += _accelerator(accelerator, f"accelerators.{i}", prefix=prefix, stated=stated)
    cores = profile.cpu.physical_cores
    words = _tr("cores unknown") if cores is None else _tr("{0} cores").format(whole(cores))
    rows.append((Title(_tr("Processor"), profile.cpu.name), Plain(words, right=True)))
    ram = _bytes(profile.ram.total_bytes, _tr("told by the system"), _RAM, stated)
    rows.append(_row(_tr("Main memory"), ram, Unit.MEMORY_BYTES))
    speed = profile.ram.bandwidth_bytes_per_s
    rows.append(_row(_tr("Main memory bandwidth"), speed, Unit.BYTES_PER_SECOND))
    free = profile.disk.free_bytes
    room: Figure = Unknown(_tr("the folder of the models could not be read"))
    if free is not None:
        room = _bytes(free, profile.disk.models_path, "disk.free_bytes", stated)
    rows.append(_row(_tr("Free where models are stored"), room, Unit.FILE_BYTES))
    if profile.calibration is not None:
        rows += _calibration(profile.calibration)
    return rows


def _calibration(found: Calibration) -> list[Row]:
    """The measured share of what was predicted, and by what it was measured."""
    rows: list[Row] = []
    for name, scales, scale in (
        (_tr("Decode, measured over predicted"), found.decode_scales, found.decode_scale),
        (_tr("Prefill, measured over predicted"), found.prefill_scales, found.prefill_scale),
    ):
        if scale is not None:
            by = _tr("{0}, {1}, models run: {2}")
            by = by.format(found.engine, when(found.at), whole(len(scales)))
            if found.on_battery:
                by = _tr("{0}, on its battery").format(by)
            rows.append((Title(name, by), Plain(f"\u00d7 {number(scale, digits=2)}", right=True)))
    return rows


def _accelerator(a: Accelerator, path: str, *, prefix: str, stated: set[str]) -> list[Row]:
    # What is usable follows a corrected total or a corrected free amount.
    sizes = ("usable_bytes", "memory_free_bytes", "memory_total_bytes")
    told = next((f"{path}.{name}" for name in sizes if f"{path}.{name}" in stated), "")
    usable = _bytes(a.usable_bytes, a.source, told, stated)
    rows = [
        _row(prefix + _tr("Usable GPU memory"), usable, Unit.MEMORY_BYTES),
        _row(prefix + _tr("Memory bandwidth"), a.bandwidth_bytes_per_s, Unit.BYTES_PER_SECOND),
        _row(prefix + _tr("Half-precision arithmetic"), a.fp16_flops, Unit.FLOPS),
    ]
    driver = a.driver or _tr("unknown")
    rows.append((Title(prefix + _tr("Driver"), a.source), Plain(driver, right=True)))
    if a.power_limit_watts is not None:
        limit = _known(a.power_limit_watts, a.source, f"{path}.power_limit_watts", stated)
        rows.append(_row(prefix + _tr("Power limit"), limit, Unit.WATTS))
    return rows


def _bytes(value: int | None, source: str, path: str, stated: set[str]) -> Figure:
    if value is None:
        return Unknown(_tr("{0} does not tell").format(source))
    return _known(value, source, path, stated)


def _known(value: float, source: str, path: str, stated: set[str]) -> Figure:
    """What the user says is marked as theirs, never as measured."""
    return Stated(value, path) if path in stated else Measured(value, "", source)


def _row(name: str, figure: Figure, unit: Unit) -> Row:
    seen = shown(figure, unit)
    note = _tr("corrected by you") if isinstance(figure, Stated) else seen.note
    return (Title(name, note), seen)


def power_rows(sources: Sequence[PowerSensor]) -> list[Row]:
    """The sensors that can be read, and readings that were kept: scope, quality, what they said."""
    rows: list[Row] = []
    for source in sources:
        if _is_kept(source):
            kept = shown(source.watts or Unknown(""), Unit.WATTS)
            words = capital(source.reason)
            rows.append((Status(State.SKIPPED, capital(source.name), words), kept))
            continue
        if not source.available:
            continue
        now: Figure = source.watts or Unknown(_tr("read only while something runs"))
        idle = Plain(_tr("not read while idle"), tone="text_3", right=True)
        reading = idle if isinstance(now, Unknown) else shown(now, Unit.WATTS)
        rows.append((Status(State.DONE, source.name, _covers(source)), reading))
    return rows


def _is_kept(source: PowerSensor) -> bool:
    """Whether it is a reading of another time, not a sensor."""
    return not source.available and isinstance(source.watts, Measured | Stated)


def _covers(source: PowerSensor) -> str:
    """What it covers, how good it is, and what to know of it."""
    quality = {
        "good": _tr("good"),
        "fair": _tr("fair"),
        "rough": _tr("rough"),
    }.get(source.quality, source.quality)
    return ", ".join(filter(None, (capital(source.scope), quality, source.reason)))


def blind_power(sources: Sequence[PowerSensor]) -> list[Tried]:
    """The sensors that cannot be read, and why: their watts stay unknown."""
    return [
        Tried(
            State.PARTIAL,
            _tr("{0}: unknown").format(source.name),
            f"{capital(source.scope)}: {source.reason}",
            source.rule,
        )
        for source in sources
        if not source.available and not _is_kept(source)
    ]


def tried(profile: HardwareProfile) -> list[Tried]:
    """Every probe in order, then what failed with what to do."""
    lines = [
        Tried(
            State.DONE if probe.ok else State.SKIPPED,
            capital(translated(probe.probe)),
            capital(translated(probe.answer)),
        )
        for probe in profile.probes
        if probe.probe not in {failure.probe for failure in profile.failures}
    ]
    lines += [
        Tried(State.FAILED, capital(translated(failure.probe)), capital(_reason(failure)))
        for failure in profile.failures
    ]
    return lines + [_corrected(*correction_words(profile, told)) for told in profile.overrides]


def _corrected(field: str, value: str, detected: str) -> Tried:
    title = _tr("Corrected by you: {0}").format(field)
    return Tried(State.DONE, title, _tr("{0} instead of {1}").format(value, translated(detected)))


def _reason(failure: Failure) -> str:
    """What happened and what to do, as two sentences."""
    if not failure.hint:
        return translated(failure.reason)
    stop = "" if failure.reason.endswith((".", "!", "?")) else "."
    return f"{translated(failure.reason)}{stop} {translated(failure.hint)}"


def as_text(
    profile: HardwareProfile, sources: Sequence[PowerSensor], runtimes: Sequence[Runtime]
) -> str:
    """The machine for a message or a bug report; names no user, no key."""
    lines = [f"{profile.system.version}, {profile.system.arch}", profile.cpu.name]
    lines.append(f"RAM {plain(profile.ram.total_bytes, Unit.MEMORY_BYTES)}")
    for a in profile.accelerators:
        total = a.memory_total_bytes
        memory = _tr("memory unknown") if total is None else plain(total, Unit.MEMORY_BYTES)
        speed = text(a.bandwidth_bytes_per_s, Unit.BYTES_PER_SECOND)
        origin = translated(provenance(a.bandwidth_bytes_per_s))
        lines.append(f"{a.name}: {memory}, {speed} ({origin}), {a.source}, driver {a.driver}")
        lines += [f"  {reason}" for reason in all_translated(a.reasons)]
    for source in sources:
        state = "readable" if source.available else source.reason
        lines.append(f"power: {source.name} ({source.scope}): {state}")
    for runtime in runtimes:
        lines.append(f"{runtime.kind} {runtime.version or ''} {runtime.state.value}")
    lines += [f"{t.state.name.lower()}: {t.title}: {t.detail}" for t in tried(profile)]
    return "\n".join(lines)
