"""What a key is called."""

from __future__ import annotations

from landfall.core.workload.keys import BY_PATH, KEYS


def test_that_names_of_tables_and_keys_are_their_paths() -> None:
    key = BY_PATH["quotes.buy.price"]
    assert (key.section, key.name) == ("quotes.buy", "price")
    assert len(BY_PATH) == len(KEYS)
    assert BY_PATH["tokens.input"].attribute == "tokens.input"
