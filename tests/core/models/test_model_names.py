from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.models.model_names import (
    is_cloud_name,
    is_local_name,
    local_only,
    same,
    shortest,
    split_tag,
)

WORD = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,12}", fullmatch=True)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("qwen3", "qwen3:latest"),
        ("qwen3:8b", "qwen3:8b"),
        ("library/qwen3:8b", "qwen3:8b"),
        ("registry.ollama.ai/library/qwen3", "qwen3:latest"),
        ("registry.ollama.ai/user/mine:v2", "user/mine:v2"),
        ("hf.co/u/r:Q4_K_M", "hf.co/u/r:Q4_K_M"),
        ("localhost:5050/library/x", "localhost:5050/library/x:latest"),
        ("http://localhost:5050/library/x:1", "localhost:5050/library/x:1"),
        (" qwen3 ", "qwen3:latest"),
    ],
)
def test_that_a_name_is_shortened_as_a_server_lists_it(name: str, short: str) -> None:
    assert shortest(name) == short


@pytest.mark.parametrize(
    ("name", "cloud"),
    [
        ("gpt-oss:120b-cloud", True),
        ("gpt-oss:cloud", True),
        ("gpt-oss:CLOUD ", True),
        ("foo:my-cloud", True),
        ("host/user/foo:120b-Cloud", True),
        ("my-cloud-model", False),
        ("my-cloud", False),
        ("foo:cloudy", False),
        ("gpt-oss:120b-cloud:local", False),
        ("localhost:5050/library/x-cloud", False),
        ("", False),
    ],
)
def test_that_a_cloud_is_known_by_the_text_after_the_last_colon(name: str, cloud: bool) -> None:
    assert is_cloud_name(name) is cloud


def test_that_a_port_is_no_tag() -> None:
    assert split_tag("localhost:5050/library/x") == ("localhost:5050/library/x", "")
    assert split_tag("localhost:5050/library/x:8b") == ("localhost:5050/library/x", "8b")


def test_that_the_local_mark_is_added_once() -> None:
    assert local_only("qwen3") == "qwen3:latest:local"
    assert local_only("qwen3:8b:local") == "qwen3:8b:local"
    assert is_local_name("qwen3:8b:LOCAL")
    assert not is_local_name("local")


@given(WORD, WORD)
def test_that_the_local_mark_makes_no_cloud_name(model: str, tag: str) -> None:
    assert not is_cloud_name(local_only(f"{model}:{tag}"))


@given(WORD, WORD)
def test_that_the_short_form_stands_for_itself(model: str, tag: str) -> None:
    name = f"{model}:{tag}"
    assert shortest(shortest(name)) == shortest(name)
    assert same(name.upper(), f"registry.ollama.ai/library/{name}")
