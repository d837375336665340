"""How often the randomness of a step was at its bounds."""

from __future__ import annotations

from typing import Any

from keras import ops

__all__ = ["BOUNDS", "bounded_shares"]

BOUNDS = ("epsilon_bounded", "log_variance_bounded")
"""Shares of components that were at their bound, which training reports beside the loss terms."""


def bounded_shares(values: dict[str, Any], *, epsilon: Any, posterior: Any) -> dict[str, Any]:
    """The shares named in `BOUNDS`, of a batch.

    Args:
        values: what the model gave for it.
        epsilon: the layer that draws ε.
        posterior: the layer that bounds log-variances.
    """
    limit = 0.999999 * epsilon.limit * epsilon.scale
    at_limit = ops.logical_and(ops.abs(values["epsilon"]) >= limit, limit > 0)
    shares = (ops.mean(ops.cast(at_limit, "float32")), posterior.bounded_share(values))
    return dict(zip(BOUNDS, shares, strict=True))
