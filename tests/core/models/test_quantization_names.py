"""What quantisations are called."""

from __future__ import annotations

from landfall.core.models.quantization_names import one_spelling, quantization_of


def test_that_a_quantisation_has_one_spelling_and_the_last_of_a_name_counts() -> None:
    assert one_spelling(" ud-q4_k_xl ") == "Q4_K_XL"
    assert one_spelling("fp16") == "F16"
    assert one_spelling("FP32") == "F32"
    assert quantization_of("Q2_K/m-Q4_K_M.gguf") == "Q4_K_M"
    assert quantization_of("m-Q2_K-Q8_0.gguf") == "Q8_0"
    assert quantization_of("m-fp32.gguf") == "F32"
    assert quantization_of("mQ8_0") == ""
