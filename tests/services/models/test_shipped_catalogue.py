from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.fit.memory import FitRequest, kv_cache_bytes, settled, step_bytes
from landfall.core.machine.hardware import GIB
from landfall.services import resources
from landfall.services.machine import machine_rows
from landfall.services.models import model_rows, shipped_catalogue
from tests.fakes.measured_models import measured_models


def document(name: str) -> Any:
    return copy.deepcopy(resources.read_json(name))


def test_that_every_row_that_ships_can_be_used() -> None:
    known = shipped_catalogue.load()
    assert known.problems == ()
    assert len(known.models) == 96
    assert len(known.machines) == 200


def test_that_every_row_has_a_source_and_a_date() -> None:
    for name in (model_rows.MODELS, machine_rows.HARDWARE):
        for row in document(name)["rows"]:
            assert row["date"] == "2026-11-23"
            assert row.get("arch_source") or row.get("source")


def test_that_tags_and_names_are_unique() -> None:
    known = shipped_catalogue.load()
    assert len({card.tag for card in known.models}) == len(known.models)
    assert len({machine.name for machine in known.machines}) == len(known.machines)


def test_that_the_context_of_a_row_is_that_of_its_header() -> None:
    by_tag = {card.tag: card for card in shipped_catalogue.load().models}
    assert by_tag["gemma3:27b"].architecture.context_trained == 131072
    assert by_tag["smollm2:135m"].architecture.context_trained == 8192
    assert by_tag["gpt-oss:20b"].architecture.experts_used == 4


SAME_MODEL = {
    "qwen3.5:4b": "qwen3.5-4b",
    "qwen3.5:9b": "qwen3.5-9b",
    "qwen3.5:27b": "qwen3.5-27b",
    "qwen3.5:35b": "qwen3.5-35b-a3b",
    "qwen3-coder-next": "qwen3-next-80b",
    "gemma3:270m": "gemma3-270m",
    "gemma3:27b": "gemma3-27b",
    "gemma3n:e2b": "gemma3n-e2b",
    "gemma3n:e4b": "gemma3n-e4b",
    "gemma4:e2b": "gemma4-e2b",
    "gemma4:e4b": "gemma4-e4b",
    "gemma4:26b": "gemma4-26b-a4b",
    "gemma4:31b": "gemma4-31b",
    "glm-4.7-flash": "glm-4.7-flash",
    "deepseek-r1:671b": "deepseek-v3",
    "mistral-small-4:119b": "mistral-small-4",
    "ministral-3:8b": "ministral-3-8b",
    "phi4:14b": "phi-4",
    "llama3.3:70b": "llama-3.3-70b",
    "llama4:scout": "llama-4-scout",
    "nemotron-3-nano:30b": "nemotron-3-nano",
    "olmo-3:7b": "olmo3-7b",
    "gpt-oss:120b": "gpt-oss-120b",
    "qwen3:0.6b": "qwen3-0.6b",
    "qwen3:32b": "qwen3-32b",
    "smollm2:135m": "smollm2-135m",
    "granite3.3:8b": "granite-3.3-8b",
    "qwen3-embedding:4b": "qwen3-embedding-4b",
    "bge-m3": "bge-m3",
    "bge-large": "bge-large",
    "all-minilm": "all-minilm",
    "nomic-embed-text": "nomic-embed",
    "embeddinggemma": "embeddinggemma",
    "qwen3-vl:8b": "qwen3-vl-8b",
}


@pytest.mark.parametrize(("tag", "model"), SAME_MODEL.items())
@pytest.mark.parametrize("flash_attention", [True, False])
def test_that_a_row_needs_the_cache_and_the_buffer_of_its_header(
    tag: str, model: str, flash_attention: bool
) -> None:
    row = {card.tag: card for card in shipped_catalogue.load().models}[tag].architecture
    header = measured_models()[model].spec.architecture
    for context in (4096, 32768):
        asked = FitRequest(context=context, flash_attention=flash_attention)
        request, _ = settled(header, asked)
        assert settled(row, asked)[0] == request
        assert kv_cache_bytes(row, request) == kv_cache_bytes(header, request)
        assert row.recurrent_bytes == pytest.approx(header.recurrent_bytes, rel=0.001)
        # A row does not know what enters beside the residual stream: 19 % of a small buffer.
        assert step_bytes(row, request) == pytest.approx(step_bytes(header, request), rel=0.19)


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("vocab", None, "missing"),
        ("layers", 0, "above 0"),
        ("kv_heads", "eight", "not a number"),
        ("hidden", True, "not a number"),
        ("tied_embeddings", None, "missing"),
        ("tied_embeddings", "yes", "true or false"),
        ("licence", None, "missing"),
        ("licence", 7, "not a text"),
        ("notes", 7, "not a text"),
        ("capabilities", "vision", "list"),
        ("quality", [], "object"),
        ("quality", {"mmlu_pro": "high"}, "not a number"),
        ("params_total", 1e30, "not a number"),
    ],
)
def test_that_a_model_row_with_a_hole_is_named_and_the_rest_is_used(
    field: str, value: Any, word: str
) -> None:
    broken = document(model_rows.MODELS)
    broken["rows"][3][field] = value
    cards, problems = model_rows.read_models(broken)
    assert len(cards) == 95
    (problem,) = problems
    assert problem.field.startswith(f"rows[3].{field}")
    assert word in problem.message
    assert "llama3.3:70b" in problem.message
    assert problem.file == "models.json"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("vendor", "voodoo"),
        ("memory_gib", None),
        ("bandwidth_gb_s", -1),
        ("memory_options_gib", [0]),
        ("unified", None),
    ],
)
def test_that_a_machine_row_with_a_hole_is_named_and_the_rest_is_used(
    field: str, value: Any
) -> None:
    broken = document(machine_rows.HARDWARE)
    broken["rows"][0][field] = value
    machines, problems = machine_rows.read_machines(broken)
    assert len(machines) == 199
    assert problems[0].field == f"rows[0].{field}"


def test_that_a_row_that_is_no_object_is_one_problem() -> None:
    broken = document(model_rows.MODELS)
    broken["rows"][0] = ["qwen"]
    _, problems = model_rows.read_models(broken)
    assert "not an object" in problems[0].message


@pytest.mark.parametrize("nonsense", [None, [], {}, {"rows": {}}])
def test_that_a_file_without_rows_is_refused(nonsense: Any) -> None:
    with pytest.raises(BadInput, match="rows"):
        model_rows.read_models(nonsense)


def test_that_full_layers_of_unknown_heads_take_those_of_the_sliding_ones() -> None:
    card = next(card for card in shipped_catalogue.load().models if card.tag == "gemma4:12b")
    assert not card.architecture.known
    assert [group.key_width for group in card.architecture.caches] == [8 * 512, 8 * 256]


def test_that_sizes_are_bytes() -> None:
    by_name = {machine.name: machine for machine in shipped_catalogue.load().machines}
    assert by_name["RTX 4090"].memory_bytes == 24 * GIB
    assert by_name["M1 8-core"].memory_options == (8 * GIB, 16 * GIB)
    assert by_name["M1 8-core"].bandwidth_bytes_per_s == 68.25e9
    assert by_name["Radeon 890M"].memory_bytes is None
    json.dumps([machine.name for machine in by_name.values()])
