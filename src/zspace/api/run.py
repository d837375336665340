"""A run folder, opened to be used: encode, generate, reconstruct, measure, report."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.codes import Codes
from zspace.data import Dataset, read_image_like
from zspace.errors import (
    DataError,
    InputError,
    OutputExistsError,
    RunError,
    did_you_mean,
)
from zspace.files import read_json, write_json
from zspace.generation import METHODS
from zspace.recipe import Recipe, load_recipe
from zspace.run import RunFolder

if TYPE_CHECKING:
    from zspace.models import Autoencoder
    from zspace.report.doctor import Diagnosis

__all__ = ["Pictures", "Run", "as_dataset", "open_run"]


class Pictures(NamedTuple):
    """Images that were made, and the file that shows them.

    Attributes:
        images: (n, H, W, C), float32 in 0…1.
        path: the picture.
    """

    images: np.ndarray
    path: Path


class Run:
    """A run folder, opened to be used.

    Attributes:
        folder: its paths.

    Example:
        ``run = zspace.open_run("runs/faces-vae")``, then ``run.model.decode(z)``,
        ``run.codes().mean``, ``run.generate(count=28)``, ``run.report()``.
    """

    def __init__(self, folder: RunFolder, *, show_progress: bool = False) -> None:
        self.folder = folder
        self.show_progress = show_progress

    def __repr__(self) -> str:
        """Its path."""
        return f"Run({str(self.folder.path)!r})"

    @functools.cached_property
    def recipe(self) -> Recipe:
        """The recipe that was run."""
        return load_recipe(self.folder.recipe)

    @functools.cached_property
    def dataset(self) -> Dataset:
        """The prepared data set that it was trained on.

        Raises:
            DataError: if it is no longer where it was.
            RunError: if the run has no record of it.
        """
        path = self._preparation["path"]
        if not Path(path).is_dir():
            raise DataError(
                f"the images of {self.folder.path} are no longer at {path}; prepare them there "
                f"again, or say where they are: zspace train --resume --out {self.folder.path} "
                "--data DIR"
            )
        return Dataset.load(path)

    @property
    def _preparation(self) -> dict[str, Any]:
        """Place, size, channels and crop of the data set."""
        try:
            found: dict[str, Any] = read_json(self.folder.environment)["dataset"]
        except (OSError, json.JSONDecodeError, KeyError) as error:
            raise RunError(
                f"{self.folder.environment} is missing or broken ({error!r}); train again"
            ) from None
        return found

    @functools.cached_property
    def model(self) -> Autoencoder:
        """The trained model; of a run that has not ended, the one of the newest checkpoint.

        Raises:
            RunError: if there is neither.
        """
        from zspace.training.devices import select_backend

        select_backend()
        from zspace.training.restore import restore_model

        return restore_model(self.folder, self.recipe)

    def codes(self, split: str = "train") -> Codes:
        """The codes of a split; it is encoded first where that has not been done.

        Codes that are older than the model, as those of a run that was trained on, are made anew.
        """
        folder = self.folder.codes(split)
        if not self._is_fresh(folder / "codes.json"):
            return self.encode(split, overwrite=True)
        return Codes.load(folder)

    def encode(
        self,
        split: str = "train",
        *,
        data: Dataset | Path | str | None = None,
        epsilon_scale: float | None = None,
        overwrite: bool = False,
    ) -> Codes:
        """Encode a split of the data set into the run folder.

        Args:
            split: ``"train"``, ``"validation"`` or ``"test"``.
            data: another prepared data set than the one it was trained on.
            epsilon_scale: of the noise in the z-points that analyses draw from the codes: 0 takes
                the means, 1 the posterior; None leaves the model's.
            overwrite: whether codes that are there already are replaced.
        """
        dataset = self.dataset if data is None else as_dataset(data)
        out = self.folder.codes(split)
        if out.exists() and not overwrite:
            raise OutputExistsError(f"{out} exists already; pass --overwrite to replace it")
        chosen = {"train": self.recipe.data.train, "validation": self.recipe.data.validation}
        model = self.model
        from zspace.models import encode_dataset

        if epsilon_scale is not None:
            model.epsilon_scale = epsilon_scale

        return encode_dataset(
            model,
            dataset,
            out=out,
            split=split,
            limit=chosen.get(split, 0),
            overwrite=overwrite,
            show_progress=self.show_progress,
        )

    def generate(
        self,
        method: str = "normal",
        *,
        count: int = 64,
        out: Path | str | None = None,
        overwrite: bool = False,
        **options: Any,
    ) -> Pictures:
        """Decode random z-points, and write the grid beside a JSON file that holds the points.

        Args:
            method: a key of `zspace.generation.METHODS`: ``"normal"`` (with `scale`) or
                ``"uniform"`` (with `limit`); or ``"prior"``: the model's own (with
                `epsilon_scale`).
            count: how many images.
            out: the grid's file; None writes to samples/ in the run folder, under a name that
                says all options which are not the default.
            overwrite: whether a file at `out` is replaced.
            options: of the method, and `seed`.

        Returns:
            The images (count, H, W, C) and the grid's path.
        """
        from zspace.figures.grids import mosaic
        from zspace.figures.save import save_pixels

        if method not in (*METHODS, "prior"):
            raise InputError(f"no method {method!r}; {did_you_mean(method, [*METHODS, 'prior'])}")
        draw: Callable[..., np.ndarray] = METHODS.get(method, self._prior_points)
        known = inspect.signature(draw).parameters.values()
        defaults = {each.name: each.default for each in known if each.default is not each.empty}
        for name in options:
            if name not in defaults:
                raise InputError(
                    f"method {method!r} has no option {name!r}; {did_you_mean(name, defaults)}"
                )
        options = {**defaults, **options}
        said = _said({"count": count, **options}, {"count": 64, **defaults})
        path = self._output(out, f"{method}{said}.png", overwrite)
        z = draw(count, self.recipe.latent.size, **options)
        images: np.ndarray = self.model.decode(z)
        save_pixels(mosaic(images), path)
        record = {"method": method, "count": count, **options, "z": z.tolist()}
        write_json(path.with_suffix(".json"), record)
        return Pictures(images, path)

    def _prior_points(
        self, count: int, size: int, *, epsilon_scale: float = 1.0, seed: int = 1
    ) -> np.ndarray:
        """As the functions in `METHODS`, from the prior that was trained with."""
        del size
        points: np.ndarray = self.model.sample_prior(count, seed=seed, epsilon_scale=epsilon_scale)
        return points

    def reconstruct(
        self,
        images: Sequence[Path | str] | None = None,
        *,
        count: int = 10,
        out: Path | str | None = None,
        epsilon_scale: float = 0.0,
        overwrite: bool = False,
    ) -> Pictures:
        """Encode and decode images, and write originals beside reconstructions.

        Args:
            images: image files, cropped and scaled as the data set was; None takes the first
                `count` of the validation images.
            count: how many of them.
            out: the picture's file; None writes samples/reconstructions.png (or
                samples/own-reconstructions.png) in the run folder, with the options in its name
                that are not the default.
            epsilon_scale: 0 decodes the posterior's mean, 1 a draw from the posterior.
            overwrite: whether a file at `out` is replaced.

        Returns:
            The reconstructions (n, H, W, C) and the picture's path.

        Raises:
            ImageError: if a file is no readable image.
        """
        from zspace.figures.grids import pairs_grid
        from zspace.figures.save import save_figure

        stem = "own-reconstructions" if images else "reconstructions"
        said = _said(
            {"count": 10 if images else count, "epsilon_scale": epsilon_scale},
            {"count": 10, "epsilon_scale": 0.0},
        )
        path = self._output(out, f"{stem}{said}.png", overwrite)
        if images:
            how = self._preparation
            originals = np.stack([read_image_like(each, how) for each in images])
        else:
            index = self.dataset.indices("validation", limit=count)
            originals = self.dataset.rows(index)
        reconstructions: np.ndarray = self.model.reconstruct(originals, epsilon_scale=epsilon_scale)
        save_figure(pairs_grid(originals, reconstructions), path)
        return Pictures(reconstructions, path)

    def radius(self, split: str = "train") -> dict[str, Any]:
        """Measure the radii of z-points and means; numbers and picture go to analysis/.

        Returns:
            ``{"z": …, "mean": …, "split": …}``, see `zspace.analysis.radius.Radius.to_dict`.
        """
        from zspace.analysis.radius import radius
        from zspace.figures.radius import radius_histogram
        from zspace.figures.save import save_figure

        codes = self.codes(split)
        of_z, of_mean = radius(codes.z_blocks()), radius(codes.mean)
        numbers = {"z": of_z.to_dict(), "mean": of_mean.to_dict(), "split": split}
        write_json(self.folder.analysis / "radius.json", numbers)
        save_figure(radius_histogram(of_z, of_mean), self.folder.analysis / "radius.png")
        return numbers

    def doctor(self, split: str = "validation", *, seed: int = 1) -> Diagnosis:
        """Say what the KL term did, with a verdict and the next thing to try on each topic.

        Numbers and pictures go to analysis/: doctor.json, doctor.png and, for a VAE,
        deviations.png.

        Args:
            split: whose codes to look at; they are made first where they are missing.
            seed: of all random draws.

        Returns:
            The diagnosis, with `findings`, `text()` and `to_dict()`.
        """
        from zspace.report.doctor import examine

        return examine(self.folder, self.codes(split), split=split, seed=seed)

    def report(self) -> Path:
        """Make what the report shows, where it is missing or older than the model; write the page.

        Returns:
            The report's path.
        """
        from zspace.report.build import build_report

        method = "normal" if self.recipe.latent.prior == "standard_normal" else "prior"
        if not self._is_fresh(self.folder.samples / f"{method}.png"):
            self.generate(method)
        if not self._is_fresh(self.folder.samples / "reconstructions.png"):
            self.reconstruct()
        self.radius()
        return build_report(self.folder)

    def _is_fresh(self, path: Path) -> bool:
        """Whether a file is there and not older than the model that it came from."""
        if not path.is_file():
            return False
        saved = [self.folder.checkpoint(epoch) for epoch in self.folder.saved_epochs()]
        newest = [self.folder.model, *saved]
        times = [each.stat().st_mtime_ns for each in newest if each.is_file()]
        return path.stat().st_mtime_ns >= max(times, default=0)

    def _output(self, out: Path | str | None, name: str, overwrite: bool) -> Path:
        """`out`, if it may be written, or a file in the run's own folder of samples."""
        if out is None:
            return self.folder.samples / name
        path = Path(out)
        if path.exists() and not overwrite:
            raise OutputExistsError(f"{path} exists already; pass --overwrite to replace it")
        if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
            raise DataError(f"--out {path}: expected a .png, .jpg or .webp file")
        return path


def open_run(path: Path | str, *, show_progress: bool = False) -> Run:
    """Open a run folder.

    Raises:
        RunError: if it is none.
    """
    return Run(RunFolder.open(path), show_progress=show_progress)


def _said(options: dict[str, Any], defaults: dict[str, Any]) -> str:
    """The options that are not the default, as the end of a file's name.

    Example:
        >>> _said({"limit": 2.5, "seed": 1}, {"limit": 1.0, "seed": 1})
        '-limit-2.5'
    """
    differing = {name: value for name, value in options.items() if value != defaults[name]}
    return "".join(f"-{name.replace('_', '-')}-{value:g}" for name, value in differing.items())


def as_dataset(data: Dataset | Path | str) -> Dataset:
    """A prepared data set, opened where its folder is given."""
    return data if isinstance(data, Dataset) else Dataset.load(data)
