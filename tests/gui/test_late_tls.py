"""asyncio without OpenSSL, and with it once something is encrypted."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

made = pytest.importorskip("tests.fakes.certificates", reason="needs the package cryptography")

APP = Path(__file__).parents[2] / "app"
BODY = b"x" * 1_000_000

ASK = """
import sys
from landfall.bootstrap import late_tls
late_tls.bring_asyncio_in()
import asyncio

async def asked(port, **tls):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **tls)
    body = await reader.read()
    writer.close()
    return len(body)

plain, secure, authority = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
print(asyncio.run(asked(plain)), "ssl" in sys.modules)
import ssl
context = ssl.create_default_context(cafile=authority)
for trusted in (context, ssl.create_default_context()):
    try:
        print(asyncio.run(asked(secure, ssl=trusted)))
    except ssl.SSLCertVerificationError:
        print("refused")
left = [n for n, m in sys.modules.items() if n.startswith("asyncio.") and "ssl" in vars(m)
        and vars(m)["ssl"] is not ssl]
print(left, asyncio.sslproto.SSLAgainErrors == (ssl.SSLWantReadError, ssl.SSLSyscallError))
"""

OTHERS = """
import sys
from landfall.bootstrap import late_tls
sys.modules["ssl"] = late_tls._LateTls()  # as on another thread while asyncio comes in
import ssl
context = ssl.create_default_context()
import asyncio
print(isinstance(context, asyncio.base_events.ssl.SSLContext), asyncio.sslproto.ssl is
      sys.modules["ssl"], sys.modules["ssl"].__spec__.name)
late_tls.bring_asyncio_in()  # a second time changes nothing
print(asyncio.sslproto.ssl is sys.modules["ssl"])
"""


def ran(code: str, *words: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env=os.environ | {"PYTHONPATH": str(APP)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


async def _sends(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(BODY)
    writer.close()


async def test_that_what_is_encrypted_is_read_and_checked_as_ever(tmp_path: Path) -> None:
    office = made.authority(tmp_path)
    context = made.context(tmp_path, office)
    async with (
        await asyncio.start_server(_sends, "127.0.0.1", 0) as plain,
        await asyncio.start_server(_sends, "127.0.0.1", 0, ssl=context) as secure,
    ):
        ports = [str(one.sockets[0].getsockname()[1]) for one in (plain, secure)]
        said = await asyncio.to_thread(ran, ASK, *ports, str(office.path))
    assert said == [f"{len(BODY)} False", str(len(BODY)), "refused", "[] True"]


def test_that_who_needs_it_meanwhile_gets_the_real_one() -> None:
    assert ran(OTHERS) == ["True True ssl", "True"]
