"""`calibrate` against a twin: what is printed, kept, refused, and what `fit` makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from landfall.core.speed.calibration_run import Surroundings
from landfall.services.speed import calibration_run
from tests.cli.test_models_and_run import Shell, shell, twin
from tests.fakes.ollama_twin import Twin
from tests.services.ollama.conftest import tiny

__all__ = ["shell", "tiny", "twin"]  # fixtures

MODEL = ("tiny-story", "--seconds", "3")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANDFALL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration_run, "surroundings", lambda: Surroundings(busy_share=0.0))


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration_run, "surroundings", lambda: Surroundings(busy_share=0.97))


@pytest.mark.usefixtures("idle")
def test_that_a_calibration_is_printed_kept_and_taken_up_by_fit(twin: Twin, shell: Shell) -> None:
    before = shell.json("fit", "llama3.2:1b")
    document = shell.json("calibrate", *MODEL)
    (point,) = document["points"]
    assert document["engine"] == f"Ollama {twin.version}"
    scale = document["decode_scale"]
    assert scale == pytest.approx(point["decode_tok_s"] / point["decode_predicted_tok_s"])
    assert document["reasons"] == []
    factor = document["decode_factor"]
    assert min(scale, 1) <= factor <= max(scale, 1), "one run does not count in full"
    after = shell.json("fit", "llama3.2:1b")
    assert after["decode_tok_s"]["mid"] != before["decode_tok_s"]["mid"]
    assert "calibrated" in after["decode_tok_s"]["provenance"]
    out, _ = shell.text("calibrate", "--forget")
    assert "forgotten" in out
    assert shell.json("fit", "llama3.2:1b")["decode_tok_s"] == before["decode_tok_s"]
    assert shell.json("calibrate", "--forget", exits=1) == {"forgotten": 0}


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize("command", [("fit", "llama3.2:1b"), ("recommend",)])
def test_that_a_calibration_of_another_engine_is_old(
    command: tuple[str, ...], twin: Twin, shell: Shell
) -> None:
    def provenance() -> str:
        document = shell.json(*command)
        first = document if command[0] == "fit" else document["models"][0]
        return str(first["decode_tok_s"]["provenance"])

    shell.json("calibrate", *MODEL)
    assert "calibrated" in provenance()
    twin.version = "0.99.0"
    assert "calibrated" not in provenance()


@pytest.mark.usefixtures("idle")
def test_that_a_processor_is_told_what_narrows_its_speeds(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hints(*words: str) -> list[str]:
        reasons = shell.json("recommend", *words)["reasons"]
        return [one for one in reasons if "`landfall calibrate`" in one]

    assert hints("--machine", "RTX 4090") == []
    if not shell.json("detect")["accelerators"]:
        assert len(hints()) == 1
    shell.json("calibrate", *MODEL)
    assert hints() == []


@pytest.mark.usefixtures("idle")
def test_that_people_get_a_table_and_the_steps_on_stderr(twin: Twin, shell: Shell) -> None:
    out, err = shell.text("calibrate", *MODEL)
    assert "tiny-story:latest" in out
    assert "from now on" in out
    assert "1 of 1: loading tiny-story:latest" in err


def test_that_a_calibration_on_the_battery_says_so_where_it_counts(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    unplugged = Surroundings(busy_share=0.0, on_battery=True)
    monkeypatch.setattr(calibration_run, "surroundings", lambda: unplugged)
    (reason,) = shell.json("calibrate", *MODEL)["reasons"]
    assert reason.startswith("tiny-story:latest: measured on the battery")
    assert "on mains" in reason
    fit = shell.json("fit", "llama3.2:1b")
    assert "on its battery" in fit["decode_tok_s"]["provenance"]


@pytest.mark.usefixtures("busy")
def test_that_on_a_busy_machine_nothing_counts_and_the_exit_code_says_so(
    twin: Twin, shell: Shell
) -> None:
    document = shell.json("calibrate", *MODEL, exits=1)
    assert document["decode_scale"] is None
    assert any("97 %" in reason for reason in document["reasons"])


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--seconds", "soon"), "seconds"),
        (("--seconds", "0"), "seconds"),
        (("glm-5:cloud",), "models"),
    ],
)
def test_that_nonsense_is_named(
    twin: Twin, shell: Shell, words: tuple[str, ...], field: str
) -> None:
    assert shell.json("calibrate", *words, exits=2)["error"]["field"] == field


def test_that_a_model_that_is_not_there_is_said(twin: Twin, shell: Shell) -> None:
    error = shell.json("calibrate", "no-such-model", exits=1)["error"]
    assert "no-such-model" in error["message"]
