"""z-points that were given, as an array or a file, to be decoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from zspace.api.drawing import Drawn, Row
from zspace.errors import DataError, InputError, ShapeError
from zspace.files import read_json

__all__ = ["chosen_rows", "given"]


def given(
    points: np.ndarray | Path | str, *, size: int, rows: str | None, options: dict[str, Any]
) -> Drawn:
    """Points of an array, or of a file that a picture's points were written to.

    Args:
        points: (n, size), or one point (size,); or a .npy file of such an array, or a .json file
            with them, as a list or under `z`.
        size: of the latent space.
        rows: which of them, counted from 0, such as ``"3,7-9"``; None takes all.
        options: nothing but the seed of a draw from the likelihood; without it that in the file.

    Raises:
        DataError: if the file cannot be read, or holds no points.
        ShapeError: if the points are of another size.
        InputError: if a value is not finite, or there are other options.
    """
    others = sorted(set(options) - {"seed"})
    if others:
        raise InputError(f"points were given, so {others[0]} has nothing to draw; leave it out")
    where = "the points"
    record: dict[str, Any] = {}
    if isinstance(points, str | Path):
        where = str(points)
        points, record = _read(Path(points))
    z = _checked(where, points, size)
    chosen = None if rows is None else chosen_rows(rows, len(z))
    label = {"points": Path(where).name} if where != "the points" else {}
    name = f"points-{Path(where).stem}" if label else "points"
    return Drawn(
        rows=[Row(z, "", {})],
        name=name + (f"-rows-{rows.replace(',', '-').replace(' ', '')}" if rows else ""),
        record={"method": "points", **label, **({"rows_of_it": rows} if rows else {})},
        seed=options.get("seed", record.get("seed", 1)),
        pixels=record.get("pixels"),
        chosen=chosen,
        condition=record.get("condition"),
    )


def _read(path: Path) -> tuple[Any, dict[str, Any]]:
    """The points in a file, and what else it says of them."""
    try:
        if path.suffix.lower() == ".npy":
            return np.load(path, allow_pickle=False), {}
        if path.suffix.lower() != ".json":
            raise DataError(f"{path}: expected a .json or .npy file of z-points")
        found = read_json(path)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; expected a .json or .npy of z-points") from None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} holds no readable z-points ({error})") from None
    if isinstance(found, list):
        return found, {}
    if not isinstance(found, dict) or "z" not in found:
        raise DataError(f"{path} holds no z-points: expected a list of points, or one under 'z'")
    seed, condition = found.get("seed", 1), found.get("condition") or []
    if not isinstance(seed, int) or seed < 0 or not _are_numbers(condition):
        raise DataError(f"{path}: expected a whole seed and a condition of numbers, found others")
    return found["z"], found


def _are_numbers(condition: Any) -> bool:
    """Whether it is a list of numbers, or one of such lists, all of one length."""
    try:
        array = np.asarray(condition, np.float64)
    except (TypeError, ValueError):
        return False
    return array.ndim in (1, 2) and bool(np.isfinite(array).all())


def _checked(where: str, points: Any, size: int) -> np.ndarray:
    try:
        z = np.asarray(points, np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"{where}: expected z-points as lists of {size} numbers each, something else came"
        ) from None
    if z.ndim == 1 and z.size == size:
        z = z[None]
    if z.size == 0:
        raise DataError(f"{where}: expected at least one z-point, none came")
    if z.ndim != 2 or z.shape[1] != size:
        raise ShapeError(
            f"{where}: expected z-points of shape (n, {size}), as the model's latent size is, got "
            f"{z.shape}; take points of a run with this latent size"
        )
    bad = np.flatnonzero(~(np.abs(z) <= np.finfo(np.float32).max).all(axis=1))
    if len(bad):
        raise InputError(
            f"{where}: expected finite numbers, point {bad[0]} (from 0) of {len(z)} has others; "
            "leave such points out"
        )
    return z.astype(np.float32)


def chosen_rows(text: str, count: int) -> list[int]:
    """Places, counted from 0, of numbers and ranges.

    Raises:
        InputError: if the text is no such list, or a number is not below `count`.

    Example:
        >>> chosen_rows("3, 7-9", 10)
        [3, 7, 8, 9]
    """
    places: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        try:
            low, high = int(first), int(last or first)
        except ValueError:
            raise InputError(f"rows must be like 3,7-9, {text!r} came") from None
        if not 0 <= low <= high < count:
            raise InputError(
                f"rows are counted from 0 to {count - 1}, {part.strip()!r} came; pass such numbers"
            )
        places += range(low, high + 1)
    return places
