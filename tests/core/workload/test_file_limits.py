"""What a file may hold: hours, words, texts, lists, steps, pairs."""

from __future__ import annotations

import pytest

from landfall.core.errors import BadInput
from landfall.core.quality.paired_tests import Pairs
from landfall.core.workload.file import LONGEST_TEXT, MOST_LOOKS, MOST_PROMPTS, MOST_STEPS, parse
from landfall.core.workload.keys import BY_PATH, get
from landfall.core.workload.privacy import lock_of
from landfall.core.workload.workload import HostedCandidate, Need, Step, StepName, Where
from tests.core.workload.least_files import HEAD, with_key


def test_that_hours_are_numbers_up_to_a_thousand_million() -> None:
    ones = ", ".join(["1"] * 23)
    found = with_key("volume.hourly_calls", f"[1e9, {ones}]")
    assert found.volume.hourly_calls == (1e9,) + (1.0,) * 23
    assert with_key("volume.hourly_calls", "[]").volume.hourly_calls == ()
    with pytest.raises(BadInput, match="out of range") as refused:
        with_key("volume.hourly_calls", f"[{ones}, 1000000001]")
    assert refused.value.field == "volume.hourly_calls[23]"
    with pytest.raises(BadInput, match="out of range"):
        with_key("volume.hourly_calls", f"[{ones}, -1]")
    with pytest.raises(BadInput, match="has 25 values"):
        with_key("volume.hourly_calls", f"[1, 1, {ones}]")
    with pytest.raises(BadInput, match="0 in every hour"):
        with_key("volume.hourly_calls", f"[{', '.join(['0'] * 24)}]")


def test_that_a_number_stands_in_a_message_as_it_may_be_compared_with_its_limit() -> None:
    with pytest.raises(BadInput, match=r"= 1,000,000,001 is out of range") as refused:
        with_key("volume.calls_per_day", "1_000_000_001")
    assert "at most 1,000,000,000." in refused.value.hint
    with pytest.raises(BadInput, match=r"whole number, not 1,234,567\.5"):
        with_key("tokens.context_p99", "1234567.5")


def test_that_one_table_in_place_of_several_names_the_line_that_begins_each() -> None:
    for path in ("steps", "candidates.hosted"):
        with pytest.raises(BadInput, match="list of tables") as refused:
            parse(f'{HEAD}\n[{path}]\nname = "embed"\n')
        assert f"[[{path}]]" in refused.value.hint


@pytest.mark.parametrize(
    "path", ["candidates.local", "privacy.approved_vendors", "privacy.in_region", "machine.hosts"]
)
def test_that_an_empty_entry_of_a_list_of_names_names_nothing(path: str) -> None:
    allowed = {
        "privacy.approved_vendors": "phi",
        "privacy.in_region": "region",
    }

    def names(text: str) -> tuple[str, ...]:
        table, _, name = path.rpartition(".")
        of = f'class = "{allowed[path]}"\n' if path in allowed else ""
        found: tuple[str, ...] = get(
            parse(f"{HEAD}\n[{table}]\n{of}{name} = {text}\n"), BY_PATH[path]
        )
        return found

    for text in ('["a", ""]', '["", "a", "  "]'):
        assert names(text) == ("a",)
    assert names('[""]') == ()
    with pytest.raises(BadInput, match=r"\[1\]` is text, not 3"):
        names('["a", 3]')


@pytest.mark.parametrize("kind", ["phi", "attorney_client", "region"])
def test_that_a_list_of_nobody_lets_nothing_out(kind: str) -> None:
    name = "in_region" if kind == "region" else "approved_vendors"
    found = parse(f'{HEAD}\n[privacy]\nclass = "{kind}"\n{name} = ["", " "]\n')
    assert lock_of(found).inside == frozenset()


def test_that_what_is_wrong_in_one_of_the_hours_is_that_it_is_no_number() -> None:
    with pytest.raises(BadInput, match=r"hourly_calls\[1\]` is a number, not \"x\""):
        with_key("volume.hourly_calls", '[1, "x"]')


def test_that_words_and_lists_are_read() -> None:
    found = with_key("candidates.needs", '["tools", "vision"]').candidates.needs
    assert found == frozenset({Need.TOOLS, Need.VISION})
    assert with_key("candidates.local", '["a", "b"]').candidates.local == ("a", "b")
    for flag in ("true", "false"):
        assert with_key("privacy.offline", flag).privacy.offline is (flag == "true")
    with pytest.raises(BadInput, match="true or false, not 1"):
        with_key("privacy.offline", "1")
    with pytest.raises(BadInput, match=r"whole number, not 1\.5"):
        with_key("buy.months", "1.5")
    assert with_key("buy.months", "2.0").buy.months == 2


def test_that_a_text_has_five_hundred_letters_and_no_control_characters() -> None:
    assert LONGEST_TEXT == 500
    assert with_key("today.model", f'"{"x" * 500}"').today.model == "x" * 500
    for wrong in ("x" * 501, "a\\u001f", "a\\u007f", "a\\n"):
        with pytest.raises(BadInput, match="longer than 500 characters or holds control"):
            with_key("today.model", f'"{wrong}"')
    assert with_key("today.model", '" ~\\u0080"').today.model == " ~\x80"
    with pytest.raises(BadInput, match="is text, not 3"):
        with_key("today.model", "3")


def test_that_a_list_has_two_hundred_entries() -> None:
    assert MOST_STEPS == 200
    many = ", ".join(['"m"'] * 200)
    assert len(with_key("candidates.local", f"[{many}]").candidates.local) == 200
    with pytest.raises(BadInput, match="has 201 entries"):
        with_key("candidates.local", f'[{many}, "m"]')


def test_that_steps_and_hosted_candidates_are_read_with_their_defaults() -> None:
    found = parse(
        HEAD + '[[steps]]\nname = "embed"\n[[steps]]\nname = "generate"\nwhere = "local"\n'
        'host = "box"\n[candidates]\nhosted = [{provider = "p", model = "m"}, '
        '{provider = "q", model = "n", token_ratio = 1.5}]\n'
    )
    assert found.steps == (
        Step(name=StepName.EMBED, where=Where.VERDICT, host=""),
        Step(name=StepName.GENERATE, where=Where.LOCAL, host="box"),
    )
    assert found.candidates.hosted == (
        HostedCandidate(provider="p", model="m", token_ratio=None),
        HostedCandidate(provider="q", model="n", token_ratio=1.5),
    )
    for wrong, field in (
        ('[[steps]]\nname = "embed"\nhost = 3\n', "steps[0].host"),
        ('[[steps]]\nname = "embed"\nport = 3\n', "steps[0].port"),
        (
            '[candidates]\nhosted = [{provider = " ", model = "m"}]\n',
            "candidates.hosted[0].provider",
        ),
        ('[candidates]\nhosted = [{provider = "p"}]\n', "candidates.hosted[0].model"),
        (
            '[candidates]\nhosted = [{provider = "p", model = "m", token_ratio = 11}]\n',
            "candidates.hosted[0].token_ratio",
        ),
    ):
        with pytest.raises(BadInput) as refused:
            parse(HEAD + wrong)
        assert refused.value.field == field


PAIRS = "pairs = {{ local_only = {}, cloud_only = 2, both = 3, neither = 4{} }}"


def test_that_pairs_count_prompts_and_looks() -> None:
    assert (MOST_PROMPTS, MOST_LOOKS) == (1_000_000_000, 100)

    def of(local: str, more: str = "") -> Pairs | None:
        return parse(HEAD + "[quality]\n" + PAIRS.format(local, more)).quality.pairs

    assert of("1") == Pairs(local_only=1, cloud_only=2, both=3, neither=4, looks=1)
    assert of("0", ", looks = 100") == Pairs(
        local_only=0, cloud_only=2, both=3, neither=4, looks=100
    )
    found = of("1000000000", ", looks = 1")
    assert found is not None
    assert found.local_only == 1_000_000_000
    for local, more, field in (
        ("-1", "", "local_only"),
        ("1000000001", "", "local_only"),
        ("1", ", looks = 0", "looks"),
        ("1", ", looks = 101", "looks"),
        ("1", ", look = 1", "look"),
        ("1.5", "", "local_only"),
    ):
        with pytest.raises(BadInput) as refused:
            of(local, more)
        assert refused.value.field == f"quality.pairs.{field}"
