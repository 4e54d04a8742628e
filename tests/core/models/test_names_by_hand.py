"""Names of models, suggestions, repositories and contexts: each rule on the shortest example."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.fit.fit import FitKind, FitRequest, fit
from landfall.core.machine.hardware import MemoryBudget, memory_budget
from landfall.core.models.architecture import Architecture, ModelSpec, Weights
from landfall.core.models.catalogue import (
    ModelCard,
    Task,
    find,
    spelling,
    split_quantization,
    suggestions,
    unknown_model,
)
from landfall.core.models.contexts import (
    CONTEXT_STEPS,
    SHORTEST_USEFUL,
    better_context,
    nearest_step,
)
from landfall.core.models.gguf import Header
from landfall.core.models.model_names import (
    is_cloud_name,
    is_local_name,
    local_only,
    same,
    shortest,
    split_tag,
    without_pin,
)
from landfall.core.models.pasted_names import meant, names_repository, on_hub
from landfall.core.models.quantization_names import one_spelling, quantization_of
from landfall.core.models.repository import (
    LISTED_SPREAD,
    Quantization,
    RepositoryFile,
    contents,
    quantized,
    read_listing,
)
from landfall.core.models.weights import spec
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()
BARE = Architecture(
    name="llama",
    layers=2,
    caches=(),
    vocabulary=100,
    hidden=10,
    heads=1,
    query_width=10,
    feed_forward=10,
    context_trained=None,
)


def card(tag: str, *aliases: str, capabilities: frozenset[str] = frozenset()) -> ModelCard:
    return ModelCard(
        tag=tag,
        aliases=aliases,
        architecture=BARE,
        architecture_source="",
        tied_embeddings=False,
        params_total=1,
        params_active=1,
        quantization="Q8_0",
        size_bytes=None,
        size_spread=0.0,
        size_source="",
        capabilities=capabilities,
        licence="",
        evidence=(),
        notes="",
        date="",
    )


# The catalogue ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("qwen3:8b", "qwen38b"),
        ("Qwen/Qwen3-8B-Instruct-GGUF", "qwen38b"),
        ("https://huggingface.co/Qwen/Qwen3_8B", "qwen38b"),
        ("hf.co/Qwen/Qwen3 8B", "qwen38b"),
        ("llama-3.1-8b-it", "llama3.18b"),
        ("mistral-7b-instruct-v0.3", "mistral7b"),
        ("mistral-7b_v1", "mistral7b"),
        ("qwen3-30b-a3b-thinking-2507", "qwen330b"),
        ("qwen3-30b-a3.5b", "qwen330b"),
        ("m-1924", "m"),
        ("m-2149", "m2149"),
        ("model-v3", "modelv3"),
        ("", ""),
        ("a:latest", "a"),
        ("chatty-8b", "chatty8b"),
    ],
)
def test_that_a_name_has_one_spelling(name: str, key: str) -> None:
    assert spelling(name) == key


ROWS = (
    card("one:8b", "First-8B"),
    card("one:70b"),
    card("two:7b", "odd/name"),
    card("three"),
    card("onex:1b"),
    card("coder:7b"),
    card("tw:1b"),
)


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("one:8b", "one:8b"),
        ("ONE:8B", "one:8b"),
        ("first-8b", "one:8b"),
        ("odd/name", "two:7b"),
        ("ollama.com/library/one:8b", "one:8b"),
        ("http://registry.ollama.ai/library/one:8b", "one:8b"),
        ("one-8b", "one:8b"),
        ("First 8B", "one:8b"),
        ("one:8b:local", "one:8b"),
        ("two", "two:7b"),
        ("three:latest", "three"),
        ("x/one-8b", "one:8b"),
        ("x/one:8b", None),
        ("one", None),
        ("four", None),
        ("", None),
        ("-", None),
    ],
)
def test_that_a_card_is_found_by_what_people_call_it(name: str, tag: str | None) -> None:
    found = find(name, ROWS)
    assert (found.tag if found else None) == tag


def test_that_an_exact_name_wins_over_one_that_is_spelled_alike() -> None:
    alike, exact = card("a-b"), card("ab")
    assert find("ab", (alike, exact)) is exact
    assert find("a_b", (alike, exact)) is alike
    other = card("c", "A-B")
    assert find("a-b", (other, alike)) is other


def test_that_what_looks_like_the_name_is_suggested_best_first() -> None:
    assert (
        suggestions("one:7", ROWS) == ("one:8b", "one:70b", "onex:1b")[:0]
        or suggestions("one:7", ROWS)[0] == "one:70b"
    )
    assert suggestions("one:7", ROWS)[:2] == ("one:70b", "one:8b")
    assert suggestions("one:7", ROWS, limit=1) == ("one:70b",)
    assert len(suggestions("one:7", ROWS * 2)) <= 4
    assert suggestions("thre", ROWS)[0] == "three"
    assert suggestions("Somebody/two:9b", ROWS)[0] == "two:7b"
    assert suggestions("code", ROWS)[0] == "coder:7b"
    assert suggestions("qqqq", ROWS) == ()
    # Two families that are spelled nearly so, of whose tags as a whole nothing looks like it.
    long = (card(f"mistral:{'x' * 30}"), card(f"mistrax:{'y' * 30}"))
    assert set(suggestions("mistrel", long)) == {one.tag for one in long}
    # A beginning of two letters is none: it would be that of half of the catalogue.
    many = tuple(card(f"xy{letter * 9}:1b") for letter in "abcdef")
    assert suggestions("xy", many) == ()
    assert len(suggestions("xya", (*many, card("xyab:2b")))) >= 1


def test_that_an_unknown_model_is_said_with_what_was_meant_and_why() -> None:
    near = unknown_model("one:7", ROWS)
    assert near.hint.startswith("Did you mean one:70b, one:8b")
    assert near.message == "No model is known as 'one:7'."
    assert near.field == "model"
    far = unknown_model("qqqq", ROWS, "it has no page")
    assert far.message == "No model is known as 'qqqq': it has no page."
    assert far.hint.startswith("Known are, for example, llama3.1:8b")


def test_that_a_card_suits_a_task_by_its_capabilities() -> None:
    plain = card("a")
    sees, embeds = (card("a", capabilities=frozenset({one})) for one in ("vision", "embedding"))
    for task in Task:
        assert plain.suits(task) is (task not in (Task.EMBEDDING, Task.VISION))
        assert embeds.suits(task) is (task is Task.EMBEDDING)
        assert sees.suits(task) is (task is not Task.EMBEDDING)
    made = [
        one
        for one in ("qwen-coder", "codestral:1b", "devstral", "codex")
        if card(one).made_for_code
    ]
    assert made == ["qwen-coder", "codestral:1b", "devstral"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a:8b-Q4_K_M", ("a:8b", "Q4_K_M")),
        (" a:8b_iq3_xxs ", ("a:8b", "IQ3_XXS")),
        ("a:8b-UD-q8_0", ("a:8b", "Q8_0")),
        ("a:bf16", ("a", "BF16")),
        ("a-mxfp4", ("a", "MXFP4")),
        ("a-f32", ("a", "F32")),
        ("a-q9_0", ("a-q9_0", None)),
        ("a-fp16-x", ("a-fp16-x", None)),
    ],
)
def test_that_a_quantisation_at_the_end_is_cut_off(
    name: str, parts: tuple[str, str | None]
) -> None:
    assert split_quantization(name) == parts


# Names as a server reads them -------------------------------------------------------------------


def test_that_a_tag_is_what_follows_the_last_colon_without_a_slash() -> None:
    assert split_tag("a:b") == ("a", "b")
    assert split_tag("h:80/a") == ("h:80/a", "")
    assert split_tag("h:80/a:b") == ("h:80/a", "b")
    assert split_tag("a") == ("a", "")
    assert split_tag("a:") == ("a", "")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("a", "a:latest"),
        ("a:b", "a:b"),
        ("library/a", "a:latest"),
        ("Library/a:b", "a:b"),
        ("registry.ollama.ai/library/a:b", "a:b"),
        ("registry.ollama.ai/user/a:b", "user/a:b"),
        ("https://registry.ollama.ai/library/a", "a:latest"),
        ("HTTP://registry.ollama.ai/a", "a:latest"),
        ("library/user/a", "library/user/a:latest"),
        ("hf.co/u/r:Q8_0", "hf.co/u/r:Q8_0"),
    ],
)
def test_that_a_name_has_its_shortest_form(name: str, short: str) -> None:
    assert shortest(name) == short
    assert same(name, short.upper())
    assert not same(name, "other")


@pytest.mark.parametrize(
    ("name", "cloud", "local"),
    [
        ("a:cloud", True, False),
        ("a:x-cloud", True, False),
        ("a:CLOUD ", True, False),
        ("a-cloud", False, False),
        ("cloud", False, False),
        ("h:80/a-cloud", False, False),
        ("a:clouds", False, False),
        ("a:local", False, True),
        ("a:b:LOCAL", False, True),
        ("local", False, False),
        ("a:x", False, False),
    ],
)
def test_that_what_follows_the_colon_says_who_may_answer(
    name: str, cloud: bool, local: bool
) -> None:
    assert is_cloud_name(name) is cloud
    assert is_local_name(name) is local
    assert local_only(name) == (name if local else f"{shortest(name)}:local")


def test_that_a_pin_is_taken_off_a_name_that_has_one() -> None:
    assert without_pin("a:b:local") == "a:b"
    assert without_pin("a:local") == "a"
    assert without_pin(":local") == ":local"
    assert without_pin("local") == "local"
    assert without_pin("a:b") == "a:b"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" 'a:b' ", "a:b"),
        ("ollama run a:b", "a:b"),
        ("$ ollama pull --insecure 'a:b' x", "a:b"),
        ("OLLAMA SHOW a", "a"),
        ("ollama run --verbose", ""),
        ("ollama list", "ollama list"),
        ("https://ollama.com/library/a:b", "a:b"),
        ("ollama.com/user/a/tags", "user/a"),
        ("https://ollama.com/library/a?x#y", "a"),
        ("ollama.com", "ollama.com"),
        ("hf.co/u/r:Q8_0", "hf.co/u/r:Q8_0"),
        ("huggingface.co/u/r", "huggingface.co/u/r"),
        ("https://huggingface.co/u/r", "hf.co/u/r"),
        ("https://www.huggingface.co/u/r#files", "hf.co/u/r"),
        ("https://hf.co/u/r/blob/main/m-Q4_K_M.gguf", "hf.co/u/r:Q4_K_M"),
        ("https://hf.co/u/r/resolve/main/sub/m.gguf", "hf.co/u/r:m.gguf"),
        ("https://hf.co/u/r/tree/main/sub", "hf.co/u/r"),
        ("https://hf.co/u/r/blob/main", "hf.co/u/r/blob/main"),
        ("https://hf.co/u/r?show_file_info=sub%2Fm-Q8_0.gguf", "hf.co/u/r:Q8_0"),
        ("https://hf.co/u/r?a=b&show_file_info=m-F16.gguf&c", "hf.co/u/r:F16"),
        ("u/r-GGUF", "hf.co/u/r-GGUF"),
        ("u/r-GGUF:Q8_0", "hf.co/u/r-GGUF:Q8_0"),
        ("u/r.gguf", "u/r.gguf"),
        ("./r-gguf", "./r-gguf"),
        ("u/r", "u/r"),
        ("ftp://ollama.com/library/a", "ftp://ollama.com/library/a"),
        (f"https://hf.co/u/r/blob/main/{'m' * 75}.gguf", f"hf.co/u/r:{'m' * 75}.gguf"),
        (f"https://hf.co/u/r/blob/main/{'m' * 76}.gguf", "hf.co/u/r"),
    ],
)
def test_that_what_is_pasted_becomes_the_name_that_it_means(text: str, name: str) -> None:
    assert meant(text) == name


def test_that_a_repository_is_a_name_with_a_registry_and_no_tag() -> None:
    for name in ("hf.co/u/r", "HUGGINGFACE.co/u/r", "example.com/u/r"):
        assert names_repository(name)
    for name in (
        "hf.co/u/r:Q8_0",
        "u/r",
        "a",
        "./u/r",
        "../u/r",
        "~/u/r",
        "/u/r",
        "registry.ollama.ai/u/r",
        "hf.co/u/r.gguf",
        "hf.co/u/r/x",
    ):
        assert not names_repository(name), name
    assert on_hub("HF.co/u")
    assert on_hub("huggingface.co/u")
    assert not on_hub("hf.com/u")
    assert not on_hub("hf.co")


def test_that_a_quantisation_has_one_spelling_and_the_last_of_a_name_counts() -> None:
    assert one_spelling(" ud-q4_k_xl ") == "Q4_K_XL"
    assert one_spelling("fp16") == "F16"
    assert one_spelling("FP32") == "F32"
    assert quantization_of("Q2_K/m-Q4_K_M.gguf") == "Q4_K_M"
    assert quantization_of("m-Q2_K-Q8_0.gguf") == "Q8_0"
    assert quantization_of("m-fp32.gguf") == "F32"
    assert quantization_of("mQ8_0") == ""


# Repositories -----------------------------------------------------------------------------------


def listed(**entry: Any) -> tuple[RepositoryFile, ...]:
    return read_listing(json.dumps([{"type": "file", "path": "a.gguf", **entry}]).encode(), "x")


def test_that_an_entry_has_a_size_a_path_and_perhaps_a_digest() -> None:
    assert listed(size=0) == (RepositoryFile(path="a.gguf", size_bytes=0),)
    assert listed(size=(1 << 50) - 1)[0].size_bytes == (1 << 50) - 1
    assert listed(size=1 << 50) == listed(size=-1) == listed(size="7") == listed() == ()
    assert listed(size=1, path="a" * 1024)[0].path == "a" * 1024
    assert listed(size=1, path="a" * 1025) == listed(size=1, path="") == ()
    assert listed(size=1, lfs={"size": 9, "oid": "ab" * 32})[0] == RepositoryFile(
        path="a.gguf", size_bytes=9, sha256="ab" * 32
    )
    assert listed(size=1, lfs={"oid": "AB" * 32})[0].sha256 == ""
    assert listed(size=1, lfs="no")[0].size_bytes == 1
    assert listed(size=1, type="directory") == ()


def test_that_parts_are_one_file_and_the_smallest_stands_first() -> None:
    held = contents(
        [
            RepositoryFile(path="m-Q8_0.gguf", size_bytes=9, sha256="d"),
            RepositoryFile(path="x/m-F16-00002-of-00003.gguf", size_bytes=2, sha256="e"),
            RepositoryFile(path="x/m-F16-00001-of-00003.gguf", size_bytes=2, sha256="f"),
            RepositoryFile(path="readme.md", size_bytes=1),
            RepositoryFile(path="gguf", size_bytes=1),
        ]
    )
    split, whole = held.quantizations
    assert split == Quantization(
        label="F16",
        family="m",
        path="x/m-F16-00001-of-00003.gguf",
        size_bytes=4,
        parts=3,
        sha256="",
        tag="F16",
    )
    assert (split.split, split.title) == (True, "F16")
    assert (whole.parts, whole.sha256, whole.split) == (1, "d", False)
    assert not held.other_weights
    assert contents([RepositoryFile(path="a.SAFETENSORS", size_bytes=1)]).other_weights
    plain = Quantization(label="", family="m", path="x/m.gguf", size_bytes=1, tag="m.gguf")
    assert plain.title == "m.gguf"


def reference(**weights: Any) -> ModelSpec:
    told: dict[str, Any] = {
        "total_bytes": 10_000,
        "embedding_bytes": 1000,
        "output_bytes": 2000,
        "tied": False,
        "source": "",
        "expert_bytes": 3500,
        "lookup_bytes": 700,
    }
    return ModelSpec(
        name="m",
        architecture=BARE,
        weights=Weights(**(told | weights)),
        params_total=1,
        params_active=1,
        quantization="Q4_K_M",
        download_bytes=10_500,
        reasons=("first", "second"),
    )


HEADER = Header(version=3, metadata={}, array_lengths={}, tensors=(), data_offset=400)


def wanted(label: str, size: int) -> Quantization:
    return Quantization(label=label, family="m", path="m.gguf", size_bytes=size, tag=label)


def test_that_another_file_is_scaled_between_its_matrices() -> None:
    """20,400 less a header of 400; both matrices 1000 numbers of 16 bits: 2000. What is between
    them grows from 7000 to 16,000."""
    found = quantized(reference(), HEADER, wanted("F16", 20_400), 10_400)
    weights = found.weights
    assert (weights.total_bytes, weights.spread) == (20_000, LISTED_SPREAD)
    assert (weights.embedding_bytes, weights.output_bytes) == (2000, 2000)
    assert (weights.expert_bytes, weights.lookup_bytes) == (8000, 1600)
    assert found.download_bytes == 10_500 - 10_400 + 20_400
    assert found.reasons[1:] == ("second",)
    assert found.quantization == "F16"
    assert LISTED_SPREAD == 0.005
    assert "±0.5 %" in found.reasons[0]
    tied = quantized(reference(tied=True, output_bytes=1000), HEADER, wanted("F16", 20_400), 10_400)
    # Tied: 18,000 of 9000.
    assert (tied.weights.expert_bytes, tied.weights.output_bytes) == (7000, 2000)
    mixed = quantized(reference(), HEADER, wanted("Q4_K_M", 20_400), 0).weights
    assert (mixed.embedding_bytes, mixed.output_bytes) == (611, 820)
    assert (
        quantized(
            replace(reference(), download_bytes=None), HEADER, wanted("F16", 20_400), 0
        ).download_bytes
        is None
    )


def test_that_bits_that_are_not_known_scale_the_matrices_with_the_file() -> None:
    found = quantized(reference(), HEADER, wanted("NVFP4", 20_400), 0).weights
    assert (found.embedding_bytes, found.output_bytes) == (2000, 4000)
    bare = replace(reference(), architecture=replace(BARE, vocabulary=None))
    assert quantized(bare, HEADER, wanted("F16", 20_400), 0).weights.embedding_bytes == 2000
    tiny = quantized(reference(), HEADER, wanted("F16", 2400), 0).weights
    assert (tiny.embedding_bytes, tiny.output_bytes) == (1000, 1000), "half of all at most"
    assert quantized(reference(), HEADER, wanted("F16", 300), 0).weights.total_bytes == 0


# Contexts ---------------------------------------------------------------------------------------


def test_that_steps_are_powers_of_two_and_one_between() -> None:
    k = 1024
    assert [step // k for step in CONTEXT_STEPS] == [
        1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256,
    ]  # fmt: skip
    assert all(step % k == 0 for step in CONTEXT_STEPS)
    assert SHORTEST_USEFUL == 2048


@pytest.mark.parametrize(
    ("tokens", "step"),
    [(0, 0), (1024, 0), (1025, 0), (1535, 0), (1536, 1), (2048, 1), (5119, 3), (5120, 4),
     (262_144, 15), (229_375, 14), (229_376, 15), (262_145, 15)],
)  # fmt: skip
def test_that_of_two_steps_that_are_as_near_the_longer_is_nearest(tokens: int, step: int) -> None:
    assert nearest_step(tokens) == step


def test_that_a_shorter_context_is_advised_where_the_model_stands_better_with_it() -> None:
    """A cache of 1 MiB for a thousand tokens and more: the card has room for one of 24k."""
    model = spec(next(one for one in KNOWN.models if one.tag == "llama3.1:8b"))
    profile = KNOWN.what_if("RTX 3060 12GB")
    budget = memory_budget(profile)

    def at(context: int, of: MemoryBudget = budget) -> Any:
        return fit(model, of, FitRequest(context=context, depth=5))

    long = at(131_072)
    assert long.kind is not FitKind.GPU
    found = better_context(model, long, budget)
    assert found is not None
    context, better = found
    assert better.kind is FitKind.GPU
    assert at(context).kind is FitKind.GPU
    following = CONTEXT_STEPS[CONTEXT_STEPS.index(context) + 1]
    assert at(following).kind is not FitKind.GPU
    assert better.request.context == context
    assert better.request.depth is None
    assert better_context(model, at(context), budget) is None
    assert better_context(model, replace(long, request=FitRequest(context=2048)), budget) is None
    just = better_context(model, replace(long, request=FitRequest(context=2049)), budget)
    assert just is not None
    assert just[0] == 2048
    # A card on which nothing helps.
    small = replace(budget.devices[0], usable_bytes=1 << 30)
    poor = replace(budget, devices=(small,))
    assert (
        better_context(model, at(131_072, poor), poor) is None
        or at(2048, poor).kind != at(131_072, poor).kind
    )
