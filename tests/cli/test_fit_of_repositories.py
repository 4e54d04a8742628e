from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from landfall.cli.main import main
from tests.fakes.gguf_files import measured_headers, small
from tests.fakes.model_registry import Faults, Registry, serving_in_thread

HEADER = measured_headers()["qwen3-8b.gguf"]
MACHINE = ("--machine", "RTX 4060 Ti 16GB")
FILES = {
    "Qwen3-8B-Q8_0.gguf": (HEADER, 8_700_000_000),
    "Qwen3-8B-Q4_K_M.gguf": (HEADER, 5_000_000_000),
    "Qwen3-8B-BF16-00001-of-00002.gguf": (HEADER, 9_000_000_000),
    "Qwen3-8B-BF16-00002-of-00002.gguf": (HEADER, 31_000_000_000),
    "Qwen3-0.6B-Q4_0.gguf": (HEADER, 400_000_000),
}


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A registry on loopback that commands can ask."""
    with serving_in_thread(Registry()) as running:
        yield running


@pytest.fixture
def repository(registry: Registry) -> str:
    return registry.add_repository("user/repo", FILES, default="Qwen3-8B-Q4_K_M.gguf")


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert main([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_that_every_quantisation_is_listed_with_its_fit(
    repository: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fit = answer(capsys, "fit", repository, "--all-quants", *MACHINE)
    assert fit["quantization"] == "Q4_K_M"
    listed = {row["file"]: row for row in fit["quantizations"]}
    q4 = listed["Qwen3-8B-Q4_K_M.gguf"]
    assert set(q4) >= {"quant", "file", "size_bytes", "fit", "gpu_layers", "max_context", "split"}
    assert q4["need_bytes"] == fit["memory"]["total_bytes"]
    assert (q4["fit"], q4["gpu_layers"], q4["split"]) == ("gpu", 36, False)
    assert q4["max_context"] == fit["max_context"]
    assert q4["decode_tok_s"] == fit["decode_tok_s"]
    q8 = listed["Qwen3-8B-Q8_0.gguf"]
    assert q8["name"] == f"{repository}:Q8_0"
    assert q8["need_bytes"] - q4["need_bytes"] == pytest.approx(3_700_000_000, rel=0.02)
    assert q8["decode_tok_s"]["mid"] < q4["decode_tok_s"]["mid"]
    split = listed["Qwen3-8B-BF16-00001-of-00002.gguf"]
    assert (split["fit"], split["split"], split["size_bytes"]) == ("partial", True, 40_000_000_000)
    other = listed["Qwen3-0.6B-Q4_0.gguf"]
    assert other["fit"] is other["need_bytes"] is other["decode_tok_s"] is None
    assert "another model" in other["reason"]
    assert [row["size_bytes"] for row in fit["quantizations"]] == sorted(
        row["size_bytes"] for row in fit["quantizations"]
    )


def test_that_without_the_option_only_the_usual_one_is_asked_for(
    repository: str, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    fit = answer(capsys, "fit", repository, *MACHINE)
    assert "quantizations" not in fit
    assert not registry.asked_for("/api/")


def test_that_people_get_a_table(repository: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", repository, "--all-quants", *MACHINE]) == 0
    out, _ = capsys.readouterr()
    lines = out.splitlines()
    table = lines[next(i for i, line in enumerate(lines) if line.startswith("quantization")) :]
    assert [line.split()[0] for line in table[1:]] == [
        "Qwen3-0.6B-Q4_0.gguf",
        "Q4_K_M",
        "Q8_0",
        "BF16",
    ]
    assert "on the GPU" in table[2]
    assert "2 parts" in table[4]


def test_that_the_usual_one_decides_whether_the_answer_is_no(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "m-Q4_K_M.gguf": (measured_headers()["mistral-small-24b.gguf"], 14_300_000_000),
        "m-F16.gguf": (HEADER, 900_000_000_000),
    }
    name = registry.add_repository("user/big", files, default="m-Q4_K_M.gguf")
    asked = ("fit", name, "--all-quants", "--machine", "RTX 3050 8GB", "--parallel", "200")
    fit = answer(capsys, *asked, code=1)
    assert fit["fit"] == "no"
    assert [row["fit"] for row in fit["quantizations"]] == ["no", "no"]


def test_that_the_library_of_ollama_names_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    fit = answer(capsys, "fit", "qwen3:8b", "--all-quants", *MACHINE)
    assert fit["quantizations"] == []
    assert any("https://ollama.com/library/qwen3/tags" in reason for reason in fit["reasons"])


@pytest.mark.parametrize("words", [("model.gguf",), ("hf.co/user/repo", "--quant", "Q8_0")])
def test_that_a_list_goes_with_a_repository_alone(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    error = answer(capsys, "fit", *words, "--all-quants", *MACHINE, code=2)["error"]
    assert error["field"] == "all_quants"


@pytest.mark.parametrize(
    "fault",
    [
        (Faults(status=404), 2, "no model"),
        (Faults(status=401), 2, "does not show"),
        (Faults(status=403), 2, "does not show"),
        (Faults(status=412), 3, "newer Ollama"),
        (Faults(status=429), 3, "too many"),
        (Faults(status=500), 3, "500"),
        (Faults(html=True), 3, "web page"),
        (Faults(redirect_loop=True), 3, "without end"),
        (Faults(redirect_to="http://registry.example.com/"), 3, "not encrypted"),
        (Faults(cut_after_bytes=100), 3, "broke off"),
        (Faults(wrong_part=True), 3, "another part"),
        (Faults(pack="everything"), 3, "packed"),
    ],
)
@pytest.mark.parametrize("option", [[], ["--online"], ["--all-quants"]])
def test_that_a_registry_that_fails_ends_the_command_with_words(
    registry: Registry,
    capsys: pytest.CaptureFixture[str],
    fault: tuple[Faults, int, str],
    option: list[str],
) -> None:
    name = registry.add_repository("user/repo", FILES, default="Qwen3-8B-Q4_K_M.gguf")
    registry.faults, code, word = fault
    error = answer(capsys, "fit", name, *option, *MACHINE, code=code)["error"]
    assert word in error["message"]
    assert error["hint"]


@pytest.mark.parametrize(
    ("header", "layer", "word"),
    [
        (small(metadata={"general.type": "adapter"}), None, "adapter"),
        (small(metadata={"general.type": "mmproj"}), None, "projector"),
        (small(metadata={"split.count": 3}), None, "parts"),
        (small()[:400], None, "end inside"),
        (b"<html>", None, "does not begin with GGUF"),
        (None, "application/vnd.ollama.image.adapter", "adapter"),
        (None, "application/vnd.ollama.image.tensor", "single tensors"),
        (None, None, "runs at ollama.com"),
    ],
)
def test_that_a_name_that_is_no_model_to_run_here_says_what_it_is(
    registry: Registry,
    capsys: pytest.CaptureFixture[str],
    header: bytes | None,
    layer: str | None,
    word: str,
) -> None:
    config = {"remote_host": "ollama.com"} if header is None and layer is None else {}
    extra = ((layer, b"x"),) if layer else ()
    name = registry.add("odd", header, chat=False, config=config, extra_layers=extra)
    error = answer(capsys, "fit", name, *MACHINE, code=3 if word == "end inside" else 2)["error"]
    assert word in error["message"]


def test_that_a_projector_counts_on_top(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    name = registry.add("seeing", small(), projector=b"p" * 5000)
    fit = answer(capsys, "fit", name, *MACHINE)
    assert fit["memory"]["projector_bytes"] == 5000


def test_that_a_port_where_nobody_listens_is_an_outage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving_in_thread(Registry()) as gone:
        name = f"{gone.address}/user/repo"
    error = answer(capsys, "fit", name, *MACHINE, code=3)["error"]
    assert "cannot be reached" in error["message"]
