"""Training on images other than those the decoder has to give, and on labels and attributes."""

import numpy as np
import pytest

from zspace.api import open_run, train
from zspace.data import prepare
from zspace.data.corruptions import NO_EPOCH, corrupted
from zspace.data.inputs import Inputs
from zspace.errors import DataError, InputError
from zspace.recipe import Recipe
from zspace.training.batches import Batches

DROP = ["task.kind=drop_pixels", "task.amount=0.5"]


def fit(recipe, data, out, **options):
    return train(recipe, data=data, out=out, show_progress=False, **options)


@pytest.fixture(scope="session")
def faces(tmp_path_factory):
    return prepare("faces", tmp_path_factory.mktemp("faces") / "prepared", size=32, limit=60)


@pytest.fixture
def face_recipe(tiny_recipe):
    return tiny_recipe.override(
        ["data.size=32", "data.channels=3", "training.epochs=1", "encoder.dropout=0"]
    )


def inputs(recipe, data, *changes):
    return Inputs.of_recipe(recipe.override(list(changes)), data)


def test_the_encoder_gets_the_corrupted_image_and_the_loss_the_whole_one(tiny_recipe, tiny_data):
    index = tiny_data.indices("train")
    given = inputs(tiny_recipe, tiny_data, *DROP)
    batches = Batches(given, index, batch_size=16, epoch=2)
    seen = {}
    for number in range(len(batches)):
        x, y = batches[number]
        rows = batches.index[number * 16 : number * 16 + 16]
        np.testing.assert_array_equal(y, tiny_data.rows(rows))
        np.testing.assert_array_equal(
            x, corrupted(y, given.task, index=rows, seed=given.seed, epoch=2)
        )
        assert (x == 0).mean() > 0.45
        seen.update(zip(rows.tolist(), x, strict=True))
    # Another batch size gives each image the same noise, another epoch does not.
    again = Batches(given, index, batch_size=99, epoch=2)
    for row, image in zip(again.index.tolist(), again[0][0], strict=True):
        np.testing.assert_array_equal(image, seen[row])
    later = Batches(given, index, batch_size=99, epoch=3)
    assert any(
        (image != seen[row]).any()
        for row, image in zip(later.index.tolist(), later[0][0], strict=True)
    )


def test_plain_batches_are_the_images_alone(tiny_recipe, tiny_data):
    index = tiny_data.indices("train")
    (x,) = Batches(inputs(tiny_recipe, tiny_data), index, batch_size=8)[0]
    np.testing.assert_array_equal(x, tiny_data.rows(index[:8]))


def test_a_restoring_run_resumes_to_the_same_weights(tiny_recipe, tiny_data, tmp_path):
    changes = [*DROP, "training.epochs=2"]
    whole = fit(tiny_recipe, tiny_data, tmp_path / "whole", changes=changes)
    fit(tiny_recipe, tiny_data, tmp_path / "parts", changes=[*DROP, "training.epochs=1"])
    parts = fit(tiny_recipe, tiny_data, tmp_path / "parts", changes=changes, resume=True)
    assert whole.folder.history.read_bytes() == parts.folder.history.read_bytes()
    for mine, other in zip(parts.model.weights, whole.model.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(mine), np.asarray(other))


def test_codes_are_those_of_corrupted_images(tiny_recipe, tiny_data, tmp_path):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=[*DROP, "training.epochs=1"])
    codes = run.codes("validation")
    index = tiny_data.indices("validation")
    given = corrupted(tiny_data.rows(index), run.recipe.task, index=index, seed=1, epoch=NO_EPOCH)
    np.testing.assert_allclose(codes.mean, run.model.encode(given)["mean"], atol=1e-5)
    assert codes.information["task"] == "drop_pixels"
    made = run.reconstruct(count=3)  # evenly spaced over the eleven
    np.testing.assert_allclose(made.images, run.model.reconstruct(given[[0, 3, 7]]), atol=1e-5)


def test_restored_images_are_held_against_baselines(tiny_recipe, tiny_data, tmp_path):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=[*DROP, "training.epochs=1"])
    made = run.restore(count=5)
    assert list(made.quality) == [
        "as given",
        "linear interpolation",
        "biharmonic inpainting",
        "restored",
        "keeping what was given",
    ]
    assert all(len(each.psnr) == 5 for each in made.quality.values())
    # Stripes of one shade: interpolation has an easy job, and does better than nothing.
    psnr = {name: each.psnr.mean() for name, each in made.quality.items()}
    assert psnr["linear interpolation"] > psnr["as given"] + 3
    assert psnr["keeping what was given"] > psnr["restored"]
    assert made.path.is_file() and "PSNR" in made.table()
    assert (run.folder.analysis / "restoration.json").is_file()


def test_a_run_that_restores_nothing(tiny_recipe, tiny_data, tmp_path):
    run = fit(tiny_recipe, tiny_data, tmp_path / "run", changes=["training.epochs=1"])
    with pytest.raises(InputError, match="not to restore them"):
        run.restore()


def test_a_conditional_run_from_training_to_decoding(face_recipe, faces, tmp_path):
    names = list(faces.attribute_names[:2])
    changes = ["condition.kind=attributes", f"condition.names={names}", "training.samples_every=1"]
    run = fit(face_recipe, faces, tmp_path / "run", changes=changes)
    assert run.model.condition_size == 2
    index = faces.indices("validation")
    told = np.asarray(faces.attributes[index][:, :2], np.float32)
    expected = run.model.encode(faces.rows(index), condition=told)["mean"]
    np.testing.assert_allclose(run.codes("validation").mean, expected, atol=1e-5)
    # Where nothing is said it is what most training images have.
    rows = np.asarray(faces.attributes[faces.indices("train")][:, :2])
    values, counts = np.unique(rows, axis=0, return_counts=True)
    np.testing.assert_array_equal(run.condition, values[counts.argmax()])
    z = np.zeros((2, 3), np.float32)
    np.testing.assert_allclose(
        run.decode(z), run.model.decode(z, condition=run.condition), atol=1e-6
    )
    other = open_run(run.folder.path, condition=f"{names[0]}=0.5,{names[1]}=-2")
    np.testing.assert_array_equal(other.condition, [0.5, -2])
    assert np.abs(other.decode(z) - run.decode(z)).max() > 0
    with pytest.raises(InputError, match="knows no attribute"):
        open_run(run.folder.path, condition="Nonsense=1")


def test_data_that_lacks_the_condition(tiny_recipe, tiny_data, tmp_path):
    with pytest.raises(DataError, match="has no labels"):
        fit(
            tiny_recipe,
            tiny_data,
            tmp_path / "run",
            changes=["condition.kind=label", "condition.classes=3"],
        )
    assert not (tmp_path / "run").exists()


def test_recipes_of_before_have_no_task():
    assert Recipe.from_dict({"latent": {"size": 2}}).task.kind == "reconstruct"
