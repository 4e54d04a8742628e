from __future__ import annotations

import tomllib

import pytest

from landfall.core.toml_text import read


def test_that_a_sound_text_is_read_as_the_standard_library_reads_it() -> None:
    text = 'a = 9223372036854775807\nb = [-9223372036854775808, {c = 1.5}]\nd = true\ne = "x"\n'
    assert read(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "a = = 1",
        f"a = {'9' * 5000}",
        f"a = {'9' * 400}",
        f"a = [[{{b = 0x{'f' * 9000}}}]]",
        "a = 9223372036854775808",
        "a = -9223372036854775809",
        f"a = {'[' * 5000}{']' * 5000}",
        f"a = {'{b=' * 5000}1{'}' * 5000}",
        "a = 2026-02-30",
    ],
)
def test_that_whatever_is_wrong_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        read(text)


def test_that_long_dotted_keys_are_no_trouble() -> None:
    assert "a" in read(f"a{'.a' * 3000} = 1")
