"""Who said a value, in a comment."""

from __future__ import annotations

from landfall.core.workload.origins import Origin, comment, guessed, origins_of, same
from tests.core.workload.least_files import HEAD


def test_that_a_source_is_said_and_whether_another_value_was_typed() -> None:
    origin = Origin("a run", 5)
    assert comment(origin, 5, "5") == "  # from a run: 5"
    assert comment(origin, 6, "5") == "  # typed; from a run: 5"
    assert same(["a"], ("a",))
    assert not same(["a"], ("b",))
    assert same(1, 1.0)
    text = HEAD + "[tokens]\ninput = 5  # from the usual of chat (x): 5\noutput = 6\n"
    assert origins_of(text) == {"tokens.input": Origin("the usual of chat (x)", 5)}
    assert guessed(text) == ("tokens.input",)
    assert guessed(text.replace("input = 5", "input = 7")) == ()
    assert guessed(text.replace("the usual of", "a run of")) == ()
    assert guessed(HEAD) == ()
