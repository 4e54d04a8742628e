"""From what a user typed to a model that can be priced.

A path is read; a name is looked for in the cache, among the models that Ollama holds here, and in
the catalogue; only a name that is in none of them, or `online`, asks a registry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from landfall.core.errors import BadInput, ModelNotFound, NetworkUnavailable
from landfall.core.models import catalogue, weights
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.catalogue import ModelCard
from landfall.core.models.gguf import Header
from landfall.core.models.header_spec import from_header
from landfall.core.models.model_names import DEFAULT_NAMESPACE, DEFAULT_REGISTRY
from landfall.core.models.pasted_names import HUBS, meant, on_hub
from landfall.services.late_imports import late
from landfall.services.models import shipped_catalogue
from landfall.services.models.header_cache import (
    MODEL,
    PROJECTOR,
    HeaderCache,
    Manifest,
    Reference,
    blob_path,
    installed_manifest,
    parse_reference,
    read_file,
)
from landfall.services.paths import expanded
from landfall.services.threads import in_thread

Fetch = Callable[[str, HeaderCache], Awaitable[tuple[Manifest, Header]]]
"""Asks a registry for the manifest and the header of a name, and keeps them in the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where to look.

    Attributes:
        cache: The program's own cache folder.
        models_path: Ollama's store on this machine, or None where there is none.
        here: Whether the machine asked about is this one: then what is installed stands above the
            catalogue. What is said of another machine is the same wherever it is asked.
    """

    cache: Path
    models_path: Path | None = None
    here: bool = True


async def resolve(
    name: str,
    places: Places,
    *,
    quantization: str | None = None,
    online: bool = False,
    fetch: Fetch | None = None,
) -> ModelSpec:
    """The model that a name or a path means.

    Args:
        quantization: Another than the catalogue's; goes with a catalogue name only.
        online: Ask the registry even for a name that is known here.
        fetch: In place of the real registry.

    Raises:
        BadInput: nothing is known by that name, or it is no model that can be priced.
        Unavailable: the registry that had to be asked does not answer.
    """
    if not name.strip():
        raise BadInput("No model is named.", "Give a tag, a name or a path.", field="model")
    if is_path(name):
        _refuse_quantization(quantization, "a file")
        return await asyncio.to_thread(_of_file, name)
    name = meant(name)
    cards = shipped_catalogue.load().models
    card, wanted = _card(name, cards, quantization)
    # What the catalogue calls it: not where the name itself says another quantisation.
    usual = card.tag if card and wanted in (None, card.quantization) else None
    if online:
        _refuse_quantization(quantization, "--online")
        return await _asked(usual or name, places, cards, fetch)
    if card is None:
        _refuse_quantization(quantization, f"{name!r}, which is not in the catalogue")
    # The name itself before the tag it is spelled like: "mistral:latest" may be anybody's model.
    for one in dict.fromkeys((name if quantization is None else None, usual)):
        if one is not None:
            known = await asyncio.to_thread(_known_here, one, places, in_catalogue=card is not None)
            if known is not None:
                return known
    if card is not None:
        return weights.spec(card, wanted)
    return await _asked(name, places, cards, fetch)


def in_catalogue(name: str) -> bool:
    """Whether the catalogue knows the name, with or without a quantization at its end."""
    return _card(meant(name), shipped_catalogue.load().models, None)[0] is not None


def is_path(name: str) -> bool:
    """Whether a model is named by its file."""
    if "://" in name or on_hub(meant(name)):
        return False
    looks = name.lower().endswith(".gguf") or name.startswith(("/", "./", "../", "~", ".\\"))
    return looks or ("\\" in name) or _is_file(name)


def _is_file(name: str | Path) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False  # too long for a path, with a zero in it, or where this user may not look


def _card(
    name: str, cards: tuple[ModelCard, ...], quantization: str | None
) -> tuple[ModelCard | None, str | None]:
    """The card, and the quantization asked for: by --quant, or at the end of the tag."""
    if on_hub(name):
        return None, None
    card = catalogue.find(name, cards)
    if card is not None or quantization is not None:
        return card, quantization
    base, wanted = catalogue.split_quantization(name)
    card = catalogue.find(base, cards) if wanted else None
    return card, wanted if card else None


def _refuse_quantization(quantization: str | None, what: str) -> None:
    if quantization is not None:
        raise BadInput(
            f"--quant does not go with {what}: its quantization is fixed.",
            "Leave --quant out, or name a model of the catalogue.",
            field="quant",
        )


def _of_file(name: str) -> ModelSpec:
    try:
        path = expanded(name)
    except RuntimeError as error:
        raise BadInput(
            f"The file {name} cannot be read: no such user is known.",
            "Check the path.",
            file=name,
            field="model",
        ) from error
    header = read_file(path, name)
    size = path.stat().st_size
    whole = header.data_offset + (header.tensor_bytes or 0)
    spec = from_header(header, name, source=f"GGUF header of {path.name}", file_bytes=size or None)
    if size < whole:
        note = "the file holds its header and not all weights: sizes are those of the whole model"
        spec = replace(spec, reasons=(*spec.reasons, note))
    return spec


def _known_here(name: str, places: Places, *, in_catalogue: bool) -> ModelSpec | None:
    """From a header that was read before, or of a model in Ollama's store."""
    try:
        reference = parse_reference(name)
    except BadInput:
        return None
    cache = HeaderCache(places.cache)
    if (manifest := cache.manifest(reference)) is not None:
        blobs = manifest.of_type(MODEL)
        header = cache.header(reference.host, blobs[0].digest) if blobs else None
        if header is not None:
            source = f"GGUF header of {name} as the registry had it on {manifest.fetched_at[:10]}"
            return from_manifest(name, manifest, header, source)
    if places.models_path is not None and (places.here or not in_catalogue):
        return _of_store(name, reference, places.models_path)
    return None


def _of_store(name: str, reference: Reference, models_path: Path) -> ModelSpec | None:
    manifest = installed_manifest(reference, models_path)
    blobs = manifest.of_type(MODEL) if manifest else ()
    if manifest is None or not blobs:
        return None
    path = blob_path(models_path, blobs[0].digest)
    if not _is_file(path):
        return None
    header = read_file(path, name)
    return from_manifest(name, manifest, header, "GGUF header of the installed model")


def from_manifest(name: str, manifest: Manifest, header: Header, source: str) -> ModelSpec:
    """The model that a manifest and the header of its weights describe.

    Raises:
        BadInput: as `from_header`.
    """
    blobs = manifest.of_type(MODEL)
    spec = from_header(
        header,
        name,
        projector_bytes=sum(layer.size_bytes for layer in manifest.of_type(PROJECTOR)),
        download_bytes=manifest.download_bytes,
        source=source,
        file_bytes=blobs[0].size_bytes if blobs else None,
    )
    return replace(spec, reasons=(f"sizes are exact: {source}", *spec.reasons))


async def no_registry(name: str, _cache: HeaderCache) -> tuple[Manifest, Header]:
    """In place of a registry, where nobody asked for one.

    Raises:
        ModelNotFound: always.
    """
    raise ModelNotFound(f"{name} is known nowhere here.")


async def registry_fetch() -> Fetch:
    """The real registry client; loaded here because its HTTP library costs a tenth of a second."""
    module = await in_thread(late, "landfall.services.ollama.registry")
    return cast(Fetch, module.fetch)


async def _asked(
    name: str, places: Places, cards: tuple[ModelCard, ...], fetch: Fetch | None
) -> ModelSpec:
    """Ask for a name that is known nowhere here, or is to be asked for.

    A plain name that cannot be asked for is first of all unknown: the likeliest cause is a typing
    error. A name with its registry in it is meant, so that an outage is said as one.
    """
    ask = fetch or await registry_fetch()
    try:
        manifest, header = await ask(name, HeaderCache(places.cache))
    except ModelNotFound as error:
        raise not_there(name, error, cards) from error
    except NetworkUnavailable as error:
        reference = parse_reference(name)
        if reference.host != DEFAULT_REGISTRY:
            raise _alike_here(error, reference, cards) from error
        if catalogue.find(name, cards) is not None:
            raise
        because = "it is not in the catalogue, and the registry could not be asked"
        raise catalogue.unknown_model(name, cards, because) from error
    return from_manifest(name, manifest, header, f"GGUF header of {name} from its registry")


def _alike_here(
    error: NetworkUnavailable, reference: Reference, cards: tuple[ModelCard, ...]
) -> NetworkUnavailable:
    """The outage, with the model of the catalogue that a repository is called after."""
    card = catalogue.find(reference.model, cards)
    hint = error.hint
    if card is not None:
        hint = f"Check the network. {card.tag} of the catalogue, if that is meant, needs none."
    return NetworkUnavailable(error.message, hint)


def not_there(name: str, error: ModelNotFound, cards: tuple[ModelCard, ...]) -> BadInput:
    """What to say of a name that its registry does not know."""
    reference = parse_reference(name)
    if reference.host != DEFAULT_REGISTRY:
        return BadInput(error.message, error.hint, field="model")
    if reference.namespace != DEFAULT_NAMESPACE:
        repository = f"{HUBS[0]}/{reference.namespace}/{reference.model}"
        hint = f"If the repository of the Hugging Face Hub is meant: {repository}."
        return BadInput(error.message, hint, field="model")
    return catalogue.unknown_model(name, cards, error.message.rstrip("."))
