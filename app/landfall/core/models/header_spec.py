"""What a GGUF header says about the model: the exact way to a `ModelSpec`."""

from __future__ import annotations

from landfall.core.errors import BadInput
from landfall.core.models.architecture import Architecture, ModelSpec, Weights
from landfall.core.models.gguf import Header, Tensor
from landfall.core.models.header_keys import Keys
from landfall.core.models.layers import architecture_of


def from_header(
    header: Header,
    name: str,
    *,
    projector_bytes: int = 0,
    download_bytes: int | None = None,
    source: str = "GGUF header",
    file_bytes: int | None = None,
) -> ModelSpec:
    """The specification that a model's own header gives: exact for the architectures known here.

    Args:
        header: Of the whole model; a part of a split file is refused.
        projector_bytes: Size of a projector that comes in a file of its own.
        file_bytes: Size of the file, used where a tensor's type is unknown.

    Raises:
        BadInput: an adapter, a projector, a part of a split file, or a header without the numbers.
    """
    _refuse_what_is_no_model(header, name)
    keys = Keys(header, name)
    reasons: list[str] = []
    weights = _weights(header, keys, source=source, file_bytes=file_bytes)
    if weights.spread:
        reasons.append("a tensor has an unknown type; the size of the file stands for the weights")
    architecture = architecture_of(keys)
    if not architecture.known:
        reasons.append(
            f"the architecture {architecture.name!r} is not known here: every layer is counted "
            "with a full cache, which may be too much"
        )
    total, active = _parameters(header, architecture)
    return ModelSpec(
        name=name,
        architecture=architecture,
        weights=weights,
        params_total=total,
        params_active=active,
        quantization=header.quantization,
        projector_bytes=projector_bytes,
        download_bytes=download_bytes,
        reasons=tuple(reasons),
    )


def _refuse_what_is_no_model(header: Header, name: str) -> None:
    kind = header.metadata.get("general.type")
    if kind == "adapter":
        raise BadInput(
            f"{name} is an adapter, not a model.",
            "Ask for the model that it adapts.",
            field="model",
        )
    if kind == "mmproj" or header.architecture == "clip":
        raise BadInput(
            f"{name} is a projector for images or sound, not a model.",
            "Ask for the model that it belongs to.",
            field="model",
        )
    if not header.tensors:
        raise BadInput(
            f"{name} holds no weights, only words about a model or its vocabulary.",
            "Ask for the file that has them.",
            field="model",
        )
    parts = header.metadata.get("split.count")
    if isinstance(parts, int) and parts > 1:
        raise BadInput(
            f"{name} is one of {parts} parts of a split file.",
            "Ollama cannot load split files: merge it with llama-gguf-split --merge.",
            field="model",
        )


def _weights(header: Header, keys: Keys, *, source: str, file_bytes: int | None) -> Weights:
    exact = header.tensor_bytes
    if exact is None and file_bytes is None:
        raise BadInput(
            f"{keys.model} uses a type of numbers that is not known here.",
            "Update Landfall, or ask for another quantization.",
            field="model",
        )
    sizes = {tensor.name: tensor.size_bytes or 0 for tensor in header.tensors}
    embedding = sizes.get("token_embd.weight", 0)
    tied = "output.weight" not in sizes
    return Weights(
        total_bytes=exact if exact is not None else max(0, (file_bytes or 0) - header.data_offset),
        spread=0.0 if exact is not None else 0.02,
        embedding_bytes=embedding,
        output_bytes=embedding if tied else sizes["output.weight"],
        tied=tied,
        expert_bytes=sum(t.size_bytes or 0 for t in header.tensors if _is_routed_expert(t)),
        lookup_bytes=sizes.get("per_layer_token_embd.weight", 0),
        source=source,
    )


def _is_routed_expert(tensor: Tensor) -> bool:
    return "_exps." in tensor.name


def _parameters(header: Header, architecture: Architecture) -> tuple[int, int]:
    """All parameters, and those that take part in one token: no lookups, only experts used."""
    total = sum(tensor.elements for tensor in header.tensors)
    experts = sum(tensor.elements for tensor in header.tensors if _is_routed_expert(tensor))
    elements = {tensor.name: tensor.elements for tensor in header.tensors}
    looked_up = elements.get("per_layer_token_embd.weight", 0)
    if "output.weight" in elements:
        looked_up += elements.get("token_embd.weight", 0)
    active = total - experts - looked_up
    if architecture.experts:
        active += experts * architecture.experts_used // architecture.experts
    return total, active
