from __future__ import annotations

import tomllib

import pytest

from landfall.core.toml_text import in_words, read


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


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[a]\n[a]", "[a] stands there already (at line 2, column 3)"),
        ("[a.B]\nc=1\n[a.B]", "[a.B] stands there already (at line 3, column 5)"),
        ("a = 1\na = 2", "the key stands there already (at "),
        ("a = {}\n[a.b]", "a has its values already, and nothing can be added there (at line 2"),
        ("a = {b = {}}\n[a.b]", "[a.b] stands there already"),
        ("a = {b = {}}\n[a.b.c]", "a.b has its values already"),
        ("a = {}\n[[a.b]]", "a has its values already"),
        ("a = []\n[[a]]", "a has its values already"),
        ("Models = {}\nModels.b = 1", "Models has its values already"),
        ('a = {}\na.b = """\nx\n"""\n', "a has its values already"),
        ("[[a]]\nb = {}\n[a.b.c]", "a.b has its values already"),
        ('["my key"]\n["my key"]', '["my key"] stands there already'),
        ('["it\'s"]\n["it\'s"]', '["it\'s"] stands there already'),
        ('[a."it\'s \\"b\\""]\n[a."it\'s \\"b\\""]', '[a."it\'s \\"b\\""] stands there already'),
        ('["x (at y"]\n["x (at y"]', '["x (at y"] stands there already (at line 2'),
        ("a = {}\na.b = 1", "a has its values already, and nothing can be added there"),
        ("[a]\nb.c = 1\n[a.b]", "[a.b] stands there already"),
        ("a = { b = 1, B = 2, b = 3 }", "duplicate inline table key 'b'"),
        ("a ", "expected '=' after a key in a key/value pair"),
    ],
)
def test_that_what_is_wrong_is_said_without_words_of_python(text: str, says: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as raised:
        read(text)
    assert in_words(str(raised.value), text).startswith(says)
    assert in_words(str(raised.value), text, place=False) == says.partition(" (at line")[0] or (
        in_words(str(raised.value), text, place=False).startswith(says.removesuffix(" (at "))
    )
