"""What `training.precision = "auto"` stands for: measured on this machine, then written down."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from keras import ops

from zspace.recipe import Recipe, load_recipe
from zspace.run import RunFolder

__all__ = ["ENOUGH", "faster_precision", "seconds_of_convolutions", "settle_precision"]

ENOUGH = 1.5
"""How many times as fast convolutions have to be in bfloat16 for it to be taken. Activations,
losses and the optimizer gain nothing, so a whole training step gains less."""


def settle_precision(
    recipe: Recipe, *, run: RunFolder | None = None
) -> tuple[Recipe, dict[str, Any]]:
    """Replace the precision "auto" by the one that is faster here.

    The recipe of a run thus names the precision that it is trained in, and resuming it, anywhere,
    goes on in the same.

    Args:
        recipe: what is asked for.
        run: the run that is resumed, if one is; "auto" is then what that was started in.

    Returns:
        The recipe, and what environment.json is to say of the choice: nothing if there was none.
    """
    if recipe.training.precision != "auto":
        return recipe, {}
    if run is not None:
        before = load_recipe(run.recipe).training.precision
        return recipe.override([f"training.precision={before}"]), {}
    seconds = seconds_of_convolutions()
    chosen = faster_precision(seconds)
    milliseconds = {name: round(1000 * value, 3) for name, value in seconds.items()}
    record = {"precision": {"chosen": chosen, "convolution_milliseconds": milliseconds}}
    return recipe.override([f"training.precision={chosen}"]), record


def faster_precision(seconds: dict[str, float]) -> str:
    """The policy, from how long the same takes in "float32" and in "bfloat16".

    Example:
        >>> faster_precision({"float32": 0.016, "bfloat16": 0.004})
        'mixed_bfloat16'
        >>> faster_precision({"float32": 0.016, "bfloat16": 0.012})
        'float32'
    """
    return "mixed_bfloat16" if seconds["float32"] > ENOUGH * seconds["bfloat16"] else "float32"


def seconds_of_convolutions(repetitions: int = 7) -> dict[str, float]:
    """How long a convolution in the middle of a network takes in each precision, at best.

    A processor without instructions of its own for bfloat16 is no faster in it; no list of
    processors has to say which those are. They take turns, as the machine may be slow for a while.

    Args:
        repetitions: of each.
    """
    generator = np.random.default_rng(1)
    images = generator.standard_normal((64, 24, 24, 64), np.float32)
    kernel = generator.standard_normal((3, 3, 64, 128), np.float32)
    given = {
        name: [ops.cast(ops.convert_to_tensor(each), name) for each in (images, kernel)]
        for name in ("float32", "bfloat16")
    }
    seconds = dict.fromkeys(given, np.inf)
    # The first of each, in which kernels are made ready, is as good as never the fastest.
    for _ in range(repetitions):
        for name, (x, weights) in given.items():
            begun = time.perf_counter()
            y = ops.conv(x, weights, strides=2, padding="same", data_format="channels_last")
            # Copying a number from it waits for all of it.
            ops.convert_to_numpy(ops.cast(y[0, 0, 0, 0], "float32"))
            seconds[name] = min(seconds[name], time.perf_counter() - begun)
    return seconds
