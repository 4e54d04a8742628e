from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.models.pasted_names import meant, names_repository, on_hub

REPOSITORY = "hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF"
PAGE = "https://huggingface.co/bartowski/Llama-3.2-1B-Instruct-GGUF"
FILE = "Llama-3.2-1B-Instruct-IQ3_M.gguf"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("qwen3:8b", "qwen3:8b"),
        ("  'qwen3:8b' ", "qwen3:8b"),
        ("user/model:tag", "user/model:tag"),
        ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B"),
        ("localhost:5050/library/tiny", "localhost:5050/library/tiny"),
        ("http://localhost:5050/library/tiny", "localhost:5050/library/tiny"),
        ("ollama run qwen3:8b", "qwen3:8b"),
        ("$ ollama pull --insecure qwen3:8b", "qwen3:8b"),
        ('OLLAMA run qwen3:8b "Why is the sky blue?"', "qwen3:8b"),
        ("ollama run ", "ollama run"),
        ("https://ollama.com/library/qwen3", "qwen3"),
        ("https://ollama.com/library/qwen3:8b", "qwen3:8b"),
        ("ollama.com/library/qwen3/tags", "qwen3"),
        ("https://ollama.com/user/model:7b?x=1#readme", "user/model:7b"),
        ("registry.ollama.ai/library/qwen3:8b", "qwen3:8b"),
        (f"ollama run {REPOSITORY}", REPOSITORY),
        (f"ollama run {REPOSITORY}:Q8_0", f"{REPOSITORY}:Q8_0"),
        (f"{REPOSITORY}:Q8_0", f"{REPOSITORY}:Q8_0"),
        ("huggingface.co/user/repo:Q8_0", "huggingface.co/user/repo:Q8_0"),
        (PAGE, REPOSITORY),
        (f"{PAGE}/", REPOSITORY),
        (f"{PAGE}/tree/main", REPOSITORY),
        (f"{PAGE}/tree/main/BF16", REPOSITORY),
        (f"{PAGE}/blob/main/{FILE}", f"{REPOSITORY}:IQ3_M"),
        (f"{PAGE}/resolve/main/{FILE}?download=true", f"{REPOSITORY}:IQ3_M"),
        (f"{PAGE}/blob/main/odd-name.gguf", f"{REPOSITORY}:odd-name.gguf"),
        (f"{PAGE}/blob/main/{'long' * 30}.gguf", REPOSITORY),
        (f"{PAGE}?show_file_info={FILE}", f"{REPOSITORY}:IQ3_M"),
        (f"{PAGE}?library=ollama&show_file_info=Q4%2F{FILE}", f"{REPOSITORY}:IQ3_M"),
        ("bartowski/Llama-3.2-1B-Instruct-GGUF", REPOSITORY),
        ("bartowski/Llama-3.2-1B-Instruct-GGUF:Q8_0", f"{REPOSITORY}:Q8_0"),
        ("models/tiny.gguf", "models/tiny.gguf"),
        ("~user/some-gguf", "~user/some-gguf"),
        ("hf.co", "hf.co"),
        ("https://huggingface.co/datasets/user/data", "hf.co/datasets/user/data"),
    ],
)
def test_that_what_people_paste_is_taken_as_the_name_that_it_means(text: str, name: str) -> None:
    assert meant(text) == name
    assert meant(name) == name


@given(st.text(max_size=80), st.sampled_from(["", "ollama run ", "https://hf.co/", "hf.co/a/b/"]))
def test_that_no_text_breaks_the_reading_of_names(text: str, before: str) -> None:
    name = meant(before + text)
    assert len(name) <= len(before + text) + len("hf.co/")


@pytest.mark.parametrize(
    ("name", "hub", "repository"),
    [
        ("hf.co/user/repo", True, True),
        ("HuggingFace.co/user/repo", True, True),
        ("hf.co/user/repo:Q4_K_M", True, False),
        ("localhost:5050/user/repo", False, True),
        ("localhost:5050/user/repo:Q4_K_M", False, False),
        ("registry.ollama.ai/library/qwen3", False, False),
        ("user/repo", False, False),
        ("/models/tiny", False, False),
        ("../models/tiny", False, False),
        ("models/old/tiny.gguf", False, False),
        ("qwen3:8b", False, False),
    ],
)
def test_that_a_repository_is_a_name_with_its_registry_and_without_a_tag(
    name: str, hub: bool, repository: bool
) -> None:
    assert on_hub(name) is hub
    assert names_repository(name) is repository
