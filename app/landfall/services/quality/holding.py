"""Holds texts against rules of the user's: the program that `own_rules` starts and can lose.

A regular expression with repeats inside repeats tries more ways than there are atoms, and holds
the interpreter's lock meanwhile: no thread of this process can stop it. The watchdog of
`faulthandler` needs no lock. It ends the process after so long on one text; what was found before
has been written by then.

Read from standard input: one JSON object, `seconds` for each text, `rules` (a text is a regular
expression, all else a JSON schema) and `cases`, each the place of its rule and what is held against
it. Written for each case, in their order: a line with "1", "0", or "?" and why it cannot be told.
"""

from __future__ import annotations

import faulthandler
import re
import sys
from collections.abc import Callable
from typing import Any

from landfall.core import json_text

Check = Callable[[Any], bool]


def main() -> int:
    """Answer what stands on standard input; `landfall --hold`."""
    asked = json_text.read(sys.stdin.buffer.read())
    checks = [_check_of(rule) for rule in asked["rules"]]
    for number, value in asked["cases"]:
        faulthandler.dump_traceback_later(asked["seconds"], exit=True)
        said = _said(checks[number], value)
        faulthandler.cancel_dump_traceback_later()
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()
    return 0


def _check_of(rule: Any) -> Check:
    if isinstance(rule, str):
        search = re.compile(rule).search
        return lambda text: search(text) is not None
    # Only where a schema is checked: 80 ms of imports.
    from landfall.services.quality.json_schemas import validator  # noqa: PLC0415

    return validator(rule)


def _said(check: Check, value: Any) -> str:
    try:
        return "1" if check(value) else "0"
    except (ValueError, RecursionError) as error:
        return f"? {error}".replace("\n", " ")
