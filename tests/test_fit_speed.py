"""The script that fits the constants, on runs that are made with known ones."""

from __future__ import annotations

import csv
import importlib
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from landfall.core.fit.fit import FitRequest, fit
from landfall.core.machine.hardware import memory_budget
from landfall.core.models.weights import spec
from landfall.core.provenance import middle
from landfall.core.speed.speed import decode_rate, prefill_rate
from landfall.core.speed.speed_constants import SpeedModel
from landfall.services.models import shipped_catalogue
from landfall.services.speed.speed_file import read_speed

ROOT = Path(__file__).resolve().parents[1]
KNOWN = shipped_catalogue.load()

DEVICES = (
    *("RTX 4090", "RTX 4070", "RTX 3090", "RTX 3060 12GB", "RTX 5090", "RTX 5070"),
    *("M2 Ultra 76-core", "M2 10-core", "M3 Max 40-core", "M4 10-core"),
    *("RX 7900 XTX", "RX 7800 XT", "Arc B580", "Arc B570"),
)
MODELS = ("llama3.1:8b", "llama3.2:3b", "qwen3:4b", "smollm2:135m", "gpt-oss:20b", "qwen3.5:4b")
QUANTS = {"llama3.2:3b": "F16", "qwen3:4b": "Q8_0"}
COLUMNS = (
    *("hardware", "model", "params_B", "active_params_B", "quant", "model_file_GiB", "n_prompt"),
    *("n_gen", "pp_tok_s", "tg_tok_s", "engine", "depth", "kv_type", "n_gpu", "flag", "notes"),
)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "packaging" / "facts")
    return importlib.import_module("fit_speed")


def made_runs() -> list[dict[str, object]]:
    """What the committed constants say, as if somebody had measured it."""
    cards = {card.tag: card for card in KNOWN.models}
    rows: list[dict[str, object]] = []
    for device in DEVICES:
        profile = KNOWN.what_if(device)
        budget = memory_budget(profile)
        for tag in MODELS:
            card = cards[tag]
            quant = QUANTS.get(tag, card.quantization)
            model = spec(card, quant)
            placed = fit(model, budget, FitRequest(context=768, depth=256))
            known = (model, placed, profile, budget)
            rows.append(
                {
                    **dict.fromkeys(COLUMNS, ""),
                    "hardware": device,
                    "model": tag,
                    "quant": quant,
                    "n_prompt": 512,
                    "n_gen": 128,
                    "tg_tok_s": middle(decode_rate(*known)),
                    "pp_tok_s": middle(prefill_rate(*known)),
                    "engine": "llama.cpp",
                    "depth": 256,
                    "kv_type": "f16",
                    "n_gpu": 1,
                    "params_B": 1,
                    "active_params_B": 1,
                }
            )
    return rows


def table(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_that_the_script_finds_the_constants_that_made_the_runs_and_writes_them(
    script: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(script.held, "FOLDS", 3)
    monkeypatch.setattr(script.held, "DRAWS", 5)
    monkeypatch.setattr(script, "RESOURCES", tmp_path)
    runs = table(tmp_path / "runs.csv", made_runs())
    hardware = table(tmp_path / "hardware.csv", [{"name": "RTX 4090"}])
    models = table(tmp_path / "models.csv", [{"ollama_tag": "llama3.1:8b"}])
    arguments = [str(runs), str(hardware), str(models), "--write"]
    assert script.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "decode, devices held out" in printed
    assert "prefill, devices held out" in printed
    written = (tmp_path / "speed.json").read_text(encoding="utf-8")
    found = read_speed(json.loads(written))
    truth = KNOWN.speed
    assert truth is not None
    assert_alike(found, truth)
    assert script.main(arguments) == 0
    assert (tmp_path / "speed.json").read_text(encoding="utf-8") == written


def assert_alike(found: SpeedModel, truth: SpeedModel) -> None:
    """Priors pull a little; what the runs say clearly has to come out."""
    for name in ("CUDA", "Metal"):
        ours, theirs = found.backend(name), truth.backend(name)
        assert ours.bandwidth_share == pytest.approx(theirs.bandwidth_share, rel=0.10)
        assert ours.layer_seconds == pytest.approx(theirs.layer_seconds, rel=0.25)
    cards = {card.tag: card for card in KNOWN.models}
    for row in made_runs():
        profile = replace(KNOWN.what_if(str(row["hardware"])), speed=found)
        budget = memory_budget(profile)
        model = spec(cards[str(row["model"])], str(row["quant"]))
        placed = fit(model, budget, FitRequest(context=768, depth=256))
        name = f"{row['hardware']} {row['model']}"
        decode = middle(decode_rate(model, placed, profile, budget))
        assert decode == pytest.approx(row["tg_tok_s"], rel=0.15), name
        prefill = middle(prefill_rate(model, placed, profile, budget))
        assert prefill == pytest.approx(row["pp_tok_s"], rel=0.25), name


def test_that_tables_that_the_catalogue_was_not_made_from_are_refused(
    script: ModuleType, tmp_path: Path
) -> None:
    hardware = table(tmp_path / "hardware.csv", [{"name": "RTX 9999"}])
    models = table(tmp_path / "models.csv", [{"ollama_tag": "llama3.1:8b"}])
    with pytest.raises(SystemExit, match="RTX 9999"):
        script.main(["none.csv", str(hardware), str(models)])


def test_that_a_missed_target_is_named_and_ends_with_one(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script.held, "FOLDS", 2)
    monkeypatch.setattr(script.held, "DRAWS", 2)
    rows = made_runs()
    for number, row in enumerate(rows):  # noise that nothing predicts
        row["tg_tok_s"] = float(str(row["tg_tok_s"])) * (3.0 if number % 2 else 0.5)
    runs = table(tmp_path / "runs.csv", rows)
    hardware = table(tmp_path / "hardware.csv", [{"name": "RTX 4090"}])
    models = table(tmp_path / "models.csv", [{"ollama_tag": "llama3.1:8b"}])
    assert script.main([str(runs), str(hardware), str(models), "--check"]) == 1


def test_that_flagged_rows_and_rates_of_servers_are_no_part_of_the_fit(
    script: ModuleType, tmp_path: Path
) -> None:
    rows = made_runs()[:4]
    rows[0]["flag"] = "weak-host"
    rows[1]["engine"] = "llama.cpp server"
    rows[2]["tg_tok_s"] = ""
    runs = script.read(table(tmp_path / "runs.csv", rows), KNOWN.models, KNOWN.machines)
    quantity = script.Quantity
    assert len(script.usable(runs, quantity.DECODE)) == 2
    assert len(script.usable(runs, quantity.PREFILL)) == 2


def test_that_a_model_that_is_in_no_catalogue_is_built_from_its_row(
    script: ModuleType, tmp_path: Path
) -> None:
    row = made_runs()[0] | {
        "model": "somebodys-13b",
        "params_B": 13.0,
        "active_params_B": 13.0,
        "quant": "Q4_K_M",
        "model_file_GiB": 7.4,
    }
    deep = row | {"depth": 32768}
    runs = script.read(table(tmp_path / "runs.csv", [row, deep]), KNOWN.models, KNOWN.machines)
    assert len(runs) == 1
    assert not runs[0].known
    assert runs[0].spec.params_total == 13e9
    assert runs[0].spec.weights.total_bytes == int(7.4 * 2**30)
