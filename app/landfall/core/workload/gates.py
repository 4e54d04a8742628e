"""The quality gates of a workload's candidates: stated, or computed from what was counted."""

from __future__ import annotations

from functools import lru_cache

from landfall.core.quality.paired_tests import GateResult, Pairs, gate
from landfall.core.workload.workload import Workload


@lru_cache(maxsize=64)
def _result(pairs: Pairs, margin: float) -> GateResult:
    """Kept, because a search for flips asks for the same counts thousands of times."""
    return gate(pairs, margin, looks=pairs.looks).result


def gate_of_local(workload: Workload) -> GateResult:
    """The local candidate's gate: stated, computed from its pairs, or unmeasured."""
    quality = workload.quality
    if quality.pairs is not None:
        return _result(quality.pairs, workload.margin)
    return quality.gate or GateResult.UNMEASURED


def gate_of_hosted(workload: Workload) -> GateResult:
    """The hosted candidate's gate; the local candidate's where nothing is said of it."""
    quality = workload.quality
    if quality.pairs_hosted is not None:
        return _result(quality.pairs_hosted, workload.margin)
    return quality.gate_hosted or gate_of_local(workload)
