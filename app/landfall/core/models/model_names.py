"""Names of models as Ollama reads them: tags, registries, and which names mean a cloud.

Source of the rules: Ollama v0.24.0 and v0.32.15, `types/model/name.go` and the cloud-suffix rule.
"""

from __future__ import annotations

DEFAULT_REGISTRY = "registry.ollama.ai"
DEFAULT_NAMESPACE = "library"
DEFAULT_TAG = "latest"

_SCHEMES = ("http://", "https://")


def _without_scheme(name: str) -> str:
    for scheme in _SCHEMES:
        if name.lower().startswith(scheme):
            return name[len(scheme) :]
    return name


def split_tag(name: str) -> tuple[str, str]:
    """The name without its tag, and the tag or "". A port of a registry is no tag."""
    head, colon, tail = name.rpartition(":")
    if not colon or "/" in tail:
        return name, ""
    return head, tail


def shortest(name: str) -> str:
    """The name as a server lists it: always with a tag, without the default registry.

    `qwen3` is `qwen3:latest`, `registry.ollama.ai/library/qwen3:8b` is `qwen3:8b`.
    """
    base, tag = split_tag(_without_scheme(name.strip()))
    for prefix in (f"{DEFAULT_REGISTRY}/{DEFAULT_NAMESPACE}/", f"{DEFAULT_REGISTRY}/"):
        if base.lower().startswith(prefix):
            base = base[len(prefix) :]
            break
    if base.lower().startswith(f"{DEFAULT_NAMESPACE}/") and base.count("/") == 1:
        base = base[len(DEFAULT_NAMESPACE) + 1 :]
    return f"{base}:{tag or DEFAULT_TAG}"


def same(left: str, right: str) -> bool:
    """Whether a server takes both for one model: tags default, case does not matter."""
    return shortest(left).lower() == shortest(right).lower()


def is_cloud_name(name: str) -> bool:
    """Whether a server forwards this name to a cloud, whatever it holds under that name.

    What stands after the last colon decides: `cloud`, or an end in `-cloud` without a slash. A name
    without a colon is never a cloud name; a local model called `foo:my-cloud` is one all the same.
    """
    _, colon, tail = name.rpartition(":")
    if not colon:
        return False
    tag = tail.strip().lower()
    return tag == "cloud" or (tag.endswith("-cloud") and "/" not in tag)


def is_local_name(name: str) -> bool:
    """Whether the name carries the mark that forbids a server (0.18.0 and later) to forward it."""
    _, colon, tail = name.rpartition(":")
    return bool(colon) and tail.strip().lower() == "local"


def local_only(name: str) -> str:
    """`name:tag:local`: a server of 0.18.0 or later answers 404 rather than ask a cloud for it."""
    return name if is_local_name(name) else f"{shortest(name)}:local"


def without_pin(name: str) -> str:
    """The name without `:local`, with which a server refuses to forward it (0.24.0, 0.32.15)."""
    head, colon, tail = name.rpartition(":")
    return head if colon and head and tail.strip().lower() == "local" else name
