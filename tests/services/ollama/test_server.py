"""What is found at an address, what is warned of, and when a server of our own is started."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, OllamaUnavailable
from landfall.core.hosts.runtime import RuntimeState
from landfall.core.settings import Settings
from landfall.services.ollama import address, floors, server
from landfall.services.ollama.serving import serving
from tests.fakes.http_wire import Reply, Request, WireServer, json_reply
from tests.fakes.ollama_twin import Twin
from tests.services.ollama.conftest import Live
from tests.services.ollama.test_child import stand_in

NOWHERE = {"PATH": "/nonexistent"}


def at(url: str, path: str = "/nonexistent") -> Mapping[str, str]:
    return {"OLLAMA_HOST": url, "PATH": path}


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


async def test_that_a_server_here_is_running(live: Live) -> None:
    found = await server.find(Settings(), environment=at(live.url))
    assert found.state is RuntimeState.RUNNING
    assert found.version == live.version
    assert found.url == live.url
    assert found.warnings == ()


async def test_that_the_settings_stand_before_the_environment(twin: Twin) -> None:
    found = await server.find(
        Settings(ollama_url=twin.url), environment=at(f"127.0.0.1:{closed_port()}")
    )
    assert found.state is RuntimeState.RUNNING


async def test_that_a_closed_port_without_the_program_is_absent() -> None:
    found = await server.find(Settings(), environment=at(f"127.0.0.1:{closed_port()}"))
    assert found.state is RuntimeState.ABSENT
    assert found.version is None
    assert found.executable is None
    assert found.warnings == ()


async def test_that_a_closed_port_with_the_program_is_stopped(tmp_path: Path) -> None:
    program = stand_in(tmp_path)
    found = await server.find(
        Settings(), environment=at(f"127.0.0.1:{closed_port()}", str(program.parent))
    )
    assert found.state is RuntimeState.STOPPED
    assert found.executable == str(program)


async def test_that_another_program_at_the_port_is_told() -> None:
    async def answer(_request: Request) -> Reply:
        return Reply(200, {"Content-Type": "text/html"}, b"<h1>hi</h1>")

    async with WireServer(answer) as other:
        found = await server.find(Settings(), environment=at(other.url))
    assert found.state is RuntimeState.ABSENT
    assert "is not Ollama" in found.warnings[0]


async def test_that_a_server_that_is_open_to_all_is_warned_of(twin: Twin) -> None:
    twin.guards_host = False
    twin.any_origin = True
    found = await server.find(Settings(), environment=at(twin.url))
    assert len(found.warnings) == 2
    assert "beyond this machine" in found.warnings[0]
    assert "OLLAMA_ORIGINS" in found.warnings[1]


@pytest.mark.parametrize(
    ("version", "word"),
    [
        ("0.17.0", "CVE-2026-7482"),
        ("0.9.6", "CVE-2026-7482"),
        ("0.17.1", "older than 0.24.0"),
        ("0.23.9", "older than 0.24.0"),
        ("0.0.0", "tells nothing"),
        ("nightly", "tells nothing"),
    ],
)
async def test_that_an_old_version_is_warned_of(version: str, word: str) -> None:
    async def answer(request: Request) -> Reply:
        stranger = "stranger" in request.headers.get("host", "") or "origin" in request.headers
        return Reply(403) if stranger else json_reply({"version": version})

    async with WireServer(answer) as old:
        found = await server.find(Settings(), environment=at(old.url))
    assert found.state is RuntimeState.RUNNING
    assert len(found.warnings) == 1
    assert word in found.warnings[0]


KNOWN_HOLES = {
    "CVE-2024-28224": "0.1.29",
    "CVE-2024-37032": "0.1.34",
    "CVE-2024-39719": "0.1.47",
    "CVE-2024-12886": "0.5.13",
    "CVE-2025-51471": "0.15.0",
    "CVE-2026-7482": "0.17.1",
    "CVE-2026-42248": "0.23.3",
}
"""The first version without each; what has no repair can only be kept from strangers."""


@pytest.mark.parametrize("fixed", KNOWN_HOLES.values(), ids=KNOWN_HOLES)
def test_that_what_has_a_known_hole_is_never_passed_over(fixed: str) -> None:
    major, minor, patch = (int(part) for part in fixed.split("."))
    before = (
        f"{major}.{minor}.{patch - 1}" if patch else f"{major}.{minor - 1}.99",
        f"{fixed}-rc0",
        f"v{fixed}-rc0",
    )
    hard = (major, minor, patch) <= floors.SAFE_VERSION
    for version in before:
        found = floors.warning(version)
        assert found is not None
        assert found.id == ("version" if hard else "old_version")
        assert ("CVE-2026-7482" if hard else "CVE-2026-42248") in found.text


@pytest.mark.parametrize(
    ("version", "warned"),
    [
        ("0.17.1", "old_version"),
        ("0.23.3", "old_version"),
        ("0.23.99", "old_version"),
        ("0.24.0-rc1", "old_version"),
        ("0.24.0-RC1-dirty", "old_version"),
        ("0.24.0", None),
        ("0.24.0-3-g1a2b3c4", None),
        ("0.24.0-0-g1a2b3c4-dirty", None),
        ("0.24.1-rc1", None),
        ("0.0.0", "unknown_version"),
        ("0.0.0-dev", "unknown_version"),
        ("dev", "unknown_version"),
        ("", "unknown_version"),
        ("0.24", "unknown_version"),
        ("1a2b3c4", "unknown_version"),
    ],
)
def test_that_odd_versions_are_taken_for_what_they_are(version: str, warned: str | None) -> None:
    found = floors.warning(version)
    assert (found.id if found else None) == warned


@pytest.mark.parametrize("version", ["0.24.0", "0.32.15", "1.0.0-rc1", "v0.24.1"])
def test_that_a_version_from_the_floor_on_is_not_warned_of(version: str) -> None:
    assert floors.version_number(version) is not None
    assert server._of_version(version) == []


def test_that_plain_http_to_another_machine_is_warned_of() -> None:
    far = address.Address("http://192.0.2.7:11434", "OLLAMA_HOST")
    assert "unencrypted" in server._of_address(far)[0]
    assert server._of_address(address.Address("https://192.0.2.7", "OLLAMA_HOST")) == []
    assert server._of_address(address.Address(address.DEFAULT_URL, "default")) == []


async def test_that_an_address_that_is_none_is_bad_input() -> None:
    with pytest.raises(BadInput):
        await server.find(Settings(), environment=at("ftp://x"))


async def test_that_a_running_server_is_used(twin: Twin) -> None:
    async with serving(Settings(), environment=at(twin.url)) as found:
        assert found.url == twin.url


async def test_that_nothing_is_started_at_an_address_that_was_given(tmp_path: Path) -> None:
    program = stand_in(tmp_path)
    where = f"127.0.0.1:{closed_port()}"
    for settings, environment in (
        (Settings(), at(where, str(program.parent))),
        (Settings(ollama_url=where), {"PATH": str(program.parent)}),
    ):
        with pytest.raises(OllamaUnavailable) as caught:
            async with serving(settings, environment=environment):
                pytest.fail("something was started")
        assert where in caught.value.message
    assert not (tmp_path / "started").exists()


async def test_that_where_nothing_is_installed_the_way_to_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(address, "DEFAULT_URL", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(OllamaUnavailable) as caught:
        async with serving(Settings(), environment=NOWHERE):
            pytest.fail("there is nothing to serve")
    assert "ollama.com/download" in caught.value.hint


async def test_that_an_installed_program_is_started_and_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = stand_in(tmp_path)
    monkeypatch.setattr(address, "DEFAULT_URL", f"http://127.0.0.1:{closed_port()}")
    environment = {"PATH": f"{program.parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    async with serving(Settings(), environment=environment) as found:
        assert found.state is RuntimeState.RUNNING
        assert not found.url.endswith(":11434")
        again = await server.find(Settings(), environment=at(found.url))
        assert again.version == found.version
    gone = await server.find(Settings(), environment=at(found.url))
    assert gone.state is RuntimeState.ABSENT


@pytest.mark.parametrize(
    "place",
    ["/usr/local/bin", "/opt/homebrew/bin", "/Applications/Ollama.app/Contents/Resources"],
)
def test_that_on_macos_each_installer_is_looked_for_since_the_path_of_an_icon_is_short(
    place: str,
) -> None:
    assert f"{place}/ollama" in server._installed_at({}, platform_name="darwin")
