"""Route "layer": a layer behind mean and log_variance calls `add_loss`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from zspace.objectives.objective import LossTerms

__all__ = ["RateLayer"]


class RateLayer(keras.layers.Layer):
    """Computes the terms of the z-space and adds what is weighted of them to the model's losses.

    Args:
        rate_terms: from the model's values on the way to z, to the terms.
    """

    def __init__(self, rate_terms: Callable[[dict[str, Any]], LossTerms], **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", "name": "rate", **kwargs})
        self._rate_terms = rate_terms
        self.built = True

    def call(self, values: dict[str, Any]) -> dict[str, Any]:
        """The terms by name, for the record; the loss itself goes by way of `add_loss`."""
        terms = self._rate_terms(values)
        self.add_loss(terms.rate)
        named = terms.named()
        del named["reconstruction"]
        return named
