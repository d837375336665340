"""The one model: a plain autoencoder or a VAE, by what it is put together from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from zspace.errors import ShapeError
from zspace.models.bounds import BOUNDS, bounded_shares
from zspace.models.halves import Halves
from zspace.models.inputs import beside, checked_condition, split_input, unit_images, with_planes
from zspace.models.resident import in_steps
from zspace.models.routes import RateLayer, explicit_step, output_losses
from zspace.models.routes.outputs import CODE_OUTPUTS
from zspace.objectives.objective import AbstractObjective, Latents, LossTerms
from zspace.objectives.schedules import KLSchedule

__all__ = ["Autoencoder"]

_PARTS = (
    "encoder",
    "posterior",
    "epsilon",
    "prior",
    "decoder",
    "likelihood",
    "objective",
    "kl_schedule",
)
PARAMETERS = ("mean", "log_variance", "scale_tril")
"""Of a posterior; which of them there are depends on its kind."""


@keras.saving.register_keras_serializable(package="zspace")
class Autoencoder(keras.Model):
    """Images through an encoder to a posterior, a z-point of it, and back through a decoder.

    A plain autoencoder has a deterministic posterior; nothing else sets it apart from a VAE.

    Args:
        image_shape: (H, W, C).
        latent_size: number of latent axes.
        parts: `encoder`, `posterior`, `epsilon`, `prior`, `decoder`, `likelihood` (layers),
            `objective`, and `kl_schedule`, without which the weight of the KL term is constant.
        condition_size: length of the vector of labels or attributes beside an image; 0 for none.
        route: how the KL term enters training, see `zspace.models.routes`; a saved model has none.

    Example:
        `zspace.assemble.assemble(recipe)` puts one together. Then ``model.decode(z)`` turns
        z-points (n, latent) into images (n, H, W, C), and ``model.encode(images)`` goes back.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        latent_size: int,
        *,
        parts: dict[str, Any],
        condition_size: int = 0,
        route: str = "loss",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.image_shape = tuple(image_shape)
        self.latent_size = latent_size
        self.condition_size = condition_size
        self.encoder: keras.layers.Layer = parts["encoder"]
        self.posterior: Any = parts["posterior"]
        self.epsilon: Any = parts["epsilon"]
        self.prior: Any = parts["prior"]
        self.decoder: keras.layers.Layer = parts["decoder"]
        self.likelihood: Any = parts["likelihood"]
        self.objective: AbstractObjective = parts["objective"]
        self.kl_schedule: KLSchedule = parts.get("kl_schedule") or KLSchedule()
        self.route = route
        if route == "layer":
            self.rate_layer = RateLayer(self._rate_terms)
        self._halves = Halves(self)
        bounds = BOUNDS if self.posterior.is_random else ()
        self.term_trackers = [keras.metrics.Mean(name=name) for name in (*self.term_names, *bounds)]

    @property
    def term_names(self) -> tuple[str, ...]:
        """What training reports beside the loss, which is the sum of the first and all weighted."""
        return ("reconstruction", "kl", "weighted_kl", *self.objective.extra_names)

    def build(self, input_shape: Any = None) -> None:
        """Make all weights; they depend on `image_shape` alone."""
        del input_shape
        *sides, channels = self.image_shape
        images = (None, *sides, channels + self.condition_size)
        codes = (None, self.latent_size)
        shapes = {
            self.encoder: images,
            self.posterior: self.encoder.compute_output_shape(images),
            self.epsilon: codes,
            self.decoder: (None, self.latent_size + self.condition_size),
        }
        for part, shape in shapes.items():
            # The parts of a saved model come built.
            if not part.built:
                part.build(shape)
        self.built = True

    def get_build_config(self) -> dict[str, Any]:
        """What the shapes of all weights follow from."""
        return {"image_shape": list(self.image_shape)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make all weights, when a saved model is loaded."""
        del config
        self.build()

    def call(self, x: Any, training: bool | None = None) -> dict[str, Any]:
        """Posterior parameters, `z` and the decoder's `output` for images (batch, H, W, C).

        All noise of a step is drawn here, so that every route draws the same. An objective that
        asks for several draws gets `z` and `epsilon` as (batch·draws, latent), those of an image
        one behind the other.

        Args:
            x: images, float in 0…1 or whole numbers in 0…255; of a conditional model
                ``{"images": …, "condition": (batch, condition_size)}``.
            training: whether batch normalization and dropout are in training mode.
        """
        images, condition = split_input(x)
        features = self.encoder(with_planes(unit_images(images), condition), training=training)
        values = dict(self.posterior(features))
        values["z"] = values["mean"]
        objective = self.objective
        if self.posterior.is_random:
            drawn = self._drawn(values)
            values["epsilon"] = self.epsilon(drawn.mean())
            values["z"] = drawn.reparameterize(values["epsilon"])
        if objective.compares_with_prior:
            values["prior_z"] = self.prior.sample(
                ops.shape(values["mean"])[0], self.epsilon.generator, encode=self._encoded
            )
        if self.route == "layer":
            values.update(self.rate_layer(values))
        z = values["z"]
        if objective.decodes == "first" and objective.draws > 1:
            z = z[:: objective.draws]
        elif condition is not None and objective.draws > 1:
            condition = ops.repeat(condition, objective.draws, axis=0)
        z = beside(z, condition)
        if objective.decodes == "twice":
            z = ops.concatenate([z, ops.stop_gradient(z)])
        return {**values, "output": self.decoder(z, training=training)}

    def _drawn(self, values: dict[str, Any]) -> Any:
        """The posterior, each row once for every draw."""
        draws = self.objective.draws
        if draws > 1:
            names = [name for name in PARAMETERS if name in values]
            values = {name: ops.repeat(values[name], draws, axis=0) for name in names}
        return self.posterior.distribution(values)

    def _encoded(self, images: Any) -> dict[str, Any]:
        """Posterior parameters, as of a trained model: for the pseudo-inputs of a prior."""
        parameters: dict[str, Any] = self.posterior(self.encoder(images, training=False))
        return parameters

    def _latents(self, values: dict[str, Any]) -> Latents:
        """What the objective is to know of a batch's way through the z-space."""
        return Latents(
            posterior=self.posterior.distribution(values),
            prior=self.prior.distribution(self._encoded),
            drawn=self._drawn(values),
            epsilon=values.get("epsilon"),
            z=values["z"],
            prior_z=values.get("prior_z"),
        )

    def _rate_terms(self, values: dict[str, Any]) -> LossTerms:
        return self.objective.rate_terms(self._latents(values), pull=self.kl_schedule.pull())

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """As Keras' own; route "outputs" brings its losses along."""
        if self.route == "outputs":
            kwargs["loss"] = output_losses(self)
        super().compile(*args, **kwargs)

    def train_step(self, *args: Any) -> Any:
        """Keras' own step, or the explicit one; several of a block of `zspace.models.resident`."""
        step = explicit_step(self) if self.route == "step" else super().train_step
        return in_steps(step, *args, image_shape=self.image_shape)

    def test_step(self, *args: Any) -> Any:
        """Keras' own step; several of a block of `zspace.models.resident`."""
        return in_steps(super().test_step, *args, image_shape=self.image_shape)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The objective's total; its terms go to the metrics of the same names.

        The target is `y`, where there is one, else the images themselves.
        """
        del sample_weight
        target = unit_images(split_input(x)[0] if y is None else y)
        likelihood = self.likelihood.distribution(y_pred["output"])
        if self.route == "layer":
            distortion = self.objective.distortion(target, likelihood)
            named = {name: y_pred[name] for name in self.term_names[1:]}
            named["reconstruction"], total = distortion, distortion + sum(self.losses)
        else:
            terms = self.objective.terms(
                target,
                likelihood=likelihood,
                latents=self._latents(y_pred),
                pull=self.kl_schedule.pull(),
            )
            named, total = terms.named(), terms.total
        if self.route == "outputs":
            codes = {name: y_pred[name] for name in CODE_OUTPUTS}
            total = super().compute_loss(
                x, {"output": target, **codes}, {"output": y_pred["output"], **codes}
            )
        if self.posterior.is_random:
            named.update(bounded_shares(y_pred, epsilon=self.epsilon, posterior=self.posterior))
        for tracker in self.term_trackers:
            tracker.update_state(named[tracker.name], sample_weight=ops.shape(target)[0])
        if training:
            self.kl_schedule.advance(named["kl"])
        return total

    def track_loss(self, loss: Any, x: Any) -> None:
        """Add a batch's loss to the metric of that name, as Keras' own training step does."""
        tracker = next(metric for metric in self.metrics if metric.name == "loss")
        tracker.update_state(loss, sample_weight=ops.shape(split_input(x)[0])[0])

    def get_metrics_result(self) -> dict[str, Any]:
        """Loss and terms so far, by the same names whatever the route is."""
        names = {"loss", *(tracker.name for tracker in self.term_trackers)}
        result = super().get_metrics_result()
        return {name: value for name, value in result.items() if name in names}

    def kl_weight(self) -> dict[str, float]:
        """`beta` as it is at the present step and, with such a schedule, `capacity` in nats."""
        now = self.kl_schedule.now()
        beta = self.objective.beta * now.pop("factor")
        return {"beta": beta, **now}

    def prior_arrays(self) -> dict[str, np.ndarray]:
        """The prior as a mixture of K ≥ 1 diagonal normals.

        Returns:
            `prior_log_weights` (K,), `prior_mean` and `prior_log_variance` (K, latent), float32.
        """
        arrays = self.prior.as_mixture(self._encoded)
        return {
            f"prior_{name}": ops.convert_to_numpy(value).astype(np.float32)
            for name, value in arrays.items()
        }

    def sample_prior(self, count: int, *, seed: int = 1, epsilon_scale: float = 1.0) -> np.ndarray:
        """Draw z-points from the prior, (count, latent), float32.

        Args:
            count: how many.
            seed: of the draw.
            epsilon_scale: of what a point is off its component's mean; 0 gives the means.
        """
        z = self.prior.sample(count, seed, encode=self._encoded, epsilon_scale=epsilon_scale)
        return np.asarray(ops.convert_to_numpy(z), np.float32)

    @property
    def epsilon_scale(self) -> float:
        """Factor s of the noise in z = mean + s·σ·ε; set it to change it, 0 to switch it off."""
        return float(ops.convert_to_numpy(self.epsilon.scale))

    @epsilon_scale.setter
    def epsilon_scale(self, scale: float) -> None:
        self.epsilon.scale.assign(scale)

    def encode(
        self, images: Any, *, condition: Any = None, batch_size: int = 256
    ) -> dict[str, np.ndarray]:
        """Posterior parameters of images.

        Args:
            images: (n, H, W, C), float in 0…1 or uint8.
            condition: (n, condition_size), of a conditional model alone.
            batch_size: how many to hold at once.

        Returns:
            ``{"mean": (n, latent), …}``, float32; `log_variance` for a normal posterior.

        Raises:
            ShapeError: if the images have another shape than the model's.
        """
        images = np.asarray(images)
        if images.shape[1:] != self.image_shape or not len(images):
            raise ShapeError(
                f"expected images of shape (n, {', '.join(map(str, self.image_shape))}), "
                f"got {images.shape}"
            )
        told = checked_condition(condition, count=len(images), size=self.condition_size)
        blocks = list(
            self._halves.in_blocks("encode", images, condition=told, batch_size=batch_size)
        )
        return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}

    def decode(
        self,
        z: Any,
        *,
        condition: Any = None,
        pixels: str = "mean",
        seed: int = 1,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Images of z-points.

        Args:
            z: (n, latent).
            condition: (n, condition_size), of a conditional model alone.
            pixels: what of the likelihood p(x | z): its ``"mean"``, ``"mode"``, or a ``"sample"``,
                each pixel by itself; see `zspace.models.halves.PIXELS`.
            seed: of a draw.
            batch_size: how many to hold at once.

        Returns:
            (n, H, W, C), float32 in 0…1.

        Raises:
            ShapeError: if the points have another size than the model's z-space.
            InputError: if `pixels` is none of these.
        """
        z = np.asarray(z, np.float32)
        if z.ndim != 2 or z.shape[1] != self.latent_size or not len(z):
            raise ShapeError(f"expected z-points of shape (n, {self.latent_size}), got {z.shape}")
        told = checked_condition(condition, count=len(z), size=self.condition_size)
        blocks = self._halves.decoded(
            z, condition=told, pixels=pixels, seed=seed, batch_size=batch_size
        )
        return np.concatenate(list(blocks))

    def reconstruct(
        self,
        images: Any,
        *,
        condition: Any = None,
        epsilon_scale: float = 0.0,
        seed: int = 1,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Images encoded and decoded again.

        Args:
            images: (n, H, W, C), float in 0…1 or uint8.
            condition: (n, condition_size), of a conditional model alone.
            epsilon_scale: 0 decodes the posterior's mean, 1 a point drawn from the posterior.
            seed: of that draw.
            batch_size: how many to hold at once.

        Returns:
            (n, H, W, C), float32 in 0…1.
        """
        parameters = self.encode(images, condition=condition, batch_size=batch_size)
        z = parameters["mean"]
        if epsilon_scale and self.posterior.is_random:
            z = self._halves.drawn(parameters, epsilon_scale=epsilon_scale, seed=seed)
        return self.decode(z, condition=condition, batch_size=batch_size)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments, the parts serialized."""
        parts = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in _PARTS}
        return {
            **super().get_config(),
            "image_shape": list(self.image_shape),
            "condition_size": self.condition_size,
            "latent_size": self.latent_size,
            "parts": parts,
        }

    def get_compile_config(self) -> None:
        """Nothing: an optimizer belongs to one backend, a saved model to all of them."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Autoencoder:
        """The model that `get_config` described."""
        parts = {
            name: keras.saving.deserialize_keras_object(part)
            for name, part in config["parts"].items()
        }
        return cls(**{**config, "parts": parts})
