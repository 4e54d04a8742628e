"""Checks of a pipeline, each rule on the shortest one that meets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from landfall.core.workload.privacy_check import (
    DISCLAIMER,
    Place,
    PrivacyCheck,
    Seen,
    StepCheck,
    check,
)
from landfall.core.workload.workload import Step, StepName, Where, Workload
from tests.core.workload.least_pipelines import GENERATE, PHI, work


def seen(**changes: Any) -> Seen:
    told: dict[str, Any] = {
        "at": "9:00",
        "addresses": {
            "localhost": ("127.0.0.1",),
            "box.lan": ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"),
        },
        "server": "http://localhost:1",
        "remote_models": {},
        "server_asked": True,
        "cloud_off": True,
    }
    return Seen(**(told | changes))


def checked(workload: Workload, *, local: bool = True, **changes: Any) -> PrivacyCheck:
    return check(workload, seen(**changes), local=local)


def test_that_a_check_says_step_by_step_what_it_saw() -> None:
    db = Step(name=StepName.VECTOR_DB, where=Where.NETWORK, host="http://box.lan:6333")
    found = checked(work(db, GENERATE, local=("a",), named=PHI))
    assert found == PrivacyCheck(
        steps=(
            StepCheck(
                step="vector_db",
                host="http://box.lan:6333",
                place=Place.NETWORK,
                why="box.lan is 10.0.0.1, 10.0.0.2, 10.0.0.3",
            ),
            StepCheck(step="generate", host="", place=Place.HERE, why="localhost is 127.0.0.1"),
        ),
        inside=True,
        here=False,
        sentence="By your settings nothing in this pipeline is sent outside your network (checked "
        "9:00: 1 of 2 steps local, cloud models disabled, no candidate is forwarded by the "
        f"server). {DISCLAIMER}",
        findings=(),
        notes=(),
    )


def test_that_what_leaves_or_is_not_known_is_found() -> None:
    gone = Step(name=StepName.OCR, where=Where.NETWORK, host="gone")
    cloud = Step(name=StepName.EMBED, where=Where.CLOUD)
    local = Step(name=StepName.CACHE, where=Where.LOCAL)
    found = checked(work(gone, cloud, local, named=PHI))
    assert found.findings == (
        "embed leads outside your network: it runs in the cloud",
        "where ocr leads is not known: gone has no address now",
    )
    assert (found.inside, found.here) == (False, False)
    assert found.sentence == (
        f"Not kept inside, as far as could be checked (9:00): ocr, embed. {DISCLAIMER}"
    )
    judge = Step(name=StepName.JUDGE, where=Where.VERDICT)
    assert checked(work(judge)).steps[0].place is Place.HERE
    assert checked(work(judge), local=False).steps[0].why == "the verdict does not keep it here"
    assert checked(work(replace(judge, where=Where.LOCAL)), local=False).steps[0].why == (
        "as stated (local)"
    )


def test_that_the_model_server_counts_and_not_the_names() -> None:
    def place(local: tuple[str, ...], **changes: Any) -> tuple[Place, str]:
        (found,) = checked(work(local=local), **changes).steps
        return found.place, found.why

    assert place(("a:cloud", "b:cloud")) == (Place.PUBLIC, "a:cloud is a cloud model by its name")
    forwarded = {"b": "https://x", "a:cloud": "https://y"}
    assert place(("a:cloud", "b"), remote_models=forwarded) == (
        Place.PUBLIC,
        "the server forwards b to https://x",
    )
    assert place(("a:cloud", "c"), remote_models=forwarded)[0] is Place.HERE
    assert place((), server="")[1] == "no model server was found"
    assert place((), server_asked=False)[0] is Place.UNKNOWN
    assert place((), server="box.lan", server_asked=False)[0] is Place.NETWORK


def test_that_notes_are_of_what_is_open() -> None:
    def notes(local: tuple[str, ...] = ("a",), **changes: Any) -> tuple[str, ...]:
        return checked(work(local=local), **changes).notes

    assert notes() == ()
    (unknown,) = notes(cloud_off=None)
    assert unknown.startswith("whether this server may use its cloud is not known")
    assert notes(cloud_off=None, server_asked=False) == ()
    assert notes(cloud_off=False) == (
        "this server may use its cloud: OLLAMA_NO_CLOUD=1 switches that off",
    )
    assert notes(("a", "b", "c:cloud"), absent_models=("b", "c:cloud")) == (
        "b is not on the server yet: check again when it is",
    )
    assert notes(("a",), absent_models=("a",), server_asked=False) == ()
    assert notes(keys=("K", "L"), telemetry=("t",)) == (
        "keys of cloud services in the environment: K, L",
        "t",
    )


def test_that_checks_that_were_not_made_are_not_claimed() -> None:
    def made(**changes: Any) -> str:
        local = changes.pop("candidates", ("a",))
        return checked(work(local=local), **changes).sentence.partition("local")[2]

    assert made().startswith(", cloud models disabled, no candidate is forwarded by the server)")
    assert made(cloud_off=False).startswith(", no candidate")
    assert made(candidates=()).startswith(", cloud models disabled)")
    assert made(server="box.lan", server_asked=False).startswith(", cloud models disabled)")
