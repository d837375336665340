"""The report's figures of a run for the explorer: from its folder, or measured into memory."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zspace.codes import Codes
from zspace.errors import DataError, InputError, RunError, ShapeError, did_you_mean
from zspace.explorer.coding import Coding
from zspace.explorer.exhibits import AbstractExhibits, Exhibit, Heading
from zspace.explorer.gate import Gate
from zspace.explorer.once import Once
from zspace.files import read_json
from zspace.run import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from zspace.report.material import Material
    from zspace.report.measurements import Measurement

__all__ = ["RunExhibits"]

_PNG = b"\x89PNG\r\n\x1a\n"
_CURVES = "curves"
_KEPT = 32
_ON_MAPS = 10_000
_AT_A_TIME = 32
"""Images that are decoded before a visitor who clicks has a turn."""

# One for all runs: a measurement takes both cores, and matplotlib's style is one for all threads.
_TURNS = Gate(waiting=8, patience=600.0)


@dataclass(frozen=True, eq=False)
class RunExhibits(AbstractExhibits):
    """The training curves and all measurements of a run.

    What lies in its analysis/ and is not older than the model is taken from there. Anything else is
    measured into memory, one at a time, and kept: a visitor never writes to the disk.

    Attributes:
        folder: of the run.
        codes: that the explorer shows.
        coding: that it decodes and encodes with, in turns with its visitors.
        split: which images the codes are of.

    Example:
        ``RunExhibits(run.folder, codes, coding).make("radius").text``
    """

    folder: RunFolder
    codes: Codes
    coding: Coding
    split: str = "train"
    _kept: Once[Exhibit] = field(default_factory=lambda: Once(most=_KEPT), init=False)
    _measured: set[str] = field(default_factory=set, init=False)

    def headings(self) -> tuple[Heading, ...]:
        """All of them, in the order of the report."""
        found = [
            Heading(name, each.title, name in self._measured or bool(self._stored(name)))
            for name, each in _measurements().items()
        ]
        if self.folder.history.is_file():
            found.insert(0, Heading(_CURVES, "Training", is_there=True))
        return tuple(found)

    def make(self, name: str) -> Exhibit:
        """One of them; it is measured now where it is not at hand."""
        if name == _CURVES:
            return self._kept.get((name, _age(self.folder.history)), self._curves)
        known = _measurements()
        if name not in known:
            raise InputError(f"no figure {name!r}; {did_you_mean(name, [_CURVES, *known])}")
        if name not in self._measured:
            stored = self._stored(name)
            if stored is not None:
                return stored
        found = self._kept.get(name, lambda: self._made(name, known[name]))
        self._measured.add(name)
        return found

    def _stored(self, name: str) -> Exhibit | None:
        """What ``zspace analyze`` has left, if it is whole and not older than the model."""
        folder = self.folder.analysis
        numbers, first = folder / f"{name}.json", folder / f"{name}.png"
        if not (self.folder.is_fresh(numbers) and self.folder.is_fresh(first)):
            return None
        paths = [first, *sorted(folder.glob(f"{name}-*.png"))]
        try:
            text = read_json(numbers)["text"]
            pictures = tuple(path.read_bytes() for path in paths)
        except (OSError, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError):
            return None
        if not all(picture.startswith(_PNG) for picture in pictures):
            return None
        endings = [path.stem.partition("-")[2] for path in paths]
        return _exhibit(name, _measurements()[name], str(text), pictures, endings=endings)

    def _made(self, name: str, measurement: Measurement) -> Exhibit:
        with _TURNS:
            try:
                measured = measurement.measure(self._material)
            except InputError as error:
                if type(error) not in (InputError, ShapeError):
                    # Its message may name places on the disk, which are nothing for a visitor.
                    raise InputError("files of this run cannot be read, or not any more") from error
                return Exhibit(name, measurement.title, f"Left out: {error}.")
            pictures = tuple(_png(figure) for figure in measured.figures.values())
        endings = list(measured.figures)
        return _exhibit(name, measurement, measured.text, pictures, endings=endings)

    def _curves(self) -> Exhibit:
        from zspace.figures.curves import training_curves
        from zspace.report.facts import read_facts
        from zspace.report.wording import about_curves

        with _TURNS:
            try:
                facts = read_facts(self.folder)
            except RunError as error:
                raise InputError("the record of this training cannot be read yet") from error
            picture = _png(training_curves(facts.history, nats=facts.nats))
        shows = "Curves of the loss and its terms over the epochs"
        return Exhibit(_CURVES, "Training", about_curves(facts), (picture,), shows, ("",))

    @functools.cached_property
    def _material(self) -> Material:
        from zspace.report.material import Material, require_finite

        require_finite(self.codes, self.split)
        encoder = self.coding.encoder
        return Material(
            self.codes,
            self.split,
            decode=functools.partial(self._in_turns, self.coding.decoder),
            encode=None if encoder is None else functools.partial(self._in_turns, encoder),
            unseen=self._unseen if self.split == "train" else None,
            map_count=_ON_MAPS,
        )

    def _in_turns(self, code: Callable[[np.ndarray], np.ndarray], given: np.ndarray) -> np.ndarray:
        """Decode or encode a few at a time, so that visitors have their turns between."""
        parts = []
        for start in range(0, len(given), _AT_A_TIME):
            with self.coding.gate:
                parts.append(code(given[start : start + _AT_A_TIME]))
        return np.concatenate(parts)

    def _unseen(self) -> np.ndarray | None:
        """z-points of validation images, where there are codes of them by this very model."""
        folder = self.folder.codes("validation")
        if not self.folder.is_fresh(folder / "codes.json"):
            return None
        try:
            z: np.ndarray = Codes.load(folder).z()
        except DataError:
            return None
        return z


def _measurements() -> dict[str, Measurement]:
    from zspace.report.measurements import MEASUREMENTS

    return MEASUREMENTS


def _exhibit(
    name: str,
    measurement: Measurement,
    text: str,
    pictures: tuple[bytes, ...],
    *,
    endings: list[str],
) -> Exhibit:
    captions = [f"colored by {each.replace('_', ' ')}" if each else "" for each in endings]
    return Exhibit(name, measurement.title, text, pictures, measurement.shows, tuple(captions))


def _png(figure: Figure) -> bytes:
    from zspace.figures.style import DPI, styled

    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0
