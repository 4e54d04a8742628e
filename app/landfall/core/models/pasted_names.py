"""What people paste where a model is asked for: commands, addresses of pages, repositories.

Source of the forms: the Hub's documentation of its use with Ollama, and the addresses that its
pages and those of ollama.com have.
"""

from __future__ import annotations

import re

from landfall.core.models.model_names import DEFAULT_NAMESPACE, DEFAULT_REGISTRY, split_tag
from landfall.core.models.quantization_names import quantization_of

HUBS = ("hf.co", "huggingface.co")
"""Both names of the Hugging Face Hub, whose repositories Ollama pulls from."""

# Compiled when they are first used: most names are neither commands nor addresses.
_COMMAND = r"(?is:(?:\$\s*)?ollama\s+(?:run|pull|show|rm|cp|stop)\s+(.*))"
_OLLAMA_PAGES = ("ollama.com", "www.ollama.com", "ollama.ai", DEFAULT_REGISTRY)
_HUB_PAGES = (*HUBS, "www.huggingface.co", "www.hf.co")
_SHOWN_FILE = r"(?:^|&)show_file_info=([^&]+)"
_BARE = r"(?i:[a-z0-9_][a-z0-9_-]*/[a-z0-9_.-]*gguf[a-z0-9_.-]*)"
_LONGEST_TAG = 80


def meant(text: str) -> str:
    """The model's name in what was typed or pasted; what is none is returned without blanks."""
    name = text.strip().strip("\"'")
    if "ollama" in name[:64].lower() and (command := re.fullmatch(_COMMAND, name)):
        words = [word for word in command[1].split() if not word.startswith("-")]
        name = words[0].strip("\"'") if words else ""
    scheme, mark, rest = name.partition("://")
    if mark and scheme.lower() in ("http", "https"):
        name = rest
    host, _, path = name.partition("/")
    if host.lower() in _HUB_PAGES and path:
        return _of_hub(host if not mark else HUBS[0], path)
    if host.lower() in _OLLAMA_PAGES and path:
        return _of_library(path)
    return f"{HUBS[0]}/{name}" if _is_bare_repository(name) else name


def on_hub(name: str) -> bool:
    """Whether a name is one of the Hugging Face Hub."""
    return name.lower().startswith(tuple(f"{hub}/" for hub in HUBS))


def names_repository(name: str) -> bool:
    """Whether a name means a repository as a whole: it names its registry, and no tag."""
    base, tag = split_tag(name)
    host, *rest = base.lower().split("/")
    if tag or len(rest) != 2 or base.lower().endswith(".gguf"):
        return False
    return host not in ("", ".", "..", "~", DEFAULT_REGISTRY)


def _of_hub(host: str, path: str) -> str:
    """`user/repo:tag`, or an address of the repository, a folder or a file in it."""
    address, _, query = path.partition("#")[0].partition("?")
    parts = [part for part in address.split("/") if part]
    repository = "/".join((host, *parts[:2]))
    shown = re.search(_SHOWN_FILE, query)
    if shown is not None:
        return _with_file(repository, shown[1])
    if len(parts) > 4 and parts[2] in ("blob", "resolve"):
        return _with_file(repository, parts[-1])
    if len(parts) > 2 and parts[2] == "tree":
        return repository
    return "/".join((host, *parts))


def _with_file(repository: str, file: str) -> str:
    """A file as the tag that Ollama takes: its quantization, else the whole name of the file."""
    name = file.replace("%2F", "/").rpartition("/")[2]
    tag = quantization_of(name) or name
    return f"{repository}:{tag}" if len(tag) <= _LONGEST_TAG else repository


def _of_library(path: str) -> str:
    """`library/qwen3:8b`, `user/model`, or the page of its tags."""
    parts = [part for part in re.split("[?#]", path)[0].split("/") if part]
    return "/".join(parts[1:2] if parts[:1] == [DEFAULT_NAMESPACE] else parts[:2])


def _is_bare_repository(name: str) -> bool:
    """Whether `user/repo` is of the Hub: those of GGUF files are called so, Ollama's are not."""
    base, _ = split_tag(name)
    if "gguf" not in base.lower() or base.lower().endswith(".gguf"):
        return False
    return re.fullmatch(_BARE, base) is not None
