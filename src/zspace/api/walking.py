"""Walks through the latent space: pictures and animations, and where they lead."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.analysis.places import AMONG, READINGS
from zspace.api.pictures import SUFFIXES, said
from zspace.api.places import named_points
from zspace.api.walk_kinds import KINDS, Course, Ground
from zspace.errors import DataError, InputError, OutputExistsError, did_you_mean
from zspace.files import write_json

if TYPE_CHECKING:
    from zspace.analysis.walk_places import WalkPlaces
    from zspace.api.run import Run

__all__ = ["Walked", "walked"]

_MOVING = (".gif", ".mp4")
_SHEETS = ("plane", "grid")
_MOST = 10_000
_LONGEST_NAME = 150
_PLAYING = {"frames": 60, "rate": 12.0}
_COMMON = {"points": None, "seed": 1}


class Walked(NamedTuple):
    """A walk that was made.

    Attributes:
        images: in the order of the picture, (n, H, W, C), float32 in 0…1.
        path: the picture or animation.
        z: the z-points of the images, (n, latent), float32.
        figure: the picture of where the walk goes among the codes.
        text: that in a sentence, with what had to be decided on the way.
    """

    images: np.ndarray
    path: Path
    z: np.ndarray
    figure: Path
    text: str


def walked(
    run: Run,
    stops: Sequence[Path | str],
    *,
    kind: str = "line",
    out: Path | str | None = None,
    overwrite: bool = False,
    **options: Any,
) -> Walked:
    """Walk through the latent space of a run, decode the z-points, and draw where the walk leads.

    Beside the picture NAME.png come NAME.json with all z-points, and NAME-path.png with radius and
    density along the walk.

    Args:
        run: the run.
        stops: names of z-points, as `zspace.api.places.named_point` knows them: two or more of a
            path, three of a plane, at most one, the anchor, of the others (default: the mean).
        kind: ``"line"``, ``"sphere"`` (with `steps` between two stops, and `loop`), ``"density"``
            (further `neighbors`, `power`, and `most` codes), ``"plane"`` (`columns`), ``"axes"``,
            ``"components"`` (lists of numbers under these names, or the first `count`; `reach` in
            standard deviations, `columns`), or ``"grid"`` (`spread` ``"square"`` with `limit`, or
            ``"quantile"``; `columns`; two `axes`, or two `components`).
        out: a .png, .jpg or .webp file; for an animation, with `frames` and `rate`, a .gif or .mp4
            (not of planes and grids). None writes to samples/ in the run folder, under a name that
            says the stops and all options which are not the default.
        overwrite: whether files at `out` and beside it are replaced.
        options: of the kind; `seed`; and `points`, what the walk is held against: the ``"mean"`` or
            a ``"z"`` of each training image, by default means unless a stop is a point of a file.

    Returns:
        Images, z-points, both pictures' paths, and where the walk leads, in words.

    Raises:
        InputError: if kind, stops or options do not fit; nothing is written then.
    """
    path_of = Path(out) if out is not None else None
    moving = path_of is not None and path_of.suffix.lower() in _MOVING
    options, defaults = _options(kind, options, moving=moving)
    path = _output(run, path_of, _name(kind, stops, options, defaults), overwrite=overwrite)
    if moving:
        from zspace.figures.animation import require_writer

        require_writer(path)
    course, ground = _course(run, stops, kind, options, moving=moving)
    if len(course.points) > _MOST:
        raise InputError(
            f"a walk of {len(course.points):,} images is more than {_MOST:,}; ask for fewer steps, "
            "rows, columns or frames"
        )
    from zspace.analysis.walk_places import walk_places

    z = course.points.astype(np.float32)
    found = walk_places(z, ground.codes, seed=ground.seed)
    images = run.decode(z)
    if moving:
        _animate(images, course, path, rate=options["rate"])
    else:
        _draw(images, course, path)
    figure = path.with_name(f"{path.stem}-path.png")
    _draw_places(found, course, figure)
    record = {
        "kind": kind,
        "stops": [str(stop) for stop in stops],
        **{name: _plain(value) for name, value in options.items()},
        "held_against": "z" if ground.drawn else "mean",
        "columns": course.columns,
        "notes": list(course.notes),
        "places": found.to_dict(),
        "z": z.tolist(),
    }
    write_json(path.with_suffix(".json"), record)
    return Walked(images, path, z, figure, _told(found, course))


def _options(
    kind: str, given: dict[str, Any], *, moving: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """All options of a walk, and the defaults among them."""
    if kind not in KINDS:
        raise InputError(f"no kind {kind!r} of walk; {did_you_mean(kind, KINDS)}")
    if moving and kind in _SHEETS:
        raise InputError(f"a {kind} is one picture of rows and columns; pass a .png, .jpg or .webp")
    own = inspect.signature(KINDS[kind]).parameters.values()
    defaults = {each.name: each.default for each in own if each.default is not each.empty}
    defaults = {**defaults, **_COMMON, **(_PLAYING if moving else {})}
    for name in given:
        if name in _PLAYING and not moving:
            raise InputError(f"{name} is for animations; pass --out NAME.gif or NAME.mp4")
        if name not in defaults:
            hint = did_you_mean(name, defaults)
            raise InputError(f"a walk of the kind {kind} has no option {name!r}; {hint}")
    if given.get("points") not in (None, "mean", "z"):
        raise InputError(f"points must be 'mean' or 'z', {given['points']!r} came")
    if moving and given.get("frames", 1) < 1:
        raise InputError(
            f"an animation needs at least 1 frame, {given['frames']} came; try --frames 60"
        )
    return {**defaults, **given}, defaults


def _course(
    run: Run, stops: Sequence[Path | str], kind: str, options: dict[str, Any], *, moving: bool
) -> tuple[Course, Ground]:
    named = named_points(run, stops)
    points = options["points"]
    drawn = any(stop.is_drawn for stop in named) if points is None else points == "z"
    frames = options["frames"] if moving else None
    ground = Ground(run, named, frames, drawn, options["seed"])
    own = {
        name: value
        for name, value in options.items()
        if name not in _PLAYING and name not in _COMMON
    }
    return KINDS[kind](ground, **own), ground


def _draw(images: np.ndarray, course: Course, path: Path) -> None:
    from zspace.figures.grids import image_grid, mosaic
    from zspace.figures.save import save_figure, save_pixels

    if course.rows:
        grid = image_grid(
            images, columns=course.columns, row_labels=course.rows, title=course.title
        )
        save_figure(grid, path)
    else:
        save_pixels(mosaic(images, columns=course.columns), path)


def _animate(images: np.ndarray, course: Course, path: Path, *, rate: float) -> None:
    from zspace.figures.animation import enlarged, save_animation
    from zspace.figures.grids import mosaic

    if course.rows:  # what all rows show at one place is a frame
        together = images.reshape(len(course.rows), -1, *images.shape[1:]).swapaxes(0, 1)
        frames = np.stack([mosaic(each) for each in together])
    else:
        frames = enlarged(images)
    save_animation(frames, path, rate=rate)


def _draw_places(found: WalkPlaces, course: Course, path: Path) -> None:
    from zspace.figures.save import save_figure
    from zspace.figures.walk import sheet_panels, walk_panels

    if course.places is not None:
        figure = walk_panels(
            found, places=course.places, stops=course.stops, rows=course.rows, label=course.label
        )
    else:
        assert course.columns is not None
        figure = sheet_panels(
            found, columns=course.columns, corners=[name for _, name in course.stops],
            labels=course.labels, values=course.values,
        )  # fmt: skip
    save_figure(figure, path)


def _told(found: WalkPlaces, course: Course) -> str:
    """Where the walk goes among the codes, in one line, and the notes in another."""
    lowest, thinnest = int(found.radius.argmin()), int(found.distance_percentile.argmax())
    smaller = found.radius_percentile[lowest]
    inner = f"that of the innermost {_percent(smaller)}" if smaller else "below that of any"
    counts = np.bincount(found.readings, minlength=len(READINGS))
    shares = ", ".join(
        f"{count:,} {reading}" for count, reading in zip(counts, READINGS, strict=True) if count
    )
    nearer = found.distance_percentile[thinnest]
    border = " (border: 95 %)" if nearer > 100 * AMONG else ""
    line = (
        f"radius {found.radius.min():.2f} to {found.radius.max():.2f}, the lowest {inner} of "
        f"the codes; density: at its thinnest place {_percent(nearer)} of them have nearer "
        f"neighbors{border}; by neighbors and by the codes’ ellipsoid {shares}"
    )
    return "\n".join([line, *course.notes])


def _percent(value: float) -> str:
    """A percentage with as many digits as mean something.

    Example:
        >>> _percent(43.21), _percent(0.4), _percent(0.0), _percent(99.97)
        ('43 %', '0.4 %', '0 %', '99.97 %')
    """
    if value in (0, 100) or 1 <= value <= 99:
        return f"{value:.0f} %"
    return f"{value:.2g} %" if value < 1 else f"{value:.4g} %"


def _output(run: Run, out: Path | None, name: str, *, overwrite: bool) -> Path:
    """The picture's path, if it and the files beside it may be written."""
    if out is None:
        return run.folder.samples / f"{name}.png"
    if out.suffix.lower() not in (*SUFFIXES, *_MOVING):
        raise DataError(f"--out {out}: expected a .png, .jpg, .webp, .gif or .mp4 file")
    for path in (out, out.with_suffix(".json"), out.with_name(f"{out.stem}-path.png")):
        if path.exists() and not overwrite:
            raise OutputExistsError(f"{path} exists already; pass --overwrite to replace it")
    return out


def _name(
    kind: str, stops: Sequence[Path | str], options: dict[str, Any], defaults: dict[str, Any]
) -> str:
    """The name of a file that says stops, and options that are not the default.

    Example:
        >>> _name("line", ["train:1", "a/b.jpg"], {"steps": 5}, {"steps": 10})
        'walk-line-train-1-b.jpg-steps-5'
    """
    words = "-".join([f"walk-{kind}", *(Path(stop).name for stop in stops)])
    text = re.sub(r"[^\w.]+", "-", words + said(options, defaults))
    if len(text) > _LONGEST_NAME:
        text = f"{text[:_LONGEST_NAME]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return text


def _plain(value: Any) -> Any:
    """What JSON knows of an option's value."""
    return value if value is None or isinstance(value, bool | int | float | str) else list(value)
