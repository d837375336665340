"""How the weight of the KL term changes in training."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from zspace.objectives.objective import FULL_PULL, Pull

__all__ = ["KLSchedule", "ramp"]

_LIMIT = 14.0
"""Of the logarithm of the controller's factor: it stays between a millionth and a million."""


def ramp(
    kind: str, progress: Any, *, begin: float = 0.0, cycles: int = 4, rise: float = 0.5
) -> Any:
    """Share of beta at a share of the way.

    - "linear": begin + (1 − begin)·p.
    - "cosine": begin + (1 − begin)·(1 − cos πp) / 2: soft at both ends.
    - "cyclical": `cycles` times up, each time linearly within the share `rise` of the cycle, then
      held (https://arxiv.org/abs/1903.10145).

    Args:
        kind: one of these.
        progress: p in 0…1, a tensor or a number; at 1 the result is 1.
        begin: share at the start.
        cycles: number of cycles.
        rise: share of a cycle, above 0.
    """
    if kind == "cosine":
        progress = (1 - ops.cos(math.pi * progress)) / 2
    elif kind == "cyclical":
        within = ops.minimum((progress * cycles) % 1.0 / rise, 1.0)
        progress = ops.where(progress >= 1, 1.0, within)
    return begin + (1 - begin) * progress


@keras.saving.register_keras_serializable(package="zspace")
class KLSchedule(keras.layers.Layer):
    """The weight of the KL term as a function of the training step, or of KL itself.

    Its state (steps done, the controller's factor) is in two variables, so that it is saved with
    every checkpoint and goes on exactly where it stopped.

    - "constant".
    - "linear", "cosine", "cyclical": see `ramp`.
    - "capacity": beta·abs(KL − C) with C growing linearly to `capacity` nats
      (https://arxiv.org/abs/1804.03599).
    - "target_kl": the logarithm of the weight moves by gain·(KL / target − 1), at most ±gain, in
      each step, which ends where KL is `target` nats (an integrating controller, in the spirit of
      https://arxiv.org/abs/2004.05988).

    Args:
        kind: one of these.
        settings: `delay` and `length` in steps, `begin`, `cycles`, `ramp`, `capacity`, `target`,
            `gain`, as far as the kind needs them.
    """

    def __init__(
        self, kind: str = "constant", *, settings: dict[str, float] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**{"dtype": "float32", "name": "kl_schedule", **kwargs})
        self.kind = kind
        self.settings = dict(settings or {})
        self.step = self.add_weight(
            name="step", shape=(), initializer="zeros", dtype="int32", trainable=False
        )
        self.log_factor = self.add_weight(
            name="log_factor", shape=(), initializer="zeros", trainable=False
        )
        self.built = True

    def pull(self) -> Pull:
        """Factor of beta, and the capacity where there is one, at the present step."""
        if self.kind == "constant":
            return FULL_PULL
        if self.kind == "target_kl":
            return Pull(ops.exp(ops.convert_to_tensor(self.log_factor)))
        step = ops.cast(self.step, "float32") - self.settings.get("delay", 0.0)
        progress = ops.clip(step / self.settings["length"], 0.0, 1.0)
        if self.kind == "capacity":
            return Pull(capacity=self.settings["capacity"] * progress)
        return Pull(
            ramp(
                self.kind,
                progress,
                begin=self.settings.get("begin", 0.0),
                cycles=int(self.settings.get("cycles", 4)),
                rise=self.settings.get("ramp", 0.5),
            )
        )

    def advance(self, kl: Any) -> None:
        """One training step is done.

        Args:
            kl: of its batch, in nats per image.
        """
        self.step.assign_add(1)
        if self.kind == "target_kl":
            off = ops.clip(ops.stop_gradient(kl) / self.settings["target"] - 1.0, -1.0, 1.0)
            moved = self.log_factor + self.settings["gain"] * off
            self.log_factor.assign(ops.clip(moved, -_LIMIT, _LIMIT))

    def now(self) -> dict[str, float]:
        """Factor of beta and, where there is one, capacity in nats, as numbers."""
        pull = self.pull()
        found = {"factor": pull.factor, "capacity": pull.capacity}
        return {
            name: float(np.asarray(ops.convert_to_numpy(value)))
            for name, value in found.items()
            if value is not None
        }

    def save_own_variables(self, store: Any) -> None:
        """Steps done, and the controller's factor."""
        for variable in (self.step, self.log_factor):
            store[variable.name] = ops.convert_to_numpy(variable)

    def load_own_variables(self, store: Any) -> None:
        """Steps done, and the controller's factor; models from before schedules have neither."""
        for variable in (self.step, self.log_factor):
            if variable.name in store:
                variable.assign(np.asarray(store[variable.name]))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "kind": self.kind, "settings": self.settings}
