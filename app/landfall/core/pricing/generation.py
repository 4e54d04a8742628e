"""How new a model is, as far as its name says: no price table knows the day on which one came."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"(?<![\d.x])(\d{1,2})(?:[.p-](\d{1,2})(?![\dbkmx]))?(?![\d.x]|[bkme](?![a-z]))"
)
"""Major and minor: of glm-5p3, claude-opus-4-8, qwen3.5; not the size of 70b, 8x7b, 128e."""
_DAY = re.compile(r"(?<!\d)(?:20\d\d-\d\d-\d\d|20\d{6}|\d\d-20\d\d|\d\d-\d\d|[01]\d[0-3]\d)(?!\d)")
_ASIDE = re.compile(
    r"^ft:|:batch|preview|beta|exp\b|audio|realtime|transcri|tts|image|video|speech|search|embed"
    r"|moderation|vision|guard|latest|instruct-\d|whisper|ocr|rerank"
)
Place = tuple[bool, int, int, bool, str]


def place(model: str) -> Place:
    """Where a model stands in a list that begins with what is looked for today.

    First those that answer in text under a lasting name, of them the newest generation: 5.5 before
    5.1 before 4; names without a number after them. Then the fine-tuned, batches, previews, and
    those for sound, pictures and search. A dated name stands after the same name without a date.

    Args:
        model: As a price table names it.
    """
    name = model.lower()
    aside = _ASIDE.search(name) is not None
    bare = _DAY.sub("", name.rpartition("/")[2])
    found = _NUMBER.search(bare)
    major, minor = (int(part or 0) for part in found.groups()) if found else (0, 0)
    return aside, -major, -minor, bare != name.rpartition("/")[2], name


def undated(model: str) -> str:
    """The name without the date at its end; one without a date as it is.

    Args:
        model: As a provider or a source names it: `claude-sonnet-4-5-20250929`, or with `@`.
    """
    found = _DAY.search(model)
    if found is None or found.end() != len(model):
        return model
    return model[: found.start()].rstrip("-@:") or model
