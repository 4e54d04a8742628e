"""Reads an exported folder, also one that was changed by hand, and says what leaks.

The files are read as the router reads them, with PyYAML: a reader of our own that took a line for
something else would miss what the router sees.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind, Standing
from landfall.core.routing import guard_text
from landfall.core.routing.config_text import GATEWAY, PRIVATE
from landfall.core.routing.files import PLAN
from landfall.core.routing.findings import Document, Documents, Finding, entries
from landfall.core.routing.lint import lint
from landfall.services.hosts import addresses
from landfall.services.hosts.addresses import Resolver
from landfall.services.hosts.looking import looked_at
from landfall.services.late_imports import late
from landfall.services.routing.callbacks import callbacks
from landfall.services.routing.engine import engine

MOST_BYTES = 4 << 20
MOST_NODES = 100_000
"""Values of a file, each counted as often as it is named: an anchor can stand for thousands."""
_TEXTS = (GATEWAY, PRIVATE, guard_text.FILE, ".env.example", "start.sh", "start.ps1", "README.md")


async def lint_folder(
    directory: Path, *, look: bool = False, resolve: Resolver = addresses.resolved
) -> tuple[Finding, ...]:
    """What is wrong with the routes in a folder, what leaks first.

    Names of hosts are resolved: where an address stands decides, not what it is called.

    Args:
        directory: As `writing.write` made it.
        look: Whether each Ollama in the own network that is named is asked which of its models
            another machine answers for.
        resolve: The addresses of a name.

    Raises:
        BadInput: it is no folder, or a file of it cannot be read.
    """
    known = await asyncio.to_thread(engine)
    texts = await asyncio.to_thread(_texts, directory)
    gateway = _document(GATEWAY, texts.get(GATEWAY))
    sealed = _document(PRIVATE, texts.get(PRIVATE))
    both = [one for one in (gateway, sealed) if one is not None]
    stands = await _stands(both, resolve)
    documents = Documents(
        engine=known,
        gateway=gateway,
        sealed=sealed,
        guard=texts.get(guard_text.FILE),
        plan=_plan(texts.get(PLAN)),
        texts=texts,
        made={one.name: one.text for one in callbacks().values()},
        stands=stands,
        remote=await _remote(both, stands, known.own_routes) if look else frozenset(),
    )
    return lint(documents)


def _texts(directory: Path) -> Mapping[str, str]:
    if not os.path.isdir(directory):
        raise BadInput(
            f"{directory} is no folder, or may not be looked into.",
            "Name the folder that `landfall export litellm` wrote.",
            file=str(directory),
            field="--check",
        )
    found = {}
    for name in (*_TEXTS, PLAN, *(one.name for one in callbacks().values())):
        path = directory / name
        try:
            if not path.is_file():
                continue
            if path.stat().st_size > MOST_BYTES:
                raise BadInput(
                    f"{path} is too big to be such a file.",
                    "Name the folder of an export.",
                    file=str(path),
                )
            found[name] = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                f"{path} cannot be read: {error}.",
                "Check its name and its permissions.",
                file=str(path),
            ) from error
    return found


def _document(name: str, text: str | None) -> Document | None:
    """A configuration with the lines of its keys.

    Raises:
        BadInput: it is no YAML, or no table.
    """
    if text is None:
        return None
    yaml = late("yaml")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if _size(node, yaml, {}) > MOST_NODES:
            raise BadInput(
                f"{name} holds too much to be such a file.",
                "Name the folder of an export.",
                file=name,
            )
        value = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise BadInput(
            f"{name} is no YAML: {getattr(error, 'problem', None) or error}.",
            "Correct the line, or export again.",
            file=name,
            line=mark.line + 1 if mark is not None else None,
        ) from error
    if not isinstance(value, Mapping):
        raise BadInput(f"{name} holds no settings.", "Export again.", file=name)
    return Document(
        file=name,
        value=value,
        lines=dict(_lines(node, "", yaml)),
        twice=tuple(_twice(node, "", yaml)),
    )


def _size(node: Any, yaml: Any, sizes: dict[int, float]) -> float:
    """How many values a node stands for; endless where it holds itself."""
    if id(node) not in sizes:
        sizes[id(node)] = math.inf
        if isinstance(node, yaml.MappingNode):
            inner = [part for pair in node.value for part in pair]
        else:
            inner = node.value if isinstance(node, yaml.SequenceNode) else []
        sizes[id(node)] = 1 + sum(_size(one, yaml, sizes) for one in inner)
    return sizes[id(node)]


def _twice(node: Any, path: str, yaml: Any) -> Iterator[tuple[str, int]]:
    """Keys that stand twice in one mapping, with the line of the second."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else str(key.value)
            if key.value in seen and key.value != "<<":
                yield inner, key.start_mark.line + 1
            seen.add(str(key.value))
            yield from _twice(value, inner, yaml)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _twice(value, f"{path}[{number}]", yaml)


def _lines(node: Any, path: str, yaml: Any) -> Iterator[tuple[str, int]]:
    """The path of each key and element, and its physical line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else str(key.value)
            yield inner, key.start_mark.line + 1
            yield from _lines(value, inner, yaml)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            inner = f"{path}[{number}]"
            yield inner, value.start_mark.line + 1
            yield from _lines(value, inner, yaml)


def _plan(text: str | None) -> Mapping[str, Any] | None:
    if text is None:
        return None
    try:
        found = json_text.read(text)
    except ValueError as error:
        raise BadInput(f"{PLAN} is no JSON: {error}.", "Export again.", file=PLAN) from error
    return found if isinstance(found, Mapping) else None


async def _stands(documents: list[Document], resolve: Resolver) -> Mapping[str, Standing]:
    """Where each written address stands."""
    bases = dict.fromkeys(
        entry.base
        for document in documents
        for entry in entries(document)
        if entry.base.startswith(("http://", "https://"))
    )
    found = await asyncio.gather(*(_stand(base, resolve) for base in bases))
    return dict(zip(bases, found, strict=True))


async def _remote(
    documents: list[Document], stands: Mapping[str, Standing], own_routes: frozenset[str]
) -> frozenset[tuple[str, str]]:
    """(address, model) that a server says another machine answers for; only servers of the own
    network are asked, Ollama behind its OpenAI interface too, and one that does not answer tells
    nothing."""
    inside = (Standing.THIS_MACHINE, Standing.OUR_NETWORK)
    bases = dict.fromkeys(
        entry.base.removesuffix("/v1")
        for document in documents
        for entry in entries(document)
        if entry.route in own_routes and stands.get(entry.base) in inside
    )
    hosts = [Host(name=base, url=base, kind=HostKind.OLLAMA) for base in bases]
    readings = await asyncio.gather(*(looked_at(host) for host in hosts))
    return frozenset(
        (reading.host.url, model.name.lower())
        for reading in readings
        for model in reading.models
        if model.remote
    )


async def _stand(base: str, resolve: Resolver) -> Standing:
    try:
        return (await addresses.standing(base, resolve)).standing
    except ValueError:
        return Standing.UNKNOWN
