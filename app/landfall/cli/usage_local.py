"""`landfall usage local`: what the answers of this machine would have cost at a host."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from landfall.cli.history import opened_to_read
from landfall.cli.import_answer import money, usd
from landfall.cli.session import Session
from landfall.core.errors import BadInput
from landfall.services.pricing.prices import Prices
from landfall.services.usage.counterfactual import Hosted, LocalModel, local_models


def add_action(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The action and its argument."""
    text = "what the answers of this machine would have cost at a host, less their electricity"
    local = actions.add_parser("local", help=text, description=text)
    local.add_argument(
        "--against",
        metavar="PROVIDER:MODEL",
        help="at this price; without it at that of the cheapest host of the same weights",
    )


async def run(args: argparse.Namespace, session: Session) -> int:
    """Print each model; 1 where no answer could be priced.

    Raises:
        BadInput: `--against` names no model, or a provider that nobody knows.
    """
    against = _hosted(args.against) if args.against else None
    async with opened_to_read(session) as (history, _):
        found = await local_models(
            history,
            Prices(session.settings),
            session.settings,
            at=datetime.now(UTC),
            against=against,
        )
    if session.json:
        session.document([_document(one) for one in found])
    elif found:
        _show(found, session)
    else:
        session.line("No answer of this machine is kept. `landfall run MODEL` makes one.")
    return 0 if any(one.found.counted for one in found) else 1


def _hosted(typed: str) -> Hosted:
    provider, _, model = typed.partition(":")
    if not provider.strip() or not model.strip():
        raise BadInput(
            f"{typed!r} names no model.",
            "Write PROVIDER:MODEL, as openai:gpt-5.5.",
            field="--against",
        )
    return Hosted(provider=provider.strip(), model=model.strip())


def _show(found: Sequence[LocalModel], session: Session) -> None:
    session.table(
        ("model", "at", "answers", "there", "electricity", "saved"),
        [
            (
                one.model,
                "no host" if one.hosted is None else f"{one.hosted.provider}:{one.hosted.model}",
                str(one.found.counted),
                money(one.found.cloud_usd),
                money(one.found.electricity_usd),
                money(one.found.saved_usd),
            )
            for one in found
        ],
        right="answers,there,electricity,saved",
    )
    for one in found:
        for reason in one.found.reasons:
            session.line(f"note: {one.model}: {reason}")
        if one.found.unmeasured:
            session.line(
                f"note: {one.model}: the electricity of {one.found.unmeasured} of"
                f" {one.found.counted} answers is not known in USD, so what was saved is not"
            )


def _document(one: LocalModel) -> dict[str, Any]:
    hosted, found = one.hosted, one.found
    return {
        "model": one.model,
        "provider": None if hosted is None else hosted.provider,
        "hosted_model": None if hosted is None else hosted.model,
        "answers": found.counted,
        "left_out": found.uncounted,
        "unmeasured": found.unmeasured,
        "cloud_usd": usd(found.cloud_usd),
        "electricity_usd": usd(found.electricity_usd),
        "saved_usd": usd(found.saved_usd),
        "reasons": list(found.reasons),
    }
