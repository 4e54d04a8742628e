"""Every quantization of a repository as a model to be priced, from one header and one list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import cast

from landfall.core.errors import BadInput, ModelNotFound
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.gguf import Header
from landfall.core.models.model_names import DEFAULT_NAMESPACE, DEFAULT_REGISTRY
from landfall.core.models.pasted_names import HUBS, meant
from landfall.core.models.repository import (
    Quantization,
    RepositoryFile,
    contents,
    quantized,
    split_refusal,
)
from landfall.core.models.weights import bits_per_weight
from landfall.services.late_imports import late
from landfall.services.models import shipped_catalogue
from landfall.services.models.header_cache import (
    MODEL,
    HeaderCache,
    Layer,
    Manifest,
    Reference,
    parse_reference,
)
from landfall.services.models.model_source import (
    Fetch,
    Places,
    from_manifest,
    not_there,
    registry_fetch,
)
from landfall.services.threads import in_thread

ListFiles = Callable[[Reference, str], Awaitable[tuple[RepositoryFile, ...]]]
"""Asks a hub for the files of a repository."""

_USUAL = "Q4_K_M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One quantization of the repository.

    Attributes:
        name: What a pull asks for.
        spec: The model, or None where nothing can be said of it: `reason` says why.
    """

    name: str
    quantization: Quantization
    spec: ModelSpec | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryModels:
    """What a repository offers.

    Attributes:
        name: The repository, or with its tag the model that was asked for.
        chosen: The model that the name means by itself: Ollama's default, or its tag.
        variants: Smallest first; () where the registry is no hub and lists no files.
    """

    name: str
    chosen: ModelSpec
    variants: tuple[Variant, ...]


def lists_files(name: str) -> bool:
    """Whether the name's registry lists what a repository holds; Ollama's own does not.

    Raises:
        BadInput: the name cannot be one.
    """
    return parse_reference(meant(name)).host != DEFAULT_REGISTRY


def no_list_words(name: str) -> str:
    """Why nothing is listed for a name, and where the tags of Ollama's own library are shown.

    Raises:
        BadInput: the name cannot be one.
    """
    reference = parse_reference(meant(name))
    if reference.host != DEFAULT_REGISTRY:
        return f"{reference.host} does not list what it holds"
    page = f"https://ollama.com/{reference.namespace}/{reference.model}/tags"
    if reference.namespace == DEFAULT_NAMESPACE:
        page = f"https://ollama.com/library/{reference.model}/tags"
    words = f"Ollama's library does not list its tags to programs; its page does: {page}"
    tags = [card.tag for card in shipped_catalogue.load().models]
    known = [tag for tag in tags if tag.partition(":")[0] == reference.model.lower()]
    return f"{words}; the catalogue has {', '.join(known)}" if known else words


async def models_of(
    name: str,
    places: Places,
    *,
    fetch: Fetch | None = None,
    list_files: ListFiles | None = None,
) -> RepositoryModels:
    """Ask for the files of a repository and for one header, and judge every quantization by them.

    Args:
        name: A repository with or without a tag, on the Hub or on a mirror of it.
        fetch, list_files: In place of the real clients.

    Raises:
        BadInput: the name cannot be one, there is no such repository, it holds nothing that Ollama
            can pull, or its registry lists nothing.
        NetworkUnavailable, Unavailable: as `registry.fetch`.
    """
    name = meant(name)
    reference = parse_reference(name)
    if reference.host == DEFAULT_REGISTRY:
        raise BadInput(no_list_words(name), "Name one of its tags.", field="model")
    cards = shipped_catalogue.load().models
    try:
        held = await _contents(reference, name, list_files or await _hub())
        tag, manifest, header = await _read_one(reference, name, held, places, fetch)
    except ModelNotFound as error:
        raise not_there(name, error, cards) from error
    source = f"GGUF header of {tag} from its registry"
    chosen = from_manifest(tag, manifest, header, source)
    blob = manifest.of_type(MODEL)[0]
    read = _Read(spec=chosen, header=header, blob=blob, quantization=_read_file(blob, held))
    repository = _repository(reference)
    return RepositoryModels(
        name=name,
        chosen=chosen,
        variants=tuple(_variant(f"{repository}:{q.tag}", q, read) for q in held),
    )


async def _contents(
    reference: Reference, name: str, list_files: ListFiles
) -> tuple[Quantization, ...]:
    """What can be chosen; () from a registry that is no hub and lists nothing.

    Raises:
        BadInput: it holds nothing that Ollama can pull.
    """
    try:
        held = contents(await list_files(reference, name))
    except ModelNotFound:
        if reference.host in HUBS:
            raise
        return ()
    if not held.quantizations:
        form = "its weights are in another form" if held.other_weights else "it has no model files"
        raise BadInput(
            f"{name} has no GGUF files: {form}.",
            "Look for a repository of the same model whose name ends in -GGUF.",
            field="model",
        )
    if all(quantization.split for quantization in held.quantizations):
        raise split_refusal(f"Every quantization of {name}")
    return held.quantizations


async def _hub() -> ListFiles:
    module = await in_thread(late, "landfall.services.models.hugging_face")
    return cast(ListFiles, module.list_files)


async def _read_one(
    reference: Reference,
    name: str,
    held: tuple[Quantization, ...],
    places: Places,
    fetch: Fetch | None,
) -> tuple[str, Manifest, Header]:
    """The header that the name itself means; of another file where that one comes in parts."""
    ask, cache = fetch or await registry_fetch(), HeaderCache(places.cache)
    try:
        return (name, *await ask(name, cache))
    except BadInput:
        whole = [q for q in held if not q.split]
        if not whole:
            raise
        other = f"{_repository(reference)}:{min(whole, key=_distance).tag}"
        if name != _repository(reference) or other == name:
            raise
    return (other, *await ask(other, cache))


def _distance(quantization: Quantization) -> float:
    """How far a quantization is from the usual one, in bits of a weight."""
    try:
        return abs(bits_per_weight(quantization.label) - bits_per_weight(_USUAL))
    except BadInput:
        return float("inf")


def _repository(reference: Reference) -> str:
    return f"{reference.host}/{reference.namespace}/{reference.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The file whose header was read, and what it says.

    Attributes:
        quantization: The file in the list, or None where it is not there.
    """

    spec: ModelSpec
    header: Header
    blob: Layer
    quantization: Quantization | None


def _read_file(blob: Layer, held: tuple[Quantization, ...]) -> Quantization | None:
    """The file of a blob: by its digest, else by its size."""
    digest = blob.digest.removeprefix("sha256:")
    by_digest = (q for q in held if q.sha256 == digest)
    by_size = (q for q in held if q.size_bytes == blob.size_bytes)
    return next(by_digest, None) or next(by_size, None)


def _variant(name: str, wanted: Quantization, read: _Read) -> Variant:
    if wanted == read.quantization:
        return Variant(name=name, quantization=wanted, spec=replace(read.spec, name=name))
    if read.quantization is not None and wanted.family != read.quantization.family:
        reason = "another model than the one whose header was read: ask for it by its name"
        return Variant(name=name, quantization=wanted, spec=None, reason=reason)
    spec = replace(quantized(read.spec, read.header, wanted, read.blob.size_bytes), name=name)
    if not wanted.split:
        return Variant(name=name, quantization=wanted, spec=spec)
    reason = f"in {wanted.parts} parts: Ollama does not pull it as it is"
    spec = replace(spec, reasons=(reason, *spec.reasons))
    return Variant(name=name, quantization=wanted, spec=spec, reason=reason)
