import csv
import os

import keras
import numpy as np
import pytest

from zspace.api import open_run, train
from zspace.data.inputs import Inputs
from zspace.errors import (
    BackendError,
    DataError,
    InputError,
    NonFiniteLossError,
    OutputExistsError,
    RecipeError,
    RunError,
)
from zspace.recipe import Recipe
from zspace.training.batches import Batches, epoch_order
from zspace.training.history import epochs_without_improvement
from zspace.training.optimizers import make_optimizer


def rows(run):
    with open(run.folder.history, encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def fit(recipe, data, out, **options):
    return train(recipe, data=data, out=out, show_progress=False, **options)


@pytest.mark.parametrize(
    ("reduction", "beta"), [("sum", 5.0), ("channel_mean", 1e-5), ("mean", 0.0)]
)
def test_terms_add_up_in_every_row(tiny_recipe, tiny_data, tmp_path, reduction, beta):
    changes = [f"objective.beta={beta}", f"objective.reduction={reduction}"]
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=changes)
    assert len(rows(run)) == 3
    for row in rows(run):
        for prefix in ("", "validation_"):
            total = row[f"{prefix}reconstruction"] + beta * row[f"{prefix}kl"]
            np.testing.assert_allclose(row[f"{prefix}loss"], total, rtol=1e-5)
        assert row["beta"] == beta


def test_the_reported_validation_loss_is_the_models(tiny_recipe, tiny_data, tmp_path):
    """Without noise, the last row equals the loss computed by hand from encode and decode."""
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=["latent.epsilon_scale=0"])
    images = tiny_data.rows(tiny_data.indices("validation")) / 255.0
    codes = run.model.encode(images)
    p = run.model.decode(codes["mean"]).astype(np.float64)
    bce = -(images * np.log(p) + (1 - images) * np.log1p(-p)).sum((1, 2, 3)).mean()
    kl = 0.5 * (np.exp(codes["log_variance"]) + codes["mean"] ** 2 - 1 - codes["log_variance"])
    last = rows(run)[-1]
    np.testing.assert_allclose(last["validation_reconstruction"], bce, rtol=1e-4)
    np.testing.assert_allclose(last["validation_kl"], kl.sum(1).mean(), rtol=1e-4)


def test_a_run_folder_holds_what_it_should(tiny_recipe, tiny_data, tmp_path):
    changes = ["training.samples_every=2", "training.tensorboard=true"]
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=changes)
    found = {path.name for path in run.folder.path.iterdir()}
    assert found == {
        "recipe.toml",
        "environment.json",
        "history.csv",
        "timings.csv",
        "checkpoints",
        "model.keras",
        "samples",
        "tensorboard",
    }
    assert [path.name for path in run.folder.samples.iterdir()] == ["epoch-00002.png"]
    checkpoints = sorted(path.name for path in run.folder.checkpoints.iterdir())
    assert checkpoints == ["epoch-00002.npz", "epoch-00003.npz"]
    assert open_run(run.folder.path).recipe == run.recipe
    assert rows(run)[-1]["loss"] < rows(run)[0]["loss"]


def test_the_same_seed_gives_the_same_run(tiny_recipe, tiny_data, tmp_path):
    first = fit(tiny_recipe, tiny_data, tmp_path / "a")
    second = fit(tiny_recipe, tiny_data, tmp_path / "b")
    assert first.folder.history.read_bytes() == second.folder.history.read_bytes()
    third = fit(tiny_recipe, tiny_data, tmp_path / "c", changes=["training.seed=2"])
    assert first.folder.history.read_bytes() != third.folder.history.read_bytes()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it is TensorFlow that refuses")
def test_a_model_of_ones_own_is_trained_in_the_same_process(tiny_recipe, tiny_data, tmp_path):
    """Behind a training that is deterministic, TensorFlow draws nothing without a seed."""
    import tensorflow

    tensorflow.random.set_seed(None)
    fit(tiny_recipe, tiny_data, tmp_path / "run")
    model = keras.Sequential([keras.layers.Dense(2), keras.layers.Dropout(0.5)])
    model.compile("adam", "mse")
    model.fit(np.ones((8, 2)), np.ones((8, 2)), verbose=0)


@pytest.mark.parametrize(
    ("precision", "optimizer"),
    [
        ("float32", "adam"),
        ("mixed_float16", "adam"),
        pytest.param("float32", "sgd", marks=pytest.mark.slow),
        pytest.param("mixed_float16", "sgd", marks=pytest.mark.slow),
    ],
)
def test_resumed_is_as_if_never_stopped(tiny_recipe, tiny_data, tmp_path, optimizer, precision):
    changes = [
        f"training.optimizer={optimizer}",
        f"training.precision={precision}",
        "training.learning_rate=1e-3",
    ]
    whole = fit(tiny_recipe, tiny_data, tmp_path / "whole", changes=changes)
    fit(tiny_recipe, tiny_data, tmp_path / "parts", changes=[*changes, "training.epochs=1"])
    resumed = fit(
        None,
        None,
        tmp_path / "parts",
        resume=True,
        changes=["training.epochs=3"],
    )
    assert whole.folder.history.read_bytes() == resumed.folder.history.read_bytes()
    for one, other in zip(whole.model.weights, resumed.model.weights, strict=True):
        np.testing.assert_array_equal(np.array(one), np.array(other))


def test_resuming_a_finished_run_changes_nothing(tiny_recipe, tiny_data, tmp_path):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run")
    before = run.folder.history.read_bytes()
    again = fit(None, None, tmp_path / "run", resume=True)
    assert again.folder.history.read_bytes() == before


def test_resume_refuses_another_experiment(tiny_recipe, tiny_data, tmp_path):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=["training.epochs=1"])
    with pytest.raises(RecipeError, match=r"latent.size = 4: it was started with 3"):
        fit(None, None, run.folder.path, resume=True, changes=["latent.size=4"])
    with pytest.raises(RecipeError, match="2 epochs are done already"):
        longer = fit(None, None, run.folder.path, resume=True, changes=["training.epochs=2"])
        fit(None, None, longer.folder.path, resume=True, changes=["training.epochs=1"])
    with pytest.raises(RecipeError, match="started with 'constant'"):
        fit(None, None, run.folder.path, resume=True, changes=["training.schedule=cosine"])
    with pytest.raises(RunError, match="no such folder"):
        fit(None, None, tmp_path / "none", resume=True)
    with pytest.raises(BackendError, match="new one for jax"):
        fit(None, None, run.folder.path, resume=True, backend="jax")


def test_a_run_that_ends_before_its_first_decay_can_go_on(tiny_recipe, tiny_data, tmp_path):
    changes = ["training.schedule=step", "training.decay_epochs=2", "training.learning_rate=0.01"]
    whole = fit(tiny_recipe, tiny_data, tmp_path / "whole", changes=changes)
    fit(tiny_recipe, tiny_data, tmp_path / "parts", changes=[*changes, "training.epochs=2"])
    fit(None, None, tmp_path / "parts", resume=True, changes=["training.epochs=3"])
    one, other = ((tmp_path / name / "history.csv").read_bytes() for name in ("whole", "parts"))
    assert whole.recipe.training.epochs == 3
    assert one == other


def test_a_cosine_schedule_keeps_its_length(tiny_recipe, tiny_data, tmp_path):
    changes = ["training.epochs=1", "training.schedule=cosine"]
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=changes)
    with pytest.raises(RecipeError, match="laid out for 1"):
        fit(None, None, run.folder.path, resume=True, changes=["training.epochs=2"])


def test_resume_refuses_other_images(tiny_recipe, tiny_data, tmp_path):
    from zspace.data import prepare

    np.save(tmp_path / "other.npy", np.zeros((110, 12, 10), np.uint8))
    other = prepare("npy", tmp_path / "other", from_path=tmp_path / "other.npy")
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=["training.epochs=1"])
    with pytest.raises(DataError, match="started on other images"):
        fit(None, other, run.folder.path, resume=True)


def test_a_loss_that_is_not_finite_stops_the_run(tiny_recipe, tiny_data, tmp_path):
    changes = ["training.learning_rate=1e30", "training.optimizer=sgd"]
    with pytest.raises(NonFiniteLossError, match=r"epoch 1, step \d+: .*kl = ") as caught:
        fit(tiny_recipe, tiny_data, tmp_path / "run", changes=changes)
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "run").glob("checkpoints/*"))


def test_the_last_good_checkpoint_is_kept(tiny_recipe, tiny_data, tmp_path, monkeypatch):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=["training.epochs=2"])
    kept = {path.name: path.read_bytes() for path in run.folder.checkpoints.iterdir()}
    original = Batches.__getitem__

    def poisoned(self, number):
        (images,) = original(self, number)
        return (np.full(images.shape, np.nan, np.float32),)

    monkeypatch.setattr(Batches, "__getitem__", poisoned)
    with pytest.raises(NonFiniteLossError, match="epoch 3, step 1"):
        fit(None, None, run.folder.path, resume=True, changes=["training.epochs=3"])
    assert {p.name: p.read_bytes() for p in run.folder.checkpoints.iterdir()} == kept


def test_early_stopping(tiny_recipe, tiny_data, tmp_path):
    changes = ["training.early_stopping=2", "training.epochs=9", "training.learning_rate=1e-12"]
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=changes)
    history = rows(run)
    assert len(history) < 9
    assert epochs_without_improvement(history) == 2


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", lambda step: 0.1),
        ("step", lambda step: 0.1 * 0.5 ** (step // 20)),
        ("cosine", lambda step: 0.1 * (0.5 + 0.5 * (1 + np.cos(np.pi * min(step, 60) / 60)) / 2)),
    ],
)
def test_learning_rate_schedules(tiny_recipe, schedule, expected):
    recipe = tiny_recipe.override(
        [
            f"training.schedule={schedule}",
            "training.learning_rate=0.1",
            "training.decay_epochs=2",
            "training.decay_factor=0.5",
            "training.epochs=6",
        ]
    )
    optimizer = make_optimizer(recipe.training, steps_per_epoch=10)
    for step in range(60):
        optimizer.iterations.assign(step)
        rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        np.testing.assert_allclose(rate, expected(step), rtol=1e-5)


def test_batch_order_is_a_pure_function_of_seed_and_epoch(tiny_data):
    np.testing.assert_array_equal(
        epoch_order(50, seed=1, epoch=2), epoch_order(50, seed=1, epoch=2)
    )
    assert not np.array_equal(epoch_order(50, seed=1, epoch=2), epoch_order(50, seed=1, epoch=3))
    assert not np.array_equal(epoch_order(50, seed=1, epoch=2), epoch_order(50, seed=2, epoch=2))
    index = tiny_data.indices("train")
    batches = Batches(Inputs.of_recipe(Recipe(), tiny_data), index, batch_size=16, epoch=0)
    assert len(batches) == 7
    seen = np.concatenate([batches[number][0] for number in range(len(batches))])
    assert seen.shape == (99, 12, 10, 1)
    expected = np.asarray(tiny_data.images[index])
    assert sorted(map(bytes, seen)) == sorted(map(bytes, expected))


def test_bad_input_writes_nothing(tiny_recipe, tiny_data, tmp_path):
    with pytest.raises(DataError, match=r"the recipe expects images of 64×64×3.*data\.size="):
        fit("faces-vae", tiny_data, tmp_path / "run")
    with pytest.raises(DataError, match="zspace prepare"):
        fit(tiny_recipe, None, tmp_path / "run")
    with pytest.raises(BackendError, match="did you mean 'torch'"):
        fit(tiny_recipe, tiny_data, tmp_path / "run", backend="torhc")
    assert not (tmp_path / "run").exists()
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=["training.epochs=1"])
    with pytest.raises(OutputExistsError, match="--resume"):
        fit(tiny_recipe, tiny_data, run.folder.path)


def test_an_unfinished_run_is_used_by_its_checkpoint(tiny_recipe, tiny_data, tmp_path):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=["training.epochs=1"])
    z = np.zeros((1, 3))
    expected = run.model.decode(z)
    run.folder.model.unlink()
    np.testing.assert_array_equal(open_run(run.folder.path).model.decode(z), expected)
    for checkpoint in run.folder.checkpoints.iterdir():
        checkpoint.unlink()
    with pytest.raises(RunError, match="no model and no checkpoint"):
        _ = open_run(run.folder.path).model


def test_a_run_killed_ahead_of_its_last_file_does_not_keep_an_old_model(
    tiny_recipe, tiny_data, tmp_path
):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=["training.epochs=1"])
    old = run.folder.model.read_bytes()
    times = run.folder.model.stat()
    longer = fit(None, None, run.folder.path, resume=True, changes=["training.epochs=2"])
    z = np.zeros((1, 3))
    expected = longer.model.decode(z)
    run.folder.model.write_bytes(old)
    os.utime(run.folder.model, ns=(times.st_atime_ns, times.st_mtime_ns))
    np.testing.assert_array_equal(open_run(run.folder.path).model.decode(z), expected)
    fit(None, None, run.folder.path, resume=True)
    assert run.folder.model.read_bytes() != old


def test_a_broken_model_file_is_named(tiny_recipe, tiny_data, tmp_path):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=["training.epochs=1"])
    run.folder.model.write_bytes(run.folder.model.read_bytes()[:500])
    with pytest.raises(RunError, match=r"model.keras cannot be read"):
        _ = open_run(run.folder.path).model


def test_codes_pictures_and_report(tiny_recipe, tiny_data, tmp_path):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run")
    codes = run.codes()
    assert codes.mean.shape == codes.log_variance.shape == (99, 3)
    expected = run.model.encode(tiny_data.rows(tiny_data.indices("train")))
    np.testing.assert_allclose(codes.mean, expected["mean"], atol=1e-6)
    np.testing.assert_array_equal(codes.index, tiny_data.indices("train"))
    with pytest.raises(OutputExistsError, match="--overwrite"):
        run.encode("train")
    made = run.generate("uniform", count=5, limit=2.0, seed=3)
    assert made.path.name == "uniform-count-5-limit-2-seed-3.png"
    import json

    record = json.loads(made.path.with_suffix(".json").read_text())
    np.testing.assert_allclose(run.model.decode(record["z"]), made.images, atol=1e-6)
    with pytest.raises(InputError, match="did you mean 'limit'"):
        run.generate("uniform", limt=2.0)
    assert np.abs(record["z"]).max() <= 2.0
    page = run.report().read_text()
    assert "<html" in page and page.count("data:image/png") >= 3
    # Trained on, the run makes anew what the report shows.
    before = (run.folder.samples / "reconstructions.png").read_bytes()
    longer = fit(None, None, run.folder.path, resume=True, changes=["training.epochs=4"])
    longer.report()
    assert (run.folder.samples / "reconstructions.png").read_bytes() != before
    expected = longer.model.encode(tiny_data.rows(tiny_data.indices("train")))
    np.testing.assert_allclose(longer.codes().mean, expected["mean"], atol=1e-6)


def test_own_images_need_no_data_set(tiny_recipe, tmp_path):
    import shutil

    from PIL import Image

    from zspace.data import prepare

    np.save(tmp_path / "images.npy", np.zeros((20, 12, 10), np.uint8))
    data = prepare("npy", tmp_path / "data", from_path=tmp_path / "images.npy")
    run = fit(tiny_recipe, data, tmp_path / "run", changes=["training.epochs=1"])
    shutil.rmtree(tmp_path / "data")
    Image.fromarray(np.full((40, 30), 200, np.uint8)).save(tmp_path / "own.png")
    made = open_run(run.folder.path).reconstruct([tmp_path / "own.png"])
    assert made.images.shape == (1, 12, 10, 1)
    with pytest.raises(DataError, match=r"no longer at .*--data DIR"):
        open_run(run.folder.path).reconstruct()
