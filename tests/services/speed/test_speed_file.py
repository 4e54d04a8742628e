from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.speed.speed_constants import Quantity
from landfall.services import resources
from landfall.services.models import shipped_catalogue
from landfall.services.speed.speed_file import SPEED, read_speed

APP = Path(shipped_catalogue.__file__).parents[2]


def document() -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(resources.read_json(SPEED))
    return found


def test_that_the_shipped_constants_are_read_and_say_where_they_are_from() -> None:
    model = read_speed(document())
    assert "fit_speed.py" in model.source
    assert model.date >= "2026-11-26"
    assert model.backend("CUDA").bandwidth_share < 1
    assert model.generation("CUDA", "Ada Lovelace").seen
    assert not model.generation("CUDA", "of tomorrow").seen


def test_that_the_errors_that_the_file_states_are_those_that_are_promised() -> None:
    reached = document()["reached"]
    assert reached["decode"]["median"] <= 0.15
    assert reached["decode"]["p90"] <= 0.40
    assert reached["decode"]["median after 3"] <= 0.09
    assert reached["decode"]["p90 after 3"] <= 0.30
    assert reached["prefill"]["median"] <= 0.25
    for quantity in Quantity:
        assert 0.75 <= reached[quantity]["coverage"] <= 0.85
        assert reached[quantity]["coverage after 3"] == pytest.approx(0.8, abs=0.06)


def test_that_a_band_narrows_with_runs_that_agree() -> None:
    model = read_speed(document())
    for quantity in Quantity:
        one, two, three = (model.rule(quantity, n, agree=True) for n in (1, 2, 3))
        widths = [rule.high / rule.low for rule in (one, two, three)]
        assert widths == sorted(widths, reverse=True)
        assert one.weight < three.weight <= 1
        assert model.rule(quantity, 9, agree=True) == three
        odd = model.rule(quantity, 3, agree=False)
        assert odd.weight < three.weight
        assert odd.high / odd.low > three.high / three.low


def test_that_the_profile_of_a_machine_carries_them_to_another_process() -> None:
    profile = shipped_catalogue.load().what_if("RTX 4090")
    assert profile.speed is not None
    assert pickle.loads(pickle.dumps(profile)).speed == profile.speed
    assert "bandwidth_share" not in repr(profile)
    again = shipped_catalogue.load().enriched(profile)
    assert again.speed == profile.speed


def damaged(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    found = document()
    change(found)
    return found


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.pop("source"), "source"),
        (lambda d: d.pop("decode"), "decode"),
        (lambda d: d["decode"].pop("half"), "decode.half"),
        (lambda d: d["decode"].update(half=0), "decode.half"),
        (lambda d: d["decode"].update(half=float("nan")), "decode.half"),
        (lambda d: d["decode"].update(half=True), "decode.half"),
        (lambda d: d["backends"].pop(0), "backends"),
        (lambda d: d.update(backends=[]), "backends"),
        (lambda d: d["backends"].append("CUDA"), "backends[4]"),
        (lambda d: d["bands"].pop(0), "bands"),
        (lambda d: d["bands"][0].update(low=1.5), "bands[0].low"),
        (lambda d: d["bands"][0].update(quantity="speed"), "bands[0].quantity"),
        (lambda d: d["bands"][0].update(rows=-1), "bands[0].rows"),
        (lambda d: d["calibration"].pop(0), "calibration"),
        (lambda d: d["calibration"][0].update(agree=1), "calibration[0].agree"),
        (lambda d: d["generations"][0].update(bandwidth="1"), "generations[0].bandwidth"),
    ],
)
def test_that_a_damaged_file_is_refused_with_the_field(
    change: Callable[[dict[str, Any]], object], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_speed(damaged(change))
    assert caught.value.field == field
    assert SPEED in str(caught.value)
    assert caught.value.hint


def test_that_what_is_no_object_is_refused() -> None:
    with pytest.raises(BadInput, match="not an object"):
        read_speed([])


def test_that_damaged_constants_leave_the_catalogue_and_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = resources.read_json

    def broken(name: str) -> Any:
        return {} if name == SPEED else whole(name)

    monkeypatch.setattr(resources, "read_json", broken)
    shipped_catalogue.load.cache_clear()
    try:
        known = shipped_catalogue.load()
    finally:
        shipped_catalogue.load.cache_clear()
    assert known.speed is None
    assert known.models
    assert any(SPEED in problem.message for problem in known.problems)


def test_that_every_machine_of_the_program_comes_with_constants() -> None:
    """Others than these could forget, when they make a machine, what predicts speed."""
    makers = {"what_if", "enriched"}
    paths = sorted(APP.rglob("*.py"))
    assert {"shipped_catalogue.py", "machines.py"} <= {path.name for path in paths}
    for path in paths:
        if path.name in ("shipped_catalogue.py", "machines.py", "known_machines.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "landfall.core.machine.machines":
                assert not makers & {name.name for name in node.names}, path
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert not (node.value.id == "machines" and node.attr in makers), path
