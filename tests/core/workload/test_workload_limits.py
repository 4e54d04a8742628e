"""Every key's limits, just reached and just passed, and what a file may hold beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.errors import BadInput
from landfall.core.quality.gate import GateResult, Pairs
from landfall.core.workload import words
from landfall.core.workload.contradictions import contradictions, other_size, stands
from landfall.core.workload.draft import Draft, draft_of, half_typed
from landfall.core.workload.file import LONGEST_TEXT, MOST_LOOKS, MOST_PROMPTS, MOST_STEPS, parse
from landfall.core.workload.gates import gate_of_hosted, gate_of_local
from landfall.core.workload.keys import BY_PATH, KEYS, Key, Kind, get, put
from landfall.core.workload.origins import Origin, comment, guessed, origins_of, same
from landfall.core.workload.presets import PRESETS, preset_of
from landfall.core.workload.workload import (
    HostedCandidate,
    Need,
    Step,
    StepName,
    Task,
    Where,
    Workload,
)
from landfall.core.workload.writer import host_renamed, renamed, to_text, to_toml, with_quality

HEAD = '[workload]\nname = "A"\ntask = "chat"\n'


def with_key(path: str, value: str, more: str = "") -> Workload:
    section, _, name = path.rpartition(".")
    return parse(f"{HEAD}[{section}]\n{name} = {value}\n{more}")


# Path, smallest and largest that make sense, and a step beyond either: None where the end itself
# is refused.
LIMITS: list[tuple[str, str | None, str | None, str, str]] = [
    ("volume.calls_per_day", "0", "1000000000", "-0.5", "1000000001"),
    ("volume.history_days", "0", "36500", "-1", "36501"),
    ("volume.growth_per_month", "-0.99", "10", "-0.991", "10.01"),
    ("volume.batch_window_hours", "0.01", "744", "0.009", "744.1"),
    ("tokens.input", "0", "100000000", "-1", "100000001"),
    ("tokens.cached_input", "0", "100000000", "-1", "100000001"),
    ("tokens.output", "0", "100000000", "-1", "100000001"),
    ("tokens.context_p99", "1", "100000000", "0", "100000001"),
    ("latency.p95_seconds", "0.001", "86400", "0.0009", "86401"),
    ("today.batch_share", "0", "1", "-0.1", "1.01"),
    ("today.retry_share", "0", "1", "-0.1", "1.01"),
    ("today.token_ratio", "0.1", "10", "0.09", "10.1"),
    ("quality.margin", "0.001", "0.999", "0", "1"),
    ("organisation.total_ai_bill", "0", "1000000000", "-1", "1000000001"),
    ("organisation.ops_hours_per_month", "0", "10000", "-1", "10001"),
    ("organisation.hourly_rate", "0", "100000", "-1", "100001"),
    ("organisation.pue", "1", "5", "0.9", "5.1"),
    ("machine.resale", "0", "1000000000", "-1", "1000000001"),
    ("machine.resale_later", "0", "1000000000", "-1", "1000000001"),
    ("buy.price", "0", "1000000000", "-1", "1000000001"),
    ("buy.residual_share", "0", "1", "-0.1", "1.1"),
    ("buy.months", "1", "600", "0", "601"),
    ("buy.setup_hours", "0", "100000", "-1", "100001"),
    ("buy.yearly_rate", "0", "1", "-0.1", "1.1"),
    ("buy.price_decline", "0", "0.999", "-0.1", "1"),
    ("quotes.cloud_frontier_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.hosted_open_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.rent_gpu_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.machine.peak_utilisation", "0", "1000000", "-1", "1000001"),
    ("quotes.machine.absorbed_share", "0", "1", "-0.1", "1.1"),
    ("quotes.machine.marginal_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.buy.peak_utilisation", "0", "1000000", "-1", "1000001"),
    ("quotes.buy.absorbed_share", "0", "1", "-0.1", "1.1"),
    ("quotes.buy.tco_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.buy.opex_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.buy.price", "0", "1000000000", "-1", "1000000001"),
]


@pytest.mark.parametrize(("path", "low", "high", "below", "above"), LIMITS)
def test_that_a_number_has_its_smallest_and_its_largest(
    path: str, low: str, high: str, below: str, above: str
) -> None:
    key = BY_PATH[path]
    for value in (low, high):
        found = get(with_key(path, value), key)
        assert found == float(value)
        assert type(found) is (int if key.kind is Kind.WHOLE else float)
    for value in (below, above):
        with pytest.raises(BadInput, match="out of range") as refused:
            with_key(path, value)
        assert refused.value.field == path
        assert key.unit in refused.value.hint


def test_that_every_number_is_among_them() -> None:
    numbers = {key.path for key in KEYS if key.kind in (Kind.NUMBER, Kind.WHOLE)}
    assert numbers == {path for path, *_ in LIMITS}


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


def test_that_a_gate_is_counted_then_stated_then_that_of_the_local_candidate() -> None:
    bare = parse(HEAD)
    assert gate_of_local(bare) is gate_of_hosted(bare) is GateResult.UNMEASURED
    local = with_key("quality.gate", '"pass"')
    assert gate_of_local(local) is gate_of_hosted(local) is GateResult.PASS
    hosted = with_key("quality.gate_hosted", '"fail"')
    assert gate_of_local(hosted) is GateResult.UNMEASURED
    assert gate_of_hosted(hosted) is GateResult.FAIL


# Margins, purchases ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "margin"),
    [
        (Task.SUMMARY, 0.05),
        (Task.CHAT, 0.05),
        (Task.CREATIVE, 0.05),
        (Task.EMBEDDING, 0.02),
        (Task.COMPLEX_REASONING, 0.02),
        (Task.LONG_AGENTIC, 0.02),
        (Task.USER_FACING_ANALYTIC, 0.02),
        (Task.NOVEL, 0.02),
        (Task.CODE, 0.03),
        (Task.CLASSIFICATION, 0.03),
        (Task.VISION, 0.03),
    ],
)
def test_that_a_margin_goes_by_what_a_wrong_answer_costs(task: Task, margin: float) -> None:
    assert Workload(name="A", task=task).margin == margin


def test_that_a_purchase_is_considered_where_it_is_said_or_something_of_it_is() -> None:
    assert not parse(HEAD).considers_purchase
    assert with_key("buy.machine", '"box"').considers_purchase
    assert with_key("quotes.buy.price", "100").considers_purchase
    assert with_key("buy.consider", "true").considers_purchase
    assert not with_key("buy.consider", "false", 'machine = "box"\n').considers_purchase
    assert not with_key("quotes.machine.fits", "true").considers_purchase


@pytest.mark.parametrize(
    ("task", "tokens"),
    [
        # Azure's trace of 2023: medians of its conversations and of its code completions.
        (Task.CHAT, (1020, 129)),
        (Task.CODE, (1469, 13)),
        # The dataset card of CNN/Daily Mail.
        (Task.SUMMARY, (781, 56)),
        # Round numbers of our judgement: what a form offers first.
        (Task.CLASSIFICATION, (500, 20)),
        (Task.EXTRACTION, (1500, 200)),
        (Task.EMBEDDING, (512, 0)),
        (Task.VISION, (1500, 150)),
        (Task.TRANSLATION, (600, 600)),
        (Task.COMPLEX_REASONING, (1500, 3000)),
        (Task.NOVEL, (1000, 1000)),
        (Task.CREATIVE, (300, 1000)),
        (Task.LONG_AGENTIC, (20_000, 1000)),
        (Task.USER_FACING_ANALYTIC, (3000, 600)),
    ],
)
def test_that_a_task_has_its_usual_call(task: Task, tokens: tuple[int, int]) -> None:
    told = preset_of(task)
    assert (told["tokens.input"].value, told["tokens.output"].value) == tokens
    assert set(PRESETS) == set(Task)


# Contradictions -------------------------------------------------------------------------------


def of_hours(total: float, day: float) -> int:
    return len(list(other_size((total, *(0.0,) * 23), day, "it")))


def test_that_the_hours_of_a_day_are_a_week_of_it_at_most_and_a_seventh_at_least() -> None:
    assert of_hours(700.0, 100.0) == 0
    assert of_hours(700.1, 100.0) == 1
    assert of_hours(100.0, 700.0) == 0
    assert of_hours(99.9, 700.0) == 1
    assert of_hours(100.0, 0.0) == 0
    assert list(other_size((), 100.0, "it")) == []


def test_that_what_is_awaited_does_not_wait() -> None:
    def paths(text: str) -> list[str]:
        try:
            return [one.path for one in contradictions(parse(HEAD + text))]
        except BadInput as refused:
            return [refused.field or ""]

    window = "[volume]\nbatch_window_hours = 1\n[latency]\np95_seconds = "
    assert paths(window + "10.0") == ["latency.p95_seconds"]
    assert paths(window + "10.1") == []
    batches = "[latency]\np95_seconds = 5\n[today]\nbatch_share = "
    assert paths(batches + "1.0") == ["today.batch_share"]
    assert paths(batches + "0.99") == []
    assert paths("[tokens]\ninput = 0\noutput = 0") == ["tokens.input"]
    assert paths("[tokens]\ninput = 0\noutput = 1") == []
    assert paths("[tokens]\ninput = 0\ncached_input = 1\noutput = 0") == []
    assert paths("[tokens]\ninput = 0") == []
    assert paths("[tokens]\ninput = 1\noutput = 0") == []
    assert paths('[privacy]\nclass = "phi"\napproved_vendors = ["a"]') == []
    assert paths('[privacy]\nclass = "attorney_client"\napproved_vendors = ["a"]') == []
    assert paths('[privacy]\nclass = "nda"\napproved_vendors = ["a"]') == [
        "privacy.approved_vendors"
    ]
    assert paths('[privacy]\nclass = "region"\nregion = "eu"\nin_region = ["a"]') == []
    assert paths('[privacy]\nin_region = ["a"]') == ["privacy.in_region"]
    assert stands(parse(HEAD))


# Words ----------------------------------------------------------------------------------------


def test_that_a_value_is_shown_short() -> None:
    assert words.shown("a") == '"a"'
    assert words.shown(True) == "true"
    assert words.shown({}) == "a table"
    assert words.shown([1]) == "a list"
    assert words.shown("x" * 58) == f'"{"x" * 58}"'
    assert words.shown("x" * 59) == f'"{"x" * 56}...'
    assert len(words.shown("x" * 999)) == 60
    assert words.shown(3) == "3"
    assert words.listed(["a", "", "b"]) == 'a, "", b'
    assert words.short(1.5) == "1.5"
    assert words.short(9e299) == "9e+299"
    assert words.short(-1e300) == words.short(1e300) == "a number with hundreds of digits"


def test_that_a_range_says_whether_its_ends_belong_to_it() -> None:
    key = Key(path="a", attribute="a", kind=Kind.NUMBER, low=0.5, high=1e9, unit="calls")
    assert words.range_hint(key) == "It is calls, at least 0.5 and at most 1,000,000,000."
    assert words.range_hint(replace(key, above=True, below=True)) == (
        "It is calls, above 0.5 and below 1,000,000,000."
    )


def test_that_the_line_of_a_slip_is_found() -> None:
    assert words.line_in("wrong (at line 7, column 2)", "") == 7
    long = "a = 1\nb = " + "9" * 4301
    assert words.line_in("too long", long) == 2
    assert words.line_in("too long", long + "\nc = 1") == 2
    assert words.line_in("?", "a\nb\nc") == 3
    short = "a = 1\nb = " + "9" * 4300 + "\nc = 1"
    assert words.line_in("?", short) == 3
    assert words.line_in("?", "a = " + "9_" * 4300 + "9\nb") == 1


def test_that_what_was_meant_is_guessed_or_everything_is_named() -> None:
    known = {"input", "output"}
    assert words.hint_for("tokens", "inptu", known) == "Did you mean `input`?"
    assert words.hint_for("tokens", "xyz", known) == "[tokens] knows input, output."
    assert words.hint_for("tokens", "months", known) == "It belongs into [buy]."
    assert words.hint_for("tokens", "price", known) == "It belongs into [buy]."
    assert words.hint_for("tokens", "months", known, elsewhere=False) == (
        "[tokens] knows input, output."
    )


# Drafts, origins, writing ---------------------------------------------------------------------


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


def test_that_control_characters_are_written_as_their_numbers() -> None:
    spaced = Workload(name="a b~\x80", task=Task.CHAT)
    assert 'name = "a b~\x80"' in to_toml(spaced)
    draft = Draft(values={"workload.name": 'a\x1f\x7f"\\', "workload.task": "chat"})
    assert 'name = "a\\u001f\\u007f\\"\\\\"' in to_text(draft)
    needs = put(spaced, BY_PATH["candidates.needs"], frozenset({Need.VISION, Need.JSON}))
    assert 'needs = ["json", "vision"]' in to_toml(needs)
    offline = put(spaced, BY_PATH["privacy.offline"], value=True)
    assert "offline = true" in to_toml(offline)


def test_that_a_name_is_changed_and_comments_stay() -> None:
    text = '# mine\n[workload]\nname = "A" # its name\ntask = "chat"\n'
    assert renamed(text, 'B "x"') == text.replace('"A"', '"B \\"x\\""')
    assert renamed(text.replace('"A"', "'A'"), "B") == text.replace('"A"', '"B"')
    inline = 'workload = { name = "A", task = "chat" }\n'
    assert parse(renamed(inline, "B")).name == "B"
    with pytest.raises(BadInput):
        renamed(text, " ")
    several = '[workload]\nname = """\\\nA"""\ntask = "chat"\n'
    assert parse(renamed(several, "B")).name == "B"


def test_that_a_host_is_changed_wherever_it_is_named() -> None:
    text = (
        HEAD + '[machine]\nhost = "Box" # mine\nhosts = ["box", "other"]\n[[steps]]\n'
        'name = "embed"\nhost = " box "\n[[steps]]\nname = "ocr"\nhost = "other"\n'
    )
    found = host_renamed(text, "BOX", "tower")
    assert "# mine" in found
    workload = parse(found)
    assert workload.machine.host == "tower"
    assert workload.machine.hosts == ("tower", "other")
    assert [step.host for step in workload.steps] == ["tower", "other"]
    assert host_renamed(text, "nobody", "tower") == text


def test_that_quality_is_replaced_and_comments_elsewhere_stay() -> None:
    text = HEAD + "# mine\n[quality]\nmargin = 0.1\n[tokens]\ninput = 5 # yours\n"
    quality = parse(HEAD + '[quality]\nmargin = 0.2\ngate = "pass"\n').quality
    found = with_quality(text, quality)
    assert parse(found) == replace(parse(text), quality=quality)
    assert "# mine" in found
    assert "# yours" in found
    new = with_quality(HEAD, quality)
    assert parse(new).quality == quality
    assert with_quality(text, parse(HEAD).quality).count("margin") == 0


def test_that_names_of_tables_and_keys_are_their_paths() -> None:
    key = BY_PATH["quotes.buy.price"]
    assert (key.section, key.name) == ("quotes.buy", "price")
    assert len(BY_PATH) == len(KEYS)
    assert BY_PATH["tokens.input"].attribute == "tokens.input"
