"""`calibrate`: half a minute of runs that replace estimates of this machine's speed."""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from landfall.cli.asked_machine import profile_of
from landfall.cli.history import opened
from landfall.cli.models import connected
from landfall.cli.session import Command, Session
from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown
from landfall.core.run.long_wait import LongWait
from landfall.core.speed.calibration import Calibration, CalibrationPoint
from landfall.core.speed.calibration_run import MOST_MODELS, RUN_SECONDS, machine_key
from landfall.services.speed import calibration, calibration_run
from landfall.services.speed.calibration_run import (
    Busy,
    Calibrated,
    CalibrationEvent,
    Skipped,
    Step,
)

_LEAST_SECONDS, _MOST_SECONDS = 3.0, 600.0


async def run(args: argparse.Namespace, session: Session) -> int:
    """Run models of this machine; 1 where nothing came of it that can be used."""
    if args.forget:
        return await _forget(session)
    seconds = _seconds(args.seconds)
    profile = await profile_of(None, session)
    async with connected(session) as client, opened(session) as history:
        events = calibration_run.calibrate(
            client,
            history,
            profile=profile,
            cache=session.paths.cache,
            models=args.models,
            seconds=seconds,
        )
        points, skipped = await _told(events, session)
        kept = await history.calibration_points()
    engine = points[-1].engine if points else None
    return _tell(calibration.standing(profile, kept, engine), points, skipped, session)


def _seconds(text: str | None) -> float:
    if text is None:
        return RUN_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        raise BadInput(
            f"seconds is {text!r}.",
            f"Give {_LEAST_SECONDS:g} to {_MOST_SECONDS:g} seconds.",
            field="seconds",
        )
    return seconds


async def _told(
    events: AsyncGenerator[CalibrationEvent, None], session: Session
) -> tuple[list[CalibrationPoint], list[Skipped]]:
    """Say what is done while it is done."""
    points: list[CalibrationPoint] = []
    skipped: list[Skipped] = []
    async with aclosing(events):
        async for event in events:
            match event:
                case Busy(reason=reason):
                    session.say(f"Nothing of this will count: {reason}. Better try again later.")
                case Step():
                    doing = "loading" if event.doing == "load" else "measuring"
                    session.say(f"{event.number} of {event.of}: {doing} {event.model}")
                case LongWait():
                    session.say(str(event))
                case Calibrated(point=point):
                    points.append(point)
                case Skipped():
                    session.say(f"{event.model} is left out: {event.reason}")
                    skipped.append(event)
    return points, skipped


def _tell(
    found: Calibration | Unknown,
    points: list[CalibrationPoint],
    skipped: list[Skipped],
    session: Session,
) -> int:
    usable = [point for point in points if not point.conditions.get(calibration.UNUSABLE)]
    reasons = [f"{one.model}: {one.reason}" for one in skipped]
    reasons += [
        f"{point.model} is kept and does not count: {point.conditions[calibration.UNUSABLE]}"
        for point in points
        if point not in usable
    ]
    if not isinstance(found, Unknown) and found.on_battery:
        reasons.append(
            f"{', '.join(found.on_battery)}: measured on the battery, where many machines are "
            "slower; calibrate again on mains to predict for that"
        )
    if isinstance(found, Unknown):
        reasons.append(f"predictions stay as they are: {found.reason}")
    if session.json:
        session.document(_document(found, points, reasons))
        return 0 if usable else 1
    if points:
        session.table(
            ("MODEL", "DECODE", "PREDICTED", "PREFILL", "PREDICTED", ""),
            [_row(point) for point in points],
            right="DECODE,PREDICTED,PREFILL",
        )
    for reason in reasons:
        session.line(f"- {reason}")
    if usable and not isinstance(found, Unknown):
        session.line(_outcome(points[0].machine, found))
    return 0 if usable else 1


def _outcome(machine: str, found: Calibration) -> str:
    decode, prefill = calibration.factors(found)
    parts = [
        f"{name} x {factor:.2f} (measured x {scale:.2f})"
        for name, factor, scale in (
            ("decode", decode, found.decode_scale),
            ("prefill", prefill, found.prefill_scale),
        )
        if factor is not None and scale is not None
    ]
    return f"Predictions for {machine} with {found.engine} from now on: {', '.join(parts)}"


def _document(
    found: Calibration | Unknown, points: list[CalibrationPoint], reasons: list[str]
) -> dict[str, Any]:
    known = None if isinstance(found, Unknown) else found
    decode, prefill = calibration.factors(known) if known else (None, None)
    return {
        "machine": points[0].machine if points else None,
        "engine": points[0].engine if points else None,
        "points": [_point_json(point) for point in points],
        "decode_scale": known and known.decode_scale,
        "prefill_scale": known and known.prefill_scale,
        "decode_factor": decode,
        "prefill_factor": prefill,
        "reasons": reasons,
    }


def _row(point: CalibrationPoint) -> tuple[str, ...]:
    return (
        point.model,
        _number(point.decode_tok_s),
        _number(point.decode_predicted_tok_s),
        _number(point.prefill_tok_s),
        _number(point.prefill_predicted_tok_s),
        "tok/s",
    )


def _number(value: float | None, digits: int = 1) -> str:
    return "unknown" if value is None else f"{value:.{digits}f}"


def _point_json(point: CalibrationPoint) -> dict[str, Any]:
    return {
        "at": point.at,
        "model": point.model,
        "digest": point.digest,
        "decode_tok_s": point.decode_tok_s,
        "decode_predicted_tok_s": point.decode_predicted_tok_s,
        "prefill_tok_s": point.prefill_tok_s,
        "prefill_predicted_tok_s": point.prefill_predicted_tok_s,
        "conditions": dict(point.conditions),
    }


async def _forget(session: Session) -> int:
    """Back to estimates; 1 where there was nothing to forget."""
    count = 0
    if session.paths.database.exists():
        key = machine_key(await profile_of(None, session))
        async with opened(session) as history:
            count = await history.forget_calibration(key)
    if session.json:
        session.document({"forgotten": count})
    else:
        forgotten = "1 run" if count == 1 else f"{count} runs"
        session.line(f"{forgotten} forgotten." if count else "There was no calibration.")
    return 0 if count else 1


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "models",
        metavar="MODEL",
        nargs="*",
        help=f"models on the server; without one: up to {MOST_MODELS} of different sizes",
    )
    parser.add_argument(
        "--seconds", metavar="S", help=f"time for all runs together (default {RUN_SECONDS:g})"
    )
    parser.add_argument("--forget", action="store_true", help="go back to estimates")


COMMANDS: tuple[Command, ...] = (Command("calibrate", _arguments, run),)
