"""What people paste."""

from __future__ import annotations

import pytest

from landfall.core.models.pasted_names import meant, names_repository, on_hub


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
