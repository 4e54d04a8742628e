"""The token of a host goes through every command and to hosts that repeat it, and is found nowhere.

The stand-in for the system's keyring is the one place where it is, and the host for which it was
stored the one to which it goes.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.end_to_end.process import Ran, landfall
from tests.end_to_end.test_planted_key import Planted, content_of, found_in
from tests.fakes.http_wire import Reply, Request, WireServer, json_reply
from tests.fakes.odd_listeners import listening, saying


@pytest.fixture
def token() -> str:
    return f"host-PLANTED-{secrets.token_hex(16)}"


class Echo:
    """An Ollama that wants the token, and repeats it wherever it can."""

    def __init__(self, token: str, other: str) -> None:
        self.token, self.other = token, other
        self.how = "models"
        self.server = WireServer(self._answer)

    async def _answer(self, request: Request) -> Reply:
        said = request.headers.get("authorization", "")
        if said != f"Bearer {self.token}":
            return json_reply({"error": f"no: {said}"}, 401)
        match self.how:
            case "refuses":
                return json_reply({"error": f"bad token {said}"}, 401)
            case "redirects":
                return Reply(302, headers={"location": f"{self.other}/?token={self.token}"})
            case "fails":
                return Reply(500, body=said.encode())
        models = [{"name": f"m {said}", "size": 5, "digest": said}]
        return json_reply({"version": f"0.32.15 {said}", "models": models})


class Office:
    """Where the program lives, and all that it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.keyring = folder / "everything", folder / "keyring.json"
        self.home = self.folder / "home"
        self.home.mkdir(parents=True)
        self.said: list[str] = []

    async def command(self, *words: str, stdin: str = "", code: int = 0) -> Ran:
        ran = await landfall(
            *words,
            home=self.home,
            stdin=stdin,
            PYTHON_KEYRING_BACKEND="tests.fakes.keyrings.FileKeyring",
            PYTHONPATH=f"{Path.cwd() / 'app'}:{Path.cwd()}",
            LANDFALL_TEST_KEYRING=str(self.keyring),
            HOME=str(self.folder),
        )
        self.said += [ran.out, ran.err]
        assert ran.code == code, (words, ran)
        return ran


@pytest.fixture
async def strangers() -> AsyncIterator[WireServer]:
    async def answer(request: Request) -> Reply:
        return json_reply({"version": "0.32.15", "models": []})

    async with WireServer(answer) as server:
        yield server


async def test_that_the_token_of_a_host_is_found_nowhere_but_in_the_keyring(
    tmp_path: Path, token: str, strangers: WireServer
) -> None:
    office = Office(tmp_path)
    echo = Echo(token, strangers.url)
    banner = saying(f"SSH-2.0 Bearer {token}\r\n".encode())
    async with AsyncExitStack() as running:
        await running.enter_async_context(echo.server)
        odd = await running.enter_async_context(listening(banner))
        url = echo.server.url
        await office.command("hosts", "add", "office", url, token, code=2)
        await office.command("hosts", "add", "office", f"{url}/?token={token}", code=2)
        await office.command("hosts", "add", "office", url, "--token", stdin=token)
        for how, code in (("models", 0), ("refuses", 1), ("redirects", 1), ("fails", 1)):
            echo.how = how
            await office.command("hosts", "check", "office", code=code)
            await office.command("hosts", "check", "office", "--json", code=code)
            await office.command("hosts", "--json")
        echo.how = "models"
        await office.command("hosts")
        # To who says no HTTP, which repeats it too.
        await office.command(
            "hosts", "add", "odd", f"127.0.0.1:{odd}", "--kind", "ollama", "--token", stdin=token
        )
        await office.command("hosts", "check", "odd", code=1)
        # The address is another one now: the token is not for it.
        await office.command("hosts", "change", "office", "--url", strangers.url)
        await office.command("hosts", "check", "office")
        await office.command("hosts", "change", "office", "--url", url)
        out = office.home / "all.json"
        await office.command("export", "history", "--out", str(out))
        await office.command("doctor", "--json")
        seen = [request.headers.get("authorization", "") for request in strangers.requests]
        assert seen
        assert set(seen) == {""}
        assert f"Bearer {token}" in {
            one.headers.get("authorization", "") for one in echo.server.requests
        }
    assert token in office.keyring.read_text()
    planted = Planted(key=token, admin=token)
    files = [path for path in office.folder.rglob("*") if path.is_file()]
    assert {"history.db", "settings.toml", "all.json"} <= {path.name for path in files}
    assert not [
        path for path in files if any(found_in(content, planted) for content in content_of(path))
    ]
    # A token that was typed as an argument is not repeated either.
    assert not [said for said in office.said if found_in(said.encode(), planted)]
    await office.command("hosts", "remove", "office")
    await office.command("hosts", "remove", "odd")
    assert token not in office.keyring.read_text()
