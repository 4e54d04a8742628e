"""The numbers of a header, bounded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.errors import BadInput
from landfall.core.models.architecture import MAX_CONTEXT
from landfall.core.models.header_keys import MAX_NUMBER, Keys
from tests.core.models.short_headers import header, keys, read


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("block_count", 0),
        ("block_count", 4097),
        ("embedding_length", 0),
        ("embedding_length", MAX_NUMBER + 1),
        ("attention.head_count", -1),
        ("context_length", MAX_NUMBER + 1),
    ],
)
def test_that_a_number_that_no_model_has_is_refused(key: str, value: int) -> None:
    with pytest.raises(BadInput, match=f"llama.{key}") as error:
        read("llama", {key: value})
    assert error.value.field == "model"


def test_that_the_largest_numbers_are_taken() -> None:
    assert read("llama", {"block_count": 4096}).layers == 4096
    assert read("llama", {"embedding_length": MAX_NUMBER}).hidden == MAX_NUMBER == 2**32
    assert read("llama", {"context_length": 2**32}).context_trained == MAX_CONTEXT == 2**24
    assert read("llama", {"context_length": 0}).context_trained is None


def test_that_a_header_without_a_name_is_refused() -> None:
    with pytest.raises(BadInput, match=r"general\.architecture"):
        Keys(replace(header("llama"), metadata={}), "m")


def test_that_a_value_stands_for_every_layer_and_a_list_for_its_own() -> None:
    told = keys("x", {"one": 3, "list": (1, 2), "long": (1, 2, 3, 4), "flag": True, "word": "a"})
    assert told.per_layer("one", 3, (7,)) == (3, 3, 3)
    assert told.per_layer("list", 4, (7,)) == (1, 2, 2, 2)
    assert told.per_layer("long", 3, (7,)) == (1, 2, 3)
    assert told.per_layer("long", 4, (7,)) == (1, 2, 3, 4)
    assert told.per_layer("none", 2, (7,)) == (7, 7)
    assert told.per_layer("none", 3, (7, 8)) == (7, 8, 8)
    assert (told.number("list"), told.number("none"), told.number("none", 5)) == (2, 0, 5)
    assert told.numbers("flag") == (1,)
    assert told.numbers("word") is told.numbers("none") is None
    assert told.is_list("list")
    assert not told.is_list("one")
