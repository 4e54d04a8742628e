"""What it costs to price the whole catalogue anew while a slider is dragged."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.fit.fit import FitRequest, fit
from landfall.core.fit.recommend import Recommendation, recommend
from landfall.core.machine.hardware import memory_budget
from landfall.core.models.weights import spec
from landfall.core.speed.speed import decode_rate, prefill_rate
from landfall.services.models import shipped_catalogue
from tests.benchmarks.goals import Goals

MODELS = 100
MOST_SECONDS = 0.010


def test_that_a_hundred_models_are_priced_anew_within_ten_milliseconds(
    benchmark: BenchmarkFixture, goals: Goals
) -> None:
    known = shipped_catalogue.load()
    profile = known.what_if("RTX 4090")
    cards = [card for card in known.models if not card.architecture.embedder]
    specs = [spec(card) for card in (cards * 2)[:MODELS]]
    budget = memory_budget(profile)
    contexts = iter(range(2048, 1 << 30, 256))

    def reprice() -> int:
        request = FitRequest(context=next(contexts) % 131_072 + 1)
        told = 0
        for model in specs:
            placed = fit(model, budget, request)
            decode_rate(model, placed, profile, budget)
            prefill_rate(model, placed, profile, budget)
            told += 1
        return told

    assert benchmark(reprice) == MODELS
    goals.most("100 models, ms", 1000 * benchmark.stats["min"], 1000 * MOST_SECONDS)


def test_that_the_whole_catalogue_is_ranked_within_ten_milliseconds(
    benchmark: BenchmarkFixture, goals: Goals
) -> None:
    known = shipped_catalogue.load()
    profile = known.what_if("RTX 4090")

    def rank() -> Recommendation:
        return recommend(known.models, profile, context=32_768)

    assert benchmark(rank).models
    goals.most("the catalogue, ms", 1000 * benchmark.stats["min"], 1000 * MOST_SECONDS)
