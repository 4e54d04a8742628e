"""Which layers of a model attend to a window only.

Source: the hyper-parameters that llama.cpp b10488 reads for each architecture (`src/models`), and
what it then reported as cache; see `tests/data/memory_llamacpp.jsonl`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from landfall.core.models.header_keys import Keys

_WINDOW = "attention.sliding_window"
_PATTERN = "attention.sliding_window_pattern"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """How an architecture tells its sliding layers.

    Attributes:
        every: One layer of so many attends to everything; 0 where only a list tells.
        first: It is the first of each group, not the last.
        default: The window of a header that names none; 0: it does not slide then.
        fixed: The window, whatever the header says, unless it says 0.
        listed: The pattern may be a list of layers; elsewhere llama.cpp overlooks a list.
        flag: A pattern of one number says yes or no for all layers; elsewhere it is `every`.
        layers: Only models of this many layers slide; 0 for all.
    """

    every: int = 0
    first: bool = False
    default: int = 0
    fixed: int = 0
    listed: bool = False
    flag: bool = False
    layers: int = 0


_RULES: Mapping[str, _Rule] = MappingProxyType(
    {
        "gemma2": _Rule(every=2, default=4096),
        "gemma3": _Rule(every=6),
        "gemma3n": _Rule(every=5),
        "gemma4": _Rule(every=6, listed=True, flag=True),
        "gpt-oss": _Rule(every=2),
        "cohere2": _Rule(every=4),
        "cohere2moe": _Rule(every=4, first=True, listed=True),
        "llama4": _Rule(every=4, default=8192, fixed=8192),
        "olmo2": _Rule(every=4),
        "exaone4": _Rule(every=4, default=4096, layers=64),
        "exaone-moe": _Rule(every=4, default=128),
        "afmoe": _Rule(every=4),
        "laguna": _Rule(every=4, first=True),
        "smallthinker": _Rule(every=4, first=True, fixed=4096),
        "plamo3": _Rule(every=8),
        "mellum": _Rule(every=4, listed=True),
        "muse-glimmer": _Rule(every=4, listed=True),
        "mimo2": _Rule(listed=True, flag=True),
        "step35": _Rule(listed=True, flag=True),
        "lfm2": _Rule(),
        "modern-bert": _Rule(every=3, first=True),
        "gemma-embedding": _Rule(every=6),
    }
)


def windows(keys: Keys, layers: int) -> tuple[int | None, ...]:
    """The window of each layer in tokens, or None where it attends to everything.

    An architecture that is not known is taken to attend to everything: never too little.
    """
    rule = _RULES.get(keys.prefix)
    if rule is None or (rule.layers and layers != rule.layers):
        return (None,) * layers
    window = keys.number(_WINDOW, rule.default)
    if not window:
        return (None,) * layers
    window = rule.fixed or window
    return tuple(window if slides else None for slides in _slides(keys, rule, layers))


def _slides(keys: Keys, rule: _Rule, layers: int) -> tuple[bool, ...]:
    """Whether each layer slides, in a model that has a window."""
    pattern = keys.numbers(_PATTERN)
    if keys.prefix == "lfm2":
        return (True,) * layers
    if pattern and keys.is_list(_PATTERN):
        if rule.listed:
            return tuple(bool(flag) for flag in keys.per_layer(_PATTERN, layers, pattern))
        pattern = None
    if pattern and rule.flag:
        return (bool(pattern[0]),) * layers
    every = pattern[0] if pattern else rule.every
    if not every:
        return (pattern is not None,) * layers
    full = 0 if rule.first else every - 1
    return tuple(layer % every != full for layer in range(layers))
