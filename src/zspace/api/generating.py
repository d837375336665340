"""z-points to pictures: decoded, finished, laid out in a grid or one file each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zspace.api.conditions import Asked, asked_conditions
from zspace.api.drawing import Drawn, drawn
from zspace.api.given_points import given
from zspace.api.pictures import Pictures, picture_path, said
from zspace.errors import DataError, InputError, OutputExistsError, ShapeError, did_you_mean
from zspace.files import new_folder, write_json
from zspace.generation import sharpened, upscaled
from zspace.generation.draws import require_whole

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["FORMATS", "PIXELS", "Look", "generated"]

FORMATS = {"png": ".png", "jpeg": ".jpg", "jpg": ".jpg", "webp": ".webp"}
"""The suffix of each format's files."""
PIXELS = ("mean", "mode", "sample")
"""What of a likelihood may be shown; `zspace.models` has how."""

_MOST_PIXELS = 1 << 28
_MOST_SIDE = 65_500
_LARGEST_SIDE = {".webp": 16_383}
_SHOWN_SIDE = 96
_POINTS = "points.json"


@dataclass(frozen=True)
class Look:
    """How decoded images are shown.

    Attributes:
        pixels: of the likelihood: a name in `PIXELS`; None takes what the points' file says, else
            the mean.
        sharpen: factor of `zspace.generation.sharpened`, or several for a row each.
        upscale: factor of `zspace.generation.upscaled`.
        single: whether each image is a file of its own, in a folder.
        format: a name in `FORMATS`; None follows the output's name, else PNG.
    """

    pixels: str | None = None
    sharpen: float | Sequence[float] = 1.0
    upscale: int = 1
    single: bool = False
    format: str | None = None

    def __post_init__(self) -> None:
        for name, value, known in (
            ("pixels", self.pixels, PIXELS),
            ("format", self.format, FORMATS),
        ):
            if value is not None and value not in known:
                raise InputError(f"no {name} {value!r}; {did_you_mean(str(value), known)}")
        blank = np.zeros((1, 1, 1, 1), np.float32)
        for factor in self.factors:
            sharpened(blank, factor)
        require_whole("upscale", self.upscale, least=1)
        if not self.factors or len(set(self.factors)) < len(self.factors):
            raise InputError(f"expected sharpening factors that differ, got {self.sharpen!r}")

    @property
    def factors(self) -> list[float]:
        """Those of sharpening."""
        several = isinstance(self.sharpen, list | tuple | np.ndarray)
        return list(self.sharpen) if several else [self.sharpen]  # type: ignore[arg-type,list-item]

    def said(self) -> str:
        """What is not as usual, as the end of a file's name."""
        told = {
            "pixels": self.pixels or "mean",
            "sharpen": self.factors,
            "upscale": self.upscale,
        }
        return said(told, {"pixels": "mean", "sharpen": [1.0], "upscale": 1})


@dataclass(frozen=True, eq=False)
class _Line:
    """A row of finished images; `suffix` sets their files apart from those of other rows."""

    images: np.ndarray
    label: str
    suffix: str = ""


def generated(
    run: Run,
    method: str | Sequence[str],
    *,
    count: int | None,
    points: np.ndarray | Path | str | None,
    out: Path | str | None,
    overwrite: bool,
    options: dict[str, Any],
) -> Pictures:
    """z-points decoded to a picture or single files: see `zspace.api.Run.generate`."""
    of_look = {field.name for field in fields(Look)}
    look = Look(**{name: value for name, value in options.items() if name in of_look})
    options = {name: value for name, value in options.items() if name not in of_look}
    rows, asked = options.pop("rows", None), options.pop("condition", None)
    told = [] if asked is None else asked_conditions(run, asked)
    if points is None:
        if rows is not None:
            raise InputError("rows are of points that are given; give points too, or a count")
        others: dict[str, Sequence[Any]] = {"sharpen": look.factors, "condition": told}
        more = [name for name, values in others.items() if len(values) > 1]
        of = drawn(run, method, count=count, options=options, others=more)
    else:
        if count is not None or method != "normal":
            raise InputError("points were given, so there is nothing to draw; leave out method "
                             "and count")  # fmt: skip
        of = given(points, size=run.recipe.latent.size, rows=rows, options=options)
    if len(told) > 1:
        of = _for_each(of, told, look)
    path = _place(run, out, of.name + look.said(), look=look, overwrite=overwrite)
    _require_room(of, look, run.model.image_shape, suffix=path.suffix.lower())
    pixels = look.pixels or of.pixels or "mean"
    condition = told[0].vector if told else _condition(run, of, is_drawn=points is None)
    if len(told) > 1:
        condition = np.repeat([one.vector for one in told], len(of.rows[0].z), axis=0)
    images = run.decode(of.z, condition=condition, pixels=pixels, seed=of.seed)
    if not np.isfinite(images).all():
        raise InputError(
            "the decoder gives values that are not finite for these points; take points nearer to "
            "the origin, or train the model with a smaller learning rate"
        )
    lines = _lines(of, images, look)
    record = _record(of, look, pixels)
    if condition is not None:
        several = of.chosen is not None and condition.ndim > 1
        record["condition"] = (condition[of.chosen] if several else condition).tolist()
    if look.single:
        _write_single(path, lines, record, suffix=FORMATS[look.format or "png"])
    else:
        _write_grid(path, lines)
        write_json(path.with_suffix(".json"), record)
    return Pictures(np.concatenate([line.images for line in lines]), path)


def _for_each(of: Drawn, told: Sequence[Asked], look: Look) -> Drawn:
    """The same points once for each condition, a row each."""
    if len(of.rows) > 1 or len(look.factors) > 1:
        raise InputError(
            "one series was expected, but there are several conditions and another one; make a "
            "picture for each condition"
        )
    rows = [
        replace(of.rows[0], label=one.label, record={"condition": one.vector.tolist()})
        for one in told
    ]
    return replace(of, rows=rows, name=f"{of.name}-conditions", chosen=_repeated(of, len(rows)))


def _repeated(of: Drawn, times: int) -> list[int] | None:
    """The places of chosen points, in as many copies of all of them."""
    if of.chosen is None:
        return None
    return [place + copy * len(of.z) for copy in range(times) for place in of.chosen]


def _condition(run: Run, of: Drawn, *, is_drawn: bool) -> np.ndarray | None:
    """What a conditional model is told by itself: as in the points' file, or as usual.

    Random points are told what random training images are, the same in each row.
    """
    if is_drawn and run.told is None and run.condition is not None:
        index = run.dataset.indices("train", limit=run.recipe.data.train)
        rows = np.random.default_rng(of.seed).choice(index, len(of.rows[0].z))
        return np.tile(np.asarray(run.inputs.conditions(rows)), (len(of.rows), 1))
    if of.condition is None or run.condition is None:
        return run.condition
    told = np.asarray(of.condition, np.float32)
    if told.shape not in (run.condition.shape, (len(of.z), run.condition.size)):
        raise ShapeError(
            f"the points were decoded with a condition of {told.shape[-1]} numbers, the model "
            f"takes {run.condition.size}; say which one with condition"
        )
    return told


def _place(run: Run, out: Path | str | None, name: str, *, look: Look, overwrite: bool) -> Path:
    """Where the picture, or the folder of single ones, goes, if it may go there."""
    suffix = FORMATS[look.format or "png"]
    if look.single:
        return _folder(
            run.folder.samples / name if out is None else Path(out), overwrite or not out
        )
    if out is not None and look.format is not None:
        given_suffix = Path(out).suffix.lower().replace(".jpeg", ".jpg")
        if given_suffix not in ("", suffix):
            raise InputError(f"--out {out} is no {look.format} file; leave out --format")
        out = out if given_suffix else f"{out}{suffix}"
    path = picture_path(run, out, name=name + suffix, overwrite=overwrite)
    beside = path.with_suffix(".json")
    if out is not None and beside.exists() and not overwrite:
        raise OutputExistsError(
            f"{beside}, where the points go, exists already; pass --overwrite to replace it"
        )
    return path


def _folder(path: Path, overwrite: bool) -> Path:
    """A folder that is empty, not there yet, or holds such images that may be replaced."""
    if path.suffix.lower() in FORMATS.values() or path.is_file():
        raise DataError(f"--out {path}: expected a folder for single images, got a file's name")
    if path.is_dir() and any(path.iterdir()):
        if not overwrite:
            raise OutputExistsError(f"{path} exists already; pass --overwrite to replace it")
        if not (path / _POINTS).is_file():
            raise OutputExistsError(
                f"{path} holds other files than generated images; choose another --out"
            )
    return path


def _lines(of: Drawn, images: np.ndarray, look: Look) -> list[_Line]:
    """The images in rows, sharpened and upscaled."""
    if of.chosen is not None:
        images = images[of.chosen]
    if len(look.factors) > 1:
        return [
            _Line(
                upscaled(sharpened(images, factor), look.upscale),
                f"sharpness {factor:g}",
                f"-sharpness-{factor:g}",
            )
            for factor in look.factors
        ]
    images = upscaled(sharpened(images, look.factors[0]), look.upscale)
    if len(of.rows) == 1:
        return [_Line(images, of.rows[0].label)]
    ends = np.cumsum([len(row.z) for row in of.rows])
    parts = np.split(images, ends[:-1])
    return [_Line(part, row.label) for part, row in zip(parts, of.rows, strict=True)]


def _record(of: Drawn, look: Look, pixels: str) -> dict[str, Any]:
    """What the JSON beside a picture says: all that it takes to make it again."""
    z = of.z if of.chosen is None else of.z[of.chosen]
    record = {**of.record, "seed": of.seed, "pixels": pixels}
    record.update(sharpen=look.factors if len(look.factors) > 1 else look.factors[0])
    record.update(upscale=look.upscale)
    if of.rows[0].record:
        ends = np.cumsum([len(row.z) for row in of.rows]).tolist()
        record["rows"] = [
            {**row.record, "points": [end - len(row.z), end - 1]}
            for row, end in zip(of.rows, ends, strict=True)
        ]
    # The shortest digits that give the same float32 again.
    record["z"] = [[float(str(value)) for value in point] for point in z]
    return record


def _write_single(path: Path, lines: list[_Line], record: dict[str, Any], *, suffix: str) -> None:
    from zspace.figures.save import save_pixels

    repeated = any(line.suffix for line in lines)
    with new_folder(path, overwrite=True) as folder:
        number = 0
        for line in lines:
            number = 0 if repeated else number
            for image in line.images:
                levels = np.rint(np.clip(image, 0, 1) * np.float32(255)).astype(np.uint8)
                save_pixels(levels, folder / f"{number:04}{line.suffix}{suffix}")
                number += 1
        write_json(folder / _POINTS, record)


def _write_grid(path: Path, lines: list[_Line]) -> None:
    from zspace.figures.grids import image_grid, mosaic
    from zspace.figures.save import save_figure, save_pixels

    images = np.concatenate([line.images for line in lines])
    columns = len(lines[0].images) if len(lines) > 1 else None
    if columns is None:
        save_pixels(mosaic(images), path)
    else:
        labels = [line.label for line in lines]
        save_figure(image_grid(images, columns=columns, row_labels=labels), path)


def _require_room(of: Drawn, look: Look, image_shape: tuple[int, ...], *, suffix: str) -> None:
    """Refuse a grid that no viewer opens or its format does not hold, and more than memory has."""
    shown = len(of.z) if of.chosen is None else len(of.chosen)
    rows = max(len(of.rows), len(look.factors))
    count = shown * len(look.factors)
    height, width = (look.upscale * side for side in image_shape[:2])
    wide = count / rows if rows > 1 else count**0.5
    high, wide = max(height, _SHOWN_SIDE) * count / wide, max(width, _SHOWN_SIDE) * wide
    largest = _LARGEST_SIDE.get(suffix, _MOST_SIDE)
    if not look.single and (high * wide > _MOST_PIXELS or max(high, wide) > largest):
        raise InputError(
            f"a {suffix[1:]} picture of {count} images would be about {wide:.0f}×{high:.0f} "
            "pixels; take fewer images, less upscaling, or single files"
        )
    if count * height * width > _MOST_PIXELS:
        raise InputError(
            f"{count} images of {height}×{width} pixels may not fit into memory; take fewer images "
            "at a time, with another seed each, or less upscaling"
        )
