"""The benchmark of training: its models are those of the recipes, and a small run of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import keras
import pytest

from zspace.assemble import assemble
from zspace.recipe import load_recipe


@pytest.fixture
def training(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("training")


@pytest.mark.parametrize("name", ["mnist", "celeba"])
def test_models_are_those_of_the_recipes(training: ModuleType, name: str) -> None:
    shape = training.SHAPES[name]
    recipe = load_recipe(shape.recipe)
    assert recipe.data.shape == shape.image
    assert recipe.encoder.filters == shape.filters
    assert recipe.encoder.strides == shape.strides
    assert recipe.latent.size == shape.latent
    assert recipe.training.learning_rate == shape.learning_rate
    from training_ways.torch_parts import decoder, trunk

    model = assemble(recipe)
    ours = model.encoder.count_params() + model.decoder.count_params()
    theirs = [*trunk(shape).parameters(), *decoder(shape).parameters()]
    assert sum(each.numel() for each in theirs) == ours
    from training_ways.with_keras import _decoder, _encoder

    keras_encoder, keras_decoder = _encoder(keras, shape), _decoder(keras, shape)
    assert keras_decoder.count_params() == model.decoder.count_params()
    assert keras_encoder.count_params() == (
        model.encoder.count_params() + model.posterior.count_params()
    )


def test_multiply_adds_are_counted(training: ModuleType) -> None:
    # 14×14 and 7×7 maps behind 28×28: 28²·9·32, 14²·9·32·64, 7²·9·64·128; dense 3·6272·16.
    convolutions = [28**2 * 9 * 32, 14**2 * 9 * 32 * 64, 7**2 * 9 * 64 * 128]
    expected = 3 * (2 * sum(convolutions) + 3 * 6272 * 16) - convolutions[0]
    assert training.multiply_adds(training.SHAPES["mnist"]) == expected


@pytest.mark.slow
def test_a_small_run(training: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    small = ["--models", "mnist", "--repetitions", "2", "--seconds", "0.1"]
    ways = ["zspace", "PyTorch, bfloat16", "pythae"]
    out = tmp_path / "training.json"
    training.main([*small, "--launches", "2", "--ways", *ways, "--out", str(out)])
    record = json.loads(out.read_text())
    found = record["models"]["mnist"]
    assert found["images"] == ("real" if training.real_images("mnist") else "drawn at random")
    assert set(found["ways"]) == set(ways)
    for name in ways[:2]:
        figures = found["ways"][name]
        assert len(figures["seconds"]) == 4
        assert figures["first_step_seconds"] > 0
        assert figures["peak_mib"] > 100
    assert "pythae" in record["machine"] or "pythae" in found["ways"]["pythae"]["failed"]
    assert "images/s" in capsys.readouterr().out
