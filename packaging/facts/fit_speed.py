"""Fit the constants of the speed model on published runs, and say how well they predict.

    PYTHONPATH=app python packaging/facts/fit_speed.py RUNS HARDWARE MODELS [--write] [--check]

Devices are held out in groups: all rows of a device are in one fold, and every error printed is of
a device that the fit did not see. What is predicted is what the program predicts: the rows become
specs, machines and placements of the program, and `core.speed.speed` answers. Rows with a flag
(several GPUs, memory too tight, split, a weak host, far too slow) are left out of the fit.
LocalScore's rows are of llamafile 0.9, an older engine that launches slower: they have factors of
their own and a class of their own, and are no part of the figures that the program promises. Rates
of the wall clock with short prompts are taken as they are.

--write puts the constants into resources/speed.json; --check ends with 1 where a target is missed.
RUNS is a table (CSV) of published runs; HARDWARE and MODELS have to be those that resources/ was
made from.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import speed_fitting as fitting
import speed_held_out as held
from speed_held_out import (
    Held,
    bands_of,
    by_device,
    by_generation,
    check_same_path,
    constants_of,
    covered,
    draws,
    errors_after,
    held_out,
    promised,
    rules_of,
    template,
    unseen_factor,
    usable,
)
from speed_rows import Engine, Run, read

from landfall.core.machine.hardware import Vendor
from landfall.core.provenance import middle
from landfall.core.speed import speed_terms
from landfall.core.speed.speed_constants import Band, CalibrationRule, Quantity, SpeedModel
from landfall.services.models import shipped_catalogue

AS_OF = "2026-11-26"
RESOURCES = Path(__file__).resolve().parents[2] / "resources"

TARGETS = {
    (Quantity.DECODE, "median"): 0.15,
    (Quantity.DECODE, "p90"): 0.40,
    (Quantity.DECODE, "median after 3"): 0.09,
    (Quantity.DECODE, "p90 after 3"): 0.30,
    (Quantity.PREFILL, "median"): 0.25,
}
COVERAGE = (0.75, 0.85)


# ---------------------------------------------------------------- the report


@dataclass(frozen=True)
class Figures:
    """Errors of some rows; shares."""

    rows: int
    median: float
    p90: float
    bias: float
    coverage: float

    def line(self, name: str) -> str:
        return (
            f"{name:34s} {self.rows:5d} {self.median:7.1%} {self.p90:7.1%} {self.bias:+7.1%} "
            + ("      -" if math.isnan(self.coverage) else f"{self.coverage:7.0%}")
        )


def figures(rows: Sequence[Held], inside: Sequence[bool]) -> Figures:
    errors = np.array([row.error for row in rows])
    size = np.abs(np.expm1(errors))
    return Figures(
        rows=len(rows),
        median=float(np.median(size)),
        p90=float(np.quantile(size, 0.9)),
        bias=float(np.expm1(np.median(errors))),
        coverage=float(np.mean(inside)) if inside else math.nan,
    )


Choice = tuple[str, Callable[[Run], bool]]


def classes() -> list[Choice]:
    def vendor(name: Vendor) -> Callable[[Run], bool]:
        return lambda run: run.accelerator.vendor is name

    return [
        ("dense", lambda run: not run.mixture),
        ("mixture of experts", lambda run: run.mixture),
        ("hybrid", lambda run: run.spec.architecture.is_hybrid),
        ("NVIDIA", vendor(Vendor.NVIDIA)),
        ("AMD", vendor(Vendor.AMD)),
        ("Apple", vendor(Vendor.APPLE)),
        ("Intel", vendor(Vendor.INTEL)),
        ("llama.cpp", lambda run: run.engine is Engine.LLAMA_CPP and not run.wall_clock),
        ("llama.cpp, wall clock", lambda run: run.wall_clock),
        ("Ollama", lambda run: run.engine is Engine.OLLAMA),
        ("laptop GPUs", lambda run: "Laptop" in run.device),
        ("model in the catalogue", lambda run: run.known),
        ("model built from its row", lambda run: not run.known),
        ("whole on the device", lambda run: run.on_gpu),
        ("whole, but split, says the program", lambda run: not run.on_gpu),
    ]


@dataclass(frozen=True)
class Report:
    """What was reached for one quantity."""

    quantity: Quantity
    lines: tuple[str, ...]
    reached: dict[str, float]
    bands: tuple[Band, ...]
    rules: tuple[CalibrationRule, ...]
    unseen: float


def report(runs: Sequence[Run], quantity: Quantity) -> Report:
    """Hold devices out, then generations; make bands and rules of what is found."""
    every = held_out(runs, quantity, by_device, held.FOLDS)
    rows = promised(every)
    generations = len({by_generation(run) for run in runs})
    unseen = unseen_factor(rows, promised(held_out(runs, quantity, by_generation, generations)))
    splits = [r for r in every if r.run.flag == "partial-offload" and not r.run.on_gpu]
    banded = [row for row in rows if row.run.on_gpu] + splits
    inside = dict(zip(map(id, banded), covered(banded, quantity, unseen), strict=True))
    whole = figures(rows, [inside[id(row)] for row in rows if id(row) in inside])
    table = _table(rows, splits, inside, f"{quantity.value}, devices held out")
    after, reached, rules = _after_runs(rows, quantity)
    return Report(
        quantity=quantity,
        lines=(*table, *_plain(every, rows, quantity), *after),
        reached={**asdict(whole), **reached},
        bands=bands_of(banded, quantity),
        rules=rules,
        unseen=unseen,
    )


def _table(
    rows: Sequence[Held], splits: Sequence[Held], inside: Mapping[int, bool], title: str
) -> list[str]:
    """A line for each class, and the classes that the bands do not suit."""
    lines = [f"{title:34s} {'rows':>5s} {'median':>7s} {'p90':>7s} {'bias':>7s} {'in band':>7s}"]
    odd = []
    parts = [("all, LocalScore apart", list(rows))]
    parts += [(name, [row for row in rows if chosen(row.run)]) for name, chosen in classes()]
    parts += [("split between card and processor", list(splits))]
    for name, some in parts:
        if not some:
            continue
        found = figures(some, [inside[id(row)] for row in some if id(row) in inside])
        lines.append(found.line(name))
        if found.coverage < 0.65 or found.coverage > 0.95:
            odd.append(f"{name} {found.coverage:.0%}")
    return [*lines, f"in band outside 65 to 95 %: {', '.join(odd) or 'none'}"]


def _plain(every: Sequence[Held], rows: Sequence[Held], quantity: Quantity) -> list[str]:
    """Lines for what no band is promised for."""
    score = [row for row in every if row.run.engine is Engine.LOCALSCORE and not row.run.flag]
    parts = [("LocalScore (llamafile 0.9)", score)]
    for flag in ("multi-gpu", "weak-host", "vram-tight(possible spill)", "anomalously-slow"):
        parts.append((f"flag {flag}", [row for row in every if row.run.flag == flag]))
    if quantity is Quantity.DECODE:
        parts.append(("bandwidth / bytes alone", [_roofline(row) for row in rows]))
    return [figures(some, []).line(name) for name, some in parts if some]


def _after_runs(
    rows: Sequence[Held], quantity: Quantity
) -> tuple[list[str], dict[str, float], tuple[CalibrationRule, ...]]:
    """What runs on the device itself buy."""
    lines: list[str] = []
    reached: dict[str, float] = {}
    rules: list[CalibrationRule] = []
    for points in held.POINTS:
        found = draws(rows, points)
        new = rules_of(found, quantity, points)
        errors, share = errors_after(found, new)
        median, p90 = float(np.median(errors)), float(np.quantile(errors, 0.9))
        reached[f"median after {points}"] = median
        reached[f"p90 after {points}"] = p90
        reached[f"coverage after {points}"] = share
        lines.append(
            f"{f'after {points} runs on the device':34s} {len(found) // held.DRAWS:5d} "
            f"{median:7.1%} {p90:7.1%} {'':7s} {share:7.0%}   "
            f"weight {' or '.join(f'{rule.weight:.2f}' for rule in new)}"
        )
        rules += new
    return lines, reached, tuple(rules)


def _roofline(row: Held) -> Held:
    """Bandwidth over the bytes of the file's active part: what most estimators print."""
    bandwidth = middle(row.run.accelerator.bandwidth_bytes_per_s) or 0.0
    return replace(row, predicted=bandwidth / speed_terms.bytes_read(row.run.spec))


def missed(reports: Iterable[Report]) -> list[str]:
    """The targets that were not reached."""
    found = []
    for one in reports:
        for (quantity, name), target in TARGETS.items():
            if quantity is one.quantity and one.reached[name] > target:
                found.append(f"{quantity} {name}: {one.reached[name]:.1%}, target {target:.0%}")
        if not COVERAGE[0] <= one.reached["coverage"] <= COVERAGE[1]:
            found.append(
                f"{one.quantity} coverage: {one.reached['coverage']:.0%}, target 75 to 85 %"
            )
    return found


# ---------------------------------------------------------------- the file


def assembled(runs: Sequence[Run], reports: Sequence[Report]) -> SpeedModel:
    """The model that is written: fitted on all rows, with the bands of the held-out ones."""
    constants = constants_of(runs)
    check_same_path(runs, constants)
    pace = fitting.ollama_pace(constants)
    print(f"rows that say Ollama decode at {pace:.2f} of llama.cpp's rate; versions are not told\n")
    clean = usable(runs, Quantity.DECODE)
    devices = len({run.device for run in clean})
    return replace(
        fitting.model_of(constants, template()),
        date=AS_OF,
        source=(
            f"{len(clean)} published decode and {len(usable(runs, Quantity.PREFILL))} prefill runs "
            f"of {devices} devices (llama.cpp, Ollama, LocalScore), errors by cross-validation "
            "over devices: packaging/facts/fit_speed.py"
        ),
        bands=tuple(band for one in reports for band in one.bands),
        calibration=tuple(rule for one in reports for rule in one.rules),
        unseen=max(one.unseen for one in reports),
    )


def as_document(model: SpeedModel, reports: Sequence[Report]) -> dict[str, Any]:
    """The file: constants with four digits, so that a repetition gives the same file."""
    document = asdict(model)
    document["as_of"] = document.pop("date")
    for row in document["generations"]:
        del row["seen"]
    document["reached"] = {one.quantity.value: one.reached for one in reports}
    rounded: dict[str, Any] = _rounded(document)
    return {"as_of": rounded.pop("as_of"), "source": rounded.pop("source"), **rounded}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def as_text(document: dict[str, Any]) -> str:
    """JSON with a line for each row of a list."""
    lines = []
    for key, value in document.items():
        text = json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
            text = f"[\n{rows}\n ]"
        lines.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _same_catalogue(hardware: Path, models: Path) -> None:
    """The tables must be those that the program's catalogue was made from."""
    known = shipped_catalogue.load()
    for path, column, ours in (
        (hardware, "name", {machine.name for machine in known.machines}),
        (models, "ollama_tag", {card.tag for card in known.models}),
    ):
        with path.open(encoding="utf-8", newline="") as file:
            theirs = {row[column] for row in csv.DictReader(file)}
        if theirs - ours:
            raise SystemExit(
                f"{path} has rows that resources/ has not: {', '.join(sorted(theirs - ours)[:3])}; "
                "run packaging/facts/catalogue_from_csv.py first"
            )


def fit_runs(runs: Sequence[Run]) -> tuple[SpeedModel, tuple[Report, ...]]:
    """Everything that the file is made of."""
    reports = tuple(report(runs, quantity) for quantity in Quantity)
    return assembled(runs, reports), reports


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runs", type=Path)
    parser.add_argument("hardware", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--write", action="store_true", help="write resources/speed.json")
    parser.add_argument("--check", action="store_true", help="1 where a target is missed")
    asked = parser.parse_args(arguments)
    _same_catalogue(asked.hardware, asked.models)
    known = shipped_catalogue.load()
    runs = read(asked.runs, known.models, known.machines)
    model, reports = fit_runs(runs)
    for one in reports:
        print("\n".join(one.lines), end="\n\n")
    text = as_text(as_document(model, reports))
    if asked.write:
        (RESOURCES / "speed.json").write_text(text, encoding="utf-8")
    failures = missed(reports)
    for failure in failures:
        print(f"missed: {failure}")
    return 1 if asked.check and failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
