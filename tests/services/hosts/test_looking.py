"""What a look at an Ollama or at another server tells, and what it warns of."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState, Stand, Standing
from landfall.core.provenance import Measured, Unknown, middle
from landfall.services.hosts import addresses, looking
from landfall.services.hosts.line import HostProblem
from landfall.services.hosts.looking import Asking, Looker, kind_at, looked_at, quoted
from landfall.services.keys.secret import Secret
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from tests.fakes import model_servers as servers
from tests.fakes import odd_listeners as odd
from tests.fakes.http_wire import Reply, Request, WireServer, json_reply
from tests.fakes.model_servers import TOKEN, ModelServer
from tests.fakes.odd_listeners import listening, saying
from tests.fakes.ollama_twin import NEW, OLD, Twin
from tests.fakes.speakers import speaker

SECRET = Secret(TOKEN)
Elsewhere = Callable[[Standing], None]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """Servers on loopback that count as standing elsewhere."""

    def stands(standing: Standing) -> None:
        stand = Stand(standing=standing, addresses=("192.168.1.5",), words="elsewhere")
        monkeypatch.setattr(looking, "stand_of", lambda _addresses, _own: stand)

    return stands


def ollama(url: str, name: str = "office") -> Host:
    return Host(name=name, url=url, kind=HostKind.OLLAMA)


def openai(url: str, name: str = "rack") -> Host:
    return Host(name=name, url=url, kind=HostKind.OPENAI)


def ids(reading: HostReading) -> list[str]:
    return [one.id for one in reading.warnings]


def twin_with_models(folder: Path, **fields: object) -> Twin:
    twin = Twin(folder, **fields)  # type: ignore[arg-type]
    for model in (speaker("small:latest", ("a",)), speaker("other:latest", ("b",))):
        twin.recorded_models[model.name.short] = model
    return twin


# ---------------------------------------------------------------- Ollama


@pytest.mark.parametrize("version", [OLD, NEW])
async def test_that_an_ollama_tells_its_models_and_its_memory(version: str, tmp_path: Path) -> None:
    async with twin_with_models(tmp_path, version=version) as twin:
        async with Ollama(twin.url) as client:
            await client.load("small:latest", options=Options(num_ctx=2048))
        loaded = next(one for one in await _ps(twin))
        reading = await looked_at(ollama(twin.url))
    assert (reading.state, reading.server, reading.version) == (
        HostState.ANSWERS,
        "Ollama",
        version,
    )
    assert reading.standing is Standing.THIS_MACHINE
    assert reading.stand.words == "this machine (127.0.0.1)"
    small, other = sorted(reading.models, key=lambda one: one.name, reverse=True)
    assert (small.name, small.loaded, small.context) == ("small:latest", True, 2048)
    assert (other.name, other.loaded, other.memory_bytes) == ("other:latest", False, None)
    assert isinstance(reading.memory_bytes, Measured)
    assert reading.memory_bytes.where == f"Ollama {version} /api/ps"
    assert small.memory_bytes == loaded.size_bytes == middle(reading.memory_bytes)
    assert middle(reading.gpu_bytes) == loaded.gpu_bytes
    assert reading.latency_seconds is not None
    assert 0 < reading.latency_seconds < 5
    assert reading.warnings == ()
    assert reading.answered_at
    assert reading.fingerprint


async def _ps(twin: Twin) -> Sequence[object]:
    async with Ollama(twin.url) as client:
        return await client.ps()


async def test_that_a_look_only_reads(tmp_path: Path) -> None:
    async with twin_with_models(tmp_path) as twin:
        await looked_at(ollama(twin.url))
        asked = {(one.method, one.path) for one in twin.server.requests}
        assert twin.runners == {}
    assert asked == {("GET", f"/api/{path}") for path in ("version", "status", "ps", "tags")}


async def test_that_what_lets_everybody_in_here_is_warned_of(tmp_path: Path) -> None:
    async with Twin(tmp_path, guards_host=False, any_origin=True) as twin:
        reading = await looked_at(ollama(twin.url))
    assert ids(reading) == ["open", "open_origins"]
    assert "OLLAMA_HOST=127.0.0.1" in reading.warnings[0].hint


async def test_that_what_answered_without_a_token_from_elsewhere_is_open(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    elsewhere(Standing.OUR_NETWORK)
    async with Twin(tmp_path) as twin:
        reading = await looked_at(ollama(twin.url))
    assert ids(reading) == ["open", "plain_http"]
    assert "without a token from another machine" in reading.warnings[0].text


@pytest.mark.parametrize(
    ("version", "warning", "word"),
    [
        ("0.17.0", "version", "CVE-2026-7482"),
        ("0.20.0", "old_version", "CVE-2026-42248"),
        ("0.23.5", "old_version", "oldest version recommended"),
        ("0.24.0-rc1", "old_version", "oldest version recommended"),
        ("0.0.0", "unknown_version", "tells nothing"),
        ("", "unknown_version", "It says no version"),
    ],
)
async def test_that_a_version_below_the_floors_is_warned_of(
    version: str, warning: str, word: str
) -> None:
    async def answer(request: Request) -> Reply:
        if request.headers.get("origin") or "stranger" in request.headers["host"]:
            return Reply(403)
        return json_reply({"version": version, "models": []})

    async with WireServer(answer) as server:
        reading = await looked_at(ollama(server.url))
    assert ids(reading) == [warning]
    assert word in reading.warnings[0].text


async def test_that_models_of_a_cloud_are_marked_and_told(tmp_path: Path) -> None:
    stub = speaker("stub:latest", ("No",), remote_host="https://cloud.example", remote_model="big")
    twin = twin_with_models(tmp_path, no_cloud=False)
    twin.recorded_models[stub.name.short] = stub
    async with twin:
        reading = await looked_at(ollama(twin.url))
        twin.no_cloud = True
        disabled = await looked_at(ollama(twin.url))
    assert [one.name for one in reading.models if one.remote] == ["stub:latest"]
    assert ids(reading) == ["cloud_models"]
    assert "go" in reading.warnings[0].text
    assert "stub:latest" in reading.warnings[0].text
    assert "disabled there" in disabled.warnings[0].text
    assert disabled.warnings[0].hint == ""


async def test_that_a_cloud_is_said_sharply_where_a_locked_workload_runs(tmp_path: Path) -> None:
    async with twin_with_models(tmp_path, no_cloud=False) as twin:
        reading = await looked_at(ollama(twin.url), Asking(locked=("Letters", "Charts")))
        twin.no_cloud = True
        safe = await looked_at(ollama(twin.url), Asking(locked=("Letters",)))
    assert ids(reading) == ["cloud_models", "cloud_under_lock"]
    assert reading.warnings[1].text.startswith("Letters, Charts is under a privacy lock")
    assert safe.warnings == ()


async def test_that_a_third_party_is_said_sharply_where_a_locked_workload_runs(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    elsewhere(Standing.THIRD_PARTY)
    async with Twin(tmp_path) as twin:
        reading = await looked_at(ollama(twin.url), Asking(locked=("Letters",)))
    assert ids(reading) == ["open", "plain_http", "third_party_under_lock"]


async def test_that_many_stubs_are_counted() -> None:
    names = [f"m{number}:cloud" for number in range(5)]

    async def answer(request: Request) -> Reply:
        if request.headers.get("origin") or "stranger" in request.headers["host"]:
            return Reply(403)
        if request.path == "/api/status":
            return Reply(404)
        models = [{"name": name, "size": 300} for name in names]
        models = models if request.path == "/api/tags" else []
        return json_reply({"version": "0.15.0", "models": models})

    async with WireServer(answer) as server:
        reading = await looked_at(ollama(server.url))
    text = next(one.text for one in reading.warnings if one.id == "cloud_models")
    assert "and 2 more" in text
    assert "cannot say" in text


async def test_that_two_names_of_the_same_files_share_a_place_in_memory() -> None:
    entry = {"name": "b:latest", "digest": "d1", "size": 100, "size_vram": 60}
    alone = {"name": "gone:latest", "digest": "d9", "size": 7, "size_vram": 0}
    tags = [{"name": f"{name}:latest", "digest": "d1", "size": 90} for name in "ab"]

    async def answer(request: Request) -> Reply:
        models = tags if request.path == "/api/tags" else [entry, alone]
        return json_reply({"version": "0.32.15", "models": models})

    async with WireServer(answer) as server:
        reading = await looked_at(ollama(server.url))
    assert [(m.name, m.loaded, m.gpu_bytes) for m in reading.models] == [
        ("a:latest", True, 60),
        ("b:latest", True, 60),
        ("gone:latest", True, 0),
    ]
    assert middle(reading.memory_bytes) == 107


@pytest.mark.parametrize("path", ["/api/tags", "/api/ps"])
async def test_that_a_lying_list_is_something_else(path: str) -> None:
    async def answer(request: Request) -> Reply:
        models: object = "many" if request.path == path else []
        return json_reply({"version": "0.32.15", "models": models})

    async with WireServer(answer) as server:
        reading = await looked_at(ollama(server.url))
    assert reading.state is HostState.SOMETHING_ELSE
    assert "its list of models is none" in reading.problem


async def test_that_odd_values_of_a_model_are_unknown_and_its_name_is_tamed() -> None:
    tags = [{"name": "x\x1b[2J" + "y" * 999, "digest": None, "size": -5}]

    async def answer(request: Request) -> Reply:
        models = tags if request.path == "/api/tags" else []
        return json_reply({"version": "0.32.15\n", "models": models})

    async with WireServer(answer) as server:
        reading = await looked_at(ollama(server.url))
    (model,) = reading.models
    assert model.name.startswith("x·[2Jyyy")
    assert len(model.name) == 200
    assert model.size_bytes is None
    assert reading.version == "0.32.15·"


@pytest.mark.parametrize("size", [10**400, -1, 1e300])
async def test_that_memory_which_no_machine_has_is_no_answer(size: float) -> None:
    async def answer(request: Request) -> Reply:
        models = [{"name": "x", "size": 5, "size_vram": size}] if request.path == "/api/ps" else []
        return json_reply({"version": NEW, "models": models})

    async with WireServer(answer) as server:
        reading = await looked_at(ollama(server.url))
    assert reading.state is HostState.SOMETHING_ELSE
    assert "its list of models is none" in reading.problem


async def test_that_a_time_without_a_zone_spoils_no_reading() -> None:
    async def answer(request: Request) -> Reply:
        models = [{"name": "x", "size": 5, "expires_at": "2026-11-26T10:00:00"}]
        return json_reply({"version": NEW, "models": models})

    async with WireServer(answer) as server:
        reading = await looked_at(ollama(server.url))
    assert [one.loaded for one in reading.models] == [True]


async def test_that_ten_thousand_models_are_all_told_and_more_than_there_can_be_none() -> None:
    count = 10_000

    async def answer(request: Request) -> Reply:
        models = [{"name": f"m{n}", "size": 5} for n in range(count)]
        loaded = [{"name": "m9999", "size": 6}]
        return json_reply(
            {
                "version": NEW,
                "models": loaded if request.path == "/api/ps" else models,
            }
        )

    async with WireServer(answer) as server:
        async with aclosing(Looker(ollama(server.url))) as looker:
            reading = await looker.look()
            asked = len(server.requests)
            glance = await looker.glance()
            assert len(server.requests) == asked + 1
        count = 20_001
        endless = await looked_at(ollama(server.url))
    assert len(reading.models) == len(glance.models) == 10_000
    assert [one.name for one in glance.models if one.loaded] == ["m9999"]
    assert endless.state is HostState.SOMETHING_ELSE


async def test_that_another_server_lists_ten_thousand_models_and_not_endless_ones() -> None:
    count = 10_000

    async def answer(request: Request) -> Reply:
        if request.path != "/v1/models":
            return Reply(404)
        return json_reply({"object": "list", "data": [{"id": f"m{n}"} for n in range(count)]})

    async with WireServer(answer) as server:
        reading = await looked_at(openai(server.url))
        count = 20_001
        endless = await looked_at(openai(server.url))
    assert len(reading.models) == 10_000
    assert "it lists 20001 models" in endless.problem


@pytest.mark.parametrize("kind", list(HostKind))
async def test_that_a_host_which_redirects_is_told_as_that(kind: HostKind) -> None:
    redirect = b"HTTP/1.1 301 Moved\r\nLocation: https://box.lan/\r\nContent-Length: 0\r\n\r\n"
    async with listening(saying(redirect)) as port:
        host = Host(name="box", url=f"http://127.0.0.1:{port}", kind=kind)
        reading = await looked_at(host)
    assert reading.state is HostState.SOMETHING_ELSE
    assert "redirects to “https://box.lan/”" in reading.problem
    assert "if you trust that one" in reading.hint


# ---------------------------------------------------------------- tokens


async def test_that_a_token_is_asked_for_and_taken(tmp_path: Path) -> None:
    async with twin_with_models(tmp_path, token=TOKEN) as twin:
        without = await looked_at(ollama(twin.url))
        wrong = await looked_at(ollama(twin.url), Asking(token=Secret("wrong-token-0123456789")))
        right = await looked_at(ollama(twin.url), Asking(token=SECRET))
    assert without.state is HostState.REFUSED
    assert "asks for a token" in without.problem
    assert "`landfall hosts token office`" in without.hint
    assert wrong.state is HostState.REFUSED
    assert "does not take the token" in wrong.problem
    assert right.state is HostState.ANSWERS
    assert len(right.models) == 2
    assert right.warnings == ()
    assert TOKEN not in repr((without, wrong, right))


async def test_that_a_token_which_nobody_asks_for_is_told(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    elsewhere(Standing.OUR_NETWORK)
    async with Twin(tmp_path) as twin:
        netloc = addresses.origin(twin.url).partition("://")[2]
        asking = Asking(token=SECRET, plain_http_hosts=(netloc,))
        reading = await looked_at(ollama(twin.url), asking)
    assert ids(reading) == ["open", "plain_http"]
    assert "without the token too" in reading.warnings[0].text


async def test_that_a_token_does_not_travel_in_plain_http_unless_agreed(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    elsewhere(Standing.OUR_NETWORK)
    async with Twin(tmp_path, token=TOKEN) as twin:
        netloc = addresses.origin(twin.url).partition("://")[2]
        kept = await looked_at(ollama(twin.url, "my office"), Asking(token=SECRET))
        sent = [one for one in twin.server.requests if "authorization" in one.headers]
        agreed = await looked_at(ollama(twin.url), Asking(token=SECRET, plain_http_hosts=(netloc,)))
    assert sent == []
    assert kept.state is HostState.REFUSED
    assert ids(kept) == ["plain_http", "token_unsent"]
    assert '`landfall hosts token "my office" --insecure`' in kept.warnings[1].hint
    assert agreed.state is HostState.ANSWERS
    assert ids(agreed) == ["plain_http"]


async def test_that_a_token_does_not_follow_a_redirect() -> None:
    heard: list[Request] = []

    async def other(request: Request) -> Reply:
        heard.append(request)
        return json_reply({"version": "0.32.15"})

    async with WireServer(other) as elsewhere_server:
        location = {"Location": elsewhere_server.url + "/api/version"}

        async def answer(_request: Request) -> Reply:
            return Reply(307, location)

        async with WireServer(answer) as server:
            reading = await looked_at(ollama(server.url), Asking(token=SECRET))
    assert heard == []
    assert reading.state is HostState.SOMETHING_ELSE


async def test_that_localhost_which_resolves_elsewhere_gets_no_token(tmp_path: Path) -> None:
    async def resolve(_name: str) -> Sequence[str]:
        return ("8.8.8.8", "127.0.0.1")

    stand, line = await looking._line_to(
        "http://localhost:9", Asking(token=SECRET, resolve=resolve)
    )
    assert stand.standing is Standing.THIRD_PARTY
    assert not line.has_token


# ---------------------------------------------------------------- other servers


@pytest.mark.parametrize("asleep", [False, True])
async def test_that_llama_cpp_is_known_and_is_not_woken(asleep: bool) -> None:
    async with servers.llama_cpp(asleep=asleep) as server:
        reading = await looked_at(openai(server.url))
        asked = server.asked
    assert (reading.state, reading.server, reading.version) == (
        HostState.ANSWERS,
        "llama.cpp",
        "b10488-abc",
    )
    (model,) = reading.models
    assert (model.name, model.size_bytes, model.context) == ("tiny.gguf", 1_300_000, 4096)
    assert model.loaded is not asleep
    assert isinstance(reading.memory_bytes, Unknown)
    assert "llama.cpp" in reading.memory_bytes.reason
    assert set(asked) == {"/api/version", "/v1/models", "/props"}


async def test_that_a_key_of_llama_cpp_is_proven_although_its_list_is_open(
    elsewhere: Elsewhere,
) -> None:
    async with servers.llama_cpp(token=TOKEN) as server:
        without = await looked_at(openai(server.url))
        right = await looked_at(openai(server.url), Asking(token=SECRET))
        elsewhere(Standing.OUR_NETWORK)
        netloc = addresses.origin(server.url).partition("://")[2]
        far = await looked_at(openai(server.url), Asking(token=SECRET, plain_http_hosts=(netloc,)))
    assert without.state is HostState.REFUSED
    assert right.state is HostState.ANSWERS
    assert ids(far) == ["plain_http"]


async def test_that_a_router_of_llama_cpp_tells_which_models_are_loaded() -> None:
    async with servers.llama_cpp_router() as server:
        reading = await looked_at(openai(server.url))
    assert [(one.name, one.loaded) for one in reading.models] == [("a", True), ("b", False)]


async def test_that_vllm_is_known_with_its_context() -> None:
    async with servers.vllm(token=TOKEN) as server:
        without = await looked_at(openai(server.url))
        reading = await looked_at(openai(server.url), Asking(token=SECRET))
    assert without.state is HostState.REFUSED
    assert (reading.server, reading.version) == ("vLLM", "0.11.0")
    assert (reading.models[0].context, reading.models[0].loaded) == (32768, True)


async def test_that_lm_studio_is_known_by_its_own_list() -> None:
    async with servers.lm_studio() as new, servers.old_lm_studio() as old:
        reading = await looked_at(openai(new.url))
        before = await looked_at(openai(old.url))
    assert reading.server == before.server == "LM Studio"
    assert [(m.name, m.size_bytes, m.loaded, m.context) for m in reading.models] == [
        ("gemma", 241_410_208, True, 4096),
        ("nomic", 274_290_560, False, None),
    ]
    assert [(m.name, m.loaded, m.context) for m in before.models] == [
        ("gemma", True, 32768),
        ("other", False, 8192),
    ]


async def test_that_a_server_of_the_protocol_alone_is_told_as_such(elsewhere: Elsewhere) -> None:
    async with servers.some_server() as server:
        here = await looked_at(openai(server.url))
        elsewhere(Standing.OUR_NETWORK)
        far = await looked_at(openai(server.url))
    assert here.server == "an OpenAI-compatible server"
    assert (here.models[0].loaded, here.models[0].size_bytes) == (None, None)
    assert here.warnings == ()
    assert ids(far) == ["open", "plain_http"]


async def test_that_a_token_which_a_server_does_not_ask_for_is_told(elsewhere: Elsewhere) -> None:
    elsewhere(Standing.OUR_NETWORK)
    async with servers.some_server() as server:
        netloc = addresses.origin(server.url).partition("://")[2]
        reading = await looked_at(
            openai(server.url), Asking(token=SECRET, plain_http_hosts=(netloc,))
        )
    assert "does not ask others" in reading.warnings[0].text


async def test_that_a_server_without_models_is_one() -> None:
    empty = ModelServer({"/v1/models": {"object": "list", "data": None}})
    async with empty as server:
        reading = await looked_at(openai(server.url))
    assert (reading.state, reading.models) == (HostState.ANSWERS, ())


# ---------------------------------------------------------------- the wrong kind, and none


async def test_that_an_ollama_kept_as_another_server_is_named(tmp_path: Path) -> None:
    async with Twin(tmp_path) as twin:
        reading = await looked_at(openai(twin.url))
    assert reading.state is HostState.SOMETHING_ELSE
    assert f"Ollama {NEW} answers at" in reading.problem
    assert "--kind ollama" in reading.hint


async def test_that_another_server_kept_as_an_ollama_is_named() -> None:
    for make, name in (
        (servers.lm_studio, "LM Studio"),
        (servers.llama_cpp, "llama.cpp"),
        (servers.vllm, "vLLM"),
    ):
        async with make() as server:
            reading = await looked_at(ollama(server.url))
        assert reading.state is HostState.SOMETHING_ELSE
        assert f"{name} answers at" in reading.problem
        assert "`landfall hosts change office --kind openai_compatible`" in reading.hint


@pytest.mark.parametrize("make", [ollama, openai])
async def test_that_a_web_page_is_neither(make: Callable[[str], Host]) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>hi"
    async with listening(saying(page)) as port:
        reading = await looked_at(make(f"http://127.0.0.1:{port}"))
    assert reading.state is HostState.SOMETHING_ELSE
    assert "neither as Ollama nor" in reading.problem


async def test_that_a_broker_is_told_to_hang_up() -> None:
    async with listening(odd.hanging_up) as port:
        reading = await looked_at(ollama(f"http://127.0.0.1:{port}"))
    assert reading.state is HostState.SOMETHING_ELSE
    assert "hangs up" in reading.problem


async def test_that_a_list_which_is_none_is_something_else() -> None:
    async with servers.some_server(rows="many") as server:
        reading = await looked_at(openai(server.url))
    assert reading.state is HostState.SOMETHING_ELSE


async def test_that_a_name_without_an_address_is_gone_and_stands_nowhere() -> None:
    async def resolve(_name: str) -> Sequence[str]:
        return ()

    reading = await looked_at(ollama("http://no.such.lan:11434"), Asking(resolve=resolve))
    assert reading.state is HostState.GONE
    assert "does not resolve" in reading.problem
    assert reading.standing is Standing.UNKNOWN
    assert reading.warnings == ()


async def test_that_a_server_on_ipv6_is_reached(tmp_path: Path) -> None:
    if not socket.has_ipv6:
        pytest.skip("this system has no IPv6")
    twin = Twin(tmp_path)
    try:
        await twin.server.start(host="::1")
    except OSError:
        pytest.skip("this system has no IPv6 loopback")
    try:
        url = addresses.parsed(f"[::1]:{twin.server.port}", HostKind.OLLAMA)
        reading = await looked_at(ollama(url))
    finally:
        await twin.server.stop()
    assert reading.state is HostState.ANSWERS
    assert reading.stand.words == "this machine (::1)"


# ---------------------------------------------------------------- again and again


async def test_that_a_glance_is_one_question_and_sees_what_was_loaded(tmp_path: Path) -> None:
    async with twin_with_models(tmp_path) as twin:
        looker = Looker(ollama(twin.url))
        await looker.glance()  # the first is a whole look
        begun = len(twin.server.requests)
        async with Ollama(twin.url) as client:
            await client.load("small:latest", options=Options(num_ctx=2048))
        before = len(twin.server.requests)
        reading = await looker.glance()
        assert [one.path for one in twin.server.requests[before:]] == ["/api/ps"]
        assert begun < before
        await looker.aclose()
    assert {one.name: one.loaded for one in reading.models} == {
        "small:latest": True,
        "other:latest": False,
    }


async def test_that_a_glance_at_what_is_gone_or_unknown_is_a_whole_look(tmp_path: Path) -> None:
    async with twin_with_models(tmp_path) as twin:
        looker = Looker(ollama(twin.url))
        await looker.look()
        fresh = speaker("fresh:latest", ("c",))
        twin.recorded_models[fresh.name.short] = fresh
        async with Ollama(twin.url) as client:
            await client.load("fresh:latest", options=Options(num_ctx=2048))
        seen = await looker.glance()
        assert len(seen.models) == 3
    gone = await looker.glance()
    assert gone.state is HostState.GONE
    await looker.aclose()


async def test_that_a_glance_at_another_server_lists_it(tmp_path: Path) -> None:
    async with servers.vllm() as server:
        looker = Looker(openai(server.url))
        await looker.look()
        before = len(server.asked)
        again = await looker.glance()
        assert server.asked[before:] == ["/v1/models"]
        assert again.state is HostState.ANSWERS
        server.answers["/v1/models"] = {"no": "list"}
        assert (await looker.glance()).state is HostState.SOMETHING_ELSE
        server.answers["/v1/models"] = {"data": []}
        await looker.look()
    assert (await looker.glance()).state is HostState.GONE
    await looker.aclose()


async def test_that_the_kind_of_a_server_is_asked(tmp_path: Path) -> None:
    async with Twin(tmp_path) as twin, servers.vllm() as server:
        assert await kind_at(twin.url) is HostKind.OLLAMA
        assert await kind_at(server.url) is HostKind.OPENAI
    async with listening(saying(b"HTTP/1.1 404 No\r\n\r\n")) as port:
        with pytest.raises(HostProblem, match="neither"):
            await kind_at(f"http://127.0.0.1:{port}")


def test_that_a_name_with_a_space_is_quoted() -> None:
    assert (quoted("rack-1"), quoted("my box")) == ("rack-1", '"my box"')
