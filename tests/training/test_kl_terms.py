"""Every KL term trains, adds up, and resumes exactly; so do all routes, also on streams."""

import keras
import numpy as np
import pytest

import zspace
from zspace.assemble import assemble
from zspace.data.inputs import Inputs
from zspace.errors import DataError, RecipeError
from zspace.models.bounds import BOUNDS
from zspace.recipe import Recipe
from zspace.training.batches import Batches, binarized
from zspace.training.fit import _Fitting

CASES = {
    "target": [
        "objective.schedule={kind='target_kl', target=3, gain=0.2}",
        "latent.posterior=full_normal",
        "likelihood.kind=beta",
        "objective.route=step",
    ],
    "warm-up": [
        "objective.schedule={kind='linear', length=2.5}",
        "latent.prior=mixture",
        "latent.prior_components=3",
        "objective.kl=monte_carlo",
        "objective.samples=2",
        "objective.route=layer",
        "data.binarize=true",
    ],
    "vampprior": [
        "objective.schedule={kind='cyclical', length=20, unit='steps', cycles=3}",
        "latent.prior=vampprior",
        "latent.prior_components=4",
        "objective.kl=monte_carlo",
    ],
    "iwae": ["objective.kind=iwae", "objective.samples=3", "objective.dreg=true"],
    "capacity": [
        "objective.schedule={kind='capacity', length=3, capacity=4}",
        "objective.kind=mmd",
        "likelihood.kind=normal",
        "likelihood.learn_variance=per_pixel",
    ],
    "free bits": [
        "objective.free_bits=0.5",
        "objective.route=outputs",
    ],
    "total correlation": [
        "objective.kind=total_correlation",
        "objective.free_bits=0.5",
        "likelihood.kind=discretized_logistic",
        "likelihood.learn_variance=shared",
    ],
    "outputs": ["objective.route=outputs", "objective.schedule={kind='cosine', length=2}"],
}
REFUSED = ("free bits",)  # on route "outputs"
LONG = ("outputs", "target", "total correlation")
"""Cases for `make test-all`, as each takes ten seconds."""


def changes(case):
    decoder = ["decoder.dropout=0"] if case == "iwae" else []
    return [*CASES[case], *decoder]


class KilledError(Exception):
    """In place of a signal."""


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[pytest.mark.slow] if case in LONG else [])
        for case in CASES
        if case not in REFUSED
    ],
)
def test_trained_and_resumed(tiny_recipe, tiny_data, tmp_path, monkeypatch, case):
    recipe = tiny_recipe.override(changes(case))
    whole = zspace.train(recipe, data=tiny_data, out=tmp_path / "whole", show_progress=False)
    rows = np.genfromtxt(whole.folder.history, delimiter=",", names=True)
    names = rows.dtype.names
    for prefix in ("", "validation_"):
        weighted = [name for name in names if name.startswith(f"{prefix}weighted_")]
        total = rows[f"{prefix}reconstruction"] + sum(rows[name] for name in weighted)
        size = np.abs(rows[f"{prefix}reconstruction"])
        assert (np.abs(rows[f"{prefix}loss"] - total) < 1e-5 * size).all()

    with monkeypatch.context() as patch:
        patch.setattr(_Fitting, "write_record", lambda self: (_ for _ in ()).throw(KilledError))
        with pytest.raises(KilledError):
            zspace.train(recipe, data=tiny_data, out=tmp_path / "parts", show_progress=False)
    resumed = zspace.train(resume=True, out=tmp_path / "parts", show_progress=False)
    assert whole.folder.history.read_bytes() == resumed.folder.history.read_bytes()
    for one, other in zip(whole.model.variables, resumed.model.variables, strict=True):
        np.testing.assert_array_equal(np.array(one), np.array(other), err_msg=one.path)

    made = whole.generate("prior", count=4)
    assert made.images.shape == (4, 12, 10, 1)
    codes = whole.codes("validation")
    assert np.isfinite(codes.z()).all()
    opened = zspace.open_run(whole.folder.path)
    np.testing.assert_allclose(
        opened.model.decode(np.ones((1, 3))), whole.model.decode(np.ones((1, 3))), atol=1e-6
    )
    assert opened.model.kl_weight() == whole.model.kl_weight()


def test_the_weight_is_logged(tiny_recipe, tiny_data, tmp_path):
    recipe = tiny_recipe.override(
        ["objective.beta=4", "objective.schedule={kind='linear', length=3, begin=0.1}"]
    )
    run = zspace.train(recipe, data=tiny_data, out=tmp_path / "run", show_progress=False)
    rows = np.genfromtxt(run.folder.history, delimiter=",", names=True)
    np.testing.assert_allclose(rows["beta"], 4 * (0.1 + 0.9 * np.array([1, 2, 3]) / 3), rtol=1e-6)
    assert (rows["epsilon_bounded"] < 0.01).all() and (rows["log_variance_bounded"] == 0).all()


def test_bounds_that_bind_are_reported(tiny_recipe, tiny_data, tmp_path, capsys):
    recipe = tiny_recipe.override(
        ["latent.epsilon_limit=1", "latent.log_variance_limits=[-4, 0.5]", "training.epochs=1"]
    )
    run = zspace.train(recipe, data=tiny_data, out=tmp_path / "run", show_progress=True)
    row = np.genfromtxt(run.folder.history, delimiter=",", names=True)
    assert float(row["epsilon_bounded"]) == pytest.approx(0.3173, abs=0.05)
    assert float(row["log_variance_bounded"]) > 0
    assert "of log-variances at their bound" in capsys.readouterr().err


def test_a_schedule_in_steps_that_is_too_long_is_refused(tiny_recipe, tiny_data, tmp_path):
    recipe = tiny_recipe.override(["objective.schedule={kind='linear', length=22, unit='steps'}"])
    with pytest.raises(RecipeError, match="ends after 22 steps, but training has 21"):
        zspace.train(recipe, data=tiny_data, out=tmp_path / "run", show_progress=False)
    assert not (tmp_path / "run").exists()


def test_more_pseudo_inputs_than_images_are_refused(tiny_recipe, tiny_data, tmp_path):
    recipe = tiny_recipe.override(
        ["latent.prior=vampprior", "latent.prior_components=100", "objective.kl=monte_carlo"]
    )
    with pytest.raises(DataError, match="there are 99"):
        zspace.train(recipe, data=tiny_data, out=tmp_path / "run", show_progress=False)


def test_binarized_pixels_are_drawn_with_their_value_as_probability(tiny_data):
    images = np.broadcast_to(np.array([0, 64, 200, 255], np.uint8), (5000, 1, 1, 4))
    drawn = binarized(images, key=(1, 2, 3))
    assert set(np.unique(drawn)) == {0, 255}
    np.testing.assert_allclose(drawn.mean((0, 1, 2)), [0, 64, 200, 255], atol=5)
    np.testing.assert_array_equal(drawn, binarized(images, key=(1, 2, 3)))
    index, inputs = tiny_data.indices("train"), Inputs.of_recipe(Recipe(), tiny_data)
    first, again, second = (
        Batches(inputs, index, batch_size=99, binarize=True, epoch=epoch)[0][0]
        for epoch in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != second).any()


class Noisy(keras.utils.PyDataset):
    """A stream of (noisy, clean) images."""

    def __init__(self, clean):
        super().__init__()
        self.clean = clean

    def __len__(self):
        return len(self.clean) // 8

    def __getitem__(self, number):
        clean = self.clean[8 * number : 8 * number + 8]
        noise = np.random.default_rng(number).normal(0, 0.3, clean.shape)
        return np.clip(clean + noise, 0, 1).astype(np.float32), clean


def stream(kind, clean):
    noisy = Noisy(clean)
    x, y = (
        np.concatenate(part)
        for part in zip(*map(noisy.__getitem__, range(len(noisy))), strict=True)
    )
    if kind == "PyDataset":
        return noisy, {}
    if kind == "arrays":
        return x, {"y": y, "batch_size": 8}
    if kind == "generator":
        endless = (noisy[number % len(noisy)] for number in range(10_000))
        return endless, {"steps_per_epoch": len(noisy)}
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((x, y)).batch(8), {}


@pytest.mark.parametrize("kind", ["arrays", "PyDataset", "generator", "tf.data"])
@pytest.mark.parametrize("route", ["loss", "layer", "outputs", "step"])
def test_denoising_on_a_stream(tiny_recipe, tiny_data, route, kind):
    """Targets that are not the inputs, which the published code for extra outputs could not do."""
    recipe = tiny_recipe.override([f"objective.route={route}", "encoder.dropout=0"])
    keras.utils.set_random_seed(3)
    model = assemble(recipe, images=64)
    model.compile(optimizer=keras.optimizers.Adam(5e-3))
    clean = tiny_data.rows(tiny_data.indices("train")[:64]).astype(np.float32) / 255
    data, options = stream(kind, clean)
    history = model.fit(data, epochs=4, verbose=0, shuffle=False, **options).history
    assert set(history) == {"loss", *model.term_names, *BOUNDS}
    assert history["loss"][-1] < history["loss"][0]
    scores = model.evaluate(Noisy(clean), verbose=0, return_dict=True)
    assert set(scores) == set(history)
    # The score is that of the clean images: noise as target scores otherwise.
    other = model.evaluate(np.asarray(Noisy(clean)[0][0]), verbose=0, return_dict=True)
    assert abs(other["reconstruction"] - scores["reconstruction"]) > 1


def test_routes_take_the_same_way(tiny_recipe, tiny_data, tmp_path):
    """Three epochs by each route end in the same model, to rounding."""
    runs = {
        route: zspace.train(
            tiny_recipe.override([f"objective.route={route}"]),
            data=tiny_data,
            out=tmp_path / route,
            show_progress=False,
        )
        for route in ("loss", "layer", "outputs", "step")
    }
    point = np.ones((1, 3))
    expected = runs["loss"].model.decode(point)
    for route, run in runs.items():
        np.testing.assert_allclose(run.model.decode(point), expected, atol=1e-4, err_msg=route)
        header = run.folder.history.read_text().splitlines()[0]
        assert header == runs["loss"].folder.history.read_text().splitlines()[0]
        assert zspace.open_run(run.folder.path).model.route == "loss"


def test_free_bits_by_outputs_is_refused():
    with pytest.raises(RecipeError, match="free_bits is set"):
        Recipe.from_dict({}).override(CASES["free bits"])
