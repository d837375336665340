"""zspace: the parts that `zspace train` is made of, called as it calls them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from training_ways.shapes import BATCH, Shape


def make(
    shape: Shape, data: Path, *, backend: str | None = None, changes: Sequence[str] = ()
) -> Callable[[int], float]:
    """A function that trains on so many images.

    Args:
        shape: of the model.
        data: a prepared data set.
        backend: of Keras; None takes the default.
        changes: of the recipe.
    """
    from zspace.data import Dataset
    from zspace.recipe import load_recipe
    from zspace.training.devices import select_backend

    recipe = load_recipe(shape.recipe).override(changes)
    dataset = Dataset.load(data)
    select_backend(backend)
    from zspace.data.inputs import Inputs
    from zspace.training.batches import Batches, make_feed
    from zspace.training.callbacks import StepWatch
    from zspace.training.fit import make_model
    from zspace.training.precision import settle_precision

    recipe, _ = settle_precision(recipe)
    model = make_model(recipe, dataset)
    index = dataset.indices("train")
    inputs = Inputs.of_recipe(recipe, dataset)
    feed = make_feed()
    epoch = 0

    def train(images: int) -> float:
        nonlocal epoch
        epoch += 1
        watch = StepWatch(epoch, images=images, batch_size=BATCH, advance=lambda *_, **__: None)
        batches = Batches(inputs, index[:images], batch_size=BATCH, epoch=epoch)
        fitted = model.fit(feed(batches), shuffle=False, verbose=0, callbacks=[watch])
        return float(fitted.history["loss"][-1])

    return train
