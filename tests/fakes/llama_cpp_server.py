"""llama-cpp-python's own server on loopback, where it is installed."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

VARIABLE = "LANDFALL_LLAMA_CPP_PYTHON"
"""Names the Python of another environment in which llama-cpp-python[server] is installed."""

# Taken before any test changes the environment.
_NAMED = os.environ.get(VARIABLE)

PATIENCE_SECONDS = 60.0


def interpreter() -> str | None:
    """The Python that can run the server, or None."""
    if _NAMED:
        return _NAMED
    return sys.executable if importlib.util.find_spec("llama_cpp") is not None else None


@contextmanager
def serving_llama_cpp(python: str, model: Path, *, alias: str, log: Path) -> Iterator[str]:
    """Serve one model while the block runs; the address below which its protocol lies."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--model", str(model), "--model_alias", alias, "--chat_format", "chatml"]
    words += ["--host", "127.0.0.1", "--port", str(port), "--n_ctx", "1024", "--n_threads", "1"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [python, "-m", "llama_cpp.server", *words], stdout=out, stderr=subprocess.STDOUT
        )
    try:
        _wait(port, process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
            break
    raise RuntimeError(f"llama_cpp.server did not start: {log.read_text()[-800:]}")
