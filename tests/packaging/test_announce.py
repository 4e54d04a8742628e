"""The publisher's tool: keys that stay secret, addresses of a release, files that programs take."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from landfall.core import announcement
from landfall.services.installation import updates

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def announce() -> ModuleType:
    spec = importlib.util.spec_from_file_location("announce", ROOT / "packaging" / "announce.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Publisher:
    """One who publishes from a folder of an own."""

    def __init__(self, tool: ModuleType, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.tool, self.folder, self.capsys = tool, folder, capsys
        self.channel = folder / "updates.json"
        self.news = folder / "news.txt"

    def does(self, *words: object, code: int = 0, now: datetime = NOW) -> str:
        assert self.tool.main([str(word) for word in words], channel=self.channel, now=now) == code
        said = self.capsys.readouterr()
        return (said.err if code else said.out).strip()

    def keys(self, name: str) -> tuple[Path, str]:
        file = self.folder / name
        return file, self.does("keys", file)

    def tell(self, *public: str) -> None:
        keys = [word for key in public for word in ("--public-key", key)]
        page = "https://landfall.example/releases"
        self.does("address", "--url", "https://landfall.example/news", "--page", page, *keys)

    def sign(self, *keys: Path, code: int = 0, **more: object) -> str:
        values: dict[str, object] = {
            "version": "1.2.0",
            "page": "https://landfall.example/1.2.0",
            "notes": "Faster starts.",
            "out": self.news,
        }
        pairs = [("key", key) for key in keys] + [*(values | more).items()]
        words = [w for name, v in pairs for w in (f"--{name.replace('_', '-')}", v)]
        return self.does("sign", *words, code=code)


@pytest.fixture
def publisher(
    announce: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Publisher:
    return Publisher(announce, tmp_path, capsys)


def test_that_a_signed_file_is_taken_by_a_build_that_knows_the_key(publisher: Publisher) -> None:
    file, public = publisher.keys("private")
    publisher.tell(public)
    publisher.sign(file, date="2026-11-20")
    assert publisher.does("verify", publisher.news) == (
        "1.2.0 of 2026-11-20, valid until 2027-02-24: Faster starts."
    )


def test_that_a_private_key_is_never_printed_and_its_owner_alone_may_read_it(
    publisher: Publisher,
) -> None:
    file, public = publisher.keys("private")
    secret = file.read_text(encoding="ascii").removeprefix("landfall private key: ").strip()
    assert len(announcement.public_key(public)) == 32
    assert re.fullmatch(r"[A-Za-z0-9+/]{43}=", secret)
    assert secret != public
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "File exists" in publisher.does("keys", file, code=1)
    assert secret in file.read_text(encoding="ascii")


def test_that_no_private_key_gets_into_the_tree(publisher: Publisher) -> None:
    inside = ROOT / "packaging" / "private-key"
    assert "in this tree" in publisher.does("keys", inside, code=1)
    assert not inside.exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_that_a_key_which_others_may_read_is_not_used(publisher: Publisher) -> None:
    file, _ = publisher.keys("private")
    file.chmod(0o644)
    assert "may be read by others" in publisher.sign(file, code=1)
    assert not publisher.news.exists()


def test_that_a_key_is_replaced_without_leaving_a_build_behind(publisher: Publisher) -> None:
    old_file, old = publisher.keys("old")
    new_file, new = publisher.keys("new")
    publisher.tell(old, new)
    for signers in ((old_file,), (new_file,), (old_file, new_file)):
        publisher.sign(*signers)
        publisher.does("verify", publisher.news)
    publisher.sign(old_file, new_file)
    for known in (old, new):
        publisher.tell(known)
        publisher.does("verify", publisher.news)
    publisher.sign(old_file)
    assert "does not know" in publisher.does("verify", publisher.news, code=1)


def test_that_what_a_program_would_not_take_is_not_verified(publisher: Publisher) -> None:
    file, public = publisher.keys("private")
    publisher.tell(public)
    publisher.sign(file, valid_days=3)
    late = NOW + timedelta(days=4)
    assert "valid until 2026-11-29" in publisher.does("verify", publisher.news, code=1, now=late)
    publisher.news.write_bytes(publisher.news.read_bytes().replace(b"1.2.0", b"1.2.9"))
    assert "signature is wrong" in publisher.does("verify", publisher.news, code=1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"version": "next"}, "no version"),
        ({"page": "http://landfall.example/"}, "no https address"),
        ({"notes": "two\nlines"}, "no line of text"),
        ({"valid_days": 0}, "1 to 400 days"),
        ({"valid_days": 4000}, "1 to 400 days"),
    ],
)
def test_that_nothing_is_signed_which_no_program_would_take(
    publisher: Publisher, values: dict[str, object], words: str
) -> None:
    file, _ = publisher.keys("private")
    assert words in publisher.sign(file, code=1, **values)
    assert not publisher.news.exists()


def test_that_a_file_which_is_no_key_is_refused(publisher: Publisher) -> None:
    file, public = publisher.keys("private")
    file.write_text(public, encoding="ascii")
    assert "no private key" in publisher.sign(file, code=1)


def test_that_what_is_no_public_key_gets_into_no_release(publisher: Publisher) -> None:
    words = ("address", "--url", "https://x.example/", "--page", "https://x.example/")
    said = publisher.does(*words, "--public-key", base64.b64encode(bytes(32)).decode(), code=1)
    assert said == "One of the keys is no public key. Is it the private one?"
    assert not publisher.channel.exists()


def test_that_an_address_without_encryption_gets_into_no_release(publisher: Publisher) -> None:
    _, public = publisher.keys("private")
    words = ("address", "--url", "http://x.example/", "--page", "https://x.example/")
    assert "no https address" in publisher.does(*words, "--public-key", public, code=1)
    assert not publisher.channel.exists()
    publisher.tell(public, public)
    assert len(updates.parse(json.loads(publisher.channel.read_text())).keys) == 1
