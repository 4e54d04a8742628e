"""What was checked of a pipeline, the sentence that may be said of it, and words that never are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landfall.core.workload.privacy_check import Place, PrivacyCheck, Seen, check, place_of
from landfall.core.workload.workload import (
    Candidates,
    Privacy,
    PrivacyClass,
    Step,
    StepName,
    Task,
    Where,
    Workload,
)

ROOT = Path(__file__).parents[3]
ADDRESSES = {
    "localhost": ("127.0.0.1", "::1"),
    "nas.lan": ("192.168.1.9",),
    "api.openai.com": ("104.18.6.192",),
    "sneaky.local": ("10.0.0.3", "8.8.8.8"),
}
STEPS = (
    Step(name=StepName.OCR, where=Where.LOCAL),
    Step(name=StepName.EMBED, where=Where.LOCAL, host="http://localhost:8080"),
    Step(name=StepName.GENERATE),
)


def seen(**changes: Any) -> Seen:
    values: dict[str, Any] = {
        "at": "14:02",
        "addresses": ADDRESSES,
        "server": "http://localhost:11434",
        "remote_models": {},
        "server_asked": True,
        "cloud_off": True,
    }
    return Seen(**(values | changes))


def checked(
    *steps: Step,
    privacy: PrivacyClass = PrivacyClass.PHI,
    local: tuple[str, ...] = ("qwen3:8b",),
    stays: bool = True,
    **changes: Any,
) -> PrivacyCheck:
    work = Workload(
        name="A",
        task=Task.SUMMARY,
        privacy=Privacy(privacy_class=privacy),
        steps=steps,
        candidates=Candidates(local=local),
    )
    return check(work, seen(**changes), local=stays)


def places(found: PrivacyCheck) -> list[Place]:
    return [one.place for one in found.steps]


def test_that_the_sentence_says_the_checks_that_were_made() -> None:
    found = checked(*STEPS)
    assert found.sentence == (
        "By your settings nothing in this pipeline is sent outside this machine (checked 14:02:"
        " 3 of 3 steps local, cloud models disabled, no candidate is forwarded by the server)."
        " Your rule, not a legal finding."
    )
    assert (found.inside, found.here, found.findings) == (True, True, ())


def test_that_what_was_not_checked_is_not_said() -> None:
    said = checked(*STEPS, cloud_off=None, local=())
    assert "(checked 14:02: 3 of 3 steps local)" in said.sentence
    assert "OLLAMA_NO_CLOUD" in " ".join(said.notes)
    on = checked(*STEPS, cloud_off=False)
    assert "cloud models disabled" not in on.sentence
    assert "may use its cloud" in " ".join(on.notes)


def test_that_a_box_in_the_network_is_your_network_and_not_this_machine() -> None:
    db = Step(name=StepName.VECTOR_DB, where=Where.NETWORK, host="nas.lan:6333")
    found = checked(*STEPS, db)
    assert places(found)[-1] is Place.NETWORK
    assert (found.inside, found.here) == (True, False)
    assert "outside your network" in found.sentence
    assert "3 of 4 steps local" in found.sentence
    stated = checked(Step(name=StepName.CACHE, where=Where.NETWORK), *STEPS)
    assert places(stated)[0] is Place.NETWORK


@pytest.mark.parametrize(
    ("step", "place", "why"),
    [
        (Step(name=StepName.EMBED, where=Where.CLOUD), Place.PUBLIC, "it runs in the cloud"),
        (
            Step(name=StepName.TRACE, where=Where.CLOUD, host="api.openai.com"),
            Place.PUBLIC,
            "it runs in the cloud at api.openai.com",
        ),
        (
            Step(name=StepName.RERANK, where=Where.LOCAL, host="https://api.openai.com/v1"),
            Place.PUBLIC,
            "api.openai.com is 104.18.6.192",
        ),
        (
            Step(name=StepName.RERANK, where=Where.NETWORK, host="sneaky.local"),
            Place.PUBLIC,
            "sneaky.local is 10.0.0.3, 8.8.8.8",
        ),
        (
            Step(name=StepName.RERANK, where=Where.NETWORK, host="gone.example.com"),
            Place.PUBLIC,
            "gone.example.com has no address now, and its name is a public one",
        ),
        (
            Step(name=StepName.RERANK, where=Where.NETWORK, host="gone"),
            Place.UNKNOWN,
            "gone has no address now",
        ),
    ],
)
def test_that_a_step_that_leaves_or_may_leave_takes_the_sentence_away(
    step: Step, place: Place, why: str
) -> None:
    found = checked(step, STEPS[0])
    assert (found.steps[0].place, found.steps[0].why) == (place, why)
    assert not found.inside
    assert found.sentence.startswith("Not kept inside, as far as could be checked (14:02):")
    assert step.name.value in found.sentence
    assert len(found.findings) == 1


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"local": ("gpt-oss:120b-cloud",)}, Place.PUBLIC),
        ({"local": ("qwen3:8b",), "remote_models": {"qwen3:8b": "a cloud"}}, Place.PUBLIC),
        ({"local": ("gemma4:cloud", "qwen3:8b")}, Place.HERE),
        ({"server": ""}, Place.UNKNOWN),
        ({"server_asked": False}, Place.UNKNOWN),
        ({"server": "http://nas.lan:11434"}, Place.NETWORK),
        ({"server": "https://api.openai.com"}, Place.PUBLIC),
        ({"stays": False}, Place.PUBLIC),
    ],
)
def test_that_names_alone_prove_nothing_of_the_model_that_answers(
    changes: dict[str, Any], place: Place
) -> None:
    assert places(checked(**changes)) == [place]


def test_that_classified_text_is_never_blessed_even_on_this_machine() -> None:
    found = checked(*STEPS, privacy=PrivacyClass.CLASSIFIED)
    assert found.here
    assert found.sentence.startswith("Nothing is said of classified text")
    assert "By your settings" not in found.sentence


def test_that_keys_telemetry_and_absent_models_are_notes() -> None:
    found = checked(
        *STEPS,
        keys=("OPENAI_API_KEY",),
        telemetry=("telemetry switches that are not set",),
        absent_models=("qwen3:8b",),
    )
    said = " ".join(found.notes)
    assert "OPENAI_API_KEY" in said
    assert "telemetry" in said
    assert "not on the server yet" in said


@pytest.mark.parametrize(
    ("addresses", "place"),
    [
        (("127.0.0.1",), Place.HERE),
        (("::1", "0.0.0.0"), Place.HERE),
        (("::ffff:127.0.0.1",), Place.HERE),
        (("fe80::1%eth0",), Place.NETWORK),
        (("100.64.0.7",), Place.NETWORK),
        (("127.0.0.1", "1.1.1.1"), Place.PUBLIC),
        ((), Place.UNKNOWN),
    ],
)
def test_that_the_farthest_address_counts(addresses: tuple[str, ...], place: Place) -> None:
    assert place_of(addresses) is place


# Words that are never said -----------------------------------------------------------------------

FORBIDDEN = re.compile(
    r"\bcomplian(?:t|ce)\b|HIPAA|GDPR|\bprivileged\b|\banonym|\bguarantee|\bcertified\b",
    re.IGNORECASE,
)


def _words() -> Iterator[tuple[str, str]]:
    """Every text in code that is no docstring, and every resource that is shown."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        silent = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if text and id(node) not in silent:
                assert isinstance(node, ast.Constant)
                yield f"{path.name}:{node.lineno}", str(node.value)
    for name in ("guide.json", "rules.json", "thresholds.json", "workload_template.toml"):
        yield name, (ROOT / "resources" / name).read_text(encoding="utf-8")
    for path in sorted((ROOT / "resources" / "samples").glob("*.toml")):
        yield path.name, path.read_text(encoding="utf-8")


def test_that_no_word_claims_what_only_a_lawyer_can_say() -> None:
    found = [(where, text) for where, text in _words() if FORBIDDEN.search(text)]
    assert found == []
    assert sum(1 for _ in _words()) > 5000


@pytest.mark.parametrize("where", [Where.LOCAL, Where.NETWORK])
def test_that_a_step_without_a_host_is_where_it_is_stated(where: Where) -> None:
    step = Step(name=StepName.EMBED, where=where)
    (found,) = [one for one in checked(step).steps if one.step == "embed"]
    assert found.place is (Place.HERE if where is Where.LOCAL else Place.NETWORK)
    assert found.why == f"as stated ({where.value})"
