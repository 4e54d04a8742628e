"""Providers ready to be asked: a row at an address, behind the adapter that speaks its language."""

from __future__ import annotations

from landfall.services.cloud.address import Address
from landfall.services.cloud.anthropic import Anthropic
from landfall.services.cloud.openai_compatible import OpenAiCompatible
from landfall.services.cloud.provider import Provider, ProviderRow
from landfall.services.cloud.transport import Transport

_BY_NAME = {"openai_compatible": OpenAiCompatible, "anthropic": Anthropic}


def provider(row: ProviderRow, where: Address, transport: Transport) -> Provider:
    """A provider at an address, ready to be asked."""
    return _BY_NAME[row.adapter](row, where, transport)
