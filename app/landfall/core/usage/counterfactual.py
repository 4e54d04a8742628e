"""What local requests would have cost in the cloud: by their own tokens, less their electricity."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from landfall.core.pricing.row_pricer import RowPricer
from landfall.core.provenance import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRequest:
    """One answer that was made on a machine of the user's.

    Attributes:
        at: ISO 8601, UTC.
        input_tokens, output_tokens: As the server counted them; None where it did not.
        electricity_usd: Of its energy at the tariff of its hour; None where it was not measured.
    """

    at: str
    input_tokens: float | None
    output_tokens: float | None
    electricity_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """Local requests against the same ones at a provider.

    Attributes:
        cloud_usd: Of the counted requests; None where none could be priced.
        electricity_usd: Of those of them whose energy was measured; None where none was.
        counted: Requests with tokens and a price.
        uncounted: Requests without.
        unmeasured: Counted requests whose electricity is not known.
        reasons: Why requests are left out, in words.
    """

    cloud_usd: float | None
    electricity_usd: float | None
    counted: int
    uncounted: int
    unmeasured: int
    reasons: tuple[str, ...] = ()

    @property
    def saved_usd(self) -> float | None:
        """Cloud less electricity: negative where the cloud would have been cheaper.

        None where nothing was priced, or where the electricity of a request is not known: what is
        not measured is not free.
        """
        if self.cloud_usd is None or self.electricity_usd is None or self.unmeasured:
            return None
        return self.cloud_usd - self.electricity_usd


def counterfactual(
    requests: Iterable[LocalRequest], price_at: Callable[[str], RowPricer | Unknown]
) -> Counterfactual:
    """What the same requests would have cost.

    No request is given tokens that it did not have: a call of 3 prompt tokens costs 3 of them.

    Args:
        price_at: The price of the hosted model at a moment (ISO 8601, UTC).
    """
    cloud: list[float] = []
    electricity: list[float] = []
    uncounted = unmeasured = 0
    reasons: dict[str, int] = {}
    for request in requests:
        usd = _cloud_usd(request, price_at)
        if isinstance(usd, Unknown):
            uncounted += 1
            reasons[usd.reason] = reasons.get(usd.reason, 0) + 1
            continue
        cloud.append(usd)
        if request.electricity_usd is None:
            unmeasured += 1
        else:
            electricity.append(request.electricity_usd)
    return Counterfactual(
        cloud_usd=math.fsum(cloud) if cloud else None,
        electricity_usd=math.fsum(electricity) if electricity else None,
        counted=len(cloud),
        uncounted=uncounted,
        unmeasured=unmeasured,
        reasons=tuple(f"{count} left out: {reason}" for reason, count in reasons.items()),
    )


def _cloud_usd(
    request: LocalRequest, price_at: Callable[[str], RowPricer | Unknown]
) -> float | Unknown:
    if request.input_tokens is None or request.output_tokens is None:
        return Unknown("its tokens were not counted")
    found = price_at(request.at)
    if isinstance(found, Unknown):
        return found
    usd = found.usd(request.input_tokens, output=request.output_tokens)
    return Unknown(f"the price of {found.row.model} has a gap") if usd is None else usd
