"""The training of one run: epochs, validation, record, checkpoints."""

from __future__ import annotations

import importlib.util
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras import ops

from zspace.assemble import assemble
from zspace.data import Dataset
from zspace.data.conditions import require_conditions
from zspace.data.inputs import Inputs
from zspace.errors import BackendError, DataError, NonFiniteLossError
from zspace.figures.grids import mosaic
from zspace.figures.save import save_pixels
from zspace.files import whole_file
from zspace.generation.sampling import normal_points
from zspace.models import Autoencoder
from zspace.models.bounds import BOUNDS
from zspace.progress import duration, track
from zspace.recipe import Recipe
from zspace.run import RunFolder
from zspace.training.batches import Batches, epoch_order, make_feed
from zspace.training.callbacks import StepWatch
from zspace.training.checkpoints import Checkpoint, load_newest, save_checkpoint
from zspace.training.devices import backend_in_use, one_device, quiet_native_libraries
from zspace.training.history import (
    epochs_without_improvement,
    history_row,
    readable,
    what_is_kept,
    write_rows,
)
from zspace.training.optimizers import make_optimizer
from zspace.training.reproducibility import make_reproducible
from zspace.training.resident import Resident, is_resident
from zspace.training.start import check_sharing

__all__ = ["fit", "make_model"]


@dataclass
class _Fitting:
    """A run under way."""

    recipe: Recipe
    dataset: Dataset
    run: RunFolder
    model: Autoencoder
    train: np.ndarray
    validation: np.ndarray
    show_progress: bool
    history: list[dict[str, float]] = field(default_factory=list)
    timings: list[dict[str, float]] = field(default_factory=list)
    on_device: dict[str, Resident] = field(default_factory=dict)
    feeds: dict[str, Callable[[Batches], Any]] = field(
        default_factory=lambda: defaultdict(make_feed)
    )

    @property
    def epochs(self) -> int:
        return self.recipe.training.epochs

    @property
    def inputs(self) -> Inputs:
        return Inputs.of_recipe(self.recipe, self.dataset)

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the loss and its terms."""
        return ("loss", *self.model.term_names)

    def batches(self, split: str, epoch: int | None = None) -> Any:
        """Batches of a split, or blocks of them where the images are on the device."""
        if self.on_device:
            return self.on_device[split].blocks(epoch)
        batches = Batches(
            self.inputs,
            getattr(self, split),
            batch_size=self.recipe.training.batch_size,
            epoch=epoch,
            binarize=self.recipe.data.binarize,
        )
        return self.feeds[split](batches)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        """Epoch `epoch`, counted from 0; the averaged terms, and shares at a bound."""
        what = f"epoch {epoch + 1}/{self.epochs}"
        with track(what, len(self.train), show=self.show_progress, transient=True) as advance:
            watch = StepWatch(
                epoch + 1,
                images=len(self.train),
                batch_size=self.recipe.training.batch_size,
                advance=advance,
            )
            fitted = self.model.fit(
                self.batches("train", epoch),
                initial_epoch=epoch,
                epochs=epoch + 1,
                shuffle=False,
                verbose=0,
                callbacks=[watch],
            )
        return {name: float(values[-1]) for name, values in fitted.history.items()}

    def validate(self, epoch: int) -> dict[str, float]:
        """The terms on the validation images."""
        # Binarized or corrupted alike after every epoch, and as in none that is trained on.
        terms = self.model.evaluate(self.batches("validation"), verbose=0, return_dict=True)
        terms = {term: float(terms[term]) for term in self.terms}
        if not np.isfinite(list(terms.values())).all():
            raise NonFiniteLossError(
                f"the validation loss is not finite after epoch {epoch + 1}: {terms}; "
                f"{what_is_kept(epoch + 1)}; lower training.learning_rate"
            )
        return terms

    def learning_rate(self) -> float:
        return float(ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def record(self, epoch: int, seconds: float, terms: dict[str, dict[str, float]]) -> None:
        """Append to the history and write everything that an epoch leaves behind."""
        self.history.append(
            history_row(
                epoch + 1,
                train={term: terms["train"][term] for term in self.terms},
                validation=terms["validation"],
                weight=self.model.kl_weight(),
                learning_rate=self.learning_rate(),
                bounds={name: terms["train"][name] for name in BOUNDS if name in terms["train"]},
            )
        )
        rate = len(self.train) / seconds
        self.timings.append({"epoch": epoch + 1, "seconds": seconds, "images_per_second": rate})
        save_checkpoint(
            self.run,
            self.model,
            checkpoint=Checkpoint(epoch + 1, self.history, self.timings),
            keep=self.recipe.training.checkpoints,
        )
        self.write_record()
        if self.show_progress:
            print(_epoch_line(self), file=sys.stderr, flush=True)

    def write_record(self) -> None:
        """Write history.csv and timings.csv from what the newest checkpoint holds."""
        write_rows(self.run.history, self.history)
        write_rows(self.run.timings, self.timings)

    def write_samples(self, epoch: int) -> None:
        """A grid of decoded z-points, the same points every time."""
        every = self.recipe.training.samples_every
        if every and (epoch + 1) % every == 0:
            latent, seed = self.recipe.latent, self.recipe.training.seed
            is_standard = latent.prior == "standard_normal"
            z = (
                normal_points(36, latent.size, seed=seed)
                if is_standard
                else self.model.sample_prior(36, seed=seed)
            )
            told = self.inputs.conditions(self.train[:36], count=36)
            with one_device():
                grid = mosaic(self.model.decode(z, condition=told), columns=12)
            save_pixels(grid, self.run.samples / f"epoch-{epoch + 1:05d}.png")

    def is_finished(self) -> bool:
        """Whether the last epoch is done, or early stopping says so."""
        patience = self.recipe.training.early_stopping
        stopped = patience and self.history and epochs_without_improvement(self.history) >= patience
        return bool(stopped) or len(self.history) >= self.epochs


def make_model(recipe: Recipe, dataset: Dataset) -> Autoencoder:
    """The untrained model with its optimizer; all that can be wrong with a recipe shows here.

    Raises:
        ShapeError: if the layer lists do not fit the images.
        DataError: if the data set has no images to train or validate on, or as many as cannot be
            shared by the devices or kept on one.
        BackendError: if TensorBoard is asked for and not installed, or the backend cannot keep
            images on the device.
    """
    training = recipe.training
    make_reproducible(training.seed)
    require_conditions(dataset, recipe.condition)
    check_sharing(recipe, dataset)
    is_resident(recipe, dataset)
    index = dataset.indices("train", limit=recipe.data.train)
    images = len(index)
    model = assemble(recipe, images=images)
    if recipe.latent.prior == "vampprior":
        model.prior.start_from(_pseudo_inputs(recipe, dataset, index))
    model.compile(optimizer=make_optimizer(training, -(-images // training.batch_size)))
    model.optimizer.build(model.trainable_variables)
    if training.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise BackendError(
            "training.tensorboard = true needs TensorBoard; install it with: "
            "pip install 'zspace[tensorboard]'"
        )
    return model


def _pseudo_inputs(recipe: Recipe, dataset: Dataset, index: np.ndarray) -> np.ndarray:
    """Some training images, for a prior made of them to start with."""
    count = recipe.latent.prior_components
    if count > len(index):
        raise DataError(
            f"latent.prior_components = {count} pseudo-inputs start as training images, but there "
            f"are {len(index)}; set it to {len(index)} or less"
        )
    order = epoch_order(len(index), seed=recipe.training.seed, epoch=0)
    rows = dataset.rows(np.sort(index[order[:count]]))
    return rows.astype(np.float32) / np.float32(255)


def fit(
    model: Autoencoder,
    recipe: Recipe,
    *,
    dataset: Dataset,
    run: RunFolder,
    show_progress: bool = False,
) -> None:
    """Train from the newest checkpoint of a run, or from the start where there is none.

    The trained model is saved as the run's model.keras.

    Args:
        model: from `make_model`.
        recipe: what to train.
        dataset: the images.
        run: where everything is written; its recipe.toml is there already.
        show_progress: on standard error.

    Raises:
        NonFiniteLossError: naming epoch, step and terms; the last good checkpoint is kept.
        StorageError: if the disk is full; the last good checkpoint is kept.
    """
    train = dataset.indices("train", limit=recipe.data.train)
    validation = dataset.indices("validation", limit=recipe.data.validation)
    fitting = _Fitting(recipe, dataset, run, model, train, validation, show_progress)
    restored = load_newest(run, model)
    if restored is not None:
        fitting.history = restored.history
        fitting.timings = restored.timings
        fitting.write_record()
    if is_resident(recipe, dataset) and not fitting.is_finished():
        for split, index in {"train": train, "validation": validation}.items():
            batch_size = recipe.training.batch_size
            fitting.on_device[split] = Resident(fitting.inputs, index, batch_size=batch_size)
    if show_progress:
        print(_opening_line(fitting), file=sys.stderr, flush=True)
    board = _Board(run) if recipe.training.tensorboard else None
    while not fitting.is_finished():
        epoch = len(fitting.history)
        begun = time.perf_counter()
        terms = {"train": fitting.train_epoch(epoch)}
        seconds = time.perf_counter() - begun
        terms["validation"] = fitting.validate(epoch)
        # Ahead of the checkpoint, so that a run killed in between writes them after all.
        fitting.write_samples(epoch)
        fitting.record(epoch, seconds, terms)
        if board is not None:
            board.add(fitting.history[-1])
    if not run.model_is_current():
        save_model(model, run)


def save_model(model: Autoencoder, run: RunFolder) -> None:
    """Write model.keras, whole or not at all."""
    with whole_file(run.model) as beside, quiet_native_libraries():
        model.save(beside)


class _Board:
    """TensorBoard's event files."""

    def __init__(self, run: RunFolder) -> None:
        from tensorboard.summary import Writer

        self.writer = Writer(str(run.tensorboard))

    def add(self, row: dict[str, float]) -> None:
        """All numbers of a row of the history."""
        for name, value in row.items():
            if name != "epoch":
                self.writer.add_scalar(name, value, int(row["epoch"]))
        self.writer.flush()


def _opening_line(fitting: _Fitting) -> str:
    wanted = fitting.recipe.data.train
    images = f"{len(fitting.train):,} images"
    if wanted > len(fitting.train):
        images += f" (the recipe would take {wanted:,})"
    weights = sum(math.prod(each.shape) for each in fitting.model.trainable_variables)
    parts = [
        f"training on {images}, validating on {len(fitting.validation):,}",
        f"{weights:,} weights",
        backend_in_use(),
    ]
    if fitting.on_device:
        parts.append("images on the device")
    if fitting.recipe.training.precision != "float32":
        parts.append(fitting.recipe.training.precision)
    if fitting.history:
        parts.append(f"resuming after epoch {len(fitting.history)}")
    return " · ".join(parts)


def _epoch_line(fitting: _Fitting) -> str:
    row, timing = fitting.history[-1], fitting.timings[-1]
    done = int(row["epoch"])
    left = (fitting.epochs - done) * float(np.median([t["seconds"] for t in fitting.timings]))
    parts = [f"loss {readable(row['loss'])}"]
    if row["weighted_kl"]:
        reconstruction, weighted_kl = readable(row["reconstruction"]), readable(row["weighted_kl"])
        parts[0] += f" = {reconstruction} + β·KL {weighted_kl}"
    for name in fitting.model.objective.extra_names:
        if name.startswith("weighted_"):
            label = name.removeprefix("weighted_").replace("_", " ")
            parts[0] += f" + {label} {readable(row[name])}"
    if fitting.recipe.objective.schedule.kind != "constant":
        parts += [f"{name} {row[name]:.3g}" for name in fitting.model.kl_weight()]
    if row.get("log_variance_bounded"):
        parts.append(f"{row['log_variance_bounded']:.1%} of log-variances at their bound")
    parts.append(f"validation {readable(row['validation_loss'])}")
    parts.append(f"{timing['images_per_second']:,.0f} images/s")
    if done < fitting.epochs:
        parts.append(f"{duration(left)} left")
    return f"epoch {done:>{len(str(fitting.epochs))}}/{fitting.epochs}  " + " · ".join(parts)
