"""What an export writes, in the real proxy: nothing private leaves, the rest goes as planned."""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import re
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from landfall.cli.main import main
from landfall.core.demand.queueing import erlang_b
from tests.core.routing.test_routing_planning import KEEPS_UP, OVERFLOWS, toml
from tests.core.routing.test_routing_planning import PRIVATE as LOCKED
from tests.litellm_proxy import engine, exported, load, upstreams
from tests.litellm_proxy.asking import Names, Trick
from tests.litellm_proxy.engine import Engine
from tests.litellm_proxy.exported import CAPPED, FRONTIER, PRIVATE, SLOTS, STEADY
from tests.litellm_proxy.tricks import Account, table, tricks, tried
from tests.litellm_proxy.upstreams import World

pytestmark = pytest.mark.litellm

TABLE = os.environ.get("LANDFALL_PROXY_TABLE")
"""A file to which the tables of all runs are appended."""

WITHOUT_GUARD = (
    "fallbacks (list), host down",
    "fallbacks (dict), host down",
    "fallbacks (with messages), host down",
    "fallbacks (list), streamed",
    "fallbacks, context exceeded",
    "router_settings_override",
    f"model '{PRIVATE},frontier', host answers",
    f"model 'frontier,{PRIVATE}', fastest_response",
    "model 'private-1' with fallbacks",
    "/v1/responses, with fallbacks",
    "/v1/messages, with fallbacks",
    "/v1/completions, with fallbacks",
    f"/v1/assistants of {PRIVATE}, provider named",
    "passed through /anthropic/v1/messages",
    f"alias in the path /openrouter/v1/chat/completions?model={PRIVATE}",
    f"/openai/deployments/{FRONTIER}/chat/completions, alias in the body",
    "model of the query",
    "door /cursor/v0/agents",
    "a response in the background",
    "logs told by success_callback ['langsmith'], metadata {'note': 'CANARY'}",
    "JSON as plain text",
    "/v1/messages, host breaks off in its answer, with fallbacks",
)
"""Some of the 93 that leaked on litellm 1.106.12 (`python -m tests.litellm_proxy` tries all)."""


GUARDED, STRICT, BARE = "gateway.yaml with guard", "private.yaml", "gateway.yaml without guard"


@dataclass(frozen=True)
class Tricked:
    """A proxy on which the tricks were tried.

    Attributes:
        log: Its spend log.
        cloud_requests: How many requests the cloud stand-in was sent in all.
    """

    account: Account
    log: str
    cloud_requests: int


@pytest.fixture(scope="module")
def tricked(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Tricked]:
    """All tricks on the gateway and on the strict proxy, and some without a guard: each proxy
    between stand-ins of its own, all at once, for they mostly wait."""
    folder = tmp_path_factory.mktemp("tricks")
    runs = ((GUARDED, "gateway.yaml"), (STRICT, "private.yaml"), (BARE, "gateway.yaml"))
    with ThreadPoolExecutor(len(runs)) as pool:
        futures = {title: pool.submit(_tricked, folder, title, name) for title, name in runs}
        return {title: future.result() for title, future in futures.items()}


def _tricked(folder: Path, title: str, config: str) -> Tricked:
    with upstreams.serving() as world:
        out = exported.write(exported.plan_of(world), folder / title)
        exported.without_cooldowns(out, config)
        if title == BARE:
            exported.without_guard(out)
        keys = engine.cloud_environment(world.cloud.url) if title != STRICT else {}
        names = exported.names_of(world)
        wanted = _known_to_leak(names) if title == BARE else list(tricks(names))
        with engine.serving(
            out / config, way_out=world.cloud.url, environment=keys, home=out / "home"
        ) as running:
            account = tried(running, world, wanted)
        _show(table(f"{title} (starts in {running.start_seconds:.0f} s)", account))
        log = (out / "spend_logs.jsonl").read_text(encoding="utf-8")
        return Tricked(account, log, len(world.cloud.requests))


def _known_to_leak(names: Names) -> list[Trick]:
    return [one for one in tricks(names) if one.kind in WITHOUT_GUARD]


def _show(text: str) -> None:
    print(text)
    if TABLE:
        with Path(TABLE).open("a", encoding="utf-8") as out:
            out.write(text + "\n\n")


def _kinds(account: Account) -> list[str]:
    return [f"{row.trick.kind}: {row.leaked_bytes} bytes" for row in account.leaks]


def _arrived(account: Account, kind: str) -> tuple[int, str]:
    return next((r.status, r.arrived) for r in account.rows if r.trick.kind == kind)


def test_that_no_private_byte_leaves_the_gateway_whatever_a_client_says(
    tricked: Mapping[str, Tricked],
) -> None:
    account, log = tricked[GUARDED].account, tricked[GUARDED].log
    assert _kinds(account) == []
    # Nor anything else of them: a log elsewhere would tell who asks, when and how much.
    assert tricked[GUARDED].cloud_requests == 0
    # It is a guard, not a wall: what is asked plainly is answered.
    for kind in ("plain, host answers", "streamed, host answers"):
        assert _arrived(account, kind) == (200, "host")
    assert log
    assert "privatewords" not in log


def test_that_no_private_byte_leaves_the_strict_proxy(tricked: Mapping[str, Tricked]) -> None:
    account = tricked[STRICT].account
    assert _kinds(account) == []
    assert account.ways_out == ()
    assert _arrived(account, "plain, host answers") == (200, "host")


def test_that_without_the_guard_these_tricks_do_leak(tricked: Mapping[str, Tricked]) -> None:
    leaked = {row.trick.kind for row in tricked[BARE].account.leaks}
    assert set(WITHOUT_GUARD) - leaked == set()
    # The log of such a proxy tells: a private alias was asked for, and another answered.
    rows = [json.loads(line) for line in tricked[BARE].log.splitlines()]
    assert any(
        PRIVATE in row["metadata"]["landfall_asked"] and row["model_group"] == "frontier"
        for row in rows
    )


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with upstreams.serving() as found:
        yield found


# Steady work ------------------------------------------------------------------------------------

CALLS, PER_SECOND, SERVICE_SECONDS = 180, 4.0, 1.0
MOST_CAPPED = 15


@dataclass(frozen=True)
class Ran:
    """A gateway that ran as it was exported, after its calls."""

    folder: Path
    calls: list[load.Call]
    capped: list[int]
    capped_asked: int
    served: tuple[int, ...]
    service_seconds: float


@pytest.fixture(scope="module")
def ran(world: World, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The exported files, unchanged: random calls of steady work, some of a capped alias."""
    folder = tmp_path_factory.mktemp("steady") / "out"
    share = 1 - erlang_b(len(world.hosts) * SLOTS, PER_SECOND * SERVICE_SECONDS)
    exported.write(exported.plan_of(world, share=share), folder)
    chance = random.Random(11)
    for host in world.hosts:
        host.service_seconds = lambda: chance.expovariate(1 / SERVICE_SECONDS)
        host.served = host.busiest = 0
        host.busy_seconds = 0.0
    world.cloud.requests.clear()
    with engine.serving(
        folder / "gateway.yaml",
        way_out=world.cloud.url,
        environment=engine.cloud_environment(world.cloud.url),
        home=folder / "home",
    ) as running:
        calls = asyncio.run(
            load.poisson(running, STEADY, calls=CALLS, per_second=PER_SECOND, seed=7)
        )
        served = tuple(host.served for host in world.hosts)
        mean = sum(host.busy_seconds for host in world.hosts) / sum(served)
        capped = _over_budget(running)
        for host in world.hosts:
            host.service_seconds = float
        assert running.chat(PRIVATE, "hello").status_code == 200
    asked = sum(b"capped" in request.body for request in world.cloud.requests)
    return Ran(folder, calls, capped, asked, served, mean)


def _over_budget(running: Engine) -> list[int]:
    """Answers to calls of which the first crosses the budget, until one is refused and one more:
    what was spent is counted behind the answer."""
    pause = threading.Event()
    statuses: list[int] = []
    while len(statuses) < MOST_CAPPED and statuses.count(429) < 2:
        statuses.append(running.chat(CAPPED, f"capped {len(statuses)}").status_code)
        pause.wait(1.0)
    return statuses


def test_that_what_overflows_is_the_share_that_the_plan_predicts(world: World, ran: Ran) -> None:
    assert {call.status for call in ran.calls} == {200}
    out = sum(call.here is False for call in ran.calls) / CALLS
    here = [call.seconds for call in ran.calls if call.here]
    slots = len(world.hosts) * SLOTS
    # A slot is held a little longer than the host works: the proxy takes its time too.
    least = erlang_b(slots, PER_SECOND * ran.service_seconds)
    most = erlang_b(slots, PER_SECOND * sum(here) / len(here))
    error = math.sqrt(least * (1 - least) / CALLS)
    print(f"overflow {out:.3f}, predicted {least:.3f} to {most:.3f}, standard error {error:.3f}")
    assert least - 3 * error <= out <= most + 3 * error


def test_that_the_least_busy_host_is_asked_and_none_beyond_its_slots(
    world: World, ran: Ran
) -> None:
    assert max(host.busiest for host in world.hosts) <= SLOTS
    assert min(ran.served) > 0.3 * sum(ran.served)


def test_that_a_deployment_over_its_budget_is_not_asked_again(ran: Ran) -> None:
    # A soft cap: what crosses it is served, and so may be what comes before that is counted.
    assert ran.capped[0] == 200
    assert ran.capped[-2:] == [429, 429]
    assert ran.capped_asked == ran.capped.count(200)


def test_that_the_spend_log_has_the_tags_and_no_words(ran: Ran) -> None:
    lines = (ran.folder / "spend_logs.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in lines.splitlines()]
    served = [row for row in rows if row["status"] == "success" and "steady" in row["model_group"]]
    assert len(served) == CALLS
    assert {row["request_tags"] for row in served} == {'["workload:steady-classify"]'}
    assert "from the host" not in lines
    assert "call 1" not in lines
    assert (ran.folder / "spend_logs.jsonl").stat().st_mode & 0o077 == 0


# The command, and the start line ---------------------------------------------------------------


@pytest.fixture
def commanded(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `landfall export litellm` writes of a split and of a private workload."""
    monkeypatch.setenv("OLLAMA_HOST", world.hosts[0].url)
    files = {
        "mail": toml("E-mail triage", quotes=OVERFLOWS),
        "notes": toml("Private notes", privacy=LOCKED, quotes=KEEPS_UP),
    }
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    out = tmp_path / "routes"
    paths = [str(tmp_path / f"{name}.toml") for name in files]
    words = ["export", "litellm", *paths, "--out", str(out), "--machine", "RTX 4090", "--no-look"]
    assert main(words) == 0
    empty = (out / ".env.example").read_text(encoding="utf-8")
    filled = re.sub(r"^(\w+)=$", rf"\1={engine.MASTER_KEY}", empty, flags=re.MULTILINE)
    (out / ".env").write_text(filled, encoding="utf-8")
    return out


def _started(folder: Path, which: str, world: World) -> AbstractContextManager[Engine]:
    assert engine.LITELLM is not None
    port = engine.free_port()
    ours = engine.cloud_environment(world.cloud.url)
    ours |= {"LITELLM": engine.LITELLM, f"{which.upper()}_PORT": str(port)}
    home = folder.parent / "home"
    return engine.running(["./start.sh", which], port, folder=folder, environment=ours, home=home)


def test_that_the_start_lines_start_what_the_command_wrote(world: World, commanded: Path) -> None:
    for host in world.hosts:
        host.service_seconds = float
    with _started(commanded, "gateway", world) as gateway:
        for alias in ("e-mail-triage", "private-notes"):
            assert gateway.chat(alias, "hello").status_code == 200
        theirs = Path(f"/proc/{gateway.pid}/environ").read_bytes()
        assert b"OPENAI_API_KEY" in theirs
        assert b"LANGSMITH" not in theirs
        assert b"OPENAI_API_BASE" not in theirs
        with _started(commanded, "private", world) as private:
            assert private.chat("private-notes", "hello").status_code == 200
            assert private.chat("e-mail-triage", "hello").status_code == 400
            kept = Path(f"/proc/{private.pid}/environ").read_bytes()
            assert b"stand-in-together" not in kept
            assert b"_API_KEY" not in kept
