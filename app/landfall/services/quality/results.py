"""What kept quality runs say of their workloads' candidates, as evidence for verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.measured import SIDES, QualityResult, Standing
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.history.records import BenchmarkRecord, LoadRecord, RunRecord

if TYPE_CHECKING:
    from landfall.services.quality.records import QualityRecord

_READING = tuple(field.name for field in fields(GateReading))


def results_of(records: Iterable[QualityRecord]) -> tuple[QualityResult, ...]:
    """The results of all runs that are whole and belong to a workload.

    One in which labels are missing that could change what the gate says is none yet.
    """
    found = []
    for record in records:
        if record.state != "done" or record.result is None or record.workload is None:
            continue
        for side in SIDES:
            kept = record.result.get(side)
            if kept is None or _waits(reading := _reading(kept)):
                continue
            incumbent = record.plan["incumbent"]
            found.append(
                QualityResult(
                    run=record.uid,
                    workload=record.workload,
                    side=side,
                    candidate=Target(**record.plan[side]),
                    against=None if incumbent is None else Target(**incumbent),
                    digest=kept["digest"],
                    quantization=kept["quantization"],
                    template_digest=record.result["template_digest"],
                    measured_at=record.result["read_at"],
                    metric=record.result["metric"],
                    reading=reading,
                )
            )
    return tuple(found)


def _waits(reading: GateReading) -> bool:
    return bool(reading.unlabelled) and reading.state is GateResult.INCONCLUSIVE


def _reading(kept: Mapping[str, Any]) -> GateReading:
    values = {name: kept[name] for name in _READING}
    pairs, newcombe = values["pairs"], values["newcombe"]
    own = {
        "state": GateResult(values["state"]),
        "pairs": None if pairs is None else Pairs(**pairs),
        "newcombe": None if newcombe is None else tuple(newcombe),
    }
    return GateReading(**values | own)


def standings_of(
    runs: Iterable[RunRecord],
    *,
    benchmarks: Iterable[BenchmarkRecord] = (),
    loads: Iterable[LoadRecord] = (),
    results: Iterable[QualityResult] = (),
) -> Mapping[str, Standing]:
    """What local models are now, by their names: as the server last told of each on this machine.

    A model that was pulled anew under its name has another digest. How a digest is quantized is
    known from benchmarks and quality runs of it. How prompts are put now is told by the newest
    result of a workload, see `measured_of`.
    """
    measured = [one for one in results if one.side == "local"]
    benched = [one for one in benchmarks if one.place == "local"]
    seen = [(run.started_at, run.model, run.digest or "") for run in runs if run.place == "local"]
    seen += [(one.started_at, one.model, one.digest or "") for one in benched]
    here = {one.host for one in benched} | {run.host for run in runs if run.place == "local"}
    seen += [(one.at, one.model, one.digest) for one in loads if one.host in here]
    # What answered a quality run is among the runs; a result may be read again long after it.
    quantized = {one.digest or "": _quantization(one) for one in benched if _quantization(one)}
    quantized |= {one.digest: one.quantization for one in measured if one.quantization}
    return {
        model: Standing(digest=digest, quantization=quantized.get(digest, ""))
        for _, model, digest in sorted(seen)
        if digest
    }


def _quantization(record: BenchmarkRecord) -> str:
    """As the server told it before the benchmark; "" where it did not."""
    held = (record.result or {}).get("conditions") or {}
    return str(held.get("quantization") or "")
