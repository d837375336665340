"""Which random z-points a picture is made of: by methods and options, one of them in a series."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from zspace.api.pictures import said
from zspace.errors import InputError, did_you_mean
from zspace.generation import FITTED, METHODS

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["Drawn", "Row", "drawn", "methods_with"]

_NAMES = (*METHODS, *FITTED, "prior")
_IN_A_ROW = 10
_IN_A_GRID = 64


@dataclass(frozen=True, eq=False)
class Row:
    """The points of one row of a picture.

    Attributes:
        z: (count, latent).
        label: what stands left of the row.
        record: what the JSON says of how they were drawn.
    """

    z: np.ndarray
    label: str
    record: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Points to decode, in rows.

    Attributes:
        rows: one, or one for each method or value of a series.
        name: of the picture's file, without its suffix.
        record: what the JSON says of all rows.
        seed: of the points, and of a draw from the likelihood.
        pixels: what the points' own file says of the likelihood; None says nothing.
        chosen: places of the points to show; None shows all.
        condition: what their own file says that a conditional model was told, of all or of
            each; None says nothing.
    """

    rows: list[Row]
    name: str
    record: dict[str, Any]
    seed: int = 1
    pixels: str | None = None
    chosen: list[int] | None = None
    condition: list[float] | list[list[float]] | None = None

    @property
    def z(self) -> np.ndarray:
        """All points, (n, latent)."""
        return np.concatenate([row.z for row in self.rows])


def methods_with(option: str) -> list[str]:
    """The methods that take an option.

    Example:
        >>> methods_with("scale"), methods_with("epsilon_scale")
        (['normal', 'ellipsoid'], ['prior'])
    """
    return [name for name in _NAMES if option in _defaults(name)]


def drawn(
    run: Run,
    method: str | Sequence[str],
    *,
    count: int | None,
    options: dict[str, Any],
    others: Sequence[str] = (),
) -> Drawn:
    """Random points by method and options; none is drawn before the names of these are checked.

    Args:
        run: whose latent space it is.
        method: one, or several for a row each; as a list, or with commas.
        count: in each row; None takes 10 where there are several rows, else 64.
        options: of the methods, and the seed. A list of numbers is a series, with a row for each.
        others: what else there are several values of, with a row for each.

    Raises:
        InputError: for an unknown method or option, or several series at once.
    """
    methods = [one.strip() for one in (method.split(",") if isinstance(method, str) else method)]
    if not methods or len(set(methods)) < len(methods):
        raise InputError(f"expected methods that differ, got {', '.join(methods) or 'none'}")
    known = {name: value for one in methods for name, value in _defaults(one).items()}
    for name in options:
        if name not in known:
            raise InputError(
                f"method {','.join(methods)!r} has no option {name!r}; {did_you_mean(name, known)}"
            )
    options = {name: _numbers(name, options[name]) for name in known if name in options}
    series = [name for name, value in options.items() if isinstance(value, list)]
    several = [*series, *(["method"] if len(methods) > 1 else []), *others]
    if len(several) > 1:
        raise InputError(
            f"one series was expected, {' and '.join(several)} have several values each; make a "
            f"picture for each value of {several[-1]}"
        )
    usual = _IN_A_ROW if several else _IN_A_GRID
    count = usual if count is None else count
    draws = _Draws(run, count)
    return Drawn(
        rows=[
            draws.row(one, {**_defaults(one), **settings}, named=[*series, "method"][0])
            for one in methods
            for settings in _each(options, series, known=_defaults(one))
        ],
        name="-".join(methods) + said({"count": count, **options}, {"count": usual, **known}),
        record={
            "method": methods if len(methods) > 1 else methods[0],
            "count": count,
            **(known if len(methods) == 1 else {}),
            **options,
        },
        seed=options.get("seed", 1),
    )


def _defaults(method: str) -> dict[str, Any]:
    """The options of a method, with their defaults; of None the method itself makes one."""
    if method not in _NAMES:
        raise InputError(f"no method {method!r}; {did_you_mean(method, _NAMES)}")
    if method == "prior":
        return {"epsilon_scale": 1.0, "seed": 1}
    known = inspect.signature({**METHODS, **FITTED}[method]).parameters.values()
    return {each.name: each.default for each in known if each.default is not each.empty}


def _numbers(name: str, value: Any) -> Any:
    """One number, or a list of them; a list of one is that one."""
    several = list(value) if isinstance(value, list | tuple | np.ndarray) else [value]
    wrong = [each for each in several if isinstance(each, bool) or not isinstance(each, Real)]
    if wrong or not several or (name == "seed" and len(several) > 1):
        raise InputError(
            f"{name} must be a number{'' if name == 'seed' else ', or a list of them,'} "
            f"{value!r} came; give for example {name}=1"
        )
    return several if len(several) > 1 else several[0]


def _each(
    options: dict[str, Any], series: list[str], *, known: dict[str, Any]
) -> list[dict[str, Any]]:
    """The options that a method knows, once for each value of the series."""
    own = {name: value for name, value in options.items() if name in known}
    if not series:
        return [own]
    return [{**own, series[0]: value} for value in options[series[0]]]


class _Draws:
    """Draws rows of points for a run; its codes are read when a method first needs them."""

    def __init__(self, run: Run, count: int) -> None:
        self._run = run
        self._count = count

    def row(self, method: str, settings: dict[str, Any], *, named: str) -> Row:
        """A row of points, with a label that says one of the settings, or the method."""
        z = self._function(method)(**settings)
        radius = float(np.linalg.norm(z.astype(np.float64), axis=1).mean())
        value = settings.get(named)
        said = method if value is None else f"{named.replace('_', ' ')} {value:g}"
        record = {"method": method, **settings, "mean_radius": radius}
        return Row(z, f"{said}\nradius {radius:.1f}", record)

    def _function(self, method: str) -> Callable[..., np.ndarray]:
        if method == "prior":
            return functools.partial(self._run.model.sample_prior, self._count)
        if method in FITTED:
            return functools.partial(FITTED[method], self._codes, self._count)
        return functools.partial(METHODS[method], self._count, self._run.recipe.latent.size)

    @functools.cached_property
    def _codes(self) -> np.ndarray:
        return self._run.codes().z()
