"""Errors of devices that a fit did not see, and what follows from them: bands, calibration rules.

For fit_speed.py. What is predicted is what the program predicts: `core.speed.speed` answers for the
specs, machines and placements of speed_rows.py, with the constants of speed_fitting.py.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import speed_fitting as fitting
from numpy.typing import NDArray
from speed_fitting import Constants
from speed_rows import Engine, Run

from landfall.core.provenance import Estimated
from landfall.core.speed import speed, speed_terms
from landfall.core.speed.speed_constants import (
    Band,
    CalibrationRule,
    DecodeTerms,
    PrefillTerms,
    Quantity,
    SpeedModel,
)

FOLDS = 15
DRAWS = 40
AGREEMENT = 1.25
POINTS = (1, 2, 3)
_LEAST = 0.03


# ---------------------------------------------------------------- a model from constants


def template() -> SpeedModel:
    """A model with nothing fitted: what `model_of` and the bands are put into."""
    ones = dict.fromkeys(DecodeTerms.__dataclass_fields__, 1.0)
    return SpeedModel(
        source="",
        date="",
        backends=(),
        generations=(),
        decode=DecodeTerms(**ones),
        prefill=PrefillTerms(**dict.fromkeys(PrefillTerms.__dataclass_fields__, 1.0)),
        processor=fitting.PROCESSOR,
        bands=tuple(
            Band(quantity=quantity, group=group, low=0.5, high=2.0, rows=0)
            for quantity in Quantity
            for group in speed.GROUPS
        ),
        calibration=tuple(
            CalibrationRule(quantity=quantity, points=1, agree=True, weight=1.0, low=0.5, high=2.0)
            for quantity in Quantity
        ),
        unseen=1.0,
        agreement=AGREEMENT,
    )


def usable(runs: Iterable[Run], quantity: Quantity) -> list[Run]:
    """Rows without a flag and with that rate."""
    decode = quantity is Quantity.DECODE
    return [
        run
        for run in runs
        if not run.flag and (run.decode_tok_s if decode else run.prefill_tok_s) is not None
    ]


def flagged(runs: Iterable[Run]) -> list[Run]:
    """Decode rows with a flag, of what the program holds to run at all: to look at."""
    return [run for run in runs if run.flag and run.placed.fits and run.decode_tok_s is not None]


def constants_of(runs: Sequence[Run]) -> Constants:
    """The fit on these rows."""
    generations = fitting.generations_of(runs)
    found = [
        fitting.fitted(fitting.design(usable(runs, quantity), quantity, generations))
        for quantity in Quantity
    ]
    return Constants(decode=found[0], prefill=found[1])


def answer(run: Run, quantity: Quantity, model: SpeedModel) -> Estimated:
    """What the program says about the row."""
    profile = replace(run.profile, speed=model)
    predict = speed.decode_rate if quantity is Quantity.DECODE else speed.prefill_rate
    figure = predict(run.spec, run.placed, profile, run.budget)
    assert isinstance(figure, Estimated), (run.device, run.model, figure)
    return figure


def predicted(run: Run, quantity: Quantity, constants: Constants, base: SpeedModel) -> Estimated:
    """The answer with constants in place of those of `base`, for the row's engine."""
    score = run.engine is Engine.LOCALSCORE
    found = answer(run, quantity, fitting.model_of(constants, base, llamafile=score))
    if score and quantity is Quantity.PREFILL:
        pace = fitting.prefill_pace(constants, speed_terms.backend_name(run.accelerator))
        return Estimated(found.low * pace, found.mid * pace, found.high * pace, found.formula)
    return found


def check_same_path(runs: Sequence[Run], constants: Constants) -> None:
    """The vector form of the fit and the program's core must say the same."""
    for quantity in Quantity:
        rows = [run for run in usable(runs, quantity) if run.on_gpu]
        found = constants.decode if quantity is Quantity.DECODE else constants.prefill
        columns = fitting.design(rows, quantity, found[0].generations)
        ours = fitting.rates(*found, columns)
        model = template()
        for run, rate in zip(rows, ours, strict=True):
            said = predicted(run, quantity, constants, model).mid
            if run.engine is Engine.OLLAMA and quantity is Quantity.DECODE:
                said *= fitting.ollama_pace(constants)
            if not math.isclose(said, rate, rel_tol=1e-6):
                raise SystemExit(f"the fit and the program differ: {run.device} {run.model}")


# ---------------------------------------------------------------- held out


@dataclass(frozen=True)
class Held:
    """One row as a fit without its device predicts it.

    Attributes:
        error: Logarithm of predicted over measured.
        seen: Whether the fit had another device of its generation.
    """

    run: Run
    measured: float
    predicted: float
    seen: bool

    @property
    def error(self) -> float:
        return math.log(self.predicted / self.measured)


def held_out(
    runs: Sequence[Run], quantity: Quantity, key: Callable[[Run], str], folds: int
) -> list[Held]:
    """Every usable row and every one with a flag, predicted by a fit without its group."""
    groups = sorted({key(run) for run in runs})
    found: list[Held] = []
    for fold in range(min(folds, len(groups))):
        out = set(groups[fold::folds])
        constants = constants_of([run for run in runs if key(run) not in out])
        seen = set(constants.decode[0].generations)
        rows = usable(runs, quantity)
        rows += flagged(runs) if quantity is Quantity.DECODE else []
        for run in (run for run in rows if key(run) in out):
            generation = (speed_terms.backend_name(run.accelerator), run.accelerator.architecture)
            rate = predicted(run, quantity, constants, template()).mid
            found.append(Held(run, fitting.measured(run, quantity), rate, seen=generation in seen))
    return found


def by_device(run: Run) -> str:
    return run.device


def by_generation(run: Run) -> str:
    return f"{speed_terms.backend_name(run.accelerator)} {run.accelerator.architecture}"


def promised(rows: Iterable[Held]) -> list[Held]:
    """What the program promises: llama.cpp and Ollama."""
    return [row for row in rows if row.run.engine is not Engine.LOCALSCORE and not row.run.flag]


# ---------------------------------------------------------------- bands


def _quantile(values: Sequence[float], weights: Sequence[float], share: float) -> float:
    order = np.argsort(values)
    total = np.cumsum(np.array(weights)[order])
    place = (total - 0.5 * np.array(weights)[order]) / total[-1]
    return float(np.interp(share, place, np.array(values)[order]))


def _ends(rows: Sequence[Held], tail: float) -> tuple[float, float]:
    """Measured over predicted, in logarithms, below and above which that share of rows lies.

    A device weighs by the root of its rows.
    """
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.run.device] += 1
    weights = [counts[row.run.device] ** -0.5 for row in rows]
    values = [-row.error for row in rows]
    return _quantile(values, weights, tail), _quantile(values, weights, 1 - tail)


def _tail(rows: Sequence[Held]) -> float:
    """10 %, less what a conformal band takes off: the next device is one more draw."""
    return max(0.01, 0.1 - 0.9 / len({row.run.device for row in rows}))


_DRAWN = 4.0
"""A group's band counts with its number of devices, that of all groups with so many."""


_WIDER = {"Vulkan": 1.5, "partial": 2.0, "processor": 3.0}


def group_of(run: Run) -> str:
    if not run.on_gpu:
        return "partial"
    kind = "mixture" if run.mixture else "dense"
    return f"{speed_terms.backend_name(run.accelerator)} {kind}"


def bands_of(rows: Sequence[Held], quantity: Quantity) -> tuple[Band, ...]:
    """The band of every group, drawn towards that of all rows where devices are few.

    Vulkan is drivers of three makers and has hardly a row: no narrower than half as far again as
    all rows. A split model is also slower or faster by its host, which the rows do not tell: twice
    as far. A processor has no row: three times as far.
    """
    whole = [row for row in rows if row.run.on_gpu]
    tail = _tail(whole)
    low, high = _ends(whole, tail)
    found = []
    for group in speed.GROUPS:
        own = [row for row in rows if group_of(row.run) == group]
        devices = len({row.run.device for row in own})
        wider = _WIDER.get(group.partition(" ")[0], 1.0)
        ends = (low * wider, high * wider)
        if own:
            mine = _ends(own, tail)
            share = devices / (devices + _DRAWN)
            mixed = [share * m + (1 - share) * e for m, e in zip(mine, ends, strict=True)]
            if wider > 1:
                mixed = [min(mixed[0], ends[0]), max(mixed[1], ends[1])]
            ends = (mixed[0], mixed[1])
        found.append(
            Band(
                quantity=quantity,
                group=group,
                low=math.exp(min(ends[0], -_LEAST)),
                high=math.exp(max(ends[1], _LEAST)),
                rows=len(own),
            )
        )
    return tuple(found)


def unseen_factor(rows: Sequence[Held], strangers: Sequence[Held]) -> float:
    """How much farther off a generation is of which no run was there; never below 1."""
    seen = [row for row in rows if row.seen and row.run.on_gpu]
    far = [row for row in strangers if row.run.on_gpu]
    width, wide = _ends(seen, 0.1), _ends(far, 0.1)
    return max(1.0, (wide[1] - wide[0]) / (width[1] - width[0]))


def is_inside(row: Held, model: SpeedModel) -> bool:
    """Whether the band that the program prints holds what was measured."""
    quantity = model.bands[0].quantity
    band = model.band(quantity, group_of(row.run))
    wider = 1.0 if row.seen else model.unseen
    spread = row.run.spec.weights.spread
    low = speed.further(band.low**wider, spread)
    high = speed.further(band.high**wider, spread)
    return low <= row.measured / row.predicted <= high


def covered(rows: Sequence[Held], quantity: Quantity, unseen: float) -> list[bool]:
    """For each row, whether the band made of all other devices holds it."""
    devices = sorted({row.run.device for row in rows})
    inside = {}
    for device in devices:
        others = [row for row in rows if row.run.device != device]
        model = replace(template(), bands=bands_of(others, quantity), unseen=unseen)
        for row in rows:
            if row.run.device == device:
                inside[id(row)] = is_inside(row, model)
    return [inside[id(row)] for row in rows]


# ---------------------------------------------------------------- calibration


@dataclass(frozen=True)
class Draw:
    """Some runs of a device that calibrate it, and the errors of its other rows."""

    scales: tuple[float, ...]
    others: tuple[float, ...]

    @property
    def scale(self) -> float:
        return float(np.median(self.scales))

    @property
    def spread(self) -> float:
        return max(self.scales) - min(self.scales)


def draws(rows: Sequence[Held], points: int) -> list[Draw]:
    """Random choices of so many runs of every device with one engine and two runs more."""
    generator = np.random.default_rng(points)
    grouped: dict[tuple[str, str], list[Held]] = defaultdict(list)
    for row in rows:
        if row.run.on_gpu:
            grouped[row.run.device, row.run.engine].append(row)
    found = []
    for key in sorted(grouped):
        own = grouped[key]
        if len(own) < max(POINTS) + 2:
            continue
        for _ in range(DRAWS):
            chosen = generator.permutation(len(own))[:points]
            scales = tuple(-own[i].error for i in chosen)
            rest = tuple(-row.error for i, row in enumerate(own) if i not in set(chosen))
            found.append(Draw(scales, rest))
    return found


def rule_of(
    found: Sequence[Draw], quantity: Quantity, points: int, *, agree: bool
) -> CalibrationRule:
    """The weight with the least mean error, and where other rows then lie."""
    counts = np.concatenate([np.full(len(d.others), len(d.others) ** -0.5) for d in found])

    def errors(weight: float) -> NDArray[np.float64]:
        return np.concatenate([np.array(d.others) - weight * d.scale for d in found])

    def mean(weight: float) -> float:
        return float((np.abs(errors(weight)) * counts).sum() / counts.sum())

    weight = min((round(0.05 * step, 2) for step in range(4, 21)), key=mean)
    left = list(errors(weight))
    return CalibrationRule(
        quantity=quantity,
        points=points,
        agree=agree,
        weight=weight,
        low=math.exp(min(_quantile(left, list(counts), 0.1), -_LEAST)),
        high=math.exp(max(_quantile(left, list(counts), 0.9), _LEAST)),
    )


def rules_of(found: Sequence[Draw], quantity: Quantity, points: int) -> list[CalibrationRule]:
    """A rule where the runs agree with one another and one where they do not.

    Where one of both never happens all draws stand for it.
    """
    if points == 1:
        return [rule_of(found, quantity, 1, agree=True)]
    rules = []
    for agree in (True, False):
        some = [d for d in found if (d.spread <= math.log(AGREEMENT)) is agree]
        rules.append(rule_of(some or found, quantity, points, agree=agree))
    return rules


def errors_after(
    found: Sequence[Draw], rules: Sequence[CalibrationRule]
) -> tuple[NDArray[np.float64], float]:
    """Absolute relative errors of the other rows after a calibration, and the share in the band."""
    errors, inside = [], []
    for draw in found:
        agree = draw.spread <= math.log(AGREEMENT)
        rule = next(r for r in rules if r.agree is agree)
        left = np.array(draw.others) - rule.weight * draw.scale
        errors.append(np.abs(np.expm1(-left)))
        inside.append((left >= math.log(rule.low)) & (left <= math.log(rule.high)))
    return np.concatenate(errors), float(np.mean(np.concatenate(inside)))
