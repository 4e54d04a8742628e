"""The process that holds a model in memory, on this machine: what it takes and how it was started.

From 0.30 on that is `llama-server`, whose command line tells how it runs; before, `ollama runner`,
which tells by its environment. Both are children of `ollama serve`. Each call reads the list of
processes: call it from a thread, once after a load.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import psutil

from landfall.core.fit.load_check import RunnerFacts
from landfall.core.fit.memory import KvType
from landfall.core.provenance import Unknown

_NAMES = ("llama-server", "ollama")
_SETTINGS = ("OLLAMA_NUM_PARALLEL", "OLLAMA_KV_CACHE_TYPE", "OLLAMA_FLASH_ATTENTION")
_ON, _OFF = ("on", "1", "true"), ("off", "0", "false")
_GONE = (psutil.Error, OSError)


def of_blob(blob: str, url: str) -> RunnerFacts | Unknown:
    """What the runner of a model takes and tells.

    Args:
        blob: File name of the weights in the server's store: "sha256-...".
        url: The server's address; it tells runners of one model apart where there are several.
    """
    found = [process for process in psutil.process_iter() if blob in _model_of(process)]
    if not found:
        return Unknown("no process with this model can be seen on this machine")
    if len(found) > 1:
        found = [process for process in found if _serves(process, urlsplit(url).port)]
    if len(found) != 1:
        return Unknown("several processes hold this model, and which belongs here is not told")
    try:
        return _facts(found[0])
    except _GONE:
        return Unknown("the process that holds the model may not be looked at, or has just ended")


def _model_of(process: psutil.Process) -> str:
    """The model that a runner was started with, or ""."""
    try:
        if not process.name().lower().startswith(_NAMES):
            return ""
        words = process.cmdline()
    except _GONE:
        return ""
    return _after(words, "--model") or ""


def _serves(process: psutil.Process, port: int | None) -> bool:
    """Whether the server that started the runner listens at the port."""
    try:
        server = process.parent()
        lines = [] if server is None else server.net_connections(kind="tcp")
    except _GONE:
        return False
    return any(
        line.status == psutil.CONN_LISTEN and getattr(line.laddr, "port", None) == port
        for line in lines
    )


def _facts(process: psutil.Process) -> RunnerFacts:
    words = process.cmdline()
    basic = process.memory_info()
    size, kind = basic.rss, "RSS"
    held = basic.rss
    if sys.platform == "linux":
        held = max(0, basic.rss - basic.shared)
        try:
            size, kind = process.memory_full_info().pss, "PSS"
        except _GONE:
            kind = "RSS"  # another user's process, such as the service's
    settings = _settings(process)
    if "--port" in words and "-np" in words:
        return _of_child(words, size, kind, held)
    return RunnerFacts(
        memory_bytes=size,
        memory_kind=kind,
        held_bytes=held,
        parallel=_number(settings.get("OLLAMA_NUM_PARALLEL", "1"))
        if settings is not None
        else None,
        kv_type=_old_kv_type(settings, own_engine="--ollama-engine" in words),
    )


def _of_child(words: Sequence[str], size: int, kind: str, held: int) -> RunnerFacts:
    """By the arguments that Ollama gives to llama-server (v0.32.15, llm/llama_server.go)."""
    return RunnerFacts(
        memory_bytes=size,
        memory_kind=kind,
        held_bytes=held,
        parallel=_number(_after(words, "-np")),
        kv_type=_kv_type(_after(words, "--cache-type-k")),
        batch=_number(_after(words, "-ub")),
        flash_attention=False if _after(words, "--flash-attn") in _OFF else None,
        gpu_layers=_number(_after(words, "-ngl")),
    )


def _settings(process: psutil.Process) -> Mapping[str, str] | None:
    """What the server was set to do by its environment; nothing else of it is looked at."""
    try:
        environment = process.environ()
    except _GONE:
        return None
    return {name: environment[name] for name in _SETTINGS if environment.get(name)}


def _old_kv_type(settings: Mapping[str, str] | None, *, own_engine: bool) -> KvType | None:
    """The engine of llama.cpp inside 0.24 ignores the setting unless flash attention is set too."""
    if settings is None:
        return None
    kind = _kv_type(settings.get("OLLAMA_KV_CACHE_TYPE"))
    if own_engine or settings.get("OLLAMA_FLASH_ATTENTION", "").lower() in _ON:
        return kind
    return KvType.F16


def _kv_type(text: str | None) -> KvType:
    try:
        return KvType((text or "f16").lower())
    except ValueError:
        return KvType.F16


def _after(words: Sequence[str], flag: str) -> str | None:
    """The word after a flag, or None."""
    places = [index for index, word in enumerate(words[:-1]) if word == flag]
    return words[places[0] + 1] if places else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
