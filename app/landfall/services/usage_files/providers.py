"""Which provider a source means: its many spellings to the names of `resources/providers.json`."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from landfall.core.hosts.host_names import is_loopback
from landfall.core.hosts.whose_machine import is_inside

LOCAL = "local"

_SPELLINGS = {
    "openai": "openai",
    "openai_responses": "openai",
    "text_completion_openai": "openai",
    "anthropic": "anthropic",
    "claude": "anthropic",
    "google": "google",
    "gemini": "google",
    "google_ai_studio": "google",
    "google_gemini": "google",
    "gcp_gemini": "google",
    "gcp_gen_ai": "google",
    "google_genai": "google",
    "google_generative_ai": "google",
    "together": "together",
    "together_ai": "together",
    "togetherai": "together",
    "groq": "groq",
    "fireworks": "fireworks",
    "fireworks_ai": "fireworks",
    "openrouter": "openrouter",
    "open_router": "openrouter",
    "deepinfra": "deepinfra",
    "deep_infra": "deepinfra",
    "mistral": "mistral",
    "mistralai": "mistral",
    "mistral_ai": "mistral",
    "deepseek": "deepseek",
    "deep_seek": "deepseek",
}
PROVIDERS = frozenset({*_SPELLINGS.values(), LOCAL})
"""All that are known by a name."""
_RUNNERS = frozenset(
    {
        "ollama",
        "ollama_chat",
        "llamafile",
        "lm_studio",
        "lmstudio",
        "llama_cpp",
        "llamacpp",
        "llama.cpp",
        "local",
        "localai",
        "vllm",
        "hosted_vllm",
        "xinference",
        "oobabooga",
    }
)
_CLOUD_TAG = re.compile(r"[:-]cloud$")


@lru_cache(maxsize=1024)
def provider_id(text: str, *, model: str = "", address: str = "") -> str:
    """The provider of a row.

    A runner of models is `LOCAL` where the address is of this machine or its network, or is not
    told; a model that Ollama only hands on to its cloud, or a runner elsewhere, is nobody's we
    know. A name that is no provider of ours stays what it is, in lower case: no price is found
    for it, and none is guessed.

    Args:
        text: As the source spells it.
        model: Its name, which tells a hosted model of Ollama's.
        address: Of the server that answered, where the source tells it.
    """
    name = re.sub(r"[\s\-.]+", "_", text.strip().lower()).removesuffix("_beta")
    if name in _RUNNERS or text.strip().lower() in _RUNNERS:
        hosted = _CLOUD_TAG.search(model.lower()) is not None
        return "" if hosted or (address and not own_address(address)) else LOCAL
    if address and name in {"", "openai", "custom", "openai_like"} and own_address(address):
        return LOCAL
    return _SPELLINGS.get(name, name)


def own_address(address: str) -> bool:
    """Whether a server's address is of this machine or of a network that is not public."""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return False
    if is_loopback(host) or host.endswith((".local", ".lan", ".home.arpa")):
        return True
    return is_inside(host)
