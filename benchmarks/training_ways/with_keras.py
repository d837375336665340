"""A VAE the way that Keras' own examples have it: a model with its own `train_step`.

The images are in memory as float32, the decoder ends in a sigmoid, the step takes the gradient by
GradientTape. The same lines run under Keras 3 and under tf_keras 2. They are made a tf.data.Dataset
once, without automatic tuning: given arrays, `fit` copies all of them each time, and the timer of
the tuning holds up the end of a short epoch, in every other one by as long as it took.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from training_ways.images import as_unit
from training_ways.shapes import BATCH, KERNEL, SLOPE, Shape


def make(
    shape: Shape, data: Path, *, package: str = "keras", options: dict[str, Any] | None = None
) -> Callable[[int], float]:
    """A function that trains on so many images.

    Args:
        shape: of the model.
        data: a prepared data set.
        package: ``"keras"`` or ``"tf_keras"``.
        options: of `compile`, beside the optimizer.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    keras = importlib.import_module(package)
    epochs = _Epochs(as_unit(data))
    model = _model(keras, _encoder(keras, shape), _decoder(keras, shape))
    optimizer = keras.optimizers.Adam(shape.learning_rate)
    model.compile(optimizer=optimizer, **(options or {}))

    def train(count: int) -> float:
        fitted = model.fit(epochs[count], epochs=1, verbose=0)
        return float(fitted.history["loss"][-1])

    return train


class _Epochs(dict[int, Any]):
    """A dataset for each number of images, made when it is first asked for."""

    def __init__(self, images: np.ndarray) -> None:
        super().__init__()
        self.images = images

    def __missing__(self, count: int) -> Any:
        import tensorflow as tf

        images = tf.data.Dataset.from_tensor_slices(self.images[:count])
        options = tf.data.Options()
        options.autotune.enabled = False
        self[count] = images.shuffle(count).batch(BATCH).prefetch(2).with_options(options)
        return self[count]


def _encoder(keras: Any, shape: Shape) -> Any:
    layers = keras.layers
    given = keras.Input(shape.image)
    x = given
    for filters, stride in zip(shape.filters, shape.strides, strict=True):
        x = layers.Conv2D(filters, KERNEL, strides=stride, padding="same")(x)
        x = layers.LeakyReLU(SLOPE)(x)
    x = layers.Flatten()(x)
    return keras.Model(given, [layers.Dense(shape.latent)(x), layers.Dense(shape.latent)(x)])


def _decoder(keras: Any, shape: Shape) -> Any:
    layers = keras.layers
    given = keras.Input((shape.latent,))
    height, width, depth = shape.smallest
    x = layers.LeakyReLU(SLOPE)(layers.Dense(height * width * depth)(given))
    x = layers.Reshape(shape.smallest)(x)
    backwards = zip(shape.filters[-2::-1], shape.strides[:0:-1], strict=True)
    for filters, stride in backwards:
        x = layers.Conv2DTranspose(filters, KERNEL, strides=stride, padding="same")(x)
        x = layers.LeakyReLU(SLOPE)(x)
    last = layers.Conv2DTranspose(
        shape.image[2], KERNEL, strides=shape.strides[0], padding="same", activation="sigmoid"
    )
    return keras.Model(given, last(x))


def _model(keras: Any, encoder: Any, decoder: Any) -> Any:
    import tensorflow as tf

    class VAE(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.decoder = encoder, decoder
            self.trackers = [keras.metrics.Mean(n) for n in ("loss", "reconstruction", "kl")]

        @property
        def metrics(self) -> list[Any]:
            return self.trackers

        def train_step(self, images: Any) -> dict[str, Any]:
            with tf.GradientTape() as tape:
                mean, log_variance = self.encoder(images, training=True)
                noise = tf.random.normal(tf.shape(mean))
                output = self.decoder(mean + tf.exp(0.5 * log_variance) * noise, training=True)
                entropy = keras.losses.binary_crossentropy(images, output)
                reconstruction = tf.reduce_mean(tf.reduce_sum(entropy, axis=(1, 2)))
                kl = -0.5 * (1 + log_variance - tf.square(mean) - tf.exp(log_variance))
                kl = tf.reduce_mean(tf.reduce_sum(kl, axis=1))
                loss = reconstruction + kl
            weights = self.trainable_weights
            self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            for tracker, value in zip(self.trackers, (loss, reconstruction, kl), strict=True):
                tracker.update_state(value)
            return {tracker.name: tracker.result() for tracker in self.trackers}

    return VAE()
