"""Which tests stand behind each item of the decision guide: `python -m tests.framework_table`.

Prints a table of id, what the item says and the names of its tests; ends with 1 where an item has
none, or a test names an item that there is not.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from landfall.services.verdict import guide

HERE = Path(__file__).parent


class Marked:
    """Collects the tests that carry the marker `framework`, by the ids that they name."""

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, None]] = defaultdict(dict)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """One line for a test, whatever its parameters."""
        for item in items:
            for marker in item.iter_markers("framework"):
                for name in marker.args:
                    self.tests[name][re.sub(r"\[.*", "", item.nodeid)] = None


def collected() -> dict[str, tuple[str, ...]]:
    """Item id to the names of its tests."""
    files = [
        str(path)
        for path in sorted(HERE.rglob("test_*.py"))
        if "mark.framework(" in path.read_text(encoding="utf-8")
    ]
    marked = Marked()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(
            ["--collect-only", "-q", "-p", "no:cacheprovider", "-n", "0", *files],
            plugins=[marked],
        )
    if code != pytest.ExitCode.OK:
        raise SystemExit(said.getvalue())
    return {name: tuple(tests) for name, tests in marked.tests.items()}


def table(found: dict[str, tuple[str, ...]]) -> str:
    """A Markdown table of all items."""
    lines = ["| id | kind | says | tests |", "|---|---|---|---|"]
    for item in guide.items().values():
        tests = "<br>".join(f"`{name}`" for name in found.get(item.id, ())) or "**none**"
        says = f"{item.says} ({item.now})" if item.now else item.says
        lines.append(f"| {item.id} | {item.kind} | {says} | {tests} |")
    return "\n".join(lines)


def faults(found: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Items without a test, and ids that are no item."""
    known = guide.items()
    return (
        *(f"{name} has no test" for name in known if not found.get(name)),
        *(f"{name} is no item of the guide" for name in found if name not in known),
    )


def main() -> int:
    """Print the table; 1 where it has a hole."""
    found = collected()
    sys.stdout.write(table(found) + "\n")
    wrong = faults(found)
    for one in wrong:
        sys.stderr.write(one + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
