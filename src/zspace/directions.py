"""Directions of the latent space on disk, by name: what is added to a code to change an image.

A direction is one JSON file in the run folder, which holds its vector, how it was made, and what
was found on held-out codes. It bears no date, so the same direction gives the same file.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64

from zspace.errors import DataError, InputError, OutputExistsError
from zspace.files import read_json, write_json

__all__ = ["DIRECTION_FORMAT", "Direction", "plain_name", "require_name", "saved_directions"]

DIRECTION_FORMAT = 1
"""Written to each file; readers refuse a newer one."""

_NAME = re.compile(r"[\w+][\w+.\- ]*")
_LONGEST_NAME = 100


@dataclass(frozen=True, eq=False)
class Direction:
    """A direction of the latent space: factor 1 adds `vector` to a code.

    Attributes:
        name: what it is saved under: letters, digits, spaces and ``_ + . -``.
        vector: what factor 1 adds, (latent,).
        method: how it was found, a key of `zspace.generation.attributes.DIRECTION_METHODS`.
        made_of: from what: ``attribute``, or ``having`` and ``lacking``.
        split: whose codes it was made of, or counted against.
        against: names of the directions that it was made orthogonal to.
        count_with: codes with what it stands for.
        count_without: codes without it.
        model: SHA-256 of the file of the model that the codes are of.
        test: what was found on held-out codes, ``separation`` and ``leakage``; each may be None.

    Example:
        >>> Direction("glasses", np.array([3.0, 4.0])).length
        5.0
    """

    name: str
    vector: Float64[np.ndarray, " latent"]
    method: str = "mean"
    made_of: dict[str, Any] = field(default_factory=dict)
    split: str = "train"
    against: tuple[str, ...] = ()
    count_with: int = 0
    count_without: int = 0
    model: str = ""
    test: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_name(self.name)
        if not np.isfinite(self.vector).all() or not len(self.vector):
            raise InputError(
                f"the direction {self.name} must be finite numbers, NaN or infinite values or none "
                "came; find it again"
            )

    def __repr__(self) -> str:
        """Name, method and length, not the numbers."""
        return f"Direction({self.name!r}, {self.method}, length {self.length:.3g})"

    @property
    def latent_size(self) -> int:
        """Number of axes."""
        return len(self.vector)

    @property
    def length(self) -> float:
        """How far factor 1 moves a code."""
        return float(np.linalg.norm(self.vector))

    def to_dict(self) -> dict[str, Any]:
        """All of it as what JSON knows."""
        return {
            "format": DIRECTION_FORMAT,
            **vars(self),
            "against": list(self.against),
            "latent_size": self.latent_size,
            "length": self.length,
            "vector": self.vector.tolist(),
        }

    def save(self, folder: Path | str, *, overwrite: bool = False) -> Path:
        """Write it to a folder, as NAME.json.

        Raises:
            OutputExistsError: if one of that name is there and `overwrite` is false.
            StorageError: if the disk is full or may not be written.
        """
        path = Path(folder) / f"{self.name}.json"
        if path.exists() and not overwrite:
            raise OutputExistsError(
                f"{path} exists already; pass --overwrite to replace it, or choose another --name"
            )
        write_json(path, self.to_dict())
        return path

    @classmethod
    def load(cls, path: Path | str) -> Direction:
        """Read one from its file.

        Raises:
            DataError: if the file holds no direction.

        Example:
            >>> import tempfile
            >>> path = Direction("hat", np.array([0.5])).save(tempfile.mkdtemp())
            >>> Direction.load(path)
            Direction('hat', mean, length 0.5)
        """
        try:
            found = dict(read_json(path))
            if int(found.pop("format")) > DIRECTION_FORMAT:
                raise ValueError("it was written by a newer zspace")
            for name in ("latent_size", "length"):
                found.pop(name, None)
            found["vector"] = np.array(found["vector"], np.float64).reshape(-1)
            return cls(**found | {"against": tuple(found.get("against", ()))})
        except (OSError, KeyError, TypeError, ValueError, json.JSONDecodeError) as error:
            reason = " ".join(str(error).split())
            raise DataError(
                f"{path} holds no readable direction ({reason}); find it again with: "
                "zspace attribute find RUN … --overwrite"
            ) from error


def saved_directions(folder: Path | str) -> dict[str, Path]:
    """The directions in a folder: name and file of each, in the order of their names.

    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> _ = Direction("hat", np.array([0.5])).save(folder)
        >>> list(saved_directions(folder))
        ['hat']
    """
    return {path.stem: path for path in sorted(Path(folder).glob("*.json"))}


def require_name(name: str) -> None:
    """Refuse a name that no file should have.

    Raises:
        InputError: naming it.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise InputError(
            f"the name of a direction must be at most {_LONGEST_NAME} letters, digits, spaces and "
            f"_ + . - and begin with none of the last two, {name[:200]!r} came; choose another name"
        )


def plain_name(text: str) -> str:
    """A name that a file may have, from one that may hold anything.

    Example:
        >>> plain_name("Hair: blond/red")
        'Hair- blond-red'
    """
    plain = re.sub(r"[^\w+.\- ]", "-", text).lstrip(".- ")[:_LONGEST_NAME]
    return plain or "direction"
