"""The one layer with random state: the noise ε of z = mean + σ·ε."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

__all__ = ["Epsilon"]


@keras.saving.register_keras_serializable(package="zspace")
class Epsilon(keras.layers.Layer):
    """Standard normal noise, each component clipped to ±limit, times a scale.

    Keras does not save a `SeedGenerator`; this layer does, so that a saved model goes on with the
    noise where it stopped. The scale is a variable: it changes on a trained model, in no time.

    Args:
        limit: bound of abs(ε), per component. Of a million standard normal draws 0.6 lie past 5.
        scale: factor of the noise; 0 makes z the mean.
        seed: of the noise.
    """

    def __init__(
        self, limit: float = 5.0, *, scale: float = 1.0, seed: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.limit = limit
        self.initial_scale = scale
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the variable that holds the scale."""
        del input_shape
        self.scale = self.add_weight(
            name="scale",
            shape=(),
            initializer=keras.initializers.Constant(self.initial_scale),
            trainable=False,
        )

    def call(self, like: Any) -> Any:
        """Noise of the shape of `like`."""
        noise = keras.random.normal(ops.shape(like), dtype="float32", seed=self.generator)
        return self.scale * ops.clip(noise, -self.limit, self.limit)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's."""
        return input_shape

    def save_own_variables(self, store: Any) -> None:
        """Scale and seed state."""
        store["scale"] = ops.convert_to_numpy(self.scale)
        store["seed_state"] = ops.convert_to_numpy(self.generator.state)

    def load_own_variables(self, store: Any) -> None:
        """Scale and seed state."""
        self.scale.assign(np.asarray(store["scale"]))
        self.generator.state.assign(np.asarray(store["seed_state"]))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "limit": self.limit,
            "scale": self.initial_scale,
            "seed": self.seed,
        }
