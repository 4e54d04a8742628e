"""Worked cases of kind Q: the quality gate. They only rename what core.quality answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from landfall.core.quality import paired_tests as quality
from landfall.core.quality.paired_tests import Pairs

Inputs = dict[str, Any]
FIELDS = {
    "both": "both",
    "local_only": "local_only",
    "first_only": "local_only",
    "cloud_only": "cloud_only",
    "second_only": "cloud_only",
    "none": "neither",
    "neither": "neither",
}


def wilson(inputs: Inputs) -> Inputs:
    low, high = quality.wilson(inputs["x"], inputs["n"])
    return {"lo": low, "hi": high}


def mcnemar(inputs: Inputs) -> Inputs:
    return {"p_two_sided": quality.mcnemar_exact(inputs["b"], inputs["c"])}


def intervals(inputs: Inputs) -> Inputs:
    pairs = Pairs(**{FIELDS[name]: count for name, count in inputs.items() if name in FIELDS})
    tango = quality.tango_interval(pairs)
    newcombe = quality.newcombe_interval(pairs)
    return {
        "diff": pairs.difference,
        "tango_lo": tango[0],
        "tango_hi": tango[1],
        "newcombe_lo": newcombe[0],
        "newcombe_hi": newcombe[1],
    }


def gate(inputs: Inputs) -> Inputs:
    order = [FIELDS[name.strip()] for name in inputs["order"].split(",")]
    answer: Inputs = {}
    for name, counts in inputs.items():
        if not isinstance(counts, list):
            continue
        pairs = Pairs(**dict(zip(order, counts, strict=True)))
        found = quality.gate(pairs, inputs["margin"])
        answer[name] = found.result.name
        answer[f"{name}_lo"] = found.low
        answer[f"{name}_hi"] = found.high
    return answer


class Sizes(dict[str, Any]):
    """Sample sizes by what their key asks for: the inputs of these cases are in the keys."""

    KEY = re.compile(
        r"psi(?P<psi>[\d.]+)_margin(?P<margin>[\d.]+)(_if_local_is_(?P<worse>[\d.]+)pts?_worse)?"
    )

    def __missing__(self, key: str) -> int | None:
        found = self.KEY.fullmatch(key)
        if found is None:
            raise KeyError(key)
        return quality.prompts_needed(
            float(found["psi"]),
            float(found["margin"]),
            difference=-float(found["worse"] or 0) / 100,
        )

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if self.KEY.fullmatch(key) else default


def sample_sizes(inputs: Inputs) -> Inputs:
    return Sizes()


def judge(inputs: Inputs) -> Inputs:
    corrected = quality.rogan_gladen(inputs["raw"], inputs["tpr"], specificity=inputs["tnr"])
    return {"corrected": corrected}


def blind(inputs: Inputs) -> Inputs:
    cloud, local, ties = inputs["cloud"], inputs["local"], inputs["ties"]
    total = cloud + local + ties
    low, high = quality.wilson(local + ties, total)
    return {
        "p_two_sided": quality.sign_test(cloud, local),
        "local_win_or_tie_share": (local + ties) / total,
        "win_or_tie_wilson_lo": low,
        "win_or_tie_wilson_hi": high,
    }


KINDS: dict[str, Callable[[Inputs], Inputs]] = {
    "Q1": wilson,
    "Q2": mcnemar,
    "Q3": intervals,
    "Q3b": intervals,
    "Q4": gate,
    "Q5": sample_sizes,
    "Q6": judge,
    "Q7": blind,
}
