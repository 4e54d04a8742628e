"""`list`, `ps`, `pull`, `rm`, `update`: the models of an Ollama server."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from landfall.cli import host_listing
from landfall.cli.host_here import add_host, speak_with
from landfall.cli.session import Command, Session, tame
from landfall.core.errors import AppError, ModelNotFound
from landfall.core.events import PullProgress
from landfall.core.fit.load_check import LoadCheck
from landfall.core.hosts.runtime import InstalledModel, LoadedModel, gpu_share
from landfall.core.models.model_names import is_cloud_name, same, shortest
from landfall.core.provenance import Unknown
from landfall.core.sizes import file_size, gib
from landfall.services.hardware.host import default_models_path
from landfall.services.models import load_check
from landfall.services.ollama import pulls, registry
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.serving import serving

REPORT_EVERY_SECONDS = 2.0
"""A progress line where nobody looks at a terminal."""


@asynccontextmanager
async def connected(session: Session, host: str | None = None) -> AsyncIterator[Ollama]:
    """A client of the server that answers, for as long as the block lasts.

    Args:
        host: As typed after `--host`; without one the server in force.

    Raises:
        BadInput: it is no host, or no Ollama.
        OllamaUnavailable: none answers, and none may be started.
    """
    if host:
        await speak_with(host, session)
    async with (
        serving(session.settings, token=session.token) as runtime,
        Ollama(runtime.url, token=session.token) as client,
    ):
        yield client


# list, ps


async def list_models(args: argparse.Namespace, session: Session) -> int:
    """What is on the server's disk."""
    if args.host and await host_listing.listed_elsewhere(args.host, session):
        return 0
    async with connected(session, args.host) as client:
        models = await client.tags()
    if session.json:
        session.document([_installed_json(model) for model in models])
        return 0
    if not models:
        session.line(
            "No models yet. `landfall recommend` shows what fits, `landfall pull` gets it."
        )
        return 0
    session.table(
        ("MODEL", "SIZE", "FAMILY", "PARAMETERS", "QUANTIZATION", "CHANGED", "WHERE"),
        [
            (
                model.name,
                file_size(model.size_bytes),
                model.family or "?",
                model.parameter_size or "?",
                model.quantization or "?",
                model.modified_at[:10],
                "cloud" if model.remote else args.host or "here",
            )
            for model in models
        ],
        right="SIZE",
    )
    return 0


def _installed_json(model: InstalledModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "digest": model.digest,
        "size_bytes": model.size_bytes,
        "modified_at": model.modified_at,
        "family": model.family,
        "parameter_size": model.parameter_size,
        "quantization": model.quantization,
        "remote": model.remote,
    }


async def list_loaded(args: argparse.Namespace, session: Session) -> int:
    """What is in the server's memory, and what was predicted for it."""
    async with connected(session, args.host) as client:
        checks = await load_check.look_at_all(client)
    if session.json:
        session.document([_loaded_json(check) for check in checks])
        return 0
    if not checks:
        session.line("No model is in memory.")
        return 0
    session.table(
        ("MODEL", "SIZE", "PREDICTED", "PROCESS", "PROCESSOR", "CONTEXT", "UNTIL"),
        [_loaded_row(check) for check in checks],
        right="SIZE,PREDICTED,PROCESS,CONTEXT",
    )
    for check in checks:
        for reason in (*check.reasons, *_why_unknown(check)):
            session.line(f"- {check.model.name}: {reason}")
    return 0


def _loaded_row(check: LoadCheck) -> tuple[str, ...]:
    model, process = check.model, check.runner
    predicted, error = check.predicted_ps_bytes, check.ps_error
    told = "?" if isinstance(predicted, Unknown) else gib(predicted)
    return (
        model.name,
        gib(model.size_bytes),
        told if error is None else f"{told} ({100 * error:+.1f} %)",
        "?" if isinstance(process, Unknown) else gib(process.memory_bytes),
        _processor(model),
        "?" if model.context is None else str(model.context),
        model.expires_at[:19],
    )


def _why_unknown(check: LoadCheck) -> list[str]:
    """Why a figure is missing, each reason once."""
    told = {
        "predicted_bytes": check.predicted_ps_bytes,
        "predicted_process_bytes": check.predicted_process_bytes,
        "process_bytes": check.runner,
    }
    names: dict[str, list[str]] = {}
    for name, value in told.items():
        if isinstance(value, Unknown):
            names.setdefault(value.reason, []).append(name)
    return [f"{', '.join(keys)} not known: {reason}" for reason, keys in names.items()]


def _loaded_json(check: LoadCheck) -> dict[str, Any]:
    model, process = check.model, check.runner
    runner = None if isinstance(process, Unknown) else process
    return {
        "name": model.name,
        "digest": model.digest,
        "size_bytes": model.size_bytes,
        "gpu_bytes": model.gpu_bytes,
        "context": model.context,
        "expires_at": model.expires_at,
        "predicted_bytes": _known(check.predicted_ps_bytes),
        "process_bytes": runner.memory_bytes if runner else None,
        "process_kind": runner.memory_kind if runner else None,
        "predicted_process_bytes": _known(check.predicted_process_bytes),
        "reasons": [*check.reasons, *_why_unknown(check)],
    }


def _known(value: int | Unknown) -> int | None:
    return None if isinstance(value, Unknown) else value


def _processor(model: LoadedModel) -> str:
    """The share of a model that is on GPUs, in words."""
    share = gpu_share(model)
    if share is None:
        return "?"
    gpu = round(100 * share)
    return {0: "100% CPU", 100: "100% GPU"}.get(gpu, f"{gpu}% GPU, {100 - gpu}% CPU")


# pull, update


async def pull_model(args: argparse.Namespace, session: Session) -> int:
    """Load a model from its registry, and say how far it is."""
    async with connected(session, args.host) as client:
        seconds = await _pulled(client, args.model, session, insecure=args.insecure)
        installed = await _installed(client, args.model)
    if session.json:
        session.document(
            {
                "model": shortest(args.model),
                "digest": installed.digest if installed else None,
                "size_bytes": installed.size_bytes if installed else None,
                "seconds": seconds,
            }
        )
    else:
        session.line(f"{shortest(args.model)} is {_on(args.host) or 'here'}.")
    return 0


async def _installed(client: Ollama, model: str) -> InstalledModel | None:
    return next((entry for entry in await client.tags() if same(entry.name, model)), None)


async def _pulled(client: Ollama, model: str, session: Session, *, insecure: bool) -> float:
    """Pull with progress on stderr; the seconds that it took."""
    begun = time.perf_counter()
    if insecure:
        registry.require_plain(model)
    if is_cloud_name(model):
        session.say(f"{model} is a model in a cloud: only its name comes here.")
    whole = await _whole_bytes(client, model, session, insecure=insecure)
    shown = _Progress(session)
    steps = client.pull(model, insecure=insecure, whole_total_bytes=whole)
    async with aclosing(steps):
        async for step in steps:
            shown.take(step)
    shown.end()
    return time.perf_counter() - begun


async def _whole_bytes(
    client: Ollama, model: str, session: Session, *, insecure: bool
) -> int | None:
    """The size of the model by its manifest, or None; the disk is checked by it where it is here.

    A registry that does not answer us may still answer the server, whose word on it counts.

    Raises:
        DiskFull: there is no room; nothing was loaded.
    """
    try:
        layers = await registry.read_layers(model, insecure)
    except AppError as error:
        session.say(f"The size is not known beforehand: {error.message}")
        return None
    if is_this_machine(client.url):
        folder = await client.models_folder() or default_models_path(os.environ)
        await pulls.require_room(layers, folder / "blobs")
    return sum(size for _, size in layers)


class _Progress:
    """Shows a pull: one line that changes in a terminal, a line now and then elsewhere."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._in_place = session.err.isatty()
        self._said = ""
        self._said_at = -REPORT_EVERY_SECONDS
        self._phase = ""

    def take(self, step: PullProgress) -> None:
        text = _progress_text(step)
        if self._in_place:
            self._session.err.write(f"\r\x1b[2K{tame(text, self._session.err)}")
            self._session.err.flush()
        elif text != self._said and (
            step.phase != self._phase or step.at - self._said_at >= REPORT_EVERY_SECONDS
        ):
            self._session.say(text)
            self._said_at = step.at
        self._said, self._phase = text, step.phase

    def end(self) -> None:
        if self._in_place:
            self._session.err.write("\n")


def _progress_text(step: PullProgress) -> str:
    match step.phase:
        case "manifest":
            return "reading the manifest"
        case "verify":
            return "checking what came"
        case "write":
            return "writing the manifest"
        case "done":
            return "done"
        case "download":
            return _download_text(step)


def _download_text(step: PullProgress) -> str:
    layer = step.digest.removeprefix("sha256:")[:12]
    if step.total_bytes is None or step.completed_bytes is None:
        return f"layer {layer}"
    of_layer = f"layer {layer}: {file_size(step.completed_bytes)} of {file_size(step.total_bytes)}"
    if step.whole_total_bytes is None or step.whole_completed_bytes is None:
        return of_layer
    share = 100 * step.whole_completed_bytes / max(1, step.whole_total_bytes)
    return f"{of_layer}, {share:.0f} % of the model"


async def update_models(args: argparse.Namespace, session: Session) -> int:
    """Pull again what has changed at its registry: one model, or all that are on the disk.

    Where nothing failed but for want of the network the exit code says so; else a failure is 1.
    """
    async with connected(session, args.host) as client:
        installed = await client.tags()
        chosen = [model for model in installed if not args.model or same(model.name, args.model)]
        if args.model and not chosen:
            raise ModelNotFound(
                f"{args.model} is not on the server.", f"`landfall pull {args.model}` gets it."
            )
        if args.model and args.insecure:
            registry.require_plain(args.model)
        done = []
        for model in (one for one in chosen if not one.remote):
            done.append(await _updated(client, model, session, insecure=args.insecure))
    rows = [row for row, _ in done]
    if session.json:
        session.document(rows)
    else:
        session.table(("MODEL", "RESULT"), [(row["model"], _result_text(row)) for row in rows])
    codes = {error.exit_code for _, error in done if error is not None}
    return max(codes, default=0) if len(codes) < 2 else AppError.exit_code


async def _updated(
    client: Ollama, model: InstalledModel, session: Session, *, insecure: bool
) -> tuple[dict[str, Any], AppError | None]:
    """How the update of one model went; one that fails does not stop the others.

    Args:
        insecure: By plain http, where the model's registry is in the own network.
    """
    row: dict[str, Any] = {"model": model.name, "before": model.digest, "after": None, "reason": ""}
    try:
        plain = insecure and registry.may_be_plain(model.name)
        await _pulled(client, model.name, session, insecure=plain)
    except ModelNotFound:
        return row | {"result": "local", "reason": "its registry does not have it"}, None
    except AppError as error:
        return row | {"result": "failed", "reason": str(error)}, error
    now = await _installed(client, model.name)
    after = now.digest if now else None
    result = "current" if after == model.digest else "updated"
    return row | {"after": after, "result": result}, None


def _result_text(row: dict[str, Any]) -> str:
    return f"{row['result']}: {row['reason']}" if row["reason"] else str(row["result"])


# rm


async def remove_model(args: argparse.Namespace, session: Session) -> int:
    """Delete a model, out of memory first."""
    async with connected(session, args.host) as client:
        await client.delete(args.model)
    if session.json:
        session.document({"model": shortest(args.model), "deleted": True})
    else:
        on = _on(args.host)
        session.line(f"{shortest(args.model)} is deleted{on and f' {on}'}.")
    return 0


def _on(host: str | None) -> str:
    """Where, for people; "" where no host was named."""
    return f"on {host}" if host else ""


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="name with its tag: qwen3:8b")
    add_host(parser)


def _insecure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="plain http, for a registry on loopback or in the own network",
    )


def _pull_arguments(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    _insecure(parser)


def _update_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", nargs="?", help="without one: all")
    add_host(parser)
    _insecure(parser)


COMMANDS = (
    Command("list", add_host, list_models),
    Command("ps", add_host, list_loaded),
    Command("pull", _pull_arguments, pull_model),
    Command("rm", _model, remove_model),
    Command("update", _update_arguments, update_models),
)
