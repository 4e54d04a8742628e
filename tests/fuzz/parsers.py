"""Every parser of what others wrote, as a function of bytes, with whole inputs to begin from.

A parser ends with a value or with one of the errors that it documents; `Parser.read` swallows
those alone. What is read from a folder or a file lies in a folder of this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from landfall.core import announcement, repository, user_machines
from landfall.core.errors import AppError, BadInput
from landfall.core.gguf import NeedMoreBytes, read_header
from landfall.core.header_spec import from_header
from landfall.core.pasted_names import meant
from landfall.core.quality import answers, sets
from landfall.core.usage import series
from landfall.core.workload import draft
from landfall.services import (
    call_traces,
    catalogue,
    cloud,
    history_import,
    resources,
    settings_toml,
    updates,
    workload_files,
)
from landfall.services.benchmarks import plan as benchmark_plan
from landfall.services.cloud import adapters
from landfall.services.cloud import transport as cloud_transport
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.cloud.usage import BALANCES, SOURCES
from landfall.services.cloud.usage.source import Asking, Stretch
from landfall.services.egress import Purpose
from landfall.services.header_cache import HeaderCache, parse_reference, read_file, read_manifest
from landfall.services.history import History
from landfall.services.ollama import generation, listing, pulls
from landfall.services.ollama import transport as ollama_transport
from landfall.services.power import plug
from landfall.services.pricing import offered_models, tables
from landfall.services.routing import linting
from landfall.services.secrets import Secret
from landfall.services.usage_files import open_usage
from tests.fakes.egress_log import MemoryLog
from tests.fakes.gguf_files import measured_headers, small

DATA = Path(__file__).parents[1] / "data"
DIGEST = "sha256:" + "ab" * 32
HOST = "http://127.0.0.1:9"
KEY = Secret("sk-fake-0123456789abcdef")
STATUSES = (200, 200, 200, 200, 400, 401, 404, 500, 302)
TYPES = ("application/x-ndjson", "application/json", "text/event-stream", "text/html", "")

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


# ---------------------------------------------------------------- files of this process


@cache
def _folder() -> Path:
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None))


def forget_files() -> None:
    """Take away what inputs were written to, and end what reads answers."""
    if _runner.cache_info().currsize:
        _runner().close()
        _runner.cache_clear()
    if _folder.cache_info().currsize:
        shutil.rmtree(_folder(), ignore_errors=True)
        _folder.cache_clear()


def _file(read: Callable[[Path], object], name: str) -> Read:
    """A reader of a file."""

    def of_bytes(data: bytes) -> object:
        path = _folder() / name
        path.write_bytes(data)
        return read(path)

    return of_bytes


# ---------------------------------------------------------------- answers over a network


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


def _async(read: Callable[[bytes], Coroutine[Any, Any, object]]) -> Read:
    return lambda data: _runner().run(read(data))


def _reply(data: bytes) -> httpx.Response:
    """An answer whose first bytes say its status, its type and how it is cut into pieces."""
    status, kind, cut = (*data[:3], 0, 0, 0)[:3]
    body = data[3:]
    size = cut % 32 * 7 or len(body) or 1

    async def pieces() -> AsyncIterator[bytes]:
        for begin in range(0, len(body), size):
            yield body[begin : begin + size]

    return httpx.Response(
        STATUSES[status % len(STATUSES)],
        headers={"content-type": TYPES[kind % len(TYPES)], "location": "http://127.0.0.1:1/x"},
        content=pieces(),
    )


def _client(data: bytes) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _request: _reply(data)), base_url=HOST
    )


@contextlib.asynccontextmanager
async def _ollama(data: bytes) -> AsyncIterator[ollama_transport.Transport]:
    transport = ollama_transport.Transport(HOST)
    await transport.aclose()
    transport._http = _client(data)
    async with aclosing(transport):
        yield transport


async def ollama_answer(data: bytes) -> None:
    """A chat, which a server answers as it likes."""
    async with _ollama(data) as transport:
        stream = generation.chat(transport, "tiny", messages=[{"role": "user", "content": "x"}])
        async for _ in stream:
            pass


async def ollama_pull(data: bytes) -> None:
    """A pull, likewise; what it tells can be added up and shown."""
    async with _ollama(data) as transport:
        async for step in pulls.pull(transport, "tiny"):
            for told in (step.completed_bytes, step.total_bytes, step.whole_completed_bytes):
                assert told is None or (type(told) is int and told >= 0)


async def ollama_state(data: bytes) -> None:
    """What is on its disk and in its memory."""
    for ask in (listing.tags, listing.ps):
        async with _ollama(data) as transport:
            with contextlib.suppress(AppError):
                await ask(transport)


async def _no_pause(_seconds: float) -> None:
    return


@contextlib.asynccontextmanager
async def _provider(data: bytes) -> AsyncIterator[cloud_transport.Transport]:
    async with AsyncExitStack() as stack:
        transport = cloud_transport.Transport(MemoryLog(), sleep=_no_pause)
        client = await stack.enter_async_context(_client(data))
        transport._clients = {True: client, False: client}
        yield transport


def _hosted(provider: str) -> Callable[[bytes], Coroutine[Any, Any, None]]:
    """A chat, a list of models and a check of the key at a provider."""

    async def read(data: bytes) -> None:
        row = replace(cloud.find(provider), base_url=HOST)
        async with _provider(data) as transport:
            api: Provider = adapters.provider(row, Address(HOST), transport)
            stream = api.chat(
                KEY,
                model="m",
                messages=[Message("user", "x")],
                options=ChatOptions(max_tokens=9),
                purpose=Purpose(why="answer"),
            )
            with contextlib.suppress(AppError):
                async for _ in stream:
                    pass
            with contextlib.suppress(AppError):
                await api.list_models(KEY, purpose=Purpose(why="models"))
            with contextlib.suppress(AppError):
                await api.check(KEY, purpose=Purpose(why="check"))

    return read


async def usage_answer(data: bytes) -> None:
    """What providers' interfaces tell of usage and of balances."""
    stretch = Stretch.of_days(
        date(2026, 3, 1), date(2026, 3, 2), now=datetime(2026, 11, 1, tzinfo=UTC)
    )
    for provider in {**SOURCES, **BALANCES}:
        row = replace(cloud.find(provider), base_url=HOST)
        async with _provider(data) as transport:
            asking = Asking(row=row, address=Address(HOST), transport=transport, secret=KEY)
            with contextlib.suppress(AppError):
                if provider in BALANCES:
                    await BALANCES[provider].ask(asking)
            with contextlib.suppress(AppError):
                if provider in SOURCES:
                    async with aclosing(SOURCES[provider].rows(asking, stretch)) as rows:
                        async for _ in rows:
                            pass


def plug_answer(data: bytes) -> None:
    """A plug's answer, head and all."""
    status, body = plug._parsed(data)
    if status == 200:
        plug._reading(body)


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
    store = HeaderCache(_folder())
    for path in (
        store._header_path("registry.ollama.ai", DIGEST),
        store._manifest_path(parse_reference("tiny")),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    store.header("registry.ollama.ai", DIGEST)
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
    workload_files.from_text(text, folder=_folder())


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
    path = _folder() / "announced.json"
    path.write_bytes(data)
    updates.kept(path)
    with contextlib.suppress(AppError):
        announcement.opened(data)
    announcement.read(data)


def routes(data: bytes) -> None:
    """An exported folder; the first byte says which of its files was changed by hand."""
    from tests.fakes.routes import texts

    folder = _folder() / "routes"
    folder.mkdir(exist_ok=True)
    names = sorted(texts())
    for file, text in texts().items():
        (folder / file).write_text(text, encoding="utf-8")
    (folder / names[(data or b"\0")[0] % len(names)]).write_bytes(data[1:])
    _runner().run(linting.lint_folder(folder, resolve=_nowhere))


async def _nowhere(_host: str) -> tuple[str, ...]:
    return ("127.0.0.1",)


def history(data: bytes) -> None:
    """A history with damaged pages is opened, read and closed, or refused."""
    path = _folder() / "history.db"
    for old in _folder().glob("history.*"):
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
                opened.side_by_sides,
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

    _runner().run(use())


# ---------------------------------------------------------------- seeds


def _json(*documents: Any) -> Callable[[], list[bytes]]:
    return lambda: [json.dumps(one).encode() for one in documents]


def _headers() -> list[bytes]:
    return [
        small(),
        small("qwen3next", metadata={"a": [True], "b": ["x", "y"], "c": [1.0] * 9}),
        small("gemma3", metadata={"gemma3.attention.sliding_window": 512}),
        small("deepseek2", metadata={"deepseek2.attention.kv_lora_rank": 512}),
        *(data[:4000] for data in measured_headers().values()),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + bytes(8) + struct.pack("<IIQ", 9, 9, 4),
    ]


def _replies(*bodies: str) -> Callable[[], list[bytes]]:
    return lambda: [bytes((0, number % 3, 0)) + b.encode() for number, b in enumerate(bodies)]


LAYER = {"mediaType": "application/vnd.ollama.image.model", "digest": DIGEST, "size": 9}
CHAT_LINES = "\n".join(
    json.dumps(line)
    for line in (
        {"model": "tiny", "message": {"role": "assistant", "content": "a", "thinking": "b"}},
        {
            "model": "tiny",
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": "stop",
            "total_duration": 9,
            "load_duration": 1,
            "prompt_eval_count": 3,
            "prompt_eval_duration": 4,
            "eval_count": 5,
            "eval_duration": 6,
        },
        {"error": "model runner has unexpectedly stopped"},
        {"error": '{"error":{"message":"x"}}'},
        {"remote_host": "h", "remote_model": "m"},
    )
)
PULL_LINES = "\n".join(
    json.dumps(line)
    for line in (
        {"status": "pulling manifest"},
        {"status": "pulling x", "digest": DIGEST, "total": 9, "completed": 3},
        {"status": "verifying sha256 digest"},
        {"status": "success"},
    )
)
TAGS = {
    "models": [
        {
            "name": "a:b",
            "digest": DIGEST,
            "size": 9,
            "size_vram": 1,
            "context_length": 5,
            "modified_at": "2026-01-01T00:00:00Z",
            "expires_at": "2318-01-01T00:00:00Z",
            "details": {"family": "f", "parameter_size": "8B", "quantization_level": "Q4_0"},
            "capabilities": ["completion"],
        }
    ]
}
OPENAI = "".join(
    f"data: {json.dumps(one)}\n\n"
    for one in (
        {"choices": [{"delta": {"content": "a", "reasoning": "b"}, "finish_reason": None}]},
        {"choices": [{"delta": {"content": [{"type": "thinking", "thinking": [{"text": "x"}]}]}}]},
        {
            "choices": [],
            "usage": {
                "prompt_tokens": 1,
                "completion_tokens": 2,
                "total_tokens": 4,
                "cost": 0.1,
                "prompt_tokens_details": {"cached_tokens": 1},
                "completion_tokens_details": {"reasoning_tokens": 1},
            },
        },
        {"error": {"message": "x", "code": 429}},
    )
)
ANTHROPIC = "".join(
    f"event: {one['type']}\ndata: {json.dumps(one)}\n\n"
    for one in (
        {"type": "message_start", "message": {"usage": {"input_tokens": 3}}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "a"}},
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "a"}},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 5, "cache_read_input_tokens": 1},
        },
        {"type": "message_stop"},
        {"type": "error", "error": {"type": "overloaded_error", "message": "x"}},
    )
)
MODEL_LIST = json.dumps(
    {
        "data": [
            {"id": "models/a", "display_name": "A", "context_length": 9, "retires_at": 1790467200},
            {"id": "b", "deprecation": "2026-01-01", "max_model_len": 4},
        ],
        "has_more": False,
        "last_id": "b",
    }
)
USAGE = (
    {
        "data": [
            {
                "start_time": 1772323200,
                "starting_at": "2026-03-01T00:00:00Z",
                "results": [
                    {
                        "model": "m",
                        "input_tokens": 5,
                        "input_cached_tokens": 1,
                        "output_tokens": 2,
                        "num_model_requests": 1,
                        "uncached_input_tokens": 3,
                        "cache_creation": {"ephemeral_5m_input_tokens": 1},
                        "amount": {"value": "0.5", "currency": "usd"},
                        "currency": "USD",
                    }
                ],
            }
        ],
        "has_more": True,
        "next_page": "p",
    },
    {
        "data": [
            {"date": "2026-03-01", "model": "m", "usage": 0.1, "requests": 1, "prompt_tokens": 9}
        ]
    },
    {"data": {"total_credits": 5, "total_usage": 2}, "balance_infos": [{"total_balance": "1"}]},
    {"accounts": [{"name": "accounts/a"}], "nextPageToken": "", "rows": [{"date": "2026-03-01"}]},
)


def _usage_files() -> list[bytes]:
    from tests.services.usage_files.test_formats import FILES

    return [text.encode() for text in FILES.values()]


def _workloads() -> list[bytes]:
    found = [*DATA.glob("verdicts/*.toml"), *sorted(DATA.glob("decisions/*.toml"))[:6]]
    return [
        resources.read_text("workload_template.toml").encode(),
        *(p.read_bytes() for p in found),
    ]


SETTINGS = """schema = 1
theme = "dark"
currency = "EUR"
[tariff]
currency = "EUR"
basic_per_kwh = 0.3
[[tariff.windows]]
from_hour = 7
to_hour = 19
per_kwh = 0.4
weekdays = [0, 1]
[[hosts]]
name = "box"
url = "http://192.168.1.2:11434"
[thresholds]
verdict_stale_days = 30
[wall_calibration]
idle_wall_watts = 50.0
idle_measured_watts = 30.0
sources = ["NVML"]
at = "2026-01-01"
"""


def _settings() -> list[bytes]:
    from landfall.core.settings import Settings

    return [SETTINGS.encode(), settings_toml.dump(Settings()).encode()]


MACHINES = """[[machine]]
name = "the tower"
like = "RTX 3090"
count = 2
price_usd = 1900
price_date = 2026-01-01
"""
SERIES = (
    "date,calls,input_tokens,output_tokens\n2026-01-01,5,10,2\n2026-01-02,7,10,2\n"
    "2026-01-03,7,10,2\n",
    "date,hour,calls\n2026-01-01,0,5\n2026-01-01,1,7\n",
)
TRACES = (
    "timestamp,input_tokens,output_tokens,seconds,person\n2026-11-23T09:30:00,5,2,1.5,a\n"
    "1790467200,5,2,1.5,b\n",
    '{"time": 1790467200123, "prompt_tokens": 3, "completion_tokens": 4, "user": "a"}\n'
    '{"time": "2026-11-23T09:30:00Z", "prompt_tokens": 3, "completion_tokens": 4}\n',
    SERIES[1],
)
NEWS = {
    "product": announcement.PRODUCT,
    "schema": announcement.SCHEMA,
    "version": "9.9.9",
    "date": "2026-11-01",
    "page": "https://example.com/x",
    "notes": "More",
    "expires": "2027-01-01",
}
PRICES = {
    "schema": 1,
    "fetched_at": "2026-11-01T00:00:00+00:00",
    "providers": [
        {
            "id": "openai",
            "name": "OpenAI",
            "api_pattern": "x",
            "models": [
                {
                    "id": "m",
                    "match": {"equals": "m"},
                    "prices": {"input_mtok": 1, "output_mtok": 2},
                }
            ],
        }
    ],
}


def _news() -> list[bytes]:
    payload = json.dumps(NEWS).encode()
    signature = announcement.Signature(key="a" * 16, value=bytes(64))
    kept = {"schema": 1, "asked_at": "2026-01-01T00:00:00+00:00", "seen": None}
    return [
        payload,
        announcement.sealed(payload, [signature]),
        json.dumps({**kept, "seen": {"version": "9.9.9", "expires": "2027-01-01"}}).encode(),
    ]


def _exports() -> list[bytes]:
    """JSON and CSV exports of the newest old home."""
    from landfall.services.history_whole import export_history
    from tests.services.old_homes import FILES, put

    async def export(folder: Path) -> list[bytes]:
        opened = History(put(FILES[-1], folder))
        await opened.open()
        try:
            out = folder / "out.json"
            await export_history(out, opened)
            return [out.read_bytes()]
        finally:
            await opened.close()

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(export(Path(folder)))


def _routes() -> list[bytes]:
    from tests.fakes.routes import texts

    return [bytes((number,)) + texts()[one].encode() for number, one in enumerate(sorted(texts()))]


def _histories() -> list[bytes]:
    """Old histories with small pages: a change in one of them hits something more often."""
    with tempfile.TemporaryDirectory() as folder:
        return [_small_pages(old, Path(folder) / old.name) for old in DATA.glob("history_v*.db")]


def _small_pages(old: Path, new: Path) -> bytes:
    shutil.copy(old, new)
    with contextlib.closing(sqlite3.connect(new)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 512")
        connection.execute("VACUUM")
    return new.read_bytes()


def _manifests() -> list[bytes]:
    return [json.dumps({"config": LAYER, "layers": [LAYER, LAYER]}).encode()]


def _kept() -> list[bytes]:
    header_ = {
        "schema": 1,
        "version": 3,
        "metadata": {"general.architecture": "llama", "x": [1, 2], "y": 1.5},
        "array_lengths": {"tokenizer.ggml.tokens": 5},
        "tensors": [["token_embd.weight", [64, 32], 0]],
        "data_offset": 99,
    }
    manifest = {"schema": 1, "fetched_at": "", "manifest": json.loads(_manifests()[0])}
    return [json.dumps(one).encode() for one in (header_, manifest)]


def _trace_file(read: Callable[[Path], object], name_: str) -> Read:
    return _allowing(_file(read, name_), BadInput)


PART = {"type": "file", "path": "m-Q4_K_M-00001-of-00002.gguf", "size": 5, "lfs": {"size": 9}}
WHOLE = {"type": "file", "path": "x/m-Q8_0.gguf", "size": 5}
PROMPTS = (
    '{"prompt": "Say a", "expected": "a"}\n{"prompt": "b", "num_predict": 5}\n',
    'prompt;expected\nSay a;a\n"b\nc";d\n',
    "first\nsecond\n",
)

PARSERS: dict[str, Parser] = {
    "gguf header": Parser(read=_allowing(header, BadInput, NeedMoreBytes), seeds=_headers),
    "gguf file": Parser(read=_trace_file(lambda p: read_file(p, p.name), "m.gguf"), seeds=_headers),
    "manifest": Parser(
        read=_allowing(lambda data: read_manifest(data, "fuzzed"), BadInput), seeds=_manifests
    ),
    "repository": Parser(
        read=_allowing(listed_files, BadInput),
        seeds=_json([PART, WHOLE, {"type": "directory", "path": "x"}]),
    ),
    "name": Parser(
        read=_allowing(name, BadInput),
        seeds=lambda: [
            b"ollama run hf.co/user/repo:Q4_K_M",
            b"https://huggingface.co/user/repo/blob/main/a/b.gguf?download=true#x",
            b"https://ollama.com/library/qwen3:8b",
        ],
    ),
    "kept header": Parser(read=kept_header, seeds=_kept, is_slow=True),
    "ollama answer": Parser(
        read=_allowing(_async(ollama_answer), AppError), seeds=_replies(CHAT_LINES)
    ),
    "ollama pull": Parser(
        read=_allowing(_async(ollama_pull), AppError), seeds=_replies(PULL_LINES)
    ),
    "ollama state": Parser(read=_async(ollama_state), seeds=_replies(json.dumps(TAGS))),
    "openai stream": Parser(
        read=_async(_hosted("openai")), seeds=_replies(OPENAI, MODEL_LIST, OPENAI)
    ),
    "anthropic stream": Parser(
        read=_async(_hosted("anthropic")), seeds=_replies(ANTHROPIC, MODEL_LIST, ANTHROPIC)
    ),
    "usage interface": Parser(
        read=_async(usage_answer), seeds=_replies(*(json.dumps(one) for one in USAGE))
    ),
    "plug": Parser(
        read=_allowing(plug_answer, AppError),
        seeds=lambda: [
            b"HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n"
            b'{"apower": 12.5, "aenergy": {"total": 5}}\n'
        ],
    ),
    "usage file": Parser(read=_trace_file(usage_file, "usage"), seeds=_usage_files),
    "workload": Parser(read=_allowing(_text(workload), BadInput), seeds=_workloads),
    "settings": Parser(read=_allowing(_text(settings_toml.parse), AppError), seeds=_settings),
    "machines": Parser(
        read=_allowing(
            _text(
                lambda text: user_machines.parse(
                    text, catalogue.load().machines, file="machines.toml"
                )
            ),
            BadInput,
        ),
        seeds=lambda: [MACHINES.encode()],
    ),
    "prompts": Parser(
        read=_allowing(_text(prompts), BadInput),
        seeds=lambda: [one.encode() for one in PROMPTS],
    ),
    "benchmark prompts": Parser(
        read=_trace_file(benchmark_plan.prompts_of_file, "prompts"),
        seeds=lambda: [one.encode() for one in PROMPTS],
    ),
    "model answer": Parser(
        read=_text(an_answer),
        seeds=lambda: [b'```json\n{"a": [1, 2.5]}\n```', b"1. a\n2. b\n", b"1,234.5 and -7"],
    ),
    "usage series": Parser(
        read=_allowing(_text(lambda t: series.summary(series.read(t).days)), BadInput),
        seeds=lambda: [one.encode() for one in SERIES],
    ),
    "call trace": Parser(
        read=_trace_file(call_traces.read, "trace"),
        seeds=lambda: [one.encode() for one in TRACES],
    ),
    "prices": Parser(
        read=_file(prices, "prices.json"),
        seeds=_json(
            PRICES, {"schema": 1, "providers": {"a": {"on": "2026-01-01", "models": {"m": None}}}}
        ),
        is_slow=True,
    ),
    "news": Parser(read=_allowing(news, AppError), seeds=_news),
    "history export": Parser(
        read=_allowing(_file(lambda path: history_import.read([path]), "export.json"), AppError),
        seeds=_exports,
    ),
    "routes": Parser(read=_allowing(routes, BadInput), seeds=_routes, is_slow=True),
    "history": Parser(read=_allowing(history, AppError), seeds=_histories, is_slow=True),
}


def silence() -> None:
    """Damaged files are logged; here each would be a line."""
    logging.disable(logging.CRITICAL)
