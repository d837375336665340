"""Originals beside what a model makes of them: reconstructed, or restored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.analysis.baselines import KEEPING, baselines, keeping_given
from zspace.analysis.quality import Quality, image_quality, unit
from zspace.api.own_images import own_images
from zspace.api.pictures import Pictures, picture_path, said
from zspace.data.corruptions import kept_pixels
from zspace.data.dataset import evenly_spaced
from zspace.errors import InputError
from zspace.files import write_json

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["Restoration", "reconstructed", "restored"]

_SHOWN = 8
_WITH_HOLES = ("drop_pixels", "mask")


class Restoration(NamedTuple):
    """Images that were restored.

    Attributes:
        images: (n, H, W, C), float32 in 0…1.
        path: the picture: originals, what was left of them, a baseline, and what was restored.
        quality: of ``"as given"``, of each baseline, of ``"restored"`` and, where some of what was
            given is right, of ``"keeping what was given"``, held against the originals; empty
            where those are not known.
    """

    images: np.ndarray
    path: Path
    quality: dict[str, Quality]

    def table(self) -> str:
        """One line for each entry of `quality`, with the means over the images."""
        lines = [f"{'':24}  PSNR (dB)    SSIM"]
        for name, quality in self.quality.items():
            psnr, ssim = (
                "–" if mean is None else f"{mean:.{digits}f}"
                for mean, digits in zip(quality.to_dict().values(), (2, 3), strict=True)
            )
            lines.append(f"{name:24}  {psnr:>9}  {ssim:>6}")
        return "\n".join(lines)


class _Given(NamedTuple):
    """What is to be restored."""

    originals: np.ndarray
    given: np.ndarray
    condition: np.ndarray | None
    kept: np.ndarray | None
    files: list[Path]


def reconstructed(
    run: Run,
    images: Sequence[Path | str] | None,
    *,
    count: int,
    out: Path | str | None,
    epsilon_scale: float,
    overwrite: bool,
) -> Pictures:
    """Images encoded and decoded: see `zspace.api.Run.reconstruct`."""
    from zspace.figures.grids import pairs_grid
    from zspace.figures.save import save_figure

    stem = "own-reconstructions" if images else "reconstructions"
    told = said(
        {"count": 10 if images else count, "epsilon_scale": epsilon_scale},
        {"count": 10, "epsilon_scale": 0.0},
    )
    path = picture_path(run, out, name=f"{stem}{told}.png", overwrite=overwrite)
    what = _given(run, images, count=count, damaged=False)
    reconstructions: np.ndarray = run.model.reconstruct(
        what.given, condition=what.condition, epsilon_scale=epsilon_scale
    )
    rows = [what.originals, reconstructions]
    if run.recipe.task.corrupts:
        rows.insert(1, what.given)
        save_figure(_rows(dict(zip(("original", "given", "restored"), rows, strict=True))), path)
    else:
        save_figure(pairs_grid(*rows), path)
    return Pictures(reconstructions, path)


def restored(
    run: Run,
    images: Sequence[Path | str] | None,
    *,
    count: int,
    damaged: bool,
    out: Path | str | None,
    overwrite: bool,
) -> Restoration:
    """Images restored and held against baselines: see `zspace.api.Run.restore`."""
    from zspace.figures.save import save_figure

    task = run.recipe.task
    if not task.corrupts:
        raise InputError(
            f"{run.folder.path} was trained to give images as they are, not to restore them; train "
            "with a task, such as: zspace train mnist-denoise"
        )
    if damaged and not images:
        raise InputError("--damaged is about images of your own; name their files")
    stem = "own-restored" if images else "restored"
    path = picture_path(
        run, out, name=f"{stem}{'-damaged' if damaged else ''}.png", overwrite=overwrite
    )
    what = _given(run, images, count=count, damaged=damaged)
    made: np.ndarray = run.model.reconstruct(what.given, condition=what.condition)
    results = {"restored": made}
    pasted = keeping_given(made.astype(np.float64), what.given, task=task, kept=what.kept)
    if pasted is not None:
        results[KEEPING] = pasted
    others: dict[str, np.ndarray] = {}
    quality: dict[str, Quality] = {}
    if not damaged:
        others = dict(baselines(task, what.given, kept=what.kept))
        everything = {"as given": what.given, **others, **results}
        quality = {name: image_quality(each, what.originals) for name, each in everything.items()}
    rows = {} if damaged else {"original": what.originals}
    rows["given"] = what.given
    if others:
        best = max(others, key=lambda name: quality[name].to_dict()["psnr"] or np.inf)
        rows[best] = others[best]
    save_figure(_rows({**rows, **results}), path)
    if images:
        _write_singles(run, what.files, results.get(KEEPING, made))
    else:
        write_json(run.folder.analysis / "restoration.json", _record(run, quality, len(made)))
    return Restoration(made, path, quality)


def _given(run: Run, images: Sequence[Path | str] | None, *, count: int, damaged: bool) -> _Given:
    """Originals and what the model is given of them."""
    files: list[Path] = []
    if images:
        originals, files = own_images(run, images)
        index, told = np.arange(len(originals)), run.condition
    else:
        index = run.dataset.spread("validation", count)
        originals, told = run.dataset.rows(index), run.inputs.conditions(index)
    task, seed = run.recipe.task, run.recipe.training.seed
    if damaged or not task.corrupts:
        return _Given(originals, originals, told, None, files)
    kept = None
    if task.kind in _WITH_HOLES:
        kept = kept_pixels(originals, task, index=index, seed=seed)
    return _Given(originals, run.inputs.images(originals, index), told, kept, files)


def _rows(images: dict[str, np.ndarray]) -> Any:
    """A row for each kind of image, a few of them, all of one image in a column."""
    from zspace.figures.grids import image_grid

    some = evenly_spaced(len(next(iter(images.values()))), _SHOWN)
    shown = [unit(each[some]) for each in images.values()]
    return image_grid(np.concatenate(shown), columns=len(shown[0]), row_labels=list(images))


def _write_singles(run: Run, files: Sequence[Path], images: np.ndarray) -> None:
    """Each restored image by itself, under the name of the file it was made from.

    Files of one name, of several folders, get a number each, so that none replaces another.
    """
    from zspace.figures.grids import mosaic
    from zspace.figures.save import save_pixels

    stems: list[str] = []
    for file, image in zip(files, images, strict=True):
        before = stems.count(file.stem)
        stems.append(file.stem)
        name = f"{file.stem}-{before + 1}" if before else file.stem
        path = run.folder.samples / "restored" / f"{name}.png"
        save_pixels(mosaic(image[None], scale=1), path)


def _record(run: Run, quality: dict[str, Quality], count: int) -> dict[str, Any]:
    return {
        "task": run.recipe.task.model_dump(mode="json"),
        "split": "validation",
        "images": count,
        "quality": {name: each.to_dict() for name, each in quality.items()},
    }
