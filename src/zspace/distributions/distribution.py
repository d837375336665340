"""What a distribution is."""

from __future__ import annotations

import abc
from typing import Any

from keras import ops

__all__ = ["AbstractDistribution", "AbstractReparameterized", "sum_event"]


def sum_event(values: Any) -> Any:
    """Sum over all axes but the first: (batch, …) to (batch,)."""
    return ops.sum(ops.reshape(values, (ops.shape(values)[0], -1)), axis=-1)


class AbstractDistribution(abc.ABC):
    """A batch of distributions over events: tensors of shape (batch, …).

    The parameters are tensors of any Keras backend; the first axis is the batch, all others form
    one event. A distribution holds no weights and no random state: noise comes from outside.
    """

    @abc.abstractmethod
    def log_prob(self, x: Any) -> Any:
        """Natural logarithm of the density (or probability) of each event, in nats, (batch,)."""

    @abc.abstractmethod
    def mean(self) -> Any:
        """Expected value of each event, (batch, …)."""

    @abc.abstractmethod
    def mode(self) -> Any:
        """Most likely value of each event, (batch, …)."""

    @abc.abstractmethod
    def sample(self, seed: Any) -> Any:
        """One draw of each event, (batch, …).

        Args:
            seed: a `keras.random.SeedGenerator`, or an int for a repeatable draw.
        """


class AbstractReparameterized(AbstractDistribution):
    """A distribution whose draws are a smooth function of its parameters and of standard noise."""

    @abc.abstractmethod
    def reparameterize(self, epsilon: Any) -> Any:
        """The draw z = mean + σ·ε, through which gradients pass, (batch, …).

        https://arxiv.org/abs/1312.6114, section 2.4.

        Args:
            epsilon: standard normal noise, (batch, …).
        """

    @abc.abstractmethod
    def log_prob_at(self, epsilon: Any) -> Any:
        """Log-density of `reparameterize(epsilon)` in nats, (batch,), computed from ε itself.

        −½ Σ (ε² + log 2π) − Σ log σ. It is `log_prob` of the draw without the rounding of z − mean,
        which is larger than σ itself where variances are tiny.

        Args:
            epsilon: standard normal noise, (batch, …).
        """
