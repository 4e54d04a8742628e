"""What commands find on the machine of a test."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest

from tests.fakes.keyrings import MemoryKeyring


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    """A keyring of its own, empty."""
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)
