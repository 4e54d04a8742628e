"""Names as a server reads them."""

from __future__ import annotations

import pytest

from landfall.core.models.model_names import (
    is_cloud_name,
    is_local_name,
    local_only,
    same,
    shortest,
    split_tag,
    without_pin,
)


def test_that_a_tag_is_what_follows_the_last_colon_without_a_slash() -> None:
    assert split_tag("a:b") == ("a", "b")
    assert split_tag("h:80/a") == ("h:80/a", "")
    assert split_tag("h:80/a:b") == ("h:80/a", "b")
    assert split_tag("a") == ("a", "")
    assert split_tag("a:") == ("a", "")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("a", "a:latest"),
        ("a:b", "a:b"),
        ("library/a", "a:latest"),
        ("Library/a:b", "a:b"),
        ("registry.ollama.ai/library/a:b", "a:b"),
        ("registry.ollama.ai/user/a:b", "user/a:b"),
        ("https://registry.ollama.ai/library/a", "a:latest"),
        ("HTTP://registry.ollama.ai/a", "a:latest"),
        ("library/user/a", "library/user/a:latest"),
        ("hf.co/u/r:Q8_0", "hf.co/u/r:Q8_0"),
    ],
)
def test_that_a_name_has_its_shortest_form(name: str, short: str) -> None:
    assert shortest(name) == short
    assert same(name, short.upper())
    assert not same(name, "other")


@pytest.mark.parametrize(
    ("name", "cloud", "local"),
    [
        ("a:cloud", True, False),
        ("a:x-cloud", True, False),
        ("a:CLOUD ", True, False),
        ("a-cloud", False, False),
        ("cloud", False, False),
        ("h:80/a-cloud", False, False),
        ("a:clouds", False, False),
        ("a:local", False, True),
        ("a:b:LOCAL", False, True),
        ("local", False, False),
        ("a:x", False, False),
    ],
)
def test_that_what_follows_the_colon_says_who_may_answer(
    name: str, cloud: bool, local: bool
) -> None:
    assert is_cloud_name(name) is cloud
    assert is_local_name(name) is local
    assert local_only(name) == (name if local else f"{shortest(name)}:local")


def test_that_a_pin_is_taken_off_a_name_that_has_one() -> None:
    assert without_pin("a:b:local") == "a:b"
    assert without_pin("a:local") == "a"
    assert without_pin(":local") == ":local"
    assert without_pin("local") == "local"
    assert without_pin("a:b") == "a:b"
