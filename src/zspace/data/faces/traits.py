"""Traits: everything that decides how a set of faces looks, before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, Int

from zspace.data.faces.factors import (
    CHOICE_NAMES,
    CHOICES,
    DETAIL_COUNT,
    FACTOR_NAMES,
    FACTOR_RANGES,
)
from zspace.errors import DataError, did_you_mean

__all__ = ["Traits"]


@dataclass(frozen=True, eq=False)
class Traits:
    """Factors, choices and details of N faces.

    Attributes:
        factors: (N, F) float32, columns as in `FACTOR_NAMES`, units as in `FACTORS`.
        choices: (N, C) integers, columns as in `CHOICE_NAMES`, each an index into `CHOICES[name]`.
        details: (N, D) float32 between 0 and 1: the numbers without a name.

    Raises:
        DataError: the arrays have not these shapes, or a choice does not exist.
    """

    factors: Float32[np.ndarray, "count factors"]
    choices: Int[np.ndarray, "count choices"]
    details: Float32[np.ndarray, "count details"]

    def __post_init__(self) -> None:
        count = len(self.factors)
        for name, width in (
            ("factors", len(FACTOR_NAMES)),
            ("choices", len(CHOICE_NAMES)),
            ("details", DETAIL_COUNT),
        ):
            shape = getattr(self, name).shape
            if shape != (count, width):
                raise DataError(
                    f"{name} of {count} faces must have the shape {(count, width)}, not {shape}; "
                    "start from sample_traits and change its values with `vary`"
                )
        options = np.array([len(CHOICES[name]) for name in CHOICE_NAMES])
        if np.any(self.choices < 0) or np.any(self.choices >= options):
            raise DataError(
                f"each choice must be from 0 to below {options.tolist()}; see faces.CHOICES"
            )
        if not np.all(np.isfinite(self.factors)):
            raise DataError("factors must be finite numbers; NaN or infinity came")

    def __len__(self) -> int:
        return len(self.factors)

    def factor(self, name: str) -> Float32[np.ndarray, " count"]:
        """One column of the factors, (N,)."""
        if name not in FACTOR_NAMES:
            raise DataError(f"no factor {name!r}; {did_you_mean(name, FACTOR_NAMES)}")
        return self.factors[:, FACTOR_NAMES.index(name)]

    def choice(self, name: str) -> Int[np.ndarray, " count"]:
        """One column of the choices, (N,)."""
        if name not in CHOICES:
            raise DataError(f"no choice {name!r}; {did_you_mean(name, CHOICES)}")
        return self.choices[:, CHOICE_NAMES.index(name)]

    def is_choice(self, name: str, *options: str) -> np.ndarray:
        """Whether each face has one of these options of a choice, (N,) booleans."""
        return np.isin(self.choice(name), [_option(name, option) for option in options])

    def rows(self, index: slice | np.ndarray) -> Traits:
        """The traits of some of the faces."""
        return Traits(self.factors[index], self.choices[index], self.details[index])

    def vary(self, name: str, values: Sequence[float] | Sequence[str]) -> Traits:
        """One face, or as many as there are values, with one factor or choice set to `values`.

        Args:
            name: a factor or a choice.
            values: numbers for a factor, clipped to its range; names of options for a choice.

        Returns:
            as many faces as there are values. Where these traits hold one face, it is repeated.

        Raises:
            DataError: no such factor, choice or option, or the numbers of faces do not fit.

        Example:
            >>> from zspace.data.faces import sample_traits
            >>> smiles = sample_traits(1, seed=3).vary("smile", [-1.0, 0.0, 1.0])
            >>> len(smiles), smiles.factor("smile").tolist()
            (3, [-1.0, 0.0, 1.0])
        """
        if len(self) not in (1, len(values)):
            raise DataError(
                f"{len(values)} values of {name!r} need 1 or {len(values)} faces, "
                f"not {len(self)}; take some with `rows`"
            )
        row = np.zeros(len(values), int) if len(self) == 1 else np.arange(len(values))
        faces = self.rows(row)
        if name in CHOICES:
            choices = faces.choices.copy()
            choices[:, CHOICE_NAMES.index(name)] = [_option(name, str(value)) for value in values]
            return replace(faces, choices=choices)
        if name not in FACTOR_RANGES:
            known = (*FACTOR_NAMES, *CHOICES)
            raise DataError(f"no factor or choice {name!r}; {did_you_mean(name, known)}")
        factors = faces.factors.copy()
        numbers = np.asarray(values, np.float32)
        factors[:, FACTOR_NAMES.index(name)] = np.clip(numbers, *FACTOR_RANGES[name])
        return replace(faces, factors=factors)


def _option(name: str, option: str) -> int:
    if option not in CHOICES[name]:
        raise DataError(f"no {name} {option!r}; {did_you_mean(option, CHOICES[name])}")
    return CHOICES[name].index(option)
