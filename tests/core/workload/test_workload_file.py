"""Workload files: what they mean, and how what is wrong in them is said."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from landfall.core.demand.forecast import Predictability
from landfall.core.errors import BadInput
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.workload.contradictions import stands
from landfall.core.workload.file import parse
from landfall.core.workload.gates import gate_of_hosted, gate_of_local
from landfall.core.workload.keys import KEYS, Key, Kind, get, put
from landfall.core.workload.words import field_at, hint_for
from landfall.core.workload.workload import (
    HostedCandidate,
    Need,
    PrivacyClass,
    Step,
    StepName,
    Task,
    Where,
    Workload,
)
from landfall.core.workload.writer import to_toml

TEMPLATE = Path(__file__).parents[3] / "resources" / "workload_template.toml"
LEAST = '[workload]\nname = "A"\ntask = "chat"\n'


@pytest.fixture
def template() -> str:
    return TEMPLATE.read_text(encoding="utf-8")


def test_that_name_and_task_are_enough() -> None:
    workload = parse(LEAST)
    assert (workload.name, workload.task) == ("A", Task.CHAT)
    assert workload == Workload(name="A", task=Task.CHAT)


def test_that_the_template_is_a_workload_with_its_values_in_place(template: str) -> None:
    workload = parse(template)
    assert workload.name == "E-mail triage"
    assert workload.volume.calls_per_day == 20000
    assert workload.volume.predictability is Predictability.PREDICTABLE
    assert workload.tokens.context_p99 == 4096
    assert workload.p95_seconds == 20
    assert workload.privacy.privacy_class is PrivacyClass.NONE
    assert workload.steps == (
        Step(name=StepName.EMBED, where=Where.LOCAL),
        Step(name=StepName.GENERATE, where=Where.VERDICT),
    )
    assert workload.candidates.hosted == (
        HostedCandidate(provider="together", model="openai/gpt-oss-120b"),
    )
    assert workload.buy.months == 36
    assert workload.organisation.total_ai_bill_usd_month == 12000
    assert gate_of_local(workload) is GateResult.PASS


def uncommented(template: str) -> str:
    """The template with every commented key switched on, those that exclude one another left."""
    lines = []
    for line in template.splitlines():
        body = line.removeprefix("# ")
        is_key = line.startswith("# ") and (" = " in body or body.startswith("["))
        other = ("series", "pairs", "hourly_calls", "Only", "A workload", "history")
        lines.append(body if is_key and not body.startswith(other) else line)
    return "\n".join(lines)


def test_that_every_key_of_the_template_is_known(template: str) -> None:
    workload = parse(uncommented(template))
    assert workload.quotes.buy.price_usd == 3800
    assert workload.quotes.machine.peak_utilisation == 0.4
    assert workload.quotes.cloud_frontier_usd_month == 6400
    assert workload.machine.name == "RTX 4090"
    assert workload.volume.batch_window_hours == 8


@pytest.mark.parametrize(("seconds", "refused"), [(1, True), (10, True), (10.5, False)])
def test_that_work_that_may_wait_is_not_awaited_in_seconds(
    template: str, seconds: float, refused: bool
) -> None:
    text = template.replace("# batch_window_hours = 8", "batch_window_hours = 8")
    text = text.replace("p95_seconds = 20", f"p95_seconds = {seconds}")
    if not refused:
        assert parse(text).p95_seconds == seconds
        return
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert caught.value.field == "latency.p95_seconds"
    assert caught.value.line == 31
    assert "volume.batch_window_hours" in caught.value.message
    assert "Leave one of them out" in caught.value.hint


def test_that_every_key_of_the_table_stands_in_the_template_or_in_the_handbook(
    template: str,
) -> None:
    page = TEMPLATE.parents[1] / "packaging" / "handbook" / "workload_file.md"
    handbook = page.read_text(encoding="utf-8")
    for key in KEYS:
        assert key.name in template or f"`{key.path}`" in handbook, key.path


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "hint"),
    [
        ("input = 900", "input = nan", 25, "tokens.input", "tokens a call"),
        ("input = 900", "input = inf", 25, "tokens.input", ""),
        ("input = 900", "input = 1000000000000000", 25, "tokens.input", "at most"),
        ("input = 900", "inputs = 900", 25, "tokens.inputs", "`input`"),
        ("input = 900", 'input = "900"', 25, "tokens.input", "without quotes"),
        ("input = 900", "input = true", 25, "tokens.input", ""),
        ("input = 900", "input = -1", 25, "tokens.input", "at least 0"),
        ("p95_seconds = 20", "p95_ms = 20", 31, "latency.p95_ms", "p95_seconds"),
        ("p95_seconds = 20", "p95_seconds = 0", 31, "latency.p95_seconds", "0.001"),
        ("months = 36", "months = 36.5", 87, "buy.months", ""),
        ("batch_share = 0.4", "batch_share = 40", 52, "today.batch_share", "0 to 1"),
        ("margin = 0.03", "margin = 3", 62, "quality.margin", "0.03"),
        ("margin = 0.03", "margin = 1.0", 62, "quality.margin", "below 1"),
        ('gate = "pass"', 'gate = "passed"', 63, "quality.gate", '"pass"'),
        ("[volume]", "[volumes]", 14, "volumes", "volume"),
        ('region = ""', 'region = "eu"', 36, "privacy.region", "class"),
        ("in_region = []", 'in_region = ["openai"]', 37, "privacy.in_region", "region"),
        (
            "approved_vendors = []",
            'approved_vendors = ["openai"]',
            35,
            "privacy.approved_vendors",
            "phi",
        ),
        ("needs = []", 'needs = ["tool"]', 58, "candidates.needs[0]", '"tools"'),
        ('local = ["qwen3:8b"]', 'local = "qwen3:8b"', 56, "candidates.local", "brackets"),
        (
            '{ provider = "together", model',
            '{ provider = "together", modell',
            57,
            "candidates.hosted[0].modell",
            "model",
        ),
        (
            '[{ provider = "together",',
            '[\n { provider = "",',
            58,
            "candidates.hosted[0].provider",
            "",
        ),
        ('where = "local"', 'where = "here"', 42, "steps[0].where", "local"),
        ("# series = ", "series = ", 17, "volume.predictability", "series"),
        (
            "# hourly_calls = [ ... 24 ... ]",
            "hourly_calls = [1, 2]",
            20,
            "volume.hourly_calls",
            "0",
        ),
        ("# pairs = ", "pairs = ", 63, "quality.gate", "pairs"),
        ("schema = 1", "schema = 2", 5, "schema", ""),
        ('name = "E-mail triage"', 'name = ""', 8, "workload.name", ""),
        ('name = "E-mail triage"', "", 7, "workload.name", ""),
        ("calls_per_day = 20000", "", None, "", ""),
    ],
)
def test_that_a_slip_is_named_with_its_line_and_key(
    template: str, *, old: str, new: str, line: int | None, field: str, hint: str
) -> None:
    assert old in template
    text = template.replace(old, new, 1)
    if not field:
        parse(text)
        return
    with pytest.raises(BadInput) as caught:
        parse(text, file="work.toml")
    error = caught.value
    assert (error.file, error.line, error.field) == ("work.toml", line, field)
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ('[workload]\nname = "A"\ntask = \n', 3, "workload.task"),
        ("[workload\n", 1, ""),
        (LEAST + "[tokens]\ninput = 1\ninput = 2\n", 6, "tokens.input"),
        (LEAST + "[tokens]\ninput = " + "9" * 5000, 5, "tokens.input"),
        (LEAST + "[tokens]\ninput = " + "9_9" * 3000 + "\noutput = 3\n", 5, "tokens.input"),
        (LEAST + "x = " + "[" * 60_000, 1, ""),
        ("", None, "workload.name"),
        (LEAST + "steps = 3\n", 4, "workload.steps"),
        ("tokens = 3\n" + LEAST, 1, "tokens"),
        ("steps = [1]\n" + LEAST, 1, "steps[0]"),
        (LEAST + "[[steps]]\nwhere = 'local'\n", 4, "steps[0].name"),
        (LEAST + "[quality]\npairs = {local_only = 1}\n", 5, "quality.pairs.cloud_only"),
        (LEAST + "[quality]\npairs = 3\n", 5, "quality.pairs"),
        ('[workload]\nname = "A\\u0007"\ntask = "chat"\n', 2, "workload.name"),
        ("schema = 1.0\n" + LEAST, 1, "schema"),
        ('[workload]\nname = "A"\n', 1, "workload.task"),
        ('[workload]\nname = 3\ntask = "chat"\n', 2, "workload.name"),
        (LEAST + "critical = 1\n", 4, "workload.critical"),
        (LEAST + "critical = {}\n", 4, "workload.critical"),
        ("steps = [" + "{}," * 201 + "]\n" + LEAST, 1, "steps"),
        ("[volume]\nhourly_calls = [" + "0," * 24 + "]\n" + LEAST, 2, "volume.hourly_calls"),
    ],
)
def test_that_text_that_is_no_workload_is_refused_with_a_line(
    text: str, line: int | None, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text, file="x.toml")
    if field:
        assert caught.value.field == field
    if line is not None:
        assert caught.value.line == line
    assert caught.value.hint


def test_that_a_key_in_the_wrong_table_is_sent_home() -> None:
    with pytest.raises(BadInput) as caught:
        parse(LEAST + "[tokens]\ncalls_per_day = 3\n")
    assert "[volume]" in caught.value.hint


def test_that_a_byte_order_mark_does_no_harm() -> None:
    assert parse("\ufeff" + LEAST).name == "A"


def test_that_pairs_stand_for_the_gate_and_hosted_follows_local() -> None:
    text = LEAST + (
        "[quality]\nmargin = 0.03\n"
        "pairs = { local_only = 3, cloud_only = 40, both = 230, neither = 27 }\n"
    )
    workload = parse(text)
    assert gate_of_local(workload) is GateResult.FAIL
    assert gate_of_hosted(workload) is GateResult.FAIL
    both = parse(text + "pairs_hosted = { local_only=9, cloud_only=8, both=360, neither=23 }\n")
    assert both.quality.pairs_hosted == Pairs(local_only=9, cloud_only=8, both=360, neither=23)
    assert gate_of_hosted(both) is GateResult.PASS


texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x7f"), max_size=20
)


def values(key: Key) -> st.SearchStrategy[Any]:
    match key.kind:
        case Kind.NUMBER:
            return st.floats(
                key.low, key.high, exclude_min=key.above, exclude_max=key.below, allow_nan=False
            )
        case Kind.WHOLE:
            return st.integers(int(key.low), int(key.high))
        case Kind.FLAG:
            return st.booleans()
        case Kind.CHOICE:
            assert key.choices is not None
            return st.sampled_from(list(key.choices))
        case Kind.TEXT:
            return texts.filter(lambda text: bool(text.strip()))
        case Kind.TEXTS:
            entries = texts.filter(lambda text: bool(text.strip()))
            return st.lists(entries, max_size=3).map(tuple)
        case Kind.CHOICES:
            return st.frozensets(st.sampled_from(list(Need)))
        case Kind.HOURS:
            return st.lists(st.floats(1, 1e6), min_size=24, max_size=24).map(tuple)


CONTRADICTING = {
    "volume.series",
    "privacy.region",
    "privacy.in_region",
    "privacy.approved_vendors",
    "volume.hourly_calls",
    "buy.price_as_of",
}


@given(data=st.data())
def test_that_a_written_workload_is_read_back_as_it_was(data: st.DataObject) -> None:
    workload = Workload(name="A", task=Task.CHAT)
    free = [key for key in KEYS if key.path not in CONTRADICTING]
    for key in data.draw(st.lists(st.sampled_from(free), max_size=8, unique=True)):
        workload = put(workload, key, data.draw(values(key)))
    steps = st.builds(
        Step, name=st.sampled_from(StepName), where=st.sampled_from(Where), host=texts
    )
    shell = Key(path="steps", attribute="steps", kind=Kind.TEXTS)
    workload = put(workload, shell, data.draw(st.lists(steps, max_size=3).map(tuple)))
    assume(stands(workload))
    assert parse(to_toml(workload)) == workload


def test_that_pairs_hosted_candidates_and_a_region_survive_the_way_to_text() -> None:
    text = (
        '[workload]\nname = "A \\"b\\" \\\\"\ntask = "chat"\n'
        '[privacy]\nclass = "region"\nregion = "eu"\nin_region = ["hosted_open"]\n'
        '[candidates]\nhosted = [{provider = "p", model = "m"}]\n'
        "[quality]\npairs = { local_only = 1, cloud_only = 2, both = 3, neither = 4 }\n"
    )
    workload = parse(text)
    assert workload.name == 'A "b" \\'
    assert parse(to_toml(workload)) == workload


def test_that_each_task_has_a_margin_of_its_own() -> None:
    assert parse(LEAST).margin == 0.05
    assert parse(LEAST.replace("chat", "code")).margin == 0.03
    assert parse(LEAST + "[quality]\nmargin = 0.1\n").margin == 0.1


def test_that_get_and_put_go_by_the_same_path() -> None:
    workload = Workload(name="A", task=Task.CHAT)
    for key in KEYS:
        get(workload, key)
    price = next(key for key in KEYS if key.path == "quotes.buy.price")
    assert get(put(workload, price, 7.0), price) == 7.0


@given(st.text(max_size=200))
def test_that_any_text_is_read_or_refused_but_never_breaks(text: str) -> None:
    with suppress(BadInput):
        parse(text)


@pytest.mark.parametrize(
    "value", ["{}", "[]", "[[1]]", "{ a = 1 }", "nan", "1979-05-27", '"' + "x" * 9999 + '"']
)
@pytest.mark.parametrize("key", ["task", "motive"])
def test_that_a_word_that_is_no_word_is_refused(key: str, value: str) -> None:
    least = {"name": '"A"', "task": '"chat"'} | {key: value}
    text = "[workload]\n" + "".join(f"{name} = {one}\n" for name, one in least.items())
    with pytest.raises(BadInput, match="cannot be") as refused:
        parse(text)
    assert (refused.value.field, refused.value.line) == (
        f"workload.{key}",
        list(least).index(key) + 2,
    )
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    "key", ["candidates.local", "candidates.needs", "privacy.approved_vendors", "privacy.in_region"]
)
def test_that_a_list_of_thousands_is_refused_with_its_key(key: str) -> None:
    table, name = key.split(".")
    many = ", ".join(f'"m{n}"' for n in range(2000))
    with pytest.raises(BadInput, match="has 2000 entries") as refused:
        parse(f"{LEAST}[{table}]\n{name} = [{many}]\n")
    assert refused.value.field == key


DATED = (
    'schema = 1\n[workload]\nname = "A"\ntask = "chat"\n[buy]\nmachine = "RTX 4090"\n'
    'price = 1500\nprice_as_of = "2026-11-20"\n'
)


def test_that_a_price_keeps_its_day_in_the_file() -> None:
    found = parse(DATED)
    assert found.buy.price_as_of == "2026-11-20"
    assert parse(to_toml(found)) == found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2026-11-20", "last week", "no date"),
        ("price = 1500\n", "", "dates a price that is not stated"),
    ],
)
def test_that_a_day_of_a_price_is_a_day_and_has_its_price(old: str, new: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        parse(DATED.replace(old, new))
    assert caught.value.field == "buy.price_as_of"


def test_that_an_unknown_key_is_told_where_it_belongs_or_what_there_is() -> None:
    known = {"calls_per_day", "series"}
    assert hint_for("tokens", "calls_per_day", known) == "It belongs into [volume]."
    assert hint_for("volume", "calls_per_dya", known, elsewhere=False) == (
        "Did you mean `calls_per_day`?"
    )
    assert hint_for("volume", "zzz", known) == "[volume] knows calls_per_day, series."
    assert hint_for("", "zzz", known) == "the file knows calls_per_day, series."


def test_that_a_line_of_a_broken_text_tells_its_table_and_its_key() -> None:
    text = "top = 1\n[volume]\nx = 2\n[[steps]]\nbroken\nname = ="
    assert [field_at(text, line) for line in range(1, 7)] == [
        "top", "volume", "volume.x", "steps", "steps", "steps.name",
    ]  # fmt: skip
