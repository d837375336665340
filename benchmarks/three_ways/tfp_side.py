"""E11 by TensorFlow Probability's own layers on tf_keras, and the beta that each way really has."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
import tf_keras
from three_ways.ways import (
    BATCH,
    DEFAULT_AXIS,
    LATENT,
    LOG_CONCENTRATION_LIMITS,
    NOISE_DRAWS,
    PLAIN_BETA,
    WAYS,
    Way,
    exact_rate,
    pixels,
)

import zspace
from zspace.training.batches import epoch_order

tfd, tfpl, layers = tfp.distributions, tfp.layers, tf_keras.layers

Tensor = Any
SHAPE = (28, 28, 1)


def prior() -> Any:
    return tfd.MultivariateNormalDiag(loc=tf.zeros(LATENT))


def build(way: Way, likelihood: str, *, noise: int | None = None) -> tuple[Any, Any, Any]:
    """Encoder, decoder and the whole model, uncompiled.

    Args:
        way: how the KL term is added.
        likelihood: one of `LIKELIHOODS`, or `PLAIN_BETA`.
        noise: pins every draw, so that a value can be computed twice; None draws anew each time.
    """
    options = dict(way.options)
    if not options["use_exact_kl"]:
        count = options.pop("samples")
        options["test_points_fn"] = lambda q: q.sample(count, seed=_pinned(noise, 1))
    add = getattr(tfpl, way.layer)(prior(), **options)
    is_layer = way.layer == "KLDivergenceAddLoss"
    posterior = tfpl.MultivariateNormalTriL(
        LATENT,
        convert_to_tensor_fn=lambda q: q.sample(seed=_pinned(noise, 0)),
        activity_regularizer=None if is_layer else add,
    )
    encoder = tf_keras.Sequential(
        [
            layers.InputLayer(SHAPE),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(tfpl.MultivariateNormalTriL.params_size(LATENT)),
            posterior,
            *([add] if is_layer else []),
        ]
    )
    decoder = tf_keras.Sequential(
        [
            layers.InputLayer((LATENT,)),
            layers.Dense(64, activation="relu"),
            layers.Dense(256, activation="relu"),
            *(_bernoulli() if likelihood == "bernoulli" else _beta(likelihood)),
        ]
    )
    return encoder, decoder, tf_keras.Model(encoder.inputs, decoder(encoder.outputs))


def _pinned(noise: int | None, which: int) -> tuple[int, int] | None:
    return None if noise is None else (noise, which)


def _bernoulli() -> list[Any]:
    return [layers.Dense(784), tfpl.IndependentBernoulli(SHAPE)]


def _beta(likelihood: str) -> list[Any]:
    def distribution(t: Tensor) -> Any:
        return tfd.Independent(tfd.Beta(t[..., :1], t[..., 1:]), 3)

    return [
        layers.Dense(2 * 784, activation=tf.exp if likelihood == PLAIN_BETA else _bounded),
        layers.Reshape((28, 28, 2)),
        tfpl.DistributionLambda(distribution),
    ]


def _bounded(x: Tensor) -> Tensor:
    """The exponential of x between soft bounds, as zspace has it."""
    low, high = LOG_CONCENTRATION_LIMITS
    return tf.exp(low + tf.nn.softplus(high - tf.nn.softplus(high - x) - low))


def _parameters(encoder: Any) -> Any:
    """The encoder up to the numbers that make the posterior."""
    return tf_keras.Sequential(encoder.layers[:4])


def summed_over_the_batch(x: Tensor, distribution: Any) -> Tensor:
    """The published data term: one number a batch, −Σ log p(x | z)."""
    return -tf.reduce_sum(distribution.log_prob(x))


def one_number_an_image(x: Tensor, distribution: Any) -> Tensor:
    """The usual data term, which tf_keras averages over the batch."""
    return -distribution.log_prob(x)


def measured_beta(
    way: Way, likelihood: str, images: np.ndarray, *, loss: Any = summed_over_the_batch
) -> dict[str, float]:
    """The beta of a way in "Σ over the batch of (NLL + beta · KL)", from one batch.

    By value: the loss that tf_keras adds, over the KL of the images by the same draws. By gradient:
    that of tf_keras' whole loss is a·∇ΣNLL + b·∇ΣKL by least squares, and beta is b/a.
    """
    tf_keras.utils.set_random_seed(7)
    encoder, decoder, model = build(way, likelihood, noise=11)
    model.compile(loss=loss)
    x = tf.constant(pixels(images, likelihood))
    weights = encoder.trainable_variables
    parameters = _parameters(encoder)

    def posterior() -> Any:
        return tfpl.MultivariateNormalTriL.new(parameters(x), LATENT)

    def kl() -> Tensor:
        q = posterior()
        if way.kl == "exact":
            return tf.reduce_sum(tfd.kl_divergence(q, prior()))
        z = q.sample(way.options["samples"], seed=(11, 1))
        return tf.reduce_sum(tf.reduce_mean(q.log_prob(z) - prior().log_prob(z), axis=0))

    def data() -> Tensor:
        return summed_over_the_batch(x, decoder(posterior().sample(seed=(11, 0))))

    def whole() -> Tensor:
        # What tf_keras' own train_step computes.
        return model.compute_loss(x, x, model(x, training=True))

    model(x, training=True)
    added = [float(loss) for loss in model.losses]
    gradients = [_gradient(each, weights) for each in (data, kl, whole)]
    matrix = np.stack(gradients[:2], axis=1)
    (a, b), *_ = np.linalg.lstsq(matrix, gradients[2], rcond=None)
    left = np.linalg.norm(gradients[2] - matrix @ [a, b]) / np.linalg.norm(gradients[2])
    data_scale = float(model.compute_loss(x, x, model(x)) - sum(added)) / float(data())
    return {
        "by_value": sum(added) / float(kl()) / data_scale,
        "by_gradient": float(b / a),
        "scale_of_the_data_term": float(a),
        "gradient_left_over": float(left),
        "losses_added": len(added),
        "images": len(images),
    }


def _gradient(value: Callable[[], Tensor], weights: list[Any]) -> np.ndarray:
    with tf.GradientTape() as tape:
        loss = value()
    found = tape.gradient(loss, weights)
    return np.concatenate([np.ravel(each.numpy()).astype(np.float64) for each in found])


def measured_betas(images: np.ndarray) -> dict[str, dict[str, float]]:
    """Of the three ways, with variations that change it."""
    found = {
        name: measured_beta(way, "bernoulli", images)
        for name, way in {**WAYS, **DEFAULT_AXIS}.items()
    }
    half = measured_beta(WAYS["regularizer"], "bernoulli", images[: BATCH // 2])
    found["regularizer, batch of 16"] = half
    for name, way in WAYS.items():
        averaged = measured_beta(way, "bernoulli", images, loss=one_number_an_image)
        found[f"{name}, data term averaged over the batch"] = averaged
    return found


def train(
    way: Way, likelihood: str, *, dataset: zspace.Dataset, seed: int, epochs: int, out: Path
) -> dict[str, Any]:
    """Train once; losses in the published unit, and rate and distortion in nats an image."""
    del out  # nothing but the record is kept
    tf_keras.utils.set_random_seed(seed)
    encoder, decoder, model = build(way, likelihood)
    # 25 steps in one call change nothing but the time that Python takes between steps.
    model.compile("rmsprop", loss=summed_over_the_batch, steps_per_execution=25)
    index = dataset.indices("train")
    x = tf.constant(pixels(dataset.rows(index), likelihood))
    test = pixels(dataset.rows(dataset.indices("validation")), likelihood)
    validation = _batches(tf.constant(test), np.arange(len(test)))
    record: dict[str, Any] = {"seed": seed, "loss": [], "validation_loss": []}
    begun = time.perf_counter()
    for epoch in range(epochs):
        order = epoch_order(len(index), seed=seed, epoch=epoch)
        fitted = model.fit(_batches(x, order), verbose=0, validation_data=validation)
        record["loss"].append(fitted.history["loss"][0])
        record["validation_loss"].append(fitted.history["val_loss"][0])
    record["seconds"] = time.perf_counter() - begun
    record["test"] = rate_and_distortion(encoder, decoder, test, seed=seed)
    return record


def _batches(x: Tensor, order: np.ndarray) -> tf.data.Dataset:
    def pair(rows: Tensor) -> tuple[Tensor, Tensor]:
        images = tf.gather(x, rows)
        return images, images

    return tf.data.Dataset.from_tensor_slices(order).batch(BATCH).map(pair).prefetch(8)


def rate_and_distortion(
    encoder: Any, decoder: Any, x: np.ndarray, *, seed: int
) -> dict[str, float]:
    """Exact KL and E[−log p(x | z)], z drawn from the posterior, in nats an image."""
    parameters = _parameters(encoder)
    rates, distortions = [], []
    for start in range(0, len(x), 1000):
        block = x[start : start + 1000]
        q = tfpl.MultivariateNormalTriL.new(parameters(block), LATENT)
        rates.append(exact_rate(q.loc.numpy(), q.scale_tril.numpy()))
        for draw in range(NOISE_DRAWS):
            z = q.sample(seed=(seed, start + draw))
            distortions.append(float(tf.reduce_mean(-decoder(z).log_prob(block))))
    return {"rate": float(np.mean(rates)), "distortion": float(np.mean(distortions))}
