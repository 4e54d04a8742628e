"""The incomplete gamma function where it is a plain sum, and the error function."""

from __future__ import annotations

import math

import pytest

from landfall.core.demand import incomplete_gamma


@pytest.mark.parametrize("shape", [1, 2, 5, 30])
@pytest.mark.parametrize("x", [0.01, 1.0, 2.9, 5.9, 6.1, 31.5, 80.0])
def test_that_the_gamma_function_of_whole_shapes_is_a_sum_of_poisson_terms(
    shape: int, x: float
) -> None:
    """Of Poisson events with mean x at least `shape` come."""
    fewer = math.fsum(math.exp(-x) * x**n / math.factorial(n) for n in range(shape))
    more = math.fsum(
        math.exp(n * math.log(x) - x - math.lgamma(n + 1)) for n in range(shape, shape + 400)
    )
    assert incomplete_gamma.lower_gamma(shape, x) == pytest.approx(1 - fewer, abs=1e-12)
    assert incomplete_gamma.log_lower_gamma(shape, x) == pytest.approx(math.log(more), abs=1e-10)
    assert incomplete_gamma.lower_gamma(shape, 0.0) == 0.0


@pytest.mark.parametrize("x", [0.1, 1.49, 1.51, 4.0])
def test_that_the_gamma_function_of_a_half_is_the_error_function(x: float) -> None:
    assert incomplete_gamma.lower_gamma(0.5, x) == pytest.approx(math.erf(math.sqrt(x)), rel=1e-11)
