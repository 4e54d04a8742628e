"""The worked cases of the verdict, each computed by the real engine.

`python -m pytest tests/core/test_worked_cases.py --cases FILE` runs another file of the same shape.
The kind of a case is its id up to the first dot, and without its number where the kind has one
function for all (`C4.2` is of kind C4; `D19` is of kind D).
"""

from __future__ import annotations

import importlib
import json
import math
import pkgutil
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.core import worked

DEFAULT = Path(__file__).parents[1] / "data" / "verdict_cases.json"
ANNOTATIONS = {"framework_items"}
"""Keys of `expected` that say why the case exists, not what comes out of it."""
RULE = re.compile(r"\b(AP\d|[A-Z]\d+[a-z]?)\b")

Compute = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def all_kinds() -> dict[str, Compute]:
    kinds: dict[str, Compute] = {}
    for module in pkgutil.iter_modules(worked.__path__):
        kinds |= importlib.import_module(f"{worked.__name__}.{module.name}").KINDS
    return kinds


KINDS = all_kinds()


def function_of(case_id: str) -> Compute | None:
    kind = case_id.partition(".")[0]
    return KINDS.get(kind) or KINDS.get(kind.rstrip("0123456789abcdefghijklmnopqrstuvwxyz"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        path = metafunc.config.getoption("--cases", default=None)
        document = json.loads(Path(path or DEFAULT).read_text(encoding="utf-8"))
        cases = document["cases"] if isinstance(document, dict) else document
        metafunc.parametrize("case", cases, ids=[case["id"] for case in cases])


def test_that_the_engine_computes_the_case(case: dict[str, Any]) -> None:
    compute = function_of(case["id"])
    assert compute is not None, f"nothing computes cases of the kind of {case['id']}"
    found = compute(case["inputs"])
    wrong = {
        key: (found.get(key), want)
        for key, want in case["expected"].items()
        if key not in ANNOTATIONS and not agrees(case["id"], key, found.get(key), want)
    }
    assert not wrong, f"{case['id']}: (computed, expected) differ: {wrong}"


def agrees(case_id: str, key: str, found: Any, want: Any) -> bool:
    """Three significant digits; 5 % for what the case simulated; rules by id, in any order."""
    if isinstance(want, list) and key in ("rules", "warnings"):
        return isinstance(found, list) and ids_of(found) == ids_of(want)
    if isinstance(want, dict):
        return isinstance(found, Mapping) and all(
            agrees(case_id, name, found.get(name), value) for name, value in want.items()
        )
    if isinstance(want, list):
        return (
            isinstance(found, list | tuple)
            and len(found) == len(want)
            and all(agrees(case_id, key, a, b) for a, b in zip(found, want, strict=True))
        )
    if want == "inf":
        return found in ("inf", math.inf)
    if isinstance(want, bool) or not isinstance(want, int | float):
        return bool(found == want)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    return near(case_id, key, found, want)


def near(case_id: str, key: str, found: float, want: float) -> bool:
    if case_id.partition(".")[0] == "X2":
        return abs(found - want) <= (0.02 if key.startswith("p_") else 0.05 * abs(want))
    if key.startswith("sim_"):
        return abs(found - want) <= 0.05 * abs(want)
    if want == 0:
        return abs(found) <= 1e-6
    digit = 10.0 ** (math.floor(math.log10(abs(want))) - 2)
    return abs(found - want) <= 0.5 * digit * (1 + 1e-9)


def ids_of(texts: list[str]) -> set[tuple[str, bool]]:
    """Each rule and whether it was met; a text without a rule stands for itself."""
    found = set()
    for text in texts:
        if text.startswith("BLOCKED:"):
            found |= {blocked(part) for part in text.removeprefix("BLOCKED:").split(";")}
            continue
        rule = RULE.search(text)
        name = rule.group(1) if rule else text.removeprefix("not met: ")
        found.add((name, not text.startswith("not met:")))
    return found


def blocked(part: str) -> tuple[str, bool]:
    """`local_now=H3 fit`: which host, and the rule that takes it out."""
    host, _, why = part.partition("=")
    rule = RULE.search(why)
    return f"{host}={rule.group(1) if rule else why}", False


@pytest.mark.parametrize(
    ("found", "want", "same"),
    [
        (1.234, 1.23, True),
        (1.236, 1.23, False),
        (-0.0855, -0.0849, False),
        (True, 1, False),
        (None, 0.5, False),
        (math.inf, "inf", True),
        ([1.0, 2.0], [1.0], False),
    ],
)
def test_that_the_comparison_can_fail(found: object, want: object, same: bool) -> None:
    assert agrees("C1", "usd", found, want) is same


def test_that_another_rule_is_another_answer() -> None:
    assert agrees("D1", "rules", ["not met: S7 bill"], ["not met: S7 something"])
    assert not agrees("D1", "rules", ["S7"], ["not met: S7 bill"])
    assert not agrees("D1", "rules", ["H1", "H1b"], ["H1"])
    assert not agrees("D1", "rules", ["BLOCKED:a=H3 fit"], ["BLOCKED:a=H5 quality"])
    assert not agrees("D1", "rules", ["BLOCKED:a=H3 fit"], ["BLOCKED:b=H3 fit"])
    assert not agrees("D1", "rules", ["BLOCKED:a=H3 fit"], ["BLOCKED:a=not offered"])
