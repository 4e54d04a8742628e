"""The real LiteLLM proxy as a child on loopback, in an environment of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

MASTER_KEY = "sk-stand-in-master-key"
START_SECONDS = 120.0
ROOT = Path(__file__).parents[2]


def _found() -> str | None:
    """The program that a shell or `.ci/run` names, else the one that is set up here."""
    named = os.environ.get("LANDFALL_LITELLM")
    if named:
        return named
    own = ROOT / ".venv-litellm" / "bin" / "litellm"
    return str(own) if own.is_file() else shutil.which("litellm")


# Taken before any test changes the environment.
LITELLM = _found()
WHY_NOT = "no LiteLLM proxy: `sh packaging/litellm_proxy.sh` sets one up in .venv-litellm"

_PROVIDERS = {
    "ANTHROPIC": ("ANTHROPIC_API_BASE", ""),
    "OPENAI": ("OPENAI_API_BASE", "/v1"),
    "TOGETHERAI": ("TOGETHER_AI_API_BASE", "/v1"),
    "GROQ": ("GROQ_API_BASE", "/openai/v1"),
    "DEEPINFRA": ("DEEPINFRA_API_BASE", "/v1/openai"),
    "OPENROUTER": ("OPENROUTER_API_BASE", "/api/v1"),
    "FIREWORKS": ("FIREWORKS_API_BASE", "/inference/v1"),
    "DEEPSEEK": ("DEEPSEEK_API_BASE", ""),
    "MISTRAL": ("MISTRAL_API_BASE", "/v1"),
    "GEMINI": ("GEMINI_API_BASE", ""),
    "COHERE": ("COHERE_API_BASE", ""),
    "CURSOR": ("CURSOR_API_BASE", ""),
    "LANGSMITH": ("LANGSMITH_BASE_URL", ""),
    "OPENMETER": ("OPENMETER_API_ENDPOINT", ""),
    "HELICONE": ("HELICONE_API_BASE", ""),
    "BRAINTRUST": ("BRAINTRUST_API_BASE", ""),
    "ARGILLA": ("ARGILLA_BASE_URL", ""),
    "POSTHOG": ("POSTHOG_API_URL", ""),
    "OPIK": ("OPIK_URL_OVERRIDE", ""),
    "GENERIC": ("GENERIC_LOGGER_ENDPOINT", ""),
}
"""The variable for the address of a provider or of a keeper of logs (litellm 1.106.12 reads each),
and the path behind it."""


def cloud_environment(cloud_url: str) -> dict[str, str]:
    """Keys and addresses of every provider: all of them are the stand-in."""
    environment = {}
    for provider, (variable, path) in _PROVIDERS.items():
        environment[f"{provider}_API_KEY"] = f"sk-stand-in-{provider.lower()}"
        environment[variable] = cloud_url + path
    return environment


@dataclass(frozen=True, slots=True)
class Engine:
    """A proxy that answers.

    Attributes:
        start_seconds: From its start to its first answer.
    """

    url: str
    client: httpx.Client
    pid: int
    start_seconds: float

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Ask as its user."""
        return self.client.post(path, json=body, headers=headers)

    def chat(self, model: str, text: str, **more: Any) -> httpx.Response:
        """One question."""
        body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
        return self.post("/v1/chat/completions", body)


@contextmanager
def serving(
    config: Path, *, way_out: str, environment: Mapping[str, str], home: Path
) -> Iterator[Engine]:
    """Run the proxy with a configuration for as long as the block lasts.

    Args:
        config: The file; what it names beside itself is found there.
        way_out: The address of the stand-in through which everything beyond loopback must go.
        environment: Keys and addresses of providers.
        home: A folder for its log and whatever it writes.
    """
    ours = {
        "LITELLM_MASTER_KEY": MASTER_KEY,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOCAL_BLOG_POSTS": "True",
        "LITELLM_TELEMETRY": "False",
        "HTTP_PROXY": way_out,
        "HTTPS_PROXY": way_out,
        "NO_PROXY": "127.0.0.1,localhost",
    }
    assert LITELLM is not None
    port = free_port()
    words = [LITELLM, "--config", config.name, "--host", "127.0.0.1", "--port", str(port)]
    with running(
        words, port, folder=config.parent, environment=ours | dict(environment), home=home
    ) as engine:
        yield engine


@contextmanager
def running(
    words: Sequence[str], port: int, *, folder: Path, environment: Mapping[str, str], home: Path
) -> Iterator[Engine]:
    """Run a command that serves on this port for as long as the block lasts."""
    home.mkdir(parents=True, exist_ok=True)
    log = home / f"{port}.log"
    began = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(
            list(words),
            cwd=folder,
            env={"PATH": os.defpath, "HOME": str(home)} | dict(environment),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {MASTER_KEY}"}
        with httpx.Client(base_url=url, headers=headers, timeout=40, trust_env=False) as client:
            _await_answer(client, process, log)
            yield Engine(url, client, process.pid, time.perf_counter() - began)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await_answer(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    pause = threading.Event()
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if client.get("/health/liveliness").status_code == 200:
                return
        except httpx.TransportError:
            pause.wait(0.2)
    raise AssertionError(f"the proxy did not start:\n{log.read_text(errors='replace')[-4000:]}")


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
