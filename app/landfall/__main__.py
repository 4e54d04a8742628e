"""`landfall`: the window, or with a command the command line."""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Start what was asked for; returns the exit code."""
    try:
        return _start(sys.argv[1:])
    except KeyboardInterrupt:
        # Before there was anything to cancel.
        return 130


def _start(words: list[str]) -> int:
    if words == ["--selftest"]:
        from landfall.bootstrap.selftest import selftest

        return selftest()
    if words == ["--apart"]:
        from landfall.services import apart

        return apart.answer()
    if words == ["--hold"]:
        from landfall.services.quality_run import holding

        return holding.main()
    is_file = len(words) == 1 and words[0].endswith(".toml")
    # Whole: the window that is open already may have been started elsewhere.
    file = os.path.abspath(words[0]) if is_file else ""
    if words and not file:
        # What is imported stays: to look for garbage among it costs a short command a tenth.
        gc.disable()
        from landfall.cli.main import main as command_line

        gc.freeze()
        gc.enable()
        return command_line(words)
    return _window(file)


def _window(file: str) -> int:
    """The window; where none can be shown, the same first minute in the terminal."""
    from landfall.services import display

    problem = display.problem()
    if problem is not None:
        from landfall.cli.main import first_minute

        return first_minute(problem)
    from landfall.bootstrap import memory

    memory.one_heap()
    memory.no_features()
    from landfall.bootstrap.window import run

    return run(file)


if __name__ == "__main__":
    sys.exit(main())
