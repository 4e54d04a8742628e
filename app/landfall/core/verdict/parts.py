"""What a key of a workload file may change: today's bill, a hosted one, rent, a machine."""

from __future__ import annotations

from enum import Enum, auto


class Part(Enum):
    """A bill or a machine that a key of the workload file may touch."""

    # Asked for in sets thousands of times: quicker than the hash of the name.
    __hash__ = object.__hash__

    FRONTIER = auto()
    HOSTED = auto()
    RENT = auto()
    OWN = auto()
    BUY = auto()


ALL = frozenset(Part)
NONE: frozenset[Part] = frozenset()
_BILLS = frozenset({Part.FRONTIER, Part.HOSTED})
_HOSTS = frozenset({Part.OWN, Part.BUY})
WITHOUT_BILLS = _HOSTS | {Part.RENT}

_TOUCHES: dict[str, frozenset[Part]] = {
    "volume.history_days": NONE,
    "volume.predictability": NONE,
    "volume.batch_window_hours": WITHOUT_BILLS,
    "tokens.context_p99": WITHOUT_BILLS,
    "latency.p95_seconds": WITHOUT_BILLS,
    "privacy.class": frozenset({Part.HOSTED, Part.RENT}),
    "privacy.offline": frozenset({Part.HOSTED, Part.RENT}),
    "today.batch_share": _BILLS,
    "today.retry_share": _BILLS,
    "today.token_ratio": _BILLS,
    "quality.gate": NONE,
    "quality.gate_hosted": NONE,
    "quality.margin": NONE,
    # Established firms are taken to look after a machine in fewer hours.
    "organisation.kind": WITHOUT_BILLS,
    "organisation.hosted_allowed": NONE,
    "organisation.pue": WITHOUT_BILLS,
    "organisation.ops_hours_per_month": WITHOUT_BILLS,
    "organisation.hourly_rate": WITHOUT_BILLS,
    "organisation.local_infrastructure": WITHOUT_BILLS,
    # A candidate that was proposed for the machine is rented or bought for only beside it.
    "machine.available": WITHOUT_BILLS,
    "quotes.cloud_frontier_usd_month": frozenset({Part.FRONTIER}),
    "quotes.hosted_open_usd_month": frozenset({Part.HOSTED}),
    "quotes.rent_gpu_usd_month": frozenset({Part.RENT}),
}
_TABLES = {
    "machine": Part.OWN,
    "buy": Part.BUY,
    "quotes.buy": Part.BUY,
    "quotes.machine": Part.OWN,
}


def touches(path: str) -> frozenset[Part]:
    """The parts of the facts that a key may change; all of them where that is not known."""
    part = _TABLES.get(path.rpartition(".")[0])
    of_table = ALL if part is None else frozenset({part})
    return _TOUCHES.get(path, of_table)
