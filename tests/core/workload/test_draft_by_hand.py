"""What a draft holds of a file."""

from __future__ import annotations

from landfall.core.workload.draft import Draft, draft_of, half_typed
from landfall.core.workload.file import parse
from landfall.core.workload.writer import to_text
from tests.core.workload.least_files import HEAD


def test_that_a_draft_has_what_is_stated_and_no_more() -> None:
    text = (
        HEAD + '[tokens]\ninput = 5\n[candidates]\nhosted = [{provider = "p", model = "m", '
        "token_ratio = 2}]\n[quality]\npairs = {local_only = 1, cloud_only = 2, both = 3, "
        'neither = 4, looks = 5}\n[[steps]]\nname = "embed"\nhost = "x"\n[[steps]]\n'
        'name = "ocr"\nwhere = "local"\n'
    )
    found = draft_of(parse(text))
    assert found == Draft(
        values={"workload.name": "A", "workload.task": "chat", "tokens.input": 5.0},
        steps=(
            {"name": "embed", "where": "verdict", "host": "x"},
            {"name": "ocr", "where": "local"},
        ),
        hosted=({"provider": "p", "model": "m", "token_ratio": 2.0},),
        pairs={"local_only": 1, "cloud_only": 2, "both": 3, "neither": 4, "looks": 5},
    )
    assert parse(to_text(found)) == parse(text)
    assert half_typed(to_text(found)) == found
    assert half_typed("a = ") is None
    odd = half_typed(
        HEAD + "steps = 3\n[tokens]\ninput = {}\noutput = [1]\n[candidates]\n"
        'local = ["a"]\nhosted = [1, {provider = "p"}]\n[quality]\npairs = 3\n'
    )
    assert odd is not None
    assert "tokens.input" not in odd.values
    assert "tokens.output" not in odd.values
    assert odd.values["candidates.local"] == ("a",)
    assert (odd.steps, odd.hosted, odd.pairs) == ((), ({"provider": "p"},), {})
