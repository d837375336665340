"""A run folder, opened to be used: encode, generate, reconstruct, measure, report."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zspace.codes import Codes
from zspace.data import Dataset
from zspace.errors import DataError, OutputExistsError, RunError
from zspace.files import read_json
from zspace.recipe import Recipe, load_recipe
from zspace.run import RunFolder

if TYPE_CHECKING:
    import numpy as np

    from zspace.api.pictures import Pictures
    from zspace.exports.written import Written
    from zspace.models import Autoencoder
    from zspace.report.analyze import Analysis
    from zspace.report.doctor import Diagnosis
    from zspace.report.material import Material

__all__ = ["Run", "as_dataset", "open_run"]


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
        path = self.preparation["path"]
        if not Path(path).is_dir():
            raise DataError(
                f"the images of {self.folder.path} are no longer at {path}; prepare them there "
                f"again, or say where they are: zspace train --resume --out {self.folder.path} "
                "--data DIR"
            )
        return Dataset.load(path)

    @property
    def preparation(self) -> dict[str, Any]:
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
        if not self.is_fresh(folder / "codes.json"):
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

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Images (n, H, W, C), float32 in 0…1, of z-points (n, latent)."""
        images: np.ndarray = self.model.decode(z)
        return images

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
        from zspace.api.pictures import generated

        return generated(self, method, count=count, out=out, overwrite=overwrite, options=options)

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
        from zspace.api.pictures import reconstructed

        return reconstructed(
            self, images, count=count, out=out, epsilon_scale=epsilon_scale, overwrite=overwrite
        )

    def analyze(
        self,
        only: Sequence[str] | None = None,
        *,
        split: str = "train",
        points: str | None = None,
        map_points: int = 20_000,
        colors: Sequence[str] | None = None,
        seed: int = 1,
        lenient: bool | None = None,
    ) -> list[Analysis]:
        """Measure the latent space; numbers and pictures go to analysis/NAME.json and .png.

        Args:
            only: names of measurements, the keys of
                `zspace.report.measurements.MEASUREMENTS`; None takes all.
            split: whose codes; they are made first where they are missing.
            points: ``"mean"`` or ``"z"``: what all measurements look at; None leaves it to each.
            map_points: how many codes are put on maps at most.
            colors: what colors maps: ``"label"``, ``"radius"``, ``"kl"`` or the names of
                attributes; None chooses.
            seed: of all random draws.
            lenient: whether what does not apply to the run is left out instead of refused; None
                is lenient where all are measured.

        Returns:
            What was found, one `zspace.report.analyze.Analysis` each.
        """
        from zspace.report.analyze import analyze

        material = self.material(
            split, points=points, map_count=map_points, colors=colors, seed=seed
        )
        return analyze(
            self.folder, material, only=only, lenient=lenient, show_progress=self.show_progress
        )

    def material(
        self,
        split: str = "train",
        *,
        points: str | None = None,
        map_count: int = 20_000,
        colors: Sequence[str] | None = None,
        seed: int = 1,
    ) -> Material:
        """The codes of a split with what measurements need: see `analyze` for the arguments."""
        from zspace.api.measuring import gathered

        return gathered(self, split, points=points, map_count=map_count, colors=colors, seed=seed)

    def export(
        self,
        kind: str = "npz",
        *,
        out: Path | str | None = None,
        split: str = "train",
        limit: int = 0,
        images: bool = True,
        overwrite: bool = False,
    ) -> Written:
        """Write codes for other tools; see `zspace.exports`.

        Args:
            kind: ``"npz"``, ``"parquet"`` (embedding-atlas) or ``"projector"`` (TensorBoard).
            out: file or folder; None writes to exports/ in the run folder.
            split: whose codes; they are made first where they are missing.
            limit: how many at most; 0 takes all that the format holds.
            images: whether images go along (parquet, projector).
            overwrite: whether what is there is replaced.

        Returns:
            Its path, how many codes are in it of how many, and a note on what the format
            could not hold.
        """
        from zspace.api.exporting import exported

        return exported(
            self, kind, out=out, split=split, limit=limit, images=images, overwrite=overwrite
        )

    def doctor(self, split: str = "validation", *, seed: int = 1) -> Diagnosis:
        """Say what the KL term did, with a verdict and the next thing to try on each topic.

        Numbers and picture go to analysis/: doctor.json and doctor.png.

        Args:
            split: whose codes to look at; they are made first where they are missing.
            seed: of all random draws.

        Returns:
            The diagnosis, with `findings`, `text()` and `to_dict()`.
        """
        from zspace.report.doctor import examine

        return examine(self.folder, self.codes(split), split=split, seed=seed)

    def report(self, only: Sequence[str] | None = None) -> Path:
        """Make what the report shows, where it is missing or older than the model; write the page.

        Args:
            only: names of the measurements to make, as for `analyze`; None makes all. What was
                measured before is shown in any case.

        Returns:
            The report's path.
        """
        from zspace.api.measuring import reported

        return reported(self, only)

    def is_fresh(self, path: Path) -> bool:
        """Whether a file is there and not older than the model that it came from."""
        if not path.is_file():
            return False
        saved = [self.folder.checkpoint(epoch) for epoch in self.folder.saved_epochs()]
        newest = [self.folder.model, *saved]
        times = [each.stat().st_mtime_ns for each in newest if each.is_file()]
        return path.stat().st_mtime_ns >= max(times, default=0)


def open_run(path: Path | str, *, show_progress: bool = False) -> Run:
    """Open a run folder.

    Raises:
        RunError: if it is none.
    """
    return Run(RunFolder.open(path), show_progress=show_progress)


def as_dataset(data: Dataset | Path | str) -> Dataset:
    """A prepared data set, opened where its folder is given."""
    return data if isinstance(data, Dataset) else Dataset.load(data)
