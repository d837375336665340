"""A run folder, opened to be used: encode, generate, reconstruct, measure, report."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zspace.api.conditions import asked_condition, usual_condition
from zspace.api.encoding import encoded, encoded_images
from zspace.api.recorded import recorded_dataset, recorded_preparation
from zspace.codes import Codes
from zspace.data import Dataset
from zspace.data.inputs import Inputs
from zspace.recipe import Recipe, load_recipe
from zspace.run import RunFolder

if TYPE_CHECKING:
    import numpy as np

    from zspace.api.attributes import Attributes
    from zspace.api.pictures import Pictures
    from zspace.api.restoring import Restoration
    from zspace.api.walking import Walked
    from zspace.exports.written import Written
    from zspace.models import Autoencoder
    from zspace.report.analyze import Analysis
    from zspace.report.doctor import Diagnosis

__all__ = ["Run", "open_run"]


class Run:
    """A run folder, opened to be used.

    Attributes:
        folder: its paths.
        told: what a conditional model is told of images and z-points that bring no condition
            along, (size,); None takes what is usual.

    Example:
        ``run = zspace.open_run("runs/faces-vae")``, then ``run.model.decode(z)``,
        ``run.codes().mean``, ``run.generate(count=28)``, ``run.report()``.
    """

    def __init__(self, folder: RunFolder, *, show_progress: bool = False) -> None:
        self.folder = folder
        self.show_progress = show_progress
        self.told: np.ndarray | None = None

    def __repr__(self) -> str:
        """Its path."""
        return f"Run({str(self.folder.path)!r})"

    @functools.cached_property
    def recipe(self) -> Recipe:
        """The recipe that was run."""
        return load_recipe(self.folder.recipe)

    @functools.cached_property
    def dataset(self) -> Dataset:
        """The prepared data set that it was trained on, if it is where it was.

        Raises:
            DataError, RunError: if it is not, or the run has no record of it.
        """
        return recorded_dataset(self)

    @property
    def inputs(self) -> Inputs:
        """The data set as the model sees it."""
        return Inputs.of_recipe(self.recipe, self.dataset)

    @property
    def preparation(self) -> dict[str, Any]:
        """Place, size, channels and crop of the data set."""
        return recorded_preparation(self)

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
        return encoded(self, split, data=data, epsilon_scale=epsilon_scale, overwrite=overwrite)

    @property
    def condition(self) -> np.ndarray | None:
        """What a conditional model is told where nothing else is said, (size,).

        `told`, or the most frequent condition among the training images; None for other models.
        """
        return self._usual if self.told is None else self.told

    @functools.cached_property
    def _usual(self) -> np.ndarray | None:
        return usual_condition(self)

    def encode_images(self, images: np.ndarray) -> np.ndarray:
        """Posterior means (n, latent) of images (n, H, W, C), uint8.

        They are corrupted as the training images were, and go along with `condition`.
        """
        return encoded_images(self, images)

    def decode(
        self,
        z: np.ndarray,
        *,
        condition: np.ndarray | None = None,
        pixels: str = "mean",
        seed: int = 1,
    ) -> np.ndarray:
        """Images (n, H, W, C), float32 in 0…1, of z-points (n, latent).

        Args:
            z: the points.
            condition: (n, size) or (size,); None takes the run's.
            pixels: the likelihood's ``"mean"``, ``"mode"``, or a ``"sample"`` by `seed`.
            seed: of that draw.
        """
        told = self.condition if condition is None else condition
        images: np.ndarray = self.model.decode(z, condition=told, pixels=pixels, seed=seed)
        return images

    @functools.cached_property
    def attributes(self) -> Attributes:
        """Directions in the latent space: find, test, save, load and apply them to images."""
        from zspace.api.attributes import Attributes

        return Attributes(self)

    def generate(
        self,
        method: str | Sequence[str] = "normal",
        *,
        count: int | None = None,
        points: np.ndarray | Path | str | None = None,
        out: Path | str | None = None,
        overwrite: bool = False,
        **options: Any,
    ) -> Pictures:
        """Decode random or given z-points, and write the picture and a JSON file with the points.

        Args:
            method: a key of `zspace.generation.METHODS` or `zspace.generation.FITTED`, or
                ``"prior"``: the model's own; several, as a list or with commas, get a row each.
            count: images in a row; None takes 10 where there are several rows, else 64.
            points: z-points (n, latent) to decode instead, or a .npy or .json file of them; of
                these `rows`, such as ``"3,7-9"``.
            out: the picture's file, or the folder of single ones; None writes to samples/ in the
                run folder, under a name that says all options which are not the default.
            overwrite: whether what is at `out` is replaced.
            options: of the method, one of which may be a list: a row for each value; `seed`;
                `condition`, as for `open_run`; and those of `zspace.api.generating.Look`:
                `pixels`, `sharpen`, `upscale`, `single` and `format`.

        Returns:
            The images (n, H, W, C) as they are shown, and the picture's path.
        """
        from zspace.api.generating import generated

        return generated(
            self, method, count=count, points=points, out=out, overwrite=overwrite, options=options
        )

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
            images: image files, cropped and scaled as the data set was; None takes `count`
                validation images, evenly spaced.
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
        from zspace.api.restoring import reconstructed

        return reconstructed(
            self, images, count=count, out=out, epsilon_scale=epsilon_scale, overwrite=overwrite
        )

    def restore(
        self,
        images: Sequence[Path | str] | None = None,
        *,
        count: int = 100,
        damaged: bool = False,
        out: Path | str | None = None,
        overwrite: bool = False,
    ) -> Restoration:
        """Restore images by a model that was trained to, beside baselines, with PSNR and SSIM.

        Args:
            images: image files; None takes `count` validation images, evenly spaced.
            count: how many of them.
            damaged: whether the files are damaged already and have no originals to compare with.
            out: the picture's file; None writes to samples/ in the run folder.
            overwrite: whether a file at `out` is replaced.
        """
        from zspace.api.restoring import restored

        return restored(self, images, count=count, damaged=damaged, out=out, overwrite=overwrite)

    def walk(self, stops: Sequence[Path | str] = (), kind: str = "line", **options: Any) -> Walked:
        """Walk through the latent space, decode on the way, and show where the walk leads.

        Args:
            stops: z-points by name, as `zspace.api.places.named_point` knows them.
            kind: a key of `zspace.api.walk_kinds.KINDS`.
            options: `out`, `overwrite`, and of the kind: see `zspace.api.walking.walked`.

        Returns:
            Images, z-points, both pictures' paths, and what is to be said.
        """
        from zspace.api.walking import walked

        return walked(self, stops, kind=kind, **options)

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
        from zspace.api.measuring import gathered
        from zspace.report.analyze import analyze

        material = gathered(
            self, split, points=points, map_count=map_points, colors=colors, seed=seed
        )
        return analyze(
            self.folder, material, only=only, lenient=lenient, show_progress=self.show_progress
        )

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

    def explorer(self, split: str = "train", *, other: Run | None = None) -> Any:
        """A page to click through the latent space, beside another run's if one is given."""
        from zspace.api.exploring import explored

        return explored(self, split, other=other)

    def is_fresh(self, path: Path) -> bool:
        """Whether a file is there and not older than the model that it came from."""
        return self.folder.is_fresh(path)


def open_run(path: Path | str, *, show_progress: bool = False, condition: str | None = None) -> Run:
    """Open a run folder.

    Args:
        path: the folder.
        show_progress: on standard error.
        condition: of a conditional model: a class, such as ``"3"``, or attributes, such as
            ``"Male=1,Smiling=-1"``; what is not named stays as `Run.condition` has it by itself.

    Raises:
        RunError: if it is none.
        InputError: for a condition that the model does not know.
    """
    run = Run(RunFolder.open(path), show_progress=show_progress)
    if condition is not None:
        run.told = asked_condition(run, condition)
    return run
