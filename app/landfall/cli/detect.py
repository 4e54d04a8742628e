"""`detect`: what this machine is and has. `doctor`: every probe, its answer, and what to do."""

from __future__ import annotations

import argparse
import asyncio
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from landfall import __version__
from landfall.cli.private import of_this_user
from landfall.cli.session import Command, Session
from landfall.core.errors import BadInput
from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.machine.hardware import Accelerator, Failure, HardwareProfile, ProbeResult
from landfall.core.provenance import Figure, middle, provenance
from landfall.core.settings import Settings
from landfall.core.sizes import file_size, gib
from landfall.services import hardware, power
from landfall.services.installation.about import built_as
from landfall.services.ollama import server, store
from landfall.services.power.source import PowerSource

_UNKNOWN = "unknown"
_LONGEST_NOTE = 90


@dataclass(frozen=True, slots=True)
class _Seen:
    """Everything that was found out."""

    profile: HardwareProfile
    sources: tuple[PowerSource, ...]
    runtimes: tuple[Runtime, ...]
    failures: tuple[Failure, ...]


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def _doctor_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--watch",
        metavar="SECONDS",
        type=float,
        help="record what every sensor of power says for so long",
    )
    parser.add_argument(
        "--rate", metavar="HZ", type=float, default=1.0, help="readings a second, up to 50"
    )


async def _look(settings: Settings) -> _Seen:
    profile, sources, (runtimes, failures) = await asyncio.gather(
        _hardware(settings), power.discover(settings), _runtimes(settings)
    )
    return _Seen(profile, sources, runtimes, (*profile.failures, *failures))


async def _hardware(settings: Settings) -> HardwareProfile:
    """This machine, and the disk on which the server that answers really has its models."""
    return await hardware.detect(settings, await store.folder(settings))


async def _runtimes(settings: Settings) -> tuple[tuple[Runtime, ...], tuple[Failure, ...]]:
    """An address that is none is a finding here, and does not hide the rest."""
    try:
        return (await server.find(settings),), ()
    except BadInput as error:
        failure = Failure(probe="Ollama", reason=error.message, hint=error.hint)
        return (), (failure,)


async def detect(args: argparse.Namespace, session: Session) -> int:
    """Print the machine."""
    del args
    seen = await _look(session.settings)
    if session.json:
        session.document(_document(seen))
    else:
        _print_machine(seen, session)
    return 0


def _document(seen: _Seen) -> dict[str, Any]:
    profile = seen.profile
    return {
        "system": {
            "os": profile.system.os,
            "version": profile.system.version,
            "arch": profile.system.arch,
        },
        "cpu": {
            "name": profile.cpu.name,
            "physical_cores": profile.cpu.physical_cores,
            "logical_cores": profile.cpu.logical_cores,
        },
        "ram": {
            "total_bytes": profile.ram.total_bytes,
            "available_bytes": profile.ram.available_bytes,
            "bandwidth_bytes_per_s": _figure(profile.ram.bandwidth_bytes_per_s),
        },
        "disk": {
            "models_path": profile.disk.models_path,
            "free_bytes": profile.disk.free_bytes,
            "total_bytes": profile.disk.total_bytes,
        },
        "accelerators": [_accelerator(a) for a in profile.accelerators],
        "power_sources": [_source(source) for source in seen.sources],
        "runtimes": [_runtime(runtime) for runtime in seen.runtimes],
        "failures": [_failure(failure) for failure in seen.failures],
        "overrides": [
            {"field": o.field, "detected": o.detected, "value": o.value} for o in profile.overrides
        ],
    }


def _figure(figure: Figure) -> dict[str, float | str | None]:
    return {"value": middle(figure), "provenance": provenance(figure)}


def _accelerator(accelerator: Accelerator) -> dict[str, Any]:
    return {
        "id": accelerator.id,
        "name": accelerator.name,
        "vendor": accelerator.vendor.value,
        "kind": accelerator.kind.value,
        "memory_total_bytes": accelerator.memory_total_bytes,
        "memory_free_bytes": accelerator.memory_free_bytes,
        "usable_bytes": accelerator.usable_bytes,
        "bandwidth_bytes_per_s": _figure(accelerator.bandwidth_bytes_per_s),
        "fp16_flops": _figure(accelerator.fp16_flops),
        "power_limit_watts": accelerator.power_limit_watts,
        "pci_bus_id": accelerator.pci_bus_id,
        "catalogue_name": accelerator.catalogue_name,
        "driver": accelerator.driver,
        "source": accelerator.source,
        "reasons": list(accelerator.reasons),
    }


def _source(source: PowerSource) -> dict[str, Any]:
    return {
        "name": source.name,
        "scope": source.scope.value,
        "available": source.available,
        "quality": source.quality.value,
        "reason": source.reason,
    }


def _runtime(runtime: Runtime) -> dict[str, Any]:
    return {
        "kind": runtime.kind,
        "state": runtime.state.value,
        "url": runtime.url,
        "version": runtime.version,
        "warnings": list(runtime.warnings),
    }


def _failure(failure: Failure) -> dict[str, str]:
    return {"probe": failure.probe, "reason": failure.reason, "hint": failure.hint}


def _print_machine(seen: _Seen, session: Session) -> None:
    profile = seen.profile
    session.table(
        ("This machine", ""),
        (
            ("System", f"{profile.system.os} {profile.system.version}, {profile.system.arch}"),
            ("Processor", _cores(profile)),
            (
                "Memory",
                _of(
                    _size(profile.ram.available_bytes), _size(profile.ram.total_bytes), "available"
                ),
            ),
            (
                "Models",
                f"{profile.disk.models_path}: "
                f"{_of(_room(profile.disk.free_bytes), _room(profile.disk.total_bytes), 'free')}",
            ),
            *(("Ollama", _runtime_words(runtime)) for runtime in seen.runtimes),
        ),
    )
    _print_accelerators(profile.accelerators, session)
    _print_sources(seen.sources, session)
    _print_list("Warnings", (w for runtime in seen.runtimes for w in runtime.warnings), session)
    _print_list("Could not be read", map(_failure_words, seen.failures), session)
    corrected = (f"{o.field}: {o.value} (detected: {o.detected})" for o in profile.overrides)
    _print_list("Corrected by you", corrected, session)


def _cores(profile: HardwareProfile) -> str:
    cores = profile.cpu.physical_cores
    return f"{profile.cpu.name}, {_UNKNOWN if cores is None else cores} cores"


def _print_accelerators(accelerators: Sequence[Accelerator], session: Session) -> None:
    session.line()
    if not accelerators:
        session.line("No accelerator: models run on the processor.")
        return
    session.table(
        ("Accelerator", "Kind", "Total", "Free", "Usable", "Bandwidth", "Driver"),
        (
            (
                a.name,
                a.kind.value,
                _size(a.memory_total_bytes),
                _size(a.memory_free_bytes),
                _size(a.usable_bytes),
                _bandwidth(a.bandwidth_bytes_per_s),
                a.driver or _UNKNOWN,
            )
            for a in accelerators
        ),
        right="Total,Free,Usable,Bandwidth",
    )
    _print_list("", (f"{a.name}: {reason}" for a in accelerators for reason in a.reasons), session)


def _print_sources(sources: Sequence[PowerSource], session: Session) -> None:
    session.line()
    if not sources:
        session.line("No power source: energy per token is not measured here.")
        return
    session.table(
        ("Power source", "Covers", "Quality", "Note"),
        (
            (
                s.name,
                s.scope.value,
                s.quality.value if s.available else "not available",
                s.reason if len(s.reason) <= _LONGEST_NOTE else "see below",
            )
            for s in sources
        ),
    )
    long = (f"{s.name}: {s.reason}" for s in sources if len(s.reason) > _LONGEST_NOTE)
    _print_list("What keeps sources from being read", long, session)


def _print_list(title: str, lines: Iterable[str], session: Session) -> None:
    said = list(lines)
    if said and title:
        session.line()
        session.line(title)
    for line in said:
        session.line(f"  {line}")


def _size(size_bytes: int | None) -> str:
    return _UNKNOWN if size_bytes is None else gib(size_bytes)


def _room(size_bytes: int | None) -> str:
    return _UNKNOWN if size_bytes is None else file_size(size_bytes)


def _of(part: str, whole: str, word: str) -> str:
    return f"{part} of {whole} {word}"


def _bandwidth(figure: Figure) -> str:
    value = middle(figure)
    return _UNKNOWN if value is None else f"{value / 1e9:.0f} GB/s"


def _runtime_words(runtime: Runtime) -> str:
    version = f" {runtime.version}" if runtime.version else ""
    match runtime.state:
        case RuntimeState.RUNNING:
            return f"running{version} at {runtime.url}"
        case RuntimeState.STOPPED:
            return f"installed, not answering at {runtime.url}"
        case RuntimeState.ABSENT:
            return f"not installed, nothing answers at {runtime.url}"
        case RuntimeState.REMOTE:
            return f"on another machine{version}: {runtime.url}"


def _failure_words(failure: Failure) -> str:
    return _failed(failure.probe, failure.reason, failure.hint)


def _failed(probe: str, reason: str, hint: str) -> str:
    return " ".join(filter(None, (f"{probe}: {reason.removesuffix('.')}.", hint)))


async def doctor(args: argparse.Namespace, session: Session) -> int:
    """Print every probe and its answer, without what is nobody else's business.

    With `--watch`: what the sensors of power say for so long instead.
    """
    if args.watch is not None:
        watching = import_module("landfall.cli.watch_power")
        code: int = await watching.watch(args, session)
        return code
    seen = await _look(session.settings)
    document: dict[str, Any] = of_this_user(_report(seen))
    if session.json:
        session.document(document)
    else:
        _print_report(document, session)
    return 0


def _report(seen: _Seen) -> dict[str, Any]:
    probes = [_probe(probe) for probe in seen.profile.probes]
    probes += [_source_probe(source) for source in seen.sources]
    probes += [_runtime_probe(runtime) for runtime in seen.runtimes]
    return {
        "landfall": __version__,
        "build": built_as(),
        "python": platform.python_version(),
        "system": " ".join(
            (seen.profile.system.os, seen.profile.system.version, seen.profile.system.arch)
        ),
        "probes": probes,
        "failures": [_failure(failure) for failure in seen.failures],
        "overrides": [f"{o.field} = {o.value}" for o in seen.profile.overrides],
    }


def _probe(probe: ProbeResult) -> dict[str, Any]:
    return {"probe": probe.probe, "ok": probe.ok, "answer": probe.answer, "hint": probe.hint}


def _source_probe(source: PowerSource) -> dict[str, Any]:
    answer = f"{source.scope.value}, {source.quality.value}"
    return {
        "probe": f"power: {source.name}",
        "ok": source.available,
        "answer": f"{answer}: {source.reason}" if source.reason else answer,
        "hint": "",
    }


def _runtime_probe(runtime: Runtime) -> dict[str, Any]:
    answer = [_runtime_words(runtime)]
    if runtime.executable:
        answer.append(f"program {runtime.executable}")
    return {
        "probe": runtime.kind,
        "ok": runtime.state in {RuntimeState.RUNNING, RuntimeState.REMOTE},
        "answer": "; ".join(answer),
        "hint": " ".join(runtime.warnings),
    }


def _print_report(document: dict[str, Any], session: Session) -> None:
    session.line(
        f"Landfall {document['landfall']} ({document['build']}), Python {document['python']}"
    )
    session.line(document["system"])
    session.line()
    for probe in document["probes"]:
        session.line(f"{'ok' if probe['ok'] else '--'}  {probe['probe']}: {probe['answer']}")
        if probe["hint"]:
            session.line(f"      {probe['hint']}")
    said = {(probe["probe"], probe["answer"]) for probe in document["probes"]}
    others = [f for f in document["failures"] if (f["probe"], f["reason"]) not in said]
    failed = (_failed(f["probe"], f["reason"], f["hint"]) for f in others)
    _print_list("Failed", failed, session)
    _print_list("Corrected by you", document["overrides"], session)


COMMANDS = (
    Command("detect", _no_arguments, detect),
    Command("doctor", _doctor_arguments, doctor),
)
