"""Images moved along a direction: the grid, the z-points beside it, and what leaves the data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.api.own_images import own_images
from zspace.api.pictures import picture_path, said
from zspace.directions import Direction, plain_name
from zspace.files import write_json
from zspace.generation.attributes import FACTORS, moved

if TYPE_CHECKING:
    from zspace.analysis.places import Place
    from zspace.api.run import Run

__all__ = ["Edited", "edited", "output_of"]


class Edited(NamedTuple):
    """Images moved along a direction.

    Attributes:
        images: (n, factors, H, W, C), float32 in 0…1.
        z: the points that they are decoded from, (n, factors, latent).
        percentiles: density percentile of each point, (n, factors): the share of codes that lie
            no farther out, by the worse of two distances; None where there are too few codes.
        path: the picture; the z-points are in the .json of the same name.
        notes: one line each, such as what leaves the data.
    """

    images: np.ndarray
    z: np.ndarray
    percentiles: np.ndarray | None
    path: Path
    notes: tuple[str, ...]


def edited(
    run: Run,
    direction: Direction,
    *,
    images: Sequence[Path | str] | None,
    factors: Sequence[float],
    count: int,
    path: Path,
) -> Edited:
    """Images moved and decoded: see `zspace.api.attributes.Attributes.apply`."""
    from zspace.analysis.places import READINGS
    from zspace.figures.attributes import edit_grid
    from zspace.figures.save import save_figure

    notes: list[str] = []
    if images is None:
        rows = run.dataset.spread("validation", count)
        originals = run.dataset.rows(rows)
        names: list[Any] = rows.tolist()
    else:
        originals, kept = own_images(run, images)
        names = [each.name for each in kept]
    z = moved(run.encode_images(originals), direction.vector, factors=factors).astype(np.float32)
    decoded = run.decode(z.reshape(-1, z.shape[2]))
    decoded = decoded.reshape(*z.shape[:2], *decoded.shape[1:])
    places = _places(run, z)
    percentiles = off = None
    if places is not None:
        percentiles = _percentiles(places, z)
        off = np.array([each.reading == READINGS[-1] for each in places]).reshape(z.shape[:2])
        notes = _leaving(off, percentiles, factors)
    title = f"{direction.name.replace('_', ' ')}: z + factor × direction"
    figure = edit_grid(originals, decoded, factors=factors, off_the_data=off, title=title)
    save_figure(figure, path)
    record = {
        "direction": direction.name,
        "method": direction.method,
        "against": list(direction.against),
        "images": names,
        "split": "validation" if images is None else None,
        "factors": [float(factor) for factor in factors],
        "density_percentiles": None if percentiles is None else percentiles.tolist(),
        "z": z.reshape(-1, z.shape[2]).tolist(),
    }
    write_json(path.with_suffix(".json"), record)
    return Edited(decoded, z, percentiles, path, tuple(notes))


def output_of(
    run: Run,
    name: str,
    *,
    own: bool,
    factors: Sequence[float],
    count: int,
    out: Path | str | None,
    overwrite: bool,
) -> Path:
    """Where the picture goes: `out`, if it may be written, or a file in the run's samples/."""
    name = plain_name(Path(name).stem if name.endswith(".json") else name)
    stem = f"{'own-' if own else ''}attribute-{name}"
    given = {"factors": tuple(factors), "count": 5 if own else count}
    ends = said(given, {"factors": FACTORS, "count": 5})
    return picture_path(run, out, name=f"{stem}{ends}.png", overwrite=overwrite)


def _places(run: Run, z: np.ndarray) -> list[Place] | None:
    """Where all points lie among the training codes, or None where there are too few of these."""
    from zspace.analysis.places import Density

    codes = run.codes()
    nearest = min(10, codes.count // 4)
    if nearest < 1:
        return None
    density = Density.of(codes.mean, k=nearest)
    return [density.place(each) for each in z.reshape(-1, z.shape[2])]


def _percentiles(places: list[Place], z: np.ndarray) -> np.ndarray:
    worse = [max(each.mahalanobis_percentile, each.distance_percentile) for each in places]
    return np.array(worse).reshape(z.shape[:2])


def _leaving(off: np.ndarray, percentiles: np.ndarray, factors: Sequence[float]) -> list[str]:
    """One line on the factors at which most images are off the data."""
    from zspace.figures.attributes import signed

    most = off.mean(axis=0) > 0.5
    leaving = [
        f"{signed(factor)} ({np.median(column):.4g} %)"
        for factor, column, leaves in zip(factors, percentiles.T, most, strict=True)
        if leaves
    ]
    if not leaving:
        return []
    line = (
        f"off the data at factor {', '.join(leaving)}: farther out than that share of the codes, "
        "where a decoder may show anything"
    )
    return [line]
