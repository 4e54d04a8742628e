"""The metadata of one architecture in a GGUF header: `<architecture>.<key>`, as numbers."""

from __future__ import annotations

from landfall.core.errors import BadInput
from landfall.core.models.gguf import Header

MAX_NUMBER = 1 << 32


class Keys:
    """Numbers by key, bounded; what a stranger wrote is refused rather than believed."""

    def __init__(self, header: Header, name: str) -> None:
        self.header = header
        self.prefix = header.architecture
        self.model = name
        if not self.prefix:
            raise self._missing("general.architecture")

    def _missing(self, key: str) -> BadInput:
        return BadInput(
            f"The header of {self.model} has no usable {key}.",
            "Only language and embedding models can be judged.",
            field="model",
        )

    def numbers(self, key: str) -> tuple[int, ...] | None:
        """A value or an array as integers, or None.

        Raises:
            BadInput: a number that no model can have.
        """
        value = self.header.metadata.get(f"{self.prefix}.{key}")
        values = value if isinstance(value, tuple) else (value,)
        numbers = tuple(int(v) for v in values if isinstance(v, int | bool))
        if any(not 0 <= number <= MAX_NUMBER for number in numbers):
            raise self._missing(f"{self.prefix}.{key}")
        return numbers or None

    def is_list(self, key: str) -> bool:
        """Whether the key holds an array."""
        return isinstance(self.header.metadata.get(f"{self.prefix}.{key}"), tuple)

    def number(self, key: str, default: int = 0) -> int:
        """A value, the largest of an array, or the default."""
        values = self.numbers(key)
        return max(values) if values else default

    def needed(self, key: str, limit: int) -> int:
        """A positive value, not above the limit.

        Raises:
            BadInput: it is missing or absurd.
        """
        value = self.number(key)
        if not 0 < value <= limit:
            raise self._missing(f"{self.prefix}.{key}")
        return value

    def per_layer(self, key: str, layers: int, default: tuple[int, ...]) -> tuple[int, ...]:
        """One value a layer: an array as it is, a single value repeated."""
        values = self.numbers(key) or default
        if len(values) >= layers:
            return values[:layers]
        return values + (values[-1],) * (layers - len(values))


def names(text: str) -> frozenset[str]:
    """The architectures named in a text."""
    return frozenset(text.split())
