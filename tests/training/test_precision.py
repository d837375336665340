"""Precision "auto": measured, written down, kept."""

import json

import keras
import pytest

import zspace
from zspace.assemble import assemble
from zspace.recipe import load_recipe
from zspace.training import precision
from zspace.training.precision import ENOUGH, faster_precision, seconds_of_convolutions

AUTO = "training.precision=auto"
SLOW, FAST = {"float32": 0.008, "bfloat16": 0.007}, {"float32": 0.008, "bfloat16": 0.002}


@pytest.fixture
def measures(monkeypatch):
    """Let convolutions take so long; how often they were asked."""

    def set_to(seconds):
        asked = []
        monkeypatch.setattr(
            precision, "seconds_of_convolutions", lambda: asked.append(seconds) or seconds
        )
        return asked

    return set_to


def train(recipe, data, out, **options):
    changes = ["training.epochs=1", *options.pop("changes", ())]
    return zspace.train(recipe, data=data, out=out, changes=changes, show_progress=False, **options)


@pytest.mark.parametrize(
    ("seconds", "chosen"), [(FAST, "mixed_bfloat16"), (SLOW, "float32")], ids=["faster", "not"]
)
def test_the_run_names_what_was_chosen(tiny_recipe, tiny_data, tmp_path, measures, seconds, chosen):
    measures(seconds)
    run = train(tiny_recipe, tiny_data, tmp_path / "run", changes=[AUTO])
    assert load_recipe(run.folder.recipe).training.precision == run.recipe.training.precision
    assert run.recipe.training.precision == chosen
    assert run.model.encoder.dtype_policy.name == chosen
    record = json.loads(run.folder.environment.read_text())["precision"]
    milliseconds = {name: 1000 * value for name, value in seconds.items()}
    assert record == {"chosen": chosen, "convolution_milliseconds": milliseconds}


def test_a_resumed_run_keeps_its_precision(tiny_recipe, tiny_data, tmp_path, measures):
    measures(FAST)
    train(tiny_recipe, tiny_data, tmp_path / "run", changes=[AUTO])
    asked = measures(SLOW)
    changes = [AUTO, "training.epochs=2"]
    resumed = train(None, None, tmp_path / "run", resume=True, changes=changes)
    assert resumed.recipe.training.precision == "mixed_bfloat16"
    assert not asked


def test_nothing_is_measured_unless_it_is_asked_for(tiny_recipe, tiny_data, tmp_path, measures):
    asked = measures(FAST)
    run = train(tiny_recipe, tiny_data, tmp_path / "run")
    assert not asked
    assert "precision" not in json.loads(run.folder.environment.read_text())


def test_little_is_not_enough():
    assert faster_precision({"float32": ENOUGH, "bfloat16": 1.0}) == "float32"
    assert faster_precision({"float32": ENOUGH + 0.01, "bfloat16": 1.0}) == "mixed_bfloat16"


def test_both_precisions_are_measured():
    seconds = seconds_of_convolutions(repetitions=2)
    assert set(seconds) == {"float32", "bfloat16"}
    assert all(0 < value < 60 for value in seconds.values())


def test_codes_are_float32_in_any_precision(tiny_recipe):
    model = assemble(tiny_recipe.override(["training.precision=mixed_bfloat16"]))
    assert model.decoder.compute_dtype == "bfloat16"
    heads = (model.posterior.mean_head, model.posterior.log_variance_head)
    assert {head.compute_dtype for head in heads} == {"float32"}
    assert keras.backend.standardize_dtype(heads[0].kernel.dtype) == "float32"
