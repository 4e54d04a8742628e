"""`landfall hosts`: what is kept, what is asked, and that a token stays where it belongs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import keyring
import pytest

from landfall.cli import host_here, hosts
from landfall.cli.main import main
from landfall.cli.session import Session
from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind, Stand, Standing
from landfall.core.settings import Settings
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.hosts import addresses, keeping, looking
from landfall.services.settings import settings_store
from tests.cli.shell import Shell
from tests.fakes import model_servers as servers
from tests.fakes.keyrings import LockedKeyring, MemoryKeyring
from tests.fakes.model_servers import TOKEN
from tests.fakes.ollama_thread import TwinThread
from tests.fakes.ollama_twin import NEW, Twin
from tests.fakes.speakers import speaker

CLOSED = "http://127.0.0.1:9"
pytestmark = pytest.mark.usefixtures("memory")


def settings() -> Settings:
    return settings_store.load(paths.of_user().settings)


@pytest.fixture
def landfall(monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(hosts.COMMANDS[0], monkeypatch, never=TOKEN)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything stands in the network."""
    stand = Stand(
        standing=Standing.OUR_NETWORK, addresses=("192.168.1.5",), words="our network (192.168.1.5)"
    )
    monkeypatch.setattr(looking, "stand_of", lambda _addresses, _own: stand)
    monkeypatch.setattr(addresses, "stand_of", lambda _addresses, _own: stand)


# ---------------------------------------------------------------- keeping


async def test_that_the_list_is_empty_at_first(landfall: Shell, memory: MemoryKeyring) -> None:
    assert await landfall() == 0
    assert "landfall hosts add" in landfall.out
    assert await landfall(as_json=True) == 0
    assert landfall.document == []
    assert memory.calls == []


async def test_that_a_host_is_kept_renamed_changed_and_removed(
    landfall: Shell, memory: MemoryKeyring
) -> None:
    assert await landfall("add", "office", "box.lan", "--kind", "ollama", as_json=True) == 0
    assert landfall.document == {
        "name": "office",
        "url": "http://box.lan:11434",
        "kind": "ollama",
    }
    assert await landfall("rename", "OFFICE", "desk") == 0
    assert "was office" in landfall.out
    assert await landfall("change", "desk", "--url", "https://box.lan/v1") == 0
    assert "a token of its old address does not go there" in landfall.out
    assert await landfall("change", "desk", "--kind", "openai_compatible") == 0
    assert settings().hosts == (Host(name="desk", url="https://box.lan:443", kind=HostKind.OPENAI),)
    assert await landfall("--no-look") == 0
    assert "https://box.lan:443" in landfall.out
    assert await landfall("--no-look", as_json=True) == 0
    assert landfall.document[0]["name"] == "desk"
    assert await landfall("remove", "desk") == 0
    assert settings().hosts == ()
    assert memory.entries == {}


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("add", "office", "other", "--kind", "ollama"), "name"),
        (("add", "x", "box:99999", "--kind", "ollama"), "url"),
        (("rename", "office", "Rack"), "name"),
        (("change", "office"), "--url"),
        (("remove", "nobody"), "name"),
        (("check", "nobody"), "name"),
        (("add", "x", "box", "sk-typed-PLANTED"), "token"),
        (("token", "office", "sk-typed-PLANTED"), "token"),
    ],
)
async def test_that_bad_input_changes_nothing(
    landfall: Shell, words: Sequence[str], field: str, memory: MemoryKeyring
) -> None:
    await landfall("add", "office", "box.lan", "--kind", "ollama")
    await landfall("add", "rack", "rack.lan:8000", "--kind", "openai_compatible")
    before = settings()
    with pytest.raises(BadInput) as caught:
        await landfall(*words)
    assert caught.value.field == field
    assert "PLANTED" not in str(caught.value)
    assert settings() == before
    assert memory.entries == {}


async def test_that_the_kind_is_asked_of_the_server(landfall: Shell, tmp_path: Path) -> None:
    async with Twin(tmp_path) as twin, servers.vllm() as server:
        assert await landfall("add", "a", twin.url) == 0
        assert await landfall("add", "b", server.url + "/v1") == 0
    assert [(one.kind, one.url) for one in settings().hosts] == [
        (HostKind.OLLAMA, twin_url := settings().hosts[0].url),
        (HostKind.OPENAI, settings().hosts[1].url),
    ]
    assert twin_url.startswith("http://127.0.0.1:")
    assert not settings().hosts[1].url.endswith("/v1")


async def test_that_a_kind_which_cannot_be_asked_is_to_be_said(landfall: Shell) -> None:
    with pytest.raises(BadInput, match="cannot be asked now") as caught:
        await landfall("add", "a", CLOSED)
    assert caught.value.field == "--kind"
    assert settings().hosts == ()


# ---------------------------------------------------------------- looks


async def test_that_a_look_tells_everything(
    landfall: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = Twin(tmp_path)
    model = speaker("small:latest", ("a",))
    twin.recorded_models[model.name.short] = model
    async with twin:
        await landfall("add", "office", twin.url)
        with monkeypatch.context() as before:
            # Of the time before a second name of one address was refused.
            before.setattr(keeping, "free_address", lambda url, others: url)
            await landfall("add", "again", twin.url.replace("127.0.0.1", "localhost"))
        await landfall("add", "off", CLOSED, "--kind", "ollama")
        assert await landfall(as_json=True) == 0
        first, again, off = landfall.document
        assert await landfall() == 0
        table = landfall.out
        assert await landfall("check", "office") == 0
        checked = landfall.out
    assert (first["state"], first["server"], first["version"]) == ("answers", "Ollama", NEW)
    assert (first["standing"], first["addresses"]) == ("this_machine", ["127.0.0.1"])
    assert first["models"][0]["name"] == "small:latest"
    assert first["memory_bytes"]["mid"] == 0
    assert first["memory_bytes"]["provenance"].startswith("measured: Ollama")
    assert first["latency_seconds"] > 0
    assert first["answered_at"]
    assert (again["same_as"], bool(again["same_why"])) == ("office", True)
    assert (off["state"], off["memory_bytes"]) == ("gone", None)
    assert off["memory_reason"]
    assert off["gone_since"]
    assert "this machine (127.0.0.1)" in table
    assert "off: gone since" in table
    assert "never answered" in table
    assert "again: the same server as office" in table
    assert "small:latest" in checked
    assert await landfall("check", "office") == 3
    assert "it last answered" in landfall.out


async def test_that_what_is_gone_is_forgotten_with_the_host(landfall: Shell) -> None:
    await landfall("add", "off", CLOSED, "--kind", "ollama")
    assert await landfall("check", "off", as_json=True) == 3
    since = landfall.document["gone_since"]
    assert await landfall("check", "off", as_json=True) == 3
    assert landfall.document["gone_since"] == since
    await landfall("remove", "off")
    history = History(paths.of_user().database)
    await history.open()
    assert await history.hosts_seen() == ()
    await history.close()


async def test_that_another_server_says_what_it_does_not_tell(landfall: Shell) -> None:
    async with servers.llama_cpp() as server:
        await landfall("add", "rack", server.url)
        assert await landfall("check", "rack") == 0
        shown = landfall.out
        await landfall("change", "rack", "--kind", "ollama")
        assert await landfall("check", "rack") == 1
    assert "llama.cpp b10488-abc" in shown
    assert "memory is not known: llama.cpp tells" in shown
    assert "1.3 MB" in shown
    assert "`landfall hosts change rack --kind openai_compatible`" in landfall.out


async def test_that_a_locked_workload_on_a_host_with_a_cloud_is_said(
    landfall: Shell, tmp_path: Path
) -> None:
    text = (
        'schema = 1\n[workload]\nname = "Letters"\ntask = "chat"\n[privacy]\nclass = "local_only"\n'
        '[[steps]]\nname = "generate"\nwhere = "verdict"\nhost = "office"\n'
    )
    async with Twin(tmp_path, no_cloud=False) as twin:
        await landfall("add", "office", twin.url)
        history = History(paths.of_user().database)
        await history.open()
        await history.save_workload(SavedWorkload(name="Letters", toml=text))
        await history.close()
        await landfall("check", "office", as_json=True)
    assert [one["id"] for one in landfall.document["warnings"]] == [
        "cloud_models",
        "cloud_under_lock",
    ]


# ---------------------------------------------------------------- tokens


async def test_that_workloads_follow_a_name_and_are_told_before_a_host_goes(
    landfall: Shell,
) -> None:
    await landfall("add", "office", CLOSED, "--kind", "ollama")
    text = (
        'schema = 1\n[workload]\nname = "letters"\ntask = "summary"\n[machine]\nhost = "office"\n'
    )
    paths.of_user().make()
    history = History(paths.of_user().database)
    await history.open()
    await history.save_workload(SavedWorkload(name="letters", toml=text))
    await history.close()
    assert await landfall("rename", "office", "studio") == 0
    assert "letters" in landfall.err
    with pytest.raises(BadInput, match="Saved workloads name studio: letters") as refused:
        await landfall("remove", "studio")
    assert "--anyway" in refused.value.hint
    assert [one.name for one in settings().hosts] == ["studio"]
    assert await landfall("remove", "studio", "--anyway") == 0
    assert settings().hosts == ()


async def test_that_a_token_is_read_stored_used_and_removed(
    landfall: Shell, memory: MemoryKeyring, tmp_path: Path
) -> None:
    async with Twin(tmp_path, token=TOKEN) as twin:
        assert await landfall("add", "office", twin.url, "--token", stdin=f" {TOKEN}\n") == 0
        assert memory.entries == {("Landfall", f"host {twin.url}"): TOKEN}
        assert await landfall("check", "office", as_json=True) == 0
        assert landfall.document["token"] == "sk-loc…oken"
        assert await landfall("token", "office", "--remove") == 0
        assert await landfall("token", "office", "--remove", as_json=True) == 1
        assert await landfall("check", "office") == 1
        assert "`landfall hosts token office`" in landfall.out
        assert await landfall("token", "office", stdin=TOKEN, as_json=True) == 0
        assert landfall.document["masked"] == "sk-loc…oken"
        assert await landfall("token", "office", stdin=TOKEN) == 0
        assert await landfall("check", "office") == 0
        assert await landfall("remove", "office") == 0
        assert "with its token" in landfall.out
    assert memory.entries == {}
    assert TOKEN not in paths.of_user().settings.read_text()
    assert TOKEN.encode() not in paths.of_user().database.read_bytes()


async def test_that_a_token_over_plain_http_needs_a_word(
    landfall: Shell, memory: MemoryKeyring, elsewhere: None
) -> None:
    await landfall("add", "office", CLOSED, "--kind", "ollama")
    with pytest.raises(BadInput, match="unencrypted to our network") as caught:
        await landfall("token", "office", stdin=TOKEN)
    assert "--insecure" in caught.value.hint
    assert memory.entries == {}
    assert await landfall("token", "office", "--insecure", stdin=TOKEN) == 0
    assert "Warning" in landfall.err
    assert settings().plain_http_hosts == ("127.0.0.1:9",)
    assert len(memory.entries) == 1


async def test_that_an_empty_token_keeps_no_host(landfall: Shell) -> None:
    with pytest.raises(BadInput):
        await landfall("add", "office", CLOSED, "--kind", "ollama", "--token", stdin="\n")
    assert settings().hosts == ()


async def test_that_without_a_keyring_hosts_are_still_asked(
    landfall: Shell, tmp_path: Path
) -> None:
    keyring.set_keyring(LockedKeyring())
    async with Twin(tmp_path) as twin:
        await landfall("add", "office", twin.url)
        assert await landfall("check", "office") == 0
        assert landfall.err == ""
        twin.token = TOKEN
        assert await landfall("check", "office") == 1
        assert "Tokens could not be read" in landfall.err
    assert await landfall("remove", "office") == 0
    assert "could not be asked" in landfall.err


# ---------------------------------------------------------------- --host


async def test_that_a_command_speaks_with_a_kept_host_and_its_token(
    landfall: Shell, tmp_path: Path
) -> None:
    async with Twin(tmp_path, token=TOKEN) as twin:
        await landfall("add", "office", twin.url, "--token", stdin=TOKEN)
        session = Session(json=False, paths=paths.of_user(), settings=settings())
        host = await host_here.speak_with("OFFICE", session)
        assert (host.name, session.settings.ollama_url) == ("office", twin.url)
        assert session.token is not None
        assert TOKEN not in repr(session)
        other = Session(json=False, paths=paths.of_user(), settings=settings())
        await host_here.speak_with("127.0.0.1:9", other)
        assert (other.settings.ollama_url, other.token) == (CLOSED, None)


async def test_that_another_kind_of_server_is_no_ollama_to_speak_with(landfall: Shell) -> None:
    await landfall("add", "rack", "rack.lan:8000", "--kind", "openai_compatible")
    session = Session(json=False, paths=paths.of_user(), settings=settings())
    with pytest.raises(BadInput, match="OpenAI-compatible") as caught:
        await host_here.speak_with("rack", session)
    assert caught.value.field == "--host"


def test_that_bench_takes_a_kept_host_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with TwinThread(tmp_path / "models") as server:
        model = speaker("small:latest", ("Small", " says"))
        server.twin.recorded_models[model.name.short] = model
        assert main(["hosts", "add", "office", server.twin.url]) == 0
        capsys.readouterr()
        assert main(["bench", "absent", "--host", "office", "--json"]) == 1
        assert "absent is not on the server" in capsys.readouterr().out
        assert server.twin.server.requests[-1].path.startswith("/api/")
    assert main(["bench", "small", "--host", "ofice", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["hint"], error["field"]) == ("Did you mean office?", "host")
