"""`landfall`: the window, or with a command the command line."""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False  # not out of `typing`: Ctrl+C is caught from `main` on, and that takes long
if TYPE_CHECKING:
    from landfall.core.errors import AppError


def main() -> int:
    """Start what was asked for; returns the exit code."""
    try:
        return _start(sys.argv[1:])
    except KeyboardInterrupt:
        # Before there was anything to cancel.
        return 130


def _start(words: list[str]) -> int:
    if words[:1] == ["--selftest"] and set(words[1:]) <= {"--json"}:
        from landfall.bootstrap.selftest import selftest

        return selftest(as_json="--json" in words)
    if words == ["--apart"]:
        from landfall.services import apart

        return apart.answer()
    if words == ["--hold"]:
        from landfall.services.quality import holding

        return holding.main()
    from landfall.services.installation import named_files

    files = named_files.workloads(words)
    if words and not files:
        # What is imported stays: to look for garbage among it costs a short command a tenth.
        gc.disable()
        from landfall.cli import ending_early

        ending_early.end_at_once()
        from landfall.cli.main import main as command_line

        gc.freeze()
        gc.enable()
        return command_line(words)
    return _window(files)


def _window(files: tuple[str, ...]) -> int:
    """The window; where there is no display, the same first minute in the terminal."""
    from landfall.services.installation import display

    problem = display.problem()
    if isinstance(problem, display.NoDisplay):
        from landfall.cli import ending_early

        ending_early.end_at_once()
        from landfall.cli.main import first_minute

        return first_minute(str(problem), files)
    if problem is not None:
        return _refused(problem)
    _end_at_once()
    from landfall.bootstrap import memory

    memory.one_heap()
    try:
        memory.no_features()
        from landfall.bootstrap.window import run
    except ImportError as error:
        problem = display.unloadable(error)
        if problem is None:
            raise
        return _refused(problem)
    return run(files)


def _end_at_once() -> None:
    """Ctrl+C ends a start as SIGTERM does, until the window has taken both (`gui.quit_signals`).

    Python would raise at whatever it runs then: while PySide comes in that ends the process with a
    core dump, and in a slot it is no more than an error, and the window goes on. Where the signal
    is ignored, as in the background of a shell, it stays so.
    """
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _refused(problem: AppError) -> int:
    """Say in one line why there is no window; the exit code."""
    print(f"landfall: {problem}", file=sys.stderr)  # noqa: T201
    return problem.exit_code


if __name__ == "__main__":
    sys.exit(main())
