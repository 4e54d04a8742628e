"""Rows and facts of the Cloud page out of values: nothing here asks, waits or stores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.errors import AppError
from landfall.core.provenance import Figure, Measured, Unknown
from landfall.gui.colours import Role
from landfall.gui.dates import when
from landfall.gui.format import money, number, shown
from landfall.gui.hints import failure_words, for_command_line
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Row, Status, Title
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.table_model import Column
from landfall.services.cloud.standing import CheckOutcome

if TYPE_CHECKING:
    from landfall.services.cloud.access import KeyState
    from landfall.services.cloud.address import Address
    from landfall.services.cloud.price_list import PriceAge
    from landfall.services.cloud.provider import Accepted
    from landfall.services.cloud.standing import LastCheck, Spending, Standing
    from landfall.services.cloud.usage.balance import Amount, Balance
    from landfall.services.history.records import RunRecord

KEY = 1


def _tr(text: str) -> str:
    return QCoreApplication.translate("cloud", text)


def said(error: AppError, *, instead: str = "") -> str:
    """What happened and what to do; advice for a command line is replaced."""
    if for_command_line(error.hint):
        return f"{translated(error.message)} {instead}".strip()
    return failure_words(error)


def accepted_words(accepted: Accepted) -> str:
    """That a key is taken, where, and what else the answer told."""
    words = _tr("{0} takes the key.").format(accepted.host)
    note = translated(accepted.note)
    return f"{words} {note[:1].upper()}{note[1:]}." if note else words


def balance_words(balance: Balance) -> str:
    """What is left of an account, as the provider tells it."""
    parts = [_tr("{0} left").format(_amount(one)) for one in balance.left]
    if balance.spent_month is not None:
        parts.append(_tr("{0} spent in this month").format(_amount(balance.spent_month)))
    if balance.note:
        parts.append(translated(balance.note))
    words = ", ".join(parts)
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _amount(amount: Amount) -> str:
    if amount.currency == "USD":
        return money(amount.value)
    return f"{number(amount.value, digits=2)} {amount.currency}"


# ---------------------------------------------------------------- providers


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLook:
    """All that is known of a provider now.

    Attributes:
        key: None while the keyring has not answered.
        checking: Whether a check is under way.
        age: How old its prices are; None where it has none or they are not read yet.
        priced: Whether its prices were read.
        stale_days: From when on a price is stale.
    """

    standing: Standing
    key: KeyState | None
    checking: bool = False
    age: PriceAge | None = None
    priced: bool
    stale_days: int

    @property
    def refused(self) -> bool:
        """Whether the provider refused the stored key when it was last checked."""
        check = self.standing.check
        return check is not None and check.outcome is CheckOutcome.REFUSED and not self.checking


def provider_columns() -> tuple[Column, ...]:
    """Of the table of providers."""
    return (
        Column(_tr("Provider")),
        Column(_tr("Key"), 150),
        Column(_tr("Prices from"), 108),
        Column(_tr("First token"), 120, right=True),
        Column(_tr("Speed"), 120, right=True),
    )


def provider_row(look: ProviderLook) -> Row:
    """One provider in the table."""
    standing = look.standing
    moved = standing.address is not None and standing.address.moved
    where = standing.address.host if moved and standing.address else ""
    run = standing.run
    return (
        Title(standing.row.name, where, "cloud"),
        _key_in_row(look),
        age_cell(look.age, priced=look.priced, stale_days=look.stale_days),
        shown(_of_run(run, run.ttft_seconds if run else None), Unit.SECONDS),
        shown(_of_run(run, run.decode_tok_s if run else None), Unit.TOKENS_PER_SECOND),
    )


def _key_in_row(look: ProviderLook) -> Status:
    """Why no key can be read is said once above all rows, and not again in each of them."""
    status = key_status(look)
    fails = look.key is not None and look.key.problem and status.state is State.SKIPPED
    return replace(status, sub="") if fails else status


def key_status(look: ProviderLook) -> Status:
    """The key of a provider by shape and words."""
    key, check = look.key, look.standing.check
    if look.checking:
        return Status(State.RUNNING, _tr("Checking…"))
    if key is None:
        return Status(State.TODO, _tr("Asking the keyring"))
    if key.problem and key.needs_key:
        return Status(State.SKIPPED, _tr("Unknown"), _tr("keyring fails"))
    if not key.usable:
        return Status(State.TODO, _tr("No key"))
    if check is None:
        word = _tr("Stored") if key.masked else _tr("Needs no key")
        return Status(State.TODO, word, _tr("not checked"))
    return _checked(check)


def _checked(check: LastCheck) -> Status:
    match check.outcome:
        case CheckOutcome.ACCEPTED:
            return Status(State.DONE, _tr("Works"), when(check.at))
        case CheckOutcome.REFUSED:
            return Status(
                State.FAILED, _tr("Refused"), f"{translated(check.said)}, {when(check.at[:10])}"
            )
        case CheckOutcome.UNCLEAR:
            return Status(State.PARTIAL, _tr("No answer"), when(check.at))


def usage_key_status(look: ProviderLook, *, checking: bool) -> Status:
    """The same of the key that reads usage."""
    key, check = look.key, look.standing.usage_check
    if checking:
        return Status(State.RUNNING, _tr("Checking…"))
    if key is None:
        return Status(State.TODO, _tr("Asking the keyring"))
    if key.problem:
        return Status(State.SKIPPED, _tr("Unknown"), _tr("The keyring could not be asked."))
    if key.usage_masked is None:
        return Status(State.TODO, _tr("No key"))
    if check is None:
        return Status(State.TODO, _tr("Stored"), _tr("not checked"))
    return _checked(check)


def key_detail(look: ProviderLook) -> str:
    """The key with its middle left out, and what its last check told, for the card."""
    key, check = look.key, look.standing.check
    if key is None or look.checking:
        return ""
    if key.problem and key.needs_key:
        return _tr("The keyring could not be asked.")
    if not key.usable:
        return ""
    parts = [key.masked] if key.masked else []
    if check is None:
        parts.append(_tr("not checked yet"))
    elif check.said.isdigit():
        parts.append(_tr("answered {0}, {1}").format(translated(check.said), when(check.at)))
    else:
        parts.append(_tr("no answer, {0}").format(when(check.at)))
    return ", ".join(parts)


def age_cell(age: PriceAge | None, *, priced: bool, stale_days: int) -> Plain:
    """The date of a price list and what follows from it."""
    if not priced:
        return Plain(_tr("not read yet"), tone="text_3")
    if age is None:
        return Plain(_tr("no price list"), tone="text_3")
    stale = age.days > stale_days
    days = _tr("{0} days, stale").format(number(age.days)) if stale else age_words(age.days)
    tone: Role = "caution" if stale else "text"
    return Plain(when(age.as_of.isoformat()), days, tone=tone, sort=float(-age.days))


def age_words(days: int) -> str:
    """ "17 days old"."""
    if days == 0:
        return _tr("from today")
    return _tr("1 day old") if days == 1 else _tr("{0} days old").format(number(days))


def _of_run(run: RunRecord | None, value: float | None) -> Figure:
    if run is None:
        return Unknown(_tr("no answer of this provider was measured yet"))
    if value is None:
        return Unknown(_tr("the last run did not tell"))
    return Measured(value, run.started_at, _tr("one answer of {0}").format(run.model))


def address_words(address: Address | None, problem: str) -> str:
    """Which address is in force, and who moved it there."""
    if address is None:
        return problem
    if not address.moved:
        return _tr("The provider's own address.")
    if address.origin == "settings":
        return _tr("Moved by you. The key is sent to {0}.").format(address.host)
    return _tr("Moved by {0} to {1}, which wins over what is typed here.").format(
        address.origin, address.host
    )


def spent_words(spending: Spending | None, cap_usd: float | None) -> tuple[str, str]:
    """What was spent today against the cap, and what the sum is worth."""
    if spending is None:
        return _tr("Spent today is not known."), ""
    cap = _tr("no cap is set") if cap_usd is None else _tr("the cap is {0}").format(money(cap_usd))
    if spending.answers == 0 and spending.counted_usd == 0:
        return _tr("No paid answer today; {0}.").format(cap), ""
    known = spending.answers - spending.unpriced
    usd = f"~{money(spending.usd)}" if known else _tr("an unknown amount")
    words = _tr("{0} today; {1}.").format(usd, cap)
    detail = _tr("One answer, tokens as the provider counted them at published prices.")
    if spending.answers != 1:
        detail = _tr("{0} answers, tokens as the provider counted them at published prices.")
    detail = detail.format(number(spending.answers))
    if spending.unpriced:
        detail += " " + _tr("Of {0} the cost is unknown and not in the sum.").format(
            number(spending.unpriced)
        )
    if spending.counted_usd > spending.usd * (1 + 1e-9):
        detail += " " + _tr(
            "The cap counts {0}: an answer that broke off or is under way counts with the most it"
            " can cost."
        ).format(money(spending.counted_usd))
    return words, detail
