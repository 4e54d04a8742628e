from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.cli.main import main
from landfall.core.errors import BadInput
from landfall.core.machine.hardware import GIB
from landfall.core.machine.machine_names import find, words
from landfall.core.machine.machines import what_if
from landfall.services import paths
from landfall.services.models import shipped_catalogue

ROWS = shipped_catalogue.load().machines


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANDFALL_HOME", str(tmp_path))
    file = paths.of_user().machines
    file.write_text(
        '[[machine]]\nname = "the tower"\nlike = "RTX 4090"\ncount = 2\nram_gib = 192\n'
        '[[machine]]\nname = "wrong"\nlike = "RTX 4091"\n',
        encoding="utf-8",
    )
    return file


def document(capsys: pytest.CaptureFixture[str], *typed: str, code: int = 0) -> tuple[Any, str]:
    assert main([*typed, "--json"]) == code
    out, err = capsys.readouterr()
    return json.loads(out), err


# ---------------------------------------------------------------- names of the real catalogue


def test_that_every_row_of_the_catalogue_is_itself() -> None:
    assert [find(row.name, ROWS)[0].name for row in ROWS] == [row.name for row in ROWS]


@given(st.sampled_from(ROWS), st.integers(0, 9))
def test_that_dropping_a_word_never_makes_it_another_machine(row: Any, which: int) -> None:
    typed = row.name.split()
    del typed[which % len(typed)]
    shorter = " ".join(typed)
    try:
        found, _ = find(shorter, ROWS)
    except BadInput:
        return
    # "RTX 3060 Ti" without "Ti" is the name of the RTX 3060, word for word; nothing else is taken.
    assert found is row or words(shorter).device == words(found.name).device


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "RTX 4090 Laptop"),
        ("GeForce RTX 4060 Ti 16 GB", "RTX 4060 Ti 16GB"),
        ("rtx4070tisuper", "RTX 4070 Ti SUPER"),
        ("4090", "RTX 4090"),
        ("7900xtx", "RX 7900 XTX"),
        ("Radeon RX 7900 XTX", "RX 7900 XTX"),
        ("NVIDIA A100-SXM4-80GB", "A100 SXM 80GB"),
        ("NVIDIA A100 80GB PCIe", "A100 PCIe 80GB"),
        ("NVIDIA H100 80GB HBM3", "H100 SXM"),
        ("Tesla V100-SXM2-32GB", "V100 SXM2 32GB"),
        ("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "RTX PRO 6000 Blackwell"),
        (
            "NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition",
            "RTX PRO 6000 Blackwell Max-Q",
        ),
        ("Intel(R) Arc(TM) A770 Graphics", "Arc A770"),
        ("AMD Instinct MI300X", "MI300X"),
        ("MacBook Pro M4 Max 64GB", "M4 Max 40-core 64GB"),
        ("Mac Studio M3 Ultra 512GB", "M3 Ultra 80-core 512GB"),
        (
            "MacBook Pro 16-inch (M4 Max, 14-core CPU, 32-core GPU, 36GB)",
            "M4 Max 32-core",
        ),
        ("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S", "Strix Halo Radeon 8060S (Ryzen AI Max+ 395)"),
        ("Ryzen AI Max 390", "Strix Halo Radeon 8050S (Ryzen AI Max 385/390)"),
        ("NVIDIA GB10", "DGX Spark (GB10)"),
        ("RTX A2000 6GB", "RTX A2000"),
        ("dual RTX 3090", "2x RTX 3090"),
        ("RTX 4090 2x", "2x RTX 4090"),
        ("RTX 4090 + RTX 3090", "RTX 4090 + RTX 3090"),
        ("rtx 3090 & rtx 3090", "2x RTX 3090"),
        ("2x RTX 3090 and RTX 4090", "2x RTX 3090 + RTX 4090"),
    ],
)
def test_that_drivers_shops_and_people_are_understood(typed: str, meant: str) -> None:
    assert what_if(typed, ROWS).name == meant


@pytest.mark.parametrize(
    ("typed", "message", "hint"),
    [
        ("M4 Max", "several", "M4 Max 40-core (48, 64 or 128 GB)"),
        ("RTX 4060 Ti", "several", "RTX 4060 Ti 8GB; RTX 4060 Ti 16GB"),
        ("H100", "several", "H100 NVL (94 GB)"),
        ("Strix Halo", "several", "8050S"),
        ("RTX 6000", "several", "Quadro RTX 6000"),
        ("RTX 4090 48GB", "not sold", "RTX 4090 (24 GB)"),
        ("RTX 3060 8GB", "not sold", "RTX 3060 12GB"),
        ("M4 Max 512GB", "not sold", "M4 Max 32-core (36 GB)"),
        ("M4 Max 38-core", "No machine", "M4 Max 32-core or M4 Max 40-core"),
        ("RTX 4091", "No machine", "Did you mean RTX 4090"),
        ("RTX 4090 Super", "No machine", "Did you mean RTX 4090"),
        ("RTX 4090 + M4 Max 40-core", "whole machine", "one of it"),
        ("9x RTX 4090 + 9x RTX 3090", "18 of a card", "1 to 16"),
        ("RTX 4090 +", "No machine", "machines"),
        ("💾", "No machine", "machines"),
    ],
)
def test_that_what_is_no_machine_gets_a_way_on(typed: str, message: str, hint: str) -> None:
    with pytest.raises(BadInput) as error:
        what_if(typed, ROWS)
    assert error.value.field == "machine"
    assert message in error.value.message
    assert hint in error.value.hint


@given(st.text(max_size=60))
def test_that_no_name_crashes_the_search(typed: str) -> None:
    with suppress(BadInput):
        assert what_if(typed, ROWS).accelerators


# ---------------------------------------------------------------- own machines on the command line


def test_that_own_machines_are_listed_first_and_mistakes_are_said(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, err = document(capsys, "machines")
    assert (rows[0]["name"], rows[0]["own"], rows[0]["like"]) == ("the tower", True, "RTX 4090")
    assert (rows[0]["count"], rows[0]["ram_bytes"]) == (2, 192 * GIB)
    assert rows[0]["source"] == str(own)
    assert len(rows) == 201
    assert f"{own}: machine[1].like" in err
    assert main(["machines", "--search", "tower"]) == 0
    assert "the tower (2 cards), yours" in capsys.readouterr().out


def test_that_an_own_machine_can_be_asked_about(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, _ = document(capsys, "fit", "llama3.3:70b", "--machine", "The Tower")
    assert (found["machine"], found["fit"], found["gpus"]) == ("the tower", "gpu", 2)
    error, _ = document(capsys, "fit", "llama3.3:70b", "--machine", "wrong", code=2)
    assert error["error"]["field"] == "machine"
    assert str(own) in error["error"]["hint"]


def test_that_the_help_says_how_to_describe_one(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["machines", "--help"])
    out = capsys.readouterr().out
    assert str(own) in out
    assert "[[machine]]" in out


def test_that_a_chip_of_several_sizes_says_which_is_taken(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def reasons(machine: str) -> str:
        found, _ = document(capsys, "fit", "gemma3:4b", "--machine", machine)
        return " ".join(found["reasons"])

    assert "16 GiB of memory are taken" in reasons("M1 8-core")
    assert "8 GB can be said" in reasons("M1 8-core")
    assert "are taken" not in reasons("M1 8-core 8GB")
    assert "are taken" not in reasons("RTX 4090")


def test_that_a_mixture_says_where_its_experts_went_and_what_is_assumed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found, _ = document(capsys, "fit", "qwen3:30b", "--machine", "RTX 4070")
    assert found["fit"] == "partial"
    assert found["gpu_layers"] + found["layers_without_experts"] == found["layers"]
    assert any("experts first" in reason for reason in found["reasons"])
    assert "main memory of 32 GiB is assumed" in found["reasons"]
    assert found["held_by_others_bytes"] == 0
    assert main(["fit", "qwen3:30b", "--machine", "RTX 4070"]) == 0
    assert "without experts)" in capsys.readouterr().out
