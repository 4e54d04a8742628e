"""What quantizations are called, and which one a file's name tells.

Source of the names: llama.cpp's quantization types and the files of Hugging Face repositories.
"""

from __future__ import annotations

import re

_TYPE = (
    r"(?:UD-)?(?:IQ\d_(?:XXS|XS|S|M|NL|XL)|Q\d(?:_K(?:_(?:XXL|XL|L|M|S|P))?|_[01](?:_\d_\d)?)"
    r"|TQ\d_0|MXFP4(?:_MOE)?|NVFP4|BF16|FP?16|FP?32)"
)
_ALSO_CALLED = {"FP16": "F16", "FP32": "F32"}
# Compiled when it is first used: most names are no files.
LABEL = rf"(?i:(?:^|[-._ ])({_TYPE})(?=$|[-._ ]))"


def one_spelling(label: str) -> str:
    """A quantization's name in capitals, without a packer's mark: `ud-q4_k_xl` is `Q4_K_XL`."""
    name = label.strip().upper().removeprefix("UD-")
    return _ALSO_CALLED.get(name, name)


def quantization_of(file_name: str) -> str:
    """The quantization that a file's name tells, as llama.cpp writes it, or ""."""
    stem = file_name.rpartition("/")[2].removesuffix(".gguf")
    found = re.findall(LABEL, stem)
    if not found:
        return ""
    label: str = found[-1].upper()
    return _ALSO_CALLED.get(label, label)
