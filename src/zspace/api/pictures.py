"""Images that a run makes: grids of random z-points, originals beside reconstructions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.data import read_image_like
from zspace.errors import DataError, InputError, OutputExistsError, did_you_mean
from zspace.files import write_json
from zspace.generation import METHODS

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["Pictures", "generated", "reconstructed"]


class Pictures(NamedTuple):
    """Images that were made, and the file that shows them.

    Attributes:
        images: (n, H, W, C), float32 in 0…1.
        path: the picture.
    """

    images: np.ndarray
    path: Path


def generated(
    run: Run,
    method: str,
    *,
    count: int,
    out: Path | str | None,
    overwrite: bool,
    options: dict[str, Any],
) -> Pictures:
    """Random z-points decoded: see `zspace.api.Run.generate`."""
    from zspace.figures.grids import mosaic
    from zspace.figures.save import save_pixels

    if method not in (*METHODS, "prior"):
        raise InputError(f"no method {method!r}; {did_you_mean(method, [*METHODS, 'prior'])}")
    draw: Callable[..., np.ndarray] = METHODS.get(method, _prior_points(run))
    known = inspect.signature(draw).parameters.values()
    defaults = {each.name: each.default for each in known if each.default is not each.empty}
    for name in options:
        if name not in defaults:
            raise InputError(
                f"method {method!r} has no option {name!r}; {did_you_mean(name, defaults)}"
            )
    options = {**defaults, **options}
    said = _said({"count": count, **options}, {"count": 64, **defaults})
    path = _output(run, out, f"{method}{said}.png", overwrite)
    z = draw(count, run.recipe.latent.size, **options)
    images: np.ndarray = run.model.decode(z)
    save_pixels(mosaic(images), path)
    record = {"method": method, "count": count, **options, "z": z.tolist()}
    write_json(path.with_suffix(".json"), record)
    return Pictures(images, path)


def _prior_points(run: Run) -> Callable[..., np.ndarray]:
    """As the functions in `METHODS`, from the prior that was trained with."""

    def draw(count: int, size: int, *, epsilon_scale: float = 1.0, seed: int = 1) -> np.ndarray:
        del size
        points: np.ndarray = run.model.sample_prior(count, seed=seed, epsilon_scale=epsilon_scale)
        return points

    return draw


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
    said = _said(
        {"count": 10 if images else count, "epsilon_scale": epsilon_scale},
        {"count": 10, "epsilon_scale": 0.0},
    )
    path = _output(run, out, f"{stem}{said}.png", overwrite)
    if images:
        how = run.preparation
        originals = np.stack([read_image_like(each, how) for each in images])
    else:
        originals = run.dataset.rows(run.dataset.indices("validation", limit=count))
    reconstructions: np.ndarray = run.model.reconstruct(originals, epsilon_scale=epsilon_scale)
    save_figure(pairs_grid(originals, reconstructions), path)
    return Pictures(reconstructions, path)


def _output(run: Run, out: Path | str | None, name: str, overwrite: bool) -> Path:
    """`out`, if it may be written, or a file in the run's own folder of samples."""
    if out is None:
        return run.folder.samples / name
    path = Path(out)
    if path.exists() and not overwrite:
        raise OutputExistsError(f"{path} exists already; pass --overwrite to replace it")
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise DataError(f"--out {path}: expected a .png, .jpg or .webp file")
    return path


def _said(options: dict[str, Any], defaults: dict[str, Any]) -> str:
    """The options that are not the default, as the end of a file's name.

    Example:
        >>> _said({"limit": 2.5, "seed": 1}, {"limit": 1.0, "seed": 1})
        '-limit-2.5'
    """
    differing = {name: value for name, value in options.items() if value != defaults[name]}
    return "".join(f"-{name.replace('_', '-')}-{value:g}" for name, value in differing.items())
