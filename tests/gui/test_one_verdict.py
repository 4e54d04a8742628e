"""The ranking of the page, `recommend` and `fit` say the same of a model on a machine."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.cli.fit_figures import memory_json
from landfall.cli.main import main
from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.fit.offer import Offer
from landfall.core.fit.offered_contexts import CONTEXT_STEPS
from landfall.core.models.catalogue import ModelCard, Task
from landfall.core.models.weights import spec
from landfall.core.provenance import as_json
from landfall.gui.models.ranking import Ground, Typed, rank
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()
MACHINES = (
    "RTX 4060 Laptop",
    "RTX 4060 Ti 16GB",
    "RTX 4090",
    "2x RTX 3090",
    "M3 8-core 16GB",
    "M4 Max 40-core 64GB",
    "RX 7900 XTX",
)
machines = st.sampled_from(MACHINES)
cards = st.sampled_from(KNOWN.models)
contexts = st.sampled_from(CONTEXT_STEPS)
requests = st.builds(
    FitRequest,
    context=contexts,
    kv_type=st.sampled_from([KvType.F16, KvType.Q8_0, KvType.Q4_0]),
    parallel=st.integers(1, 8),
    batch=st.sampled_from([None, 512, 1024, 2048]),
    flash_attention=st.booleans(),
)


def said(*words: str) -> Any:
    """The document of a command."""
    out = StringIO()
    with redirect_stdout(out):
        main([*words, "--json"])
    return json.loads(out.getvalue())


def verdict(chosen: Offer) -> dict[str, Any]:
    """What the page shows of a model, in the words of the commands."""
    return {
        "fit": chosen.fit.kind.value,
        "context": chosen.fit.request.context,
        "gpu_layers": chosen.fit.gpu_layers,
        "memory": memory_json(chosen.fit.need),
        "budget_bytes": chosen.fit.budget_bytes,
        "decode_tok_s": as_json(chosen.decode_tok_s),
        "prefill_tok_s": as_json(chosen.prefill_tok_s),
    }


def task_for(card: ModelCard) -> Task:
    return Task.EMBEDDING if card.suits(Task.EMBEDDING) else Task.CHAT


@settings(max_examples=60, deadline=None)
@given(machines, cards, contexts)
def test_that_the_page_and_both_commands_give_one_verdict(
    name: str, card: ModelCard, context: int
) -> None:
    task = task_for(card)
    ground = Ground(cards=KNOWN.models, profile=KNOWN.what_if(name))
    found = rank(ground, task, FitRequest(context=context)).find(card.tag)
    assert found is not None
    shown = verdict(found)
    asked = ("--machine", name, "--context", str(context))
    alone = said("fit", card.tag, *asked)
    assert {key: alone[key] for key in shown} == shown
    told = said("recommend", "--task", task.value, *asked)
    listed = next((m for m in told["models"] if m["model"] == card.tag), None)
    assert (listed is None) == found.left_out
    if listed is not None:
        assert {key: listed[key] for key in shown} == shown


@settings(max_examples=40, deadline=None)
@given(machines, cards, requests)
def test_that_they_agree_however_the_model_shall_run(
    name: str, card: ModelCard, request: FitRequest
) -> None:
    ground = Ground(cards=KNOWN.models, profile=KNOWN.what_if(name))
    found = rank(ground, task_for(card), request).find(card.tag)
    assert found is not None
    words = ["fit", card.tag, "--machine", name, "--context", str(request.context)]
    words += ["--kv-type", request.kv_type.value, "--parallel", str(request.parallel)]
    words += ["--flash-attention", "on" if request.flash_attention else "off"]
    words += [] if request.batch is None else ["--batch", str(request.batch)]
    alone = said(*words)
    shown = verdict(found)
    assert {key: alone[key] for key in shown} == shown


@settings(max_examples=30, deadline=None)
@given(machines, cards, contexts)
def test_that_a_name_that_is_typed_gets_the_verdict_of_the_catalogue(
    name: str, card: ModelCard, context: int
) -> None:
    ground = Ground(cards=KNOWN.models, profile=KNOWN.what_if(name))
    request = FitRequest(context=context)
    typed = Typed(name=card.tag, spec=spec(card), card=card, exact=False)
    mine = rank(ground, task_for(card), request, (typed,)).find(card.tag)
    theirs = rank(ground, task_for(card), request).find(card.tag)
    assert mine is not None
    assert theirs is not None
    assert verdict(mine) == verdict(theirs)
