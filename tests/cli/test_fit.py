from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.main import main
from landfall.core.machine.hardware import MIB
from landfall.core.models.catalogue import Task
from tests.fakes.gguf_files import measured_headers, small
from tests.fakes.measured_models import header_of

PARTS = (
    "weights_bytes",
    "kv_cache_bytes",
    "recurrent_state_bytes",
    "compute_bytes",
    "projector_bytes",
    "overhead_bytes",
)


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    """The document of a command that ends with this code."""
    assert main([*words, "--json"]) == code
    out, _ = capsys.readouterr()
    return json.loads(out)


def test_that_the_document_holds_every_key_of_the_contract(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fit = answer(capsys, "fit", "gpt-oss:20b", "--machine", "RTX 4060 Ti 16GB", "--context", "32k")
    assert fit["model"] == "gpt-oss:20b"
    assert fit["machine"] == "RTX 4060 Ti 16GB"
    assert (fit["context"], fit["parallel"], fit["kv_type"]) == (32768, 1, "f16")
    assert set(fit["memory"]) == {*PARTS, "total_bytes"}
    assert fit["memory"]["total_bytes"] == sum(fit["memory"][part] for part in PARTS)
    assert fit["memory"]["kv_cache_bytes"] == 786 * MIB
    assert fit["fit"] == "gpu"
    assert fit["gpu_layers"] == fit["layers"] == 24
    assert fit["max_context"] >= 32768
    assert set(fit["decode_tok_s"]) == {"low", "mid", "high", "provenance"}
    assert set(fit["prefill_tok_s"]) == {"low", "mid", "high", "provenance"}
    assert fit["ollama_ps_bytes"] is None
    assert any("ollama_ps_bytes" in reason for reason in fit["reasons"])
    assert fit["download_bytes"] == 14_000_000_000


def test_that_all_names_of_a_model_get_the_same_answer(capsys: pytest.CaptureFixture[str]) -> None:
    machine = ("--machine", "RTX 4090")
    first, *others = (
        answer(capsys, "fit", name, *machine) for name in ("qwen3:8b", "qwen3-8b", "Qwen/Qwen3-8B")
    )
    assert all(other == first for other in others)


def test_that_a_header_alone_is_priced_as_llama_cpp_measured_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "gemma3-4b.gguf"
    path.write_bytes(measured_headers()["gemma3-4b.gguf"])
    words = ("fit", str(path), "--context", "4096", "--batch", "513", "--flash-attention", "off")
    fit = answer(capsys, *words, "--machine", "RTX 4090")
    assert fit["memory"]["kv_cache_bytes"] == (80 + 203) * MIB
    assert fit["batch"] == 513
    assert fit["flash_attention"] is False


def test_that_what_another_runtime_does_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "gemma4-e2b.gguf"
    path.write_bytes(header_of("gemma4-e2b"))
    fit = answer(capsys, "fit", str(path), "--context", "4096", "--batch", "2048")
    said = "\n".join(fit["reasons"])
    assert "2.0 GiB of the compute buffer are for logits of every token" in said
    assert ("the embedding is there twice: 0.3 GiB more" in said) == (fit["fit"] == "cpu")
    low, high = fit["memory_band_bytes"]
    assert low < fit["memory"]["total_bytes"] < high


def test_that_this_machine_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    fit = answer(capsys, "fit", "smollm2:135m", "--context", "2048")
    assert fit["fit"] in ("cpu", "gpu")
    if fit["fit"] == "cpu":
        assert fit["memory"]["overhead_bytes"] == fit["gpu_layers"] == 0


def test_that_a_context_beyond_training_is_clamped_and_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fit = answer(capsys, "fit", "smollm2:135m", "--context", "32k", "--machine", "RTX 4090")
    assert fit["context"] == 8192
    assert fit["memory"]["kv_cache_bytes"] == 180 * MIB
    assert any("8,192" in reason for reason in fit["reasons"])


def test_that_options_reach_the_formula(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("fit", "qwen3:8b", "--machine", "RTX 4090", "--context", "4096")
    plain = answer(capsys, *words)
    full = answer(
        capsys, *words, "--kv-type", "q8_0", "--parallel", "2", "--quant", "Q8_0", "--depth", "0"
    )
    assert full["memory"]["kv_cache_bytes"] == plain["memory"]["kv_cache_bytes"] * 17 // 16
    assert full["memory"]["weights_bytes"] > 1.5 * plain["memory"]["weights_bytes"]
    assert full["download_bytes"] is None
    assert (plain["depth"], full["depth"]) == (2048, 0)
    assert full["quantization"] == "Q8_0"


def test_that_a_model_that_does_not_fit_is_the_answer_no(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fit = answer(capsys, "fit", "deepseek-r1:671b", "--machine", "RTX 4090", code=1)
    assert fit["fit"] == "no"
    assert fit["decode_tok_s"] is None
    assert fit["max_context"] is None
    assert any("decode_tok_s is not known" in reason for reason in fit["reasons"])


@pytest.mark.parametrize(
    ("words", "field", "hint"),
    [
        (("fit", "qwen3:8b", "--machine", "RTX 4091"), "machine", "RTX 4090"),
        (("fit", "qwen3:8b", "--context", "0"), "context", "8192"),
        (("fit", "qwen3:8b", "--context", "32q"), "context", "32k"),
        (("fit", "qwen3:8b", "--context", "-5"), "context", ""),
        (("fit", "qwen3:8b", "--parallel", "0"), "parallel", "1"),
        (("fit", "qwen3:8b", "--parallel", "two"), "parallel", "whole"),
        (("fit", "qwen3:8b", "--parallel", ""), "parallel", "--help"),
        (("fit", "qwen3:8b", "--batch", "0"), "batch", "1"),
        (("fit", "qwen3:8b", "--kv-type", "q3"), "kv_type", "q8_0"),
        (("fit", "qwen3:8b", "--quant", "Q9"), "quant", ""),
        (("fit", "qwen3:8b", "--flash-attention", "maybe"), "flash_attention", "on"),
        (("fit", "qwen3:8b", "--depth", "deep"), "depth", "whole"),
        (("fit", "./gone.gguf"), "model", "path"),
        (("recommend", "--task", "magic"), "task", "chat"),
        (("recommend", "--machine", "zx81"), "machine", "RTX 4090"),
        (("recommend", "--context", "none"), "context", "8192"),
    ],
)
def test_that_bad_input_is_exit_2_and_names_its_field(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], field: str, hint: str
) -> None:
    error = answer(capsys, *words, code=2)["error"]
    assert error["kind"] == "bad_input"
    assert error["field"] in (field, f"--{field}")
    assert hint in error["hint"]


def test_that_people_get_tables_and_where_numbers_are_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["fit", "gemma3:4b", "--machine", "RTX 4090", "--explain"]) == 0
    out, _ = capsys.readouterr()
    for text in ("on the GPU", "KV cache", "total", "tok/s", "window 1024", "estimated:"):
        assert text in out
    assert max(map(len, out.splitlines()[:14])) <= 80


def test_that_an_explanation_is_part_of_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    fit = answer(capsys, "fit", "qwen3:8b", "--machine", "RTX 4090", "--explain")
    assert any("ollama.com library" in text for text in fit["explanation"])


class _Ollama(BaseHTTPRequestHandler):
    """Says its version and nothing else."""

    def do_GET(self) -> None:
        body = json.dumps({"version": "0.32.15"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Ollama) as server:
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("ollama")
def test_that_what_ps_will_show_is_said_for_the_version_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fit = answer(capsys, "fit", "smollm2:135m", "--context", "2048")
    if fit["fit"] != "cpu":
        pytest.skip("the rules are known for models that are on the processor alone")
    # Weights, cache, the logits of one token, and the buffer of one batch.
    assert fit["ollama_ps_bytes"] == 271_000_000 + 45 * MIB + 4 * 49152 + 15.5 * MIB
    base = 14 * MIB + 200 * 49152
    assert fit["ollama_process_bytes"] == 271_000_000 + 45 * MIB + 15.5 * MIB + base


def test_that_what_a_server_would_decide_by_itself_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = answer(capsys, "fit", "qwen3:8b", "--machine", "RTX 3060 12GB", "--context", "8192")
    assert any("would take 4,096 tokens" in reason for reason in small["reasons"])
    large = answer(capsys, "fit", "qwen3:8b", "--machine", "RTX 4090", "--context", "8192")
    assert any("would take 32,768 tokens" in reason for reason in large["reasons"])
    assert any("always sends num_ctx" in reason for reason in large["reasons"])


def test_that_the_batch_that_a_server_would_set_looks_at_the_memory_of_a_machine_not_at_hand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def batch(machine: str) -> list[str]:
        fit = answer(capsys, "fit", "qwen3:8b", "--machine", machine, "--context", "40k")
        return [reason for reason in fit["reasons"] if "sets a batch of" in reason]

    assert "2048" in batch("RTX 4090")[0]
    assert batch("RTX 3060 12GB") == []


def test_that_no_ollama_is_a_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")
    fit = answer(capsys, "fit", "smollm2:135m", "--context", "2048")
    assert fit["ollama_ps_bytes"] is None
    assert fit["ollama_process_bytes"] is None
    assert any("no Ollama answers" in reason for reason in fit["reasons"])
    monkeypatch.setenv("OLLAMA_HOST", "no address: at all/")
    assert answer(capsys, "fit", "smollm2:135m")["ollama_ps_bytes"] is None


# ---------------------------------------------------------------- machines, recommend


def test_that_machines_are_listed_and_searched(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(answer(capsys, "machines")) == 200
    found = answer(capsys, "machines", "--search", "4090")
    assert [machine["name"] for machine in found] == ["RTX 4090", "RTX 4090 Laptop"]
    assert found[0]["memory_bytes"] == 24 << 30
    assert found[0]["source"].startswith("https://")
    assert answer(capsys, "machines", "--search", "zx81", code=1) == []
    assert [row["own"] for row in found] == [False] * len(found)
    assert main(["machines", "--search", "radeon 890m"]) == 0
    assert "shared" in capsys.readouterr().out
    assert main(["machines", "--search", "zx81"]) == 1
    assert "zx81" in capsys.readouterr().out


def test_that_recommendations_carry_need_speed_evidence_licence_and_reasons(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("recommend", "--task", "code", "--context", "16k", "--machine", "2x RTX 4090")
    found = answer(capsys, *words)
    assert (found["task"], found["context"], found["machine"]) == ("code", 16384, "2x RTX 4090")
    assert len(found["models"]) > 20
    for model in found["models"]:
        memory = model["memory"]
        assert memory["total_bytes"] == sum(memory[part] for part in PARTS)
        assert model["fit"] != "no"
        assert model["reasons"]
        assert model["licence"]
        assert all(score["source"] and score["date"] for score in model["quality"])


def test_that_recommend_and_fit_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    machine = ("--machine", "RTX 3060 12GB", "--context", "8192")
    models = answer(capsys, "recommend", *machine)["models"][::12]
    assert models
    for model in models:
        alone = answer(capsys, "fit", model["model"], *machine)
        for key in ("memory", "fit", "decode_tok_s", "prefill_tok_s", "gpu_layers"):
            assert alone[key] == model[key]


def test_that_the_ranking_is_a_table_of_one_line_a_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["recommend", "--machine", "RTX 4090"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "RTX 4090" in lines[0]
    assert sum(" GPU " in line for line in lines) == 15
    assert "more" in lines[-1]
    assert "below 5 tok/s" in lines[-1]


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("machine", ["RTX 4060 Laptop", "M3 8-core 16GB", "2x RTX 3090"])
def test_that_no_line_of_the_ranking_is_longer_than_a_terminal(
    capsys: pytest.CaptureFixture[str], task: Task, machine: str
) -> None:
    main(["recommend", "--task", task.value, "--machine", machine, "--context", "32k"])
    out, _ = capsys.readouterr()
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_that_a_better_model_at_a_shorter_context_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("recommend", "--machine", "RTX 4060 Laptop", "--context", "96k")
    found = answer(capsys, *words)
    tags = [model["model"] for model in found["models"] if model["fit"] == "gpu"]
    first = found["shorter"][0]
    assert first["model"] not in tags
    assert first["context"] < 98304
    alone = answer(
        capsys,
        "fit",
        first["model"],
        "--machine",
        "RTX 4060 Laptop",
        "--context",
        str(first["context"]),
    )
    assert (alone["fit"], alone["memory"]) == ("gpu", first["memory"])
    main(list(words))
    assert f"- {first['model']} at {first['context']}: " in capsys.readouterr().out


def test_that_a_model_trained_for_a_shorter_context_is_marked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["recommend", "--task", "embedding", "--machine", "RTX 4090", "--context", "4k"])
    out, _ = capsys.readouterr()
    assert "nomic-embed-text* " in out
    assert "bge-m3 " in out
    assert "* trained for a shorter context" in out


def test_that_embedders_are_shown_by_how_fast_they_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["recommend", "--task", "embedding", "--machine", "RTX 4090"]) == 0
    out, _ = capsys.readouterr()
    assert "read tok/s" in out
    assert "unknown" not in out


def test_that_nothing_to_recommend_is_the_answer_no(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["recommend", "--task", "vision", "--machine", "GTX 1050 Ti", "--context", "256k"]
    code = main(words)
    out, _ = capsys.readouterr()
    assert (code == 1) == ("none of" in out)


def test_that_known_names_load_no_network_library(tmp_path: Path) -> None:
    """`fit` on what is known here starts in a fraction of what an HTTP library costs."""
    path = tmp_path / "x.gguf"
    path.write_bytes(small())
    code = (
        "import sys\n"
        "from landfall.cli.main import main\n"
        f"main(['fit', {str(path)!r}, '--machine', 'RTX 4090', '--json'])\n"
        "print([m for m in ('httpx', 'PySide6', 'keyring') if m in sys.modules], file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": "app", "LANDFALL_HOME": str(tmp_path), "PATH": ""},
        timeout=60,
    )
    assert result.stderr.strip() == "[]"
    assert json.loads(result.stdout)["fit"] == "gpu"


def test_that_the_longest_context_says_of_what_it_is_the_longest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = {}
    for model, machine in (
        ("qwen3:32b", "2x RTX 2080 Ti"),
        ("qwen3:30b", "RTX 4090"),
        ("llama3.3:70b", "2x GTX 1080 Ti"),
    ):
        main(["fit", model, "--machine", machine])
        out, _ = capsys.readouterr()
        (said[model],) = [line for line in out.splitlines() if line.startswith("longest context")]
    assert said["qwen3:32b"].endswith(" whole on the GPU"), "it was asked for more, and is split"
    assert said["qwen3:30b"].endswith(" whole on the GPU")
    assert said["llama3.3:70b"].endswith(" partly on the GPU")
