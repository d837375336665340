"""Old VAE recipes fail as docs/guide/kl-routes.md says, and those that fail in silence still do."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "kl-routes.md"
ROW = re.compile(
    r"^\| `{1,2}(?P<recipe>.+?)`{1,2} \| `(?P<kind>\w+)`(?:: (?P<told>.*?))? \| .* \|$"
)


def rows() -> dict[str, re.Match[str]]:
    """The page's table of old recipes: what is written, what comes, what to write instead."""
    text = PAGE.read_text(encoding="utf-8")
    text = text.split("## Old recipes that fail today")[1].split("\n## ")[0]
    found = [ROW.match(line) for line in text.splitlines() if line.startswith("| `")]
    assert None not in found, "a row of the table has another form"
    return {match["recipe"]: match for match in found if match is not None}


@pytest.fixture(autouse=True)
def _as_on_the_page() -> None:
    """The messages are those of one version; another one may say it differently."""
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the page gives the errors on TensorFlow")
    written = re.search(r"Keras (\d+\.\d+) and TensorFlow (\d+\.\d+)", PAGE.read_text("utf-8"))
    assert written is not None
    installed = [keras.__version__, version("tensorflow-cpu" if _is_linux() else "tensorflow")]
    if [".".join(each.split(".")[:2]) for each in installed] != list(written.groups()):
        pytest.skip(f"the page is for {written.group()}, installed are {installed}")


def _is_linux() -> bool:
    return sys.platform == "linux"


X = np.random.default_rng(1).random((16, 6), dtype=np.float32)


def heads() -> tuple[Any, Any, Any]:
    from keras import Input, layers

    x = Input((6,))
    hidden = layers.Dense(4)(x)
    return x, layers.Dense(2)(hidden), layers.Dense(2)(hidden)


def functional(**compiled: Any) -> Any:
    import keras

    x, mean, _ = heads()
    model = keras.Model(x, keras.layers.Dense(6)(mean))
    model.compile(**{"optimizer": "adam", "loss": "mse", **compiled})
    return model


def three_outputs() -> Any:
    import keras

    x, mean, log_variance = heads()
    model = keras.Model(x, [keras.layers.Dense(6)(mean), mean, log_variance])
    model.compile("adam", loss=["mse", "mse", "mse"])
    return model


def model_add_loss(_: Path) -> None:
    from keras import ops

    x, mean, log_variance = heads()
    import keras

    model = keras.Model(x, keras.layers.Dense(6)(mean))
    model.add_loss(-0.5 * ops.mean(1 + log_variance - ops.square(mean) - ops.exp(log_variance)))


def loss_around_tensors(_: Path) -> None:
    import keras
    from keras import ops

    x, mean, log_variance = heads()
    model = keras.Model(x, keras.layers.Dense(6)(mean))

    def loss(y: Any, y_pred: Any) -> Any:
        kl = -0.5 * ops.mean(1 + log_variance - ops.square(mean) - ops.exp(log_variance))
        return ops.mean(ops.square(y - y_pred)) + kl

    model.compile("adam", loss=loss)
    model.fit(X, X, verbose=0)


def backend_mean(_: Path) -> None:
    import keras

    keras.backend.mean(heads()[1])


def old_backend_mean(_: Path) -> None:
    import tensorflow as tf

    tf.keras.backend.mean(heads()[1])


def tensorflow_mean(_: Path) -> None:
    import tensorflow as tf

    tf.reduce_mean(heads()[1])


def lambda_sampling(_: Path) -> None:
    import keras

    def sampling(inputs: Any) -> Any:
        mean, log_variance = inputs
        backend = keras.backend
        return mean + backend.exp(log_variance / 2) * backend.random_normal(backend.shape(mean))

    keras.layers.Lambda(sampling)(list(heads()[1:]))


class Clipped:
    """`if abs(epsilon) >= 5` on a whole tensor, in a layer and by itself."""

    @staticmethod
    def in_a_layer(_: Path) -> None:
        import keras
        from keras import ops

        class Sampling(keras.layers.Layer):
            def call(self, inputs: Any) -> Any:
                mean, log_variance = inputs
                epsilon = keras.random.normal(ops.shape(mean))
                if abs(epsilon) >= 5:
                    epsilon = 5.0
                return mean + ops.exp(log_variance / 2) * epsilon

        Sampling()(list(heads()[1:]))

    @staticmethod
    def by_itself(_: Path) -> None:
        import keras

        if abs(keras.random.normal((4, 2))) >= 5:
            raise AssertionError


def experimental_preprocessing(_: Path) -> None:
    import keras

    keras.layers.experimental.preprocessing.Rescaling(1 / 255)


def image_data_generator(_: Path) -> None:
    from keras.preprocessing.image import ImageDataGenerator

    raise AssertionError(ImageDataGenerator)


def fit_generator(_: Path) -> None:
    functional().fit_generator(iter([(X, X)]))


def one_target(_: Path) -> None:
    three_outputs().fit(X, X, verbose=0)


def lists_from_a_generator(_: Path) -> None:
    def batches() -> Iterator[Any]:
        while True:
            yield X, [X, X[:, :2], X[:, :2]]

    three_outputs().fit(batches(), steps_per_epoch=2, shuffle=False, verbose=0)


def add_metric(_: Path) -> None:
    functional().add_metric(heads()[1], name="kl")


def minimize(_: Path) -> None:
    functional().optimizer.minimize(lambda: 0.0, [])


def short_learning_rate(_: Path) -> None:
    import keras

    keras.optimizers.Adam(lr=1e-3)


def legacy_optimizer(_: Path) -> None:
    import keras

    keras.optimizers.legacy.Adam()


def tape_vae(**networks: Any) -> Any:
    """The VAE of many tutorials: a train_step with GradientTape, no call, no test_step."""
    import keras
    import tensorflow as tf
    from keras import layers

    class Vae(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = keras.Sequential(
                [layers.Dense(8), layers.BatchNormalization(), layers.Dense(4)]
            )
            self.decoder = keras.Sequential([layers.Dense(6)])
            self.kl_tracker = keras.metrics.Mean(name="weighted_kl")
            self.beta = 1.0
            self.encoder(X)
            self.decoder(X[:, :2])

        def train_step(self, data: Any) -> Any:
            with tf.GradientTape() as tape:
                mean, log_variance = tf.split(self.encoder(data, **networks), 2, axis=-1)
                noise = tf.random.normal(tf.shape(mean), seed=1)
                image = self.decoder(mean + tf.exp(log_variance / 2) * noise)
                terms = 1 + log_variance - mean**2 - tf.exp(log_variance)
                kl = self.beta * tf.reduce_mean(-0.5 * tf.reduce_sum(terms, axis=1))
                loss = tf.reduce_mean((image - data) ** 2) + kl
            weights = self.trainable_weights
            self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            self.kl_tracker.update_state(kl)
            return {"weighted_kl": self.kl_tracker.result()}

    model = Vae()
    model.compile("sgd")
    return model


def validation_of_a_tape_vae(_: Path) -> None:
    tape_vae().fit(X, validation_data=(X,), verbose=0)


def load_lambda(folder: Path) -> None:
    import keras

    x, mean, log_variance = heads()
    z = keras.layers.Lambda(lambda both: both[0], output_shape=(2,))([mean, log_variance])
    keras.Model(x, z).save(folder / "vae.h5")
    keras.models.load_model(folder / "vae.h5")


def load_compiled_h5(folder: Path) -> None:
    import keras

    functional().save(folder / "vae.h5")
    keras.models.load_model(folder / "vae.h5")


def save_a_folder(folder: Path) -> None:
    functional().save(folder / "vae")


def save_weights(folder: Path) -> None:
    functional().save_weights(folder / "vae")


def tfp_layer(_: Path) -> None:
    import keras

    tfpl = pytest.importorskip("tensorflow_probability").layers
    keras.Sequential([keras.Input((6,)), keras.layers.Dense(5), tfpl.MultivariateNormalTriL(2)])


RECIPES: dict[str, Callable[[Path], None]] = {
    "model.add_loss(kl)": model_add_loss,
    "loss=lambda y, y_pred: … mean … log_variance": loss_around_tensors,
    "keras.backend.mean(mean)": backend_mean,
    "tf.keras.backend.mean(mean)": old_backend_mean,
    "tf.reduce_mean(mean)": tensorflow_mean,
    "Lambda(sampling)([mean, log_variance])": lambda_sampling,
    "if abs(epsilon) >= 5: in a layer's call": Clipped.in_a_layer,
    "if abs(epsilon) >= 5: on an eager tensor": Clipped.by_itself,
    "layers.experimental.preprocessing": experimental_preprocessing,
    "keras.preprocessing.image.ImageDataGenerator": image_data_generator,
    "model.fit_generator(batches)": fit_generator,
    "fit(x, x) of a model with three outputs": one_target,
    "fit(batches), yield x, [x, mean, log_variance]": lists_from_a_generator,
    "model.add_metric(kl)": add_metric,
    "optimizer.minimize(loss, weights)": minimize,
    "Adam(lr=1e-3)": short_learning_rate,
    "keras.optimizers.legacy.Adam()": legacy_optimizer,
    "fit(x, validation_data=…) of a VAE that has only a train_step": validation_of_a_tape_vae,
    'load_model("vae.h5") of a model with a Lambda': load_lambda,
    'load_model("vae.h5") of a compiled model': load_compiled_h5,
    'model.save("folder")': save_a_folder,
    'model.save_weights("name")': save_weights,
    "Sequential([…, tfp.layers.MultivariateNormalTriL(2)])": tfp_layer,
}


def test_the_table_has_these_recipes() -> None:
    assert list(rows()) == [*RECIPES, "tf.compat.v1.disable_eager_execution()"]


@pytest.mark.parametrize("recipe", RECIPES)
def test_an_old_recipe_fails_as_written(recipe: str, tmp_path: Path) -> None:
    try:
        RECIPES[recipe](tmp_path)
    except Exception as error:  # noqa: BLE001 (the page says which one)
        kind, message = type(error).__name__, str(error)
    else:
        pytest.fail(f"{recipe} works")
    assert_as_written(recipe, kind, message)


def assert_as_written(recipe: str, kind: str, message: str) -> None:
    """The page names the error, and one line of its message, cut where it has an ellipsis."""
    row = rows()[recipe]
    assert row["kind"] == kind, message
    lines = [re.sub(r"\x1b\[\d*m", "", line).strip() for line in message.splitlines()]
    told = row["told"] or ""
    if told.endswith("…"):
        assert any(line.startswith(told[:-1].strip()) for line in lines), message
    else:
        assert told in (lines or [""]), message


def test_training_without_eager_execution_fails_as_written() -> None:
    code = """
        import os; os.environ["KERAS_BACKEND"] = "tensorflow"
        import keras, numpy, tensorflow as tf
        tf.compat.v1.disable_eager_execution()
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(6)])
        model.compile("adam", "mse")
        model.fit(numpy.ones((4, 6)), numpy.ones((4, 6)), verbose=0)
    """
    code = "\n".join(line.strip() for line in code.splitlines())
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    kind, _, message = result.stderr.strip().splitlines()[-1].partition(": ")
    assert_as_written("tf.compat.v1.disable_eager_execution()", kind, message)


@pytest.mark.parametrize(("networks", "moves"), [({}, False), ({"training": True}, True)])
def test_batch_statistics_stand_still_without_training(networks: Any, moves: bool) -> None:
    model = tape_vae(**networks)
    statistics = model.encoder.layers[1].moving_mean
    before = np.array(statistics)
    model.fit(X, verbose=0)
    assert (not np.array_equal(before, np.array(statistics))) == moves


def test_a_number_is_frozen_into_the_compiled_step() -> None:
    model = tape_vae()
    assert model.fit(X, verbose=0).history["weighted_kl"][0] > 0
    model.beta = 0.0
    assert model.fit(X, verbose=0).history["weighted_kl"][0] > 0


def test_targets_only_draw_a_warning_from_a_train_step_without_them() -> None:
    with pytest.warns(UserWarning, match="structure of `inputs` doesn't match"):
        tape_vae().fit(X, X, verbose=0)


def test_compiled_loss_and_metrics_still_work_and_warn() -> None:
    model = functional()
    with pytest.warns(UserWarning, match=r"compiled_loss\(\)` is deprecated"):
        model.compiled_loss(X, X)
    with pytest.warns(UserWarning, match=r"compiled_metrics\(\)` is deprecated"):
        model.compiled_metrics.update_state(X, X)
