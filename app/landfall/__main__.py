"""`landfall`: the window, or with a command the command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Start what was asked for; returns the exit code."""
    arguments = sys.argv[1:]
    if arguments and not arguments[0].endswith(".toml"):
        if arguments == ["--selftest"]:
            from landfall.bootstrap import selftest

            return selftest()
        from landfall.cli.main import main as command_line

        return command_line(arguments)
    from landfall.bootstrap import window

    return window()


if __name__ == "__main__":
    sys.exit(main())
