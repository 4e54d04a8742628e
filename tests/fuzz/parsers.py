"""Every parser of what others wrote, as a function of bytes, with whole inputs to begin from.

A parser ends with a value or with one of the errors that it documents; `Parser.read` swallows
those alone. What is read from a folder or a file lies in a folder of this process.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from landfall.core import announcement
from landfall.core.errors import AppError, BadInput
from landfall.core.machine import user_machines
from landfall.core.models import repository
from landfall.core.models.gguf import NeedMoreBytes, read_header
from landfall.core.models.header_spec import from_header
from landfall.core.models.pasted_names import meant
from landfall.core.quality import answers, sets
from landfall.core.usage import series
from landfall.core.workload import draft
from landfall.services.benchmark import plan as benchmark_plan
from landfall.services.history import importing as history_import
from landfall.services.history.history import History
from landfall.services.installation import updates
from landfall.services.models import shipped_catalogue
from landfall.services.models.header_cache import (
    HeaderCache,
    parse_reference,
    read_file,
    read_manifest,
)
from landfall.services.people import call_traces
from landfall.services.pricing import offered_models, tables
from landfall.services.routing import linting
from landfall.services.settings import settings_toml
from landfall.services.usage_files import open_usage
from landfall.services.verdict import workload_files
from tests.fakes.kept_sides import side_by_sides
from tests.fakes.routes import texts
from tests.fuzz import seeds
from tests.fuzz.network import (
    hosted,
    ollama_answer,
    ollama_pull,
    ollama_state,
    plug_answer,
    usage_answer,
)
from tests.fuzz.scratch import runner, scratch_folder

Read = Callable[[bytes], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parser:
    """One reader of foreign bytes.

    Attributes:
        read: Raises nothing but what is no fault of its own.
        seeds: Whole inputs.
        is_slow: Whether one input takes a file system or a database: it is given fewer.
    """

    read: Read
    seeds: Callable[[], Iterable[bytes]]
    is_slow: bool = False


def _allowing(read: Read, *expected: type[BaseException]) -> Read:
    """The same, without the errors that it documents."""

    def quietly(data: bytes) -> object:
        with contextlib.suppress(*expected):
            return read(data)
        return None

    return quietly


def _text(read: Callable[[str], object]) -> Read:
    """A reader of text, which whoever opened the file has decoded."""
    return lambda data: read(data.decode("utf-8", errors="replace"))


def _file(read: Callable[[Path], object], name: str) -> Read:
    """A reader of a file."""

    def of_bytes(data: bytes) -> object:
        path = scratch_folder() / name
        path.write_bytes(data)
        return read(path)

    return of_bytes


def _async(read: Callable[[bytes], Coroutine[Any, Any, object]]) -> Read:
    return lambda data: runner().run(read(data))


# ---------------------------------------------------------------- models


def header(data: bytes) -> None:
    """The header, and what the formula takes from it."""
    from_header(read_header(data), "fuzzed", file_bytes=1 << 30)


def listed_files(data: bytes) -> None:
    """What a repository says it holds."""
    repository.contents(repository.read_listing(data, "fuzzed"))


def name(data: bytes) -> None:
    """What somebody pasted."""
    parse_reference(meant(data.decode("utf-8", errors="surrogateescape")))


def kept_header(data: bytes) -> None:
    """What the cache holds; damaged is as good as never read."""
    store = HeaderCache(scratch_folder())
    for path in (
        store._header_path("registry.ollama.ai", seeds.DIGEST),
        store._manifest_path(parse_reference("tiny")),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    store.header("registry.ollama.ai", seeds.DIGEST)
    store.manifest(parse_reference("tiny"))


# ---------------------------------------------------------------- files of the user


def usage_file(path: Path) -> None:
    """Usage of any format, to its end."""
    with open_usage(path) as file:
        for _ in file:
            pass


def workload(text: str) -> None:
    """A workload, as a file and as it is typed."""
    draft.half_typed(text)
    with contextlib.suppress(BadInput):
        draft.draft_in(text)
    workload_files.from_text(text, folder=scratch_folder())


def prompts(text: str) -> None:
    """Prompts of a quality run, JSON lines or CSV."""
    lines = text.splitlines(keepends=True)
    sets.likely_columns(sets.names_in(lines))
    sets.read_set(lines)


def an_answer(text: str) -> None:
    """What a model wrote, as the metrics take it."""
    answers.json_of(text)
    answers.numbers_in(text)
    answers.ranked(text)
    answers.label_of(text)


def prices(path: Path) -> None:
    """The fetched table and the kept lists of models; damaged is as good as absent."""
    tables.fetched(path)
    offered_models.load(path)


def news(data: bytes) -> None:
    """The file with news of versions, also one that would be signed."""
    path = scratch_folder() / "announced.json"
    path.write_bytes(data)
    updates.kept(path)
    with contextlib.suppress(AppError):
        announcement.opened(data)
    announcement.read(data)


def routes(data: bytes) -> None:
    """An exported folder; the first byte says which of its files was changed by hand."""
    folder = scratch_folder() / "routes"
    folder.mkdir(exist_ok=True)
    names = sorted(texts())
    for file, text in texts().items():
        (folder / file).write_text(text, encoding="utf-8")
    (folder / names[(data or b"\0")[0] % len(names)]).write_bytes(data[1:])
    runner().run(linting.lint_folder(folder, resolve=_nowhere))


async def _nowhere(_host: str) -> tuple[str, ...]:
    return ("127.0.0.1",)


def history(data: bytes) -> None:
    """A history with damaged pages is opened, read and closed, or refused."""
    path = scratch_folder() / "history.db"
    for old in scratch_folder().glob("history.*"):
        old.unlink()
    path.write_bytes(data)

    async def use() -> None:
        opened = History(path)
        await opened.open()
        try:
            await opened.mark_interrupted()
            runs = await opened.runs()
            for run in runs[:5]:
                await opened.samples(run.id)
            await opened.day_totals()
            for read in (
                opened.workloads,
                opened.last_verdicts,
                opened.benchmarks,
                partial(side_by_sides, opened),
                opened.quality_results,
                opened.calibration_points,
                opened.loads,
                opened.unfinished_pulls,
                opened.hosts_seen,
                opened.egress,
                opened.workload_drafts,
                opened.routed_splits,
                opened.latest_probes,
            ):
                with contextlib.suppress(AppError):
                    await read()
        finally:
            await opened.close()

    runner().run(use())


def _trace_file(read: Callable[[Path], object], name_: str) -> Read:
    return _allowing(_file(read, name_), BadInput)


PARSERS: dict[str, Parser] = {
    "gguf header": Parser(read=_allowing(header, BadInput, NeedMoreBytes), seeds=seeds.headers),
    "gguf file": Parser(
        read=_trace_file(lambda p: read_file(p, p.name), "m.gguf"), seeds=seeds.headers
    ),
    "manifest": Parser(
        read=_allowing(lambda data: read_manifest(data, "fuzzed"), BadInput), seeds=seeds.manifests
    ),
    "repository": Parser(
        read=_allowing(listed_files, BadInput),
        seeds=seeds.documents([seeds.PART, seeds.WHOLE, {"type": "directory", "path": "x"}]),
    ),
    "name": Parser(
        read=_allowing(name, BadInput),
        seeds=lambda: [
            b"ollama run hf.co/user/repo:Q4_K_M",
            b"https://huggingface.co/user/repo/blob/main/a/b.gguf?download=true#x",
            b"https://ollama.com/library/qwen3:8b",
        ],
    ),
    "kept header": Parser(read=kept_header, seeds=seeds.kept, is_slow=True),
    "ollama answer": Parser(
        read=_allowing(_async(ollama_answer), AppError), seeds=seeds.replies(seeds.CHAT_LINES)
    ),
    "ollama pull": Parser(
        read=_allowing(_async(ollama_pull), AppError), seeds=seeds.replies(seeds.PULL_LINES)
    ),
    "ollama state": Parser(read=_async(ollama_state), seeds=seeds.replies(json.dumps(seeds.TAGS))),
    "openai stream": Parser(
        read=_async(hosted("openai")),
        seeds=seeds.replies(seeds.MODEL_LIST, seeds.MODEL_LIST, seeds.OPENAI),
    ),
    "anthropic stream": Parser(
        read=_async(hosted("anthropic")),
        seeds=seeds.replies(seeds.MODEL_LIST, seeds.MODEL_LIST, seeds.ANTHROPIC),
    ),
    "usage interface": Parser(
        read=_async(usage_answer), seeds=seeds.replies(*(json.dumps(one) for one in seeds.USAGE))
    ),
    "plug": Parser(
        read=_allowing(plug_answer, AppError),
        seeds=lambda: [
            b"HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n"
            b'{"apower": 12.5, "aenergy": {"total": 5}}\n'
        ],
    ),
    "usage file": Parser(read=_trace_file(usage_file, "usage"), seeds=seeds.usage_files),
    "workload": Parser(read=_allowing(_text(workload), BadInput), seeds=seeds.workloads),
    "settings": Parser(read=_allowing(_text(settings_toml.parse), AppError), seeds=seeds.settings),
    "machines": Parser(
        read=_allowing(
            _text(
                lambda text: user_machines.parse(
                    text, shipped_catalogue.load().machines, file="machines.toml"
                )
            ),
            BadInput,
        ),
        seeds=lambda: [seeds.MACHINES.encode()],
    ),
    "prompts": Parser(
        read=_allowing(_text(prompts), BadInput),
        seeds=lambda: [one.encode() for one in seeds.PROMPTS],
    ),
    "benchmark prompts": Parser(
        read=_trace_file(benchmark_plan.prompts_of_file, "prompts"),
        seeds=lambda: [one.encode() for one in seeds.PROMPTS],
    ),
    "model answer": Parser(
        read=_text(an_answer),
        seeds=lambda: [b'```json\n{"a": [1, 2.5]}\n```', b"1. a\n2. b\n", b"1,234.5 and -7"],
    ),
    "usage series": Parser(
        read=_allowing(_text(lambda t: series.summary(series.read(t).days)), BadInput),
        seeds=lambda: [one.encode() for one in seeds.SERIES],
    ),
    "call trace": Parser(
        read=_trace_file(call_traces.read, "trace"),
        seeds=lambda: [one.encode() for one in seeds.TRACES],
    ),
    "prices": Parser(
        read=_file(prices, "prices.json"),
        seeds=seeds.documents(
            seeds.PRICES,
            {"schema": 1, "providers": {"a": {"on": "2026-01-01", "models": {"m": None}}}},
        ),
        is_slow=True,
    ),
    "news": Parser(read=_allowing(news, AppError), seeds=seeds.news),
    "history export": Parser(
        read=_allowing(_file(lambda path: history_import.read([path]), "export.json"), AppError),
        seeds=seeds.exports,
    ),
    "routes": Parser(read=_allowing(routes, BadInput), seeds=seeds.routes, is_slow=True),
    "history": Parser(read=_allowing(history, AppError), seeds=seeds.histories, is_slow=True),
}


def silence() -> None:
    """Damaged files are logged; here each would be a line."""
    logging.disable(logging.CRITICAL)
