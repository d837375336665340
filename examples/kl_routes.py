"""Four ways to put the KL term of a VAE into its training, in plain Keras 3, without zspace.

The same small denoising VAE is trained by each, with batch normalization, dropout, validation and
targets that are not the inputs. From the same seeds the four give the same losses. It runs on
the backend that KERAS_BACKEND names, in seconds, and writes kl_routes.csv.
"""

import csv
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
from keras import layers, ops

PIXELS, LATENT, BETA, SEED = 64, 2, 0.5, 1


def kl_terms(mean, log_variance):
    """KL(N(mean, exp(log_variance)) ‖ N(0, 1)) of each latent axis, in nats."""
    return 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance)


def reconstruction(y, logits):
    """Binary cross entropy, summed over the pixels: one number for each image, in nats."""
    return ops.sum(ops.softplus(logits) - y * logits, axis=-1)


class Sampling(layers.Layer):
    """z = mean + σ·ε; the noise has a seed generator of its own, which Keras tracks."""

    def __init__(self):
        super().__init__()
        self.generator = keras.random.SeedGenerator(SEED)

    def call(self, inputs):
        mean, log_variance = inputs
        epsilon = keras.random.normal(ops.shape(mean), seed=self.generator)
        return mean + ops.exp(0.5 * log_variance) * epsilon


def networks():
    """Encoder to (mean, log_variance), and decoder to logits; the same weights every time."""
    keras.utils.set_random_seed(SEED)
    x = keras.Input((PIXELS,))
    hidden = layers.Dense(32)(x)
    hidden = layers.Activation("relu")(layers.BatchNormalization()(hidden))
    hidden = layers.Dropout(0.1, seed=SEED)(hidden)
    encoder = keras.Model(x, [layers.Dense(LATENT)(hidden), layers.Dense(LATENT)(hidden)])
    decoder = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(PIXELS)])
    decoder.build((None, LATENT))
    return encoder, decoder


# Route "layer": a layer behind mean and log_variance calls add_loss.
class AddKL(layers.Layer):
    def __init__(self, beta):
        super().__init__()
        # A weight, not a number: a number would be frozen into the compiled training step.
        start = keras.initializers.Constant(beta)
        self.beta = self.add_weight(shape=(), initializer=start, trainable=False)

    def call(self, inputs):
        kl = ops.mean(ops.sum(kl_terms(*inputs), axis=-1))
        self.add_loss(self.beta * kl)
        return inputs


def by_layer():
    encoder, decoder = networks()
    x = keras.Input((PIXELS,))
    mean, log_variance = AddKL(BETA)(encoder(x))
    model = keras.Model(x, decoder(Sampling()([mean, log_variance])))
    model.compile("adam", loss=reconstruction)
    return model


# Route "outputs": mean and log_variance are outputs with losses of their own.
def by_outputs():
    encoder, decoder = networks()
    x = keras.Input((PIXELS,))
    mean, log_variance = encoder(x)
    image = decoder(Sampling()([mean, log_variance]))
    model = keras.Model(x, {"image": image, "mean": mean, "log_variance": log_variance})
    # The KL term falls into a part of the mean alone and a part of the log-variance alone.
    losses = {
        "image": reconstruction,
        "mean": lambda _, mean: ops.sum(kl_terms(mean, 0.0), axis=-1),
        "log_variance": lambda _, log_variance: ops.sum(kl_terms(0.0, log_variance), axis=-1),
    }
    weights = {"image": 1.0, "mean": BETA, "log_variance": BETA}
    model.compile("adam", loss=losses, loss_weights=weights)
    return model


def with_targets(image):
    """Each output wants a target; those of mean and log_variance are not looked at."""
    nothing = np.zeros((len(image), LATENT), "float32")
    return {"image": image, "mean": nothing, "log_variance": nothing}


class AbstractVAE(keras.Model):
    """What the two routes below share: the networks, beta, and what is reported."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = networks()
        self.sampling = Sampling()
        self.beta = keras.Variable(BETA, trainable=False, name="beta")
        self.reported = [keras.metrics.Mean(name=name) for name in ("reconstruction", "kl")]

    def call(self, x, training=None):
        mean, log_variance = self.encoder(x, training=training)
        image = self.decoder(self.sampling([mean, log_variance]), training=training)
        return {"image": image, "mean": mean, "log_variance": log_variance}

    def terms(self, y, outputs):
        kl = ops.sum(kl_terms(outputs["mean"], outputs["log_variance"]), axis=-1)
        return [ops.mean(reconstruction(y, outputs["image"])), ops.mean(kl)]

    def report(self, terms):
        for metric, value in zip(self.reported, terms, strict=True):
            metric.update_state(value)


# Route "loss": the model says what its loss is; Keras does the rest.
class ByLoss(AbstractVAE):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        terms = self.terms(y, y_pred)
        self.report(terms)
        return terms[0] + self.beta * terms[1]


def by_loss():
    model = ByLoss()
    model.compile("adam")
    return model


# Route "step": an explicit training step. The gradient is the backend's own business.
class AbstractByStep(AbstractVAE):
    def __init__(self):
        super().__init__()
        self.total = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.total, *self.reported]

    def score(self, x, y, training):
        terms = self.terms(y, self(x, training=training))
        return terms[0] + self.beta * terms[1], terms

    def log(self, loss, terms):
        self.total.update_state(loss)
        self.report(terms)
        return {metric.name: metric.result() for metric in self.metrics}

    def test_step(self, data):
        return self.log(*self.score(*data, training=False))


if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    class ByStep(AbstractByStep):
        def train_step(self, data):
            with tf.GradientTape() as tape:
                loss, terms = self.score(*data, training=True)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            return self.log(loss, terms)

elif keras.backend.backend() == "torch":
    import torch

    class ByStep(AbstractByStep):
        def train_step(self, data):
            self.zero_grad()
            loss, terms = self.score(*data, training=True)
            loss.backward()
            gradients = [variable.value.grad for variable in self.trainable_variables]
            with torch.no_grad():
                self.optimizer.apply(gradients, self.trainable_variables)
            return self.log(loss, terms)

else:
    import jax

    class ByStep(AbstractByStep):
        # In JAX nothing changes in place: all that changes comes in as `state`, and goes out new.
        def train_step(self, state, data):
            weights, others, slots, metrics = state
            gradient = jax.value_and_grad(self.pure_score, has_aux=True)
            (loss, (terms, others)), gradients = gradient(weights, others, data, training=True)
            weights, slots = self.optimizer.stateless_apply(slots, gradients, weights)
            logs, metrics = self.pure_log(metrics, loss, terms)
            return logs, (weights, others, slots, metrics)

        def test_step(self, state, data):
            weights, others, metrics = state
            loss, (terms, others) = self.pure_score(weights, others, data, training=False)
            logs, metrics = self.pure_log(metrics, loss, terms)
            return logs, (weights, others, metrics)

        def pure_score(self, weights, others, data, training):
            variables = [*self.trainable_variables, *self.non_trainable_variables]
            given = zip(variables, [*weights, *others], strict=True)
            with keras.StatelessScope(list(given)) as scope:
                loss, terms = self.score(*data, training=training)
            # Batch statistics and the state of the random seeds have moved on.
            new = [scope.get_current_value(each) for each in self.non_trainable_variables]
            return loss, (terms, new)

        def pure_log(self, metrics, loss, terms):
            given = zip(self.metrics_variables, metrics, strict=True)
            with keras.StatelessScope(list(given)) as scope:
                logs = self.log(loss, terms)
            return logs, [scope.get_current_value(each) for each in self.metrics_variables]


def by_step():
    model = ByStep()
    model.compile("adam")
    return model


def main():
    random = np.random.default_rng(SEED)
    clean = (random.random((256, 1)) < np.linspace(0, 1, PIXELS)).astype("float32")
    noisy = (clean + 0.3 * random.standard_normal(clean.shape)).astype("float32")
    rows = []
    for route in (by_layer, by_outputs, by_loss, by_step):
        targets = with_targets if route is by_outputs else lambda image: image
        fitted = route().fit(
            noisy[:192],
            targets(clean[:192]),
            validation_data=(noisy[192:], targets(clean[192:])),
            batch_size=64,
            epochs=3,
            shuffle=False,
            verbose=0,
        )
        rows.append([route.__name__, *(fitted.history[name][-1] for name in ("loss", "val_loss"))])
        print(f"{rows[-1][0]:11} loss {rows[-1][1]:.4f}  validation {rows[-1][2]:.4f}")
    with open("kl_routes.csv", "w", newline="") as file:
        csv.writer(file).writerows([["route", "loss", "validation_loss"], *rows])


if __name__ == "__main__":
    main()
