"""A twin of Ollama in a process of its own that speaks at an exact rate, for what shows its words.

`python -m tests.fakes.steady_ollama RATE TOKENS [stamped] [ten]` prints its address; it ends with
its stdin. Stamped, each word is the time of this machine's monotonic clock at which it was sent.
With "ten" it has that many models (`TEN`), which all say the same.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from tests.fakes.ollama_answers import Sayer
from tests.fakes.ollama_twin import Twin
from tests.fakes.ollama_world import Runner, TwinModel, name_of

MODEL = "steady:latest"
TEN = tuple(f"steady-{i}:latest" for i in range(10))
LINES = (
    "## Part {n}\n\n",
    "A sentence with **weight** and `code`, number {n}, so that it is laid out.\n\n",
    "- one thing\n- another thing\n- a third one\n\n",
    "```python\nvalue = {n}\nprint(value)\n```\n\n",
)


def words(count: int) -> tuple[str, ...]:
    """So many pieces of Markdown, each about a token long."""
    pieces: list[str] = []
    n = 0
    while len(pieces) < count:
        text = LINES[n % len(LINES)].format(n=n)
        pieces += [text[i : i + 4] for i in range(0, len(text), 4)]
        n += 1
    return tuple(pieces[:count])


class Steady(Twin):
    """Speaks at absolute deadlines: what came late does not shift what follows."""

    tokens_per_second = 200.0

    def _word(self, piece: str) -> str:
        return piece

    async def _answer(
        self, runner: Runner, say: Sayer, load_seconds: float
    ) -> AsyncGenerator[bytes, None]:
        period = 1 / self.tokens_per_second
        begun = time.perf_counter()
        pieces = runner.model.pieces
        for i, piece in enumerate(pieces):
            await asyncio.sleep(max(0.0, begun + i * period - time.perf_counter()))
            line = say.line(runner.model, self._word(piece), thinking=False)
            assert line is not None
            yield line
        nanoseconds = int((time.perf_counter() - begun) * 1e9)
        counters = {
            "total_duration": nanoseconds,
            "load_duration": 1_000_000,
            "prompt_eval_count": 20,
            "prompt_eval_duration": 100_000_000,
            "eval_count": len(pieces) + 1,
            "eval_duration": nanoseconds,
        }
        yield json.dumps(say.last("stop") | counters).encode() + b"\n"


class Stamped(Steady):
    """Says when it speaks: on Linux `perf_counter` is the same clock in every process."""

    def _word(self, piece: str) -> str:
        return f"{time.perf_counter():.6f} "


async def serve(
    rate: float, tokens: int, *, stamped: bool = False, models: tuple[str, ...] = (MODEL,)
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        twin = (Stamped if stamped else Steady)(Path(folder))
        twin.tokens_per_second = rate
        for model in models:
            name = name_of(model)
            assert name is not None
            twin.recorded_models[name.short] = TwinModel(
                name=name,
                digest="5" * 64,
                size=1_000_000,
                details={"format": "gguf", "family": "llama", "parameter_size": "1B"},
                modified_at="2026-01-01T00:00:00Z",
                pieces=words(tokens),
            )
        async with twin:
            print(twin.url, flush=True)
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    rate, tokens, *more = sys.argv[1:]
    asyncio.run(
        serve(
            float(rate),
            int(tokens),
            stamped="stamped" in more,
            models=TEN if "ten" in more else (MODEL,),
        )
    )
