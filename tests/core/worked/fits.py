"""Worked cases of kind F: the rule of thumb of weights, KV cache and one gigabyte.

The KV cache is the engine's own; weights are parameters times bits, as the cases give them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from landfall.core.fit.memory import FitRequest, kv_cache_bytes
from landfall.core.models.architecture import Architecture, CacheLayers

Inputs = dict[str, Any]
OVERHEAD_GB = 1.0


def rule_of_thumb(inputs: Inputs) -> Inputs:
    answer: Inputs = {}
    for name, row in inputs.items():
        if not isinstance(row, list):
            continue
        params_b, bits, layers, kv_heads, head_dim, context, parallel, usable_gb = row
        width = kv_heads * head_dim
        architecture = Architecture(
            name="dense",
            layers=layers,
            caches=(CacheLayers(layers=layers, key_width=width, value_width=width),),
            vocabulary=None,
            hidden=width,
            heads=kv_heads,
            query_width=width,
            feed_forward=width,
            context_trained=None,
        )
        cache = kv_cache_bytes(architecture, FitRequest(context=context, parallel=parallel))
        need = params_b * bits / 8 + cache / 1e9 + OVERHEAD_GB
        answer[f"{name}_need_gb"] = need
        answer[f"{name}_avail_gb"] = usable_gb
        answer[f"{name}_fits"] = need <= usable_gb
    return answer


KINDS: dict[str, Callable[[Inputs], Inputs]] = {"F1": rule_of_thumb}
