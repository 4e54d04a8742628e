"""One parser for some seconds, in a process of its own: the child of `python -m tests.fuzz`."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

SECONDS_AN_INPUT = 2.0
"""Of CPU time: a busy machine is no fault of a parser."""
MEMORY_BYTES = 2 << 30
"""Of address space for one process; libFuzzer counts what is resident, and gets half of it."""


class TooSlow(Exception):
    """One input took longer than any may."""


class Hunt:
    """Counts inputs, and keeps the first of each kind that ends as none may."""

    def __init__(self, name: str, read: Callable[[bytes], object], folder: Path) -> None:
        self.runs = 0
        self.kinds: set[str] = set()
        self._name, self._read, self._folder = name, read, folder

    def __call__(self, data: bytes) -> None:
        """Read one input."""
        self.runs += 1
        began = time.process_time()
        try:
            self._read(data)
        except Exception as error:  # noqa: BLE001 - that nothing else comes out is what is tried
            self._keep(data, error)
            return
        seconds = time.process_time() - began
        if seconds > SECONDS_AN_INPUT:
            self._keep(data, TooSlow(f"{seconds:.1f} seconds"))

    def _keep(self, data: bytes, error: Exception) -> None:
        kind = _kind(error)
        if kind in self.kinds:
            return
        self.kinds.add(kind)
        self._folder.mkdir(parents=True, exist_ok=True)
        stem = f"{self._name.replace(' ', '-')}-{hashlib.sha256(kind.encode()).hexdigest()[:8]}"
        (self._folder / f"{stem}.input").write_bytes(data)
        text = "".join(traceback.format_exception(error))[-6000:]
        (self._folder / f"{stem}.txt").write_text(f"{kind}\n\n{text}", encoding="utf-8")


def _kind(error: Exception) -> str:
    """Its type and the last place of the program in its traceback: one fault, one kind."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "landfall" in Path(frame.filename).parts]
    place = ours[-1] if ours else frames[-1] if frames else None
    where = f"{Path(place.filename).name}:{place.name}" if place else ""
    return f"{type(error).__name__} in {where}"


def by_structure(hunt: Hunt, seeds: list[bytes], seconds: float) -> None:
    """Tokens and bytes of whole inputs, changed by Hypothesis."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st

    from tests.fuzz.spoiling import flipped, respelt, spoilt

    def on_alarm(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {5 * SECONDS_AN_INPUT:.0f} seconds")

    signal.signal(signal.SIGALRM, on_alarm)
    until = time.monotonic() + seconds
    inputs = st.one_of(spoilt(seeds), respelt(seeds), flipped(seeds), st.binary(max_size=200))

    def try_one(data: bytes) -> None:
        if time.monotonic() < until:
            signal.setitimer(signal.ITIMER_REAL, 5 * SECONDS_AN_INPUT)
            try:
                hunt(data)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)

    round_ = 0
    while time.monotonic() < until:
        round_ += 1
        test = given(inputs)(try_one)
        test = settings(
            max_examples=400,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(test)
        seed(round_ + int(time.time()))(test)()


def by_bytes(hunt: Hunt, seeds: list[bytes], seconds: float, corpus: Path) -> None:
    """Bytes, led by what of the program they reach: libFuzzer. Ends the process."""
    import atheris

    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(data)
    options = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={max(1, round(seconds))}",
        f"-timeout={round(10 * SECONDS_AN_INPUT)}",
        f"-rss_limit_mb={MEMORY_BYTES >> 21}",
        f"-max_len={max(65536, *map(len, seeds))}",
        f"-artifact_prefix={corpus.parent}/stopped-",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup(options, hunt)
    atheris.Fuzz()


def main() -> None:
    """Hunt in one parser."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("parser")
    arguments.add_argument("seconds", type=float)
    arguments.add_argument("engine", choices=("bytes", "structure"))
    arguments.add_argument("findings", type=Path)
    asked: Any = arguments.parse_args()
    watching: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
    if asked.engine == "bytes":
        import atheris

        watching = atheris.instrument_imports(include=["landfall"])
    with watching:
        from tests.fuzz import parsers, scratch
    parsers.silence()
    parser = parsers.PARSERS[asked.parser]
    hunt = Hunt(asked.parser, parser.read, asked.findings)
    seeds = [data for data in parser.seeds() if data] or [b"0"]
    for data in seeds:
        hunt(data)  # what is imported late is no time of an input's
    try:
        if asked.engine == "bytes":
            corpus = asked.findings / "corpus" / asked.parser.replace(" ", "-")
            by_bytes(hunt, seeds, asked.seconds, corpus)
        else:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            by_structure(hunt, seeds, asked.seconds)
    finally:
        scratch.forget_files()
        print(json.dumps({"runs": hunt.runs, "kinds": sorted(hunt.kinds)}), flush=True)


if __name__ == "__main__":
    main()
