"""What hosts said, for people and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from landfall.cli.session import Session
from landfall.core.hosts.hosts import Host, HostModel, HostReading, HostState
from landfall.core.provenance import Figure, Unknown, as_json, middle
from landfall.core.sizes import file_size, gib
from landfall.services.keys.secret import Secret

_STATES = {
    HostState.ANSWERS: "answers",
    HostState.GONE: "gone",
    HostState.REFUSED: "refused",
    HostState.SOMETHING_ELSE: "something else",
    HostState.BAD_CERTIFICATE: "bad certificate",
}


def kept_document(host: Host) -> dict[str, Any]:
    """A host as it is kept."""
    return {"name": host.name, "url": host.url, "kind": host.kind.value}


def document(reading: HostReading, token: Secret | None) -> dict[str, Any]:
    """A reading; the token masked."""
    return {
        **kept_document(reading.host),
        "token": None if token is None else token.masked,
        "standing": reading.standing.value,
        "addresses": list(reading.stand.addresses),
        "state": reading.state.value,
        "server": reading.server or None,
        "version": reading.version or None,
        "latency_seconds": reading.latency_seconds,
        "memory_bytes": as_json(reading.memory_bytes),
        "memory_reason": _reason(reading.memory_bytes),
        "gpu_bytes": as_json(reading.gpu_bytes),
        "gpu_reason": _reason(reading.gpu_bytes),
        "models": [_model(one) for one in reading.models],
        "warnings": [
            {"id": one.id, "text": one.text, "hint": one.hint} for one in reading.warnings
        ],
        "problem": reading.problem,
        "hint": reading.hint,
        "answered_at": reading.answered_at or None,
        "gone_since": reading.gone_since or None,
        "same_as": reading.same_as or None,
        "same_why": reading.same_why,
    }


def _reason(figure: Figure) -> str | None:
    return figure.reason if isinstance(figure, Unknown) else None


def _model(model: HostModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "size_bytes": model.size_bytes,
        "loaded": model.loaded,
        "memory_bytes": model.memory_bytes,
        "gpu_bytes": model.gpu_bytes,
        "context": model.context,
        "remote": model.remote,
        "digest": model.digest or None,
    }


def print_kept(session: Session, hosts: Sequence[Host]) -> None:
    """The list without a look."""
    session.table(("HOST", "KIND", "ADDRESS"), [(h.name, h.kind.value, h.url) for h in hosts])


def print_readings(
    session: Session, readings: Sequence[HostReading], *, whole: bool = False
) -> None:
    """A table, then what is wrong or worth knowing of each; `whole` lists the models too."""
    session.table(
        ("HOST", "STATE", "SERVER", "WHERE", "MODELS", "IN MEMORY", "ON GPU", "LATENCY"),
        [_row(one) for one in readings],
        right="MODELS, IN MEMORY, ON GPU, LATENCY",
    )
    for one in readings:
        for line in _lines(one):
            session.prose(line, hanging=2)
        if whole and one.models:
            session.line()
            _print_models(session, one.models)


def _row(one: HostReading) -> tuple[str, ...]:
    answers = one.state is HostState.ANSWERS
    loaded = sum(bool(model.loaded) for model in one.models)
    return (
        one.host.name,
        _STATES[one.state],
        f"{one.server} {one.version}".strip() or "?",
        one.stand.words or "not known",
        f"{len(one.models)}, {loaded} loaded" if answers else "",
        _bytes(one.memory_bytes) if answers else "",
        _bytes(one.gpu_bytes) if answers else "",
        "" if one.latency_seconds is None else f"{one.latency_seconds * 1000:.1f} ms",
    )


def _bytes(figure: Figure) -> str:
    value = middle(figure)
    if value is None:
        return "?"
    return gib(int(value)) if value else "0"


def _lines(one: HostReading) -> list[str]:
    name = one.host.name
    lines = []
    if one.problem:
        lines.append(f"{name}: {one.problem} {one.hint}".rstrip())
    if one.gone_since:
        last = f"; it last answered {one.answered_at}" if one.answered_at else "; it never answered"
        lines.append(f"{name}: gone since {one.gone_since}{last}.")
    if one.same_as:
        lines.append(f"{name}: the same server as {one.same_as}, and counted once: {one.same_why}.")
    if one.state is HostState.ANSWERS and isinstance(one.memory_bytes, Unknown):
        lines.append(f"{name}: memory is not known: {one.memory_bytes.reason}.")
    lines += [f"{name}: {warning.text} {warning.hint}".rstrip() for warning in one.warnings]
    return lines


def _print_models(session: Session, models: Sequence[HostModel]) -> None:
    session.table(
        ("MODEL", "SIZE", "LOADED", "IN MEMORY", "ON GPU", "CONTEXT", "WHERE"),
        [
            (
                one.name,
                "?" if one.size_bytes is None else file_size(one.size_bytes),
                "?" if one.loaded is None else ("yes" if one.loaded else "no"),
                "" if one.memory_bytes is None else gib(one.memory_bytes),
                "" if one.gpu_bytes is None else gib(one.gpu_bytes),
                "" if one.context is None else f"{one.context}",
                "cloud" if one.remote else "there",
            )
            for one in models
        ],
        right="SIZE, IN MEMORY, ON GPU, CONTEXT",
    )
