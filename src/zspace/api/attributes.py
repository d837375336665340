"""Directions of a run: found, tested, saved by name, loaded, and applied to images."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.api.attribute_evidence import judged
from zspace.api.attribute_groups import (
    Chosen,
    Groups,
    by_attribute,
    by_choice,
    known_attributes,
)
from zspace.data.dataset import checksum
from zspace.directions import Direction, plain_name, require_name, saved_directions
from zspace.errors import InputError, OutputExistsError, RunError, did_you_mean
from zspace.generation.attributes import DIRECTION_METHODS, FACTORS, orthogonalized

if TYPE_CHECKING:
    from zspace.analysis.separability import Leakage
    from zspace.api.attribute_edits import Edited
    from zspace.api.run import Run

__all__ = ["Attributes", "Found", "model_checksum"]

_LEAST = {"mean": 1, "logistic": 10}
_FEW = 20


class Found(NamedTuple):
    """A direction, and what a person should know of it.

    Attributes:
        direction: the direction.
        path: its file.
        notes: one line each.
    """

    direction: Direction
    path: Path
    notes: tuple[str, ...] = ()


class Attributes:
    """The directions of a run: ``run.attributes``.

    Example:
        ``run.attributes.find("Smiling")``, then ``run.attributes.apply("Smiling", ["me.jpg"])``.
        Of two selections: ``run.attributes.find(name="mine", having=rows, lacking=others)``.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._making: set[str] = set()

    @property
    def names(self) -> list[str]:
        """What is saved under."""
        return list(saved_directions(self._run.folder.directions))

    @property
    def known(self) -> list[str]:
        """Attributes and classes of the run's images, which directions can be found of."""
        return list(known_attributes(self._run.codes()).names)

    def find(
        self,
        attribute: str | None = None,
        *,
        having: Chosen | None = None,
        lacking: Chosen | None = None,
        method: str = "mean",
        against: Sequence[str] = (),
        name: str | None = None,
        split: str = "train",
        overwrite: bool = False,
    ) -> Found:
        """Find a direction, test it on held-out codes, and save it with its picture.

        Args:
            attribute: an attribute of the data, or a class (against all others).
            having: instead of it, what has the property: a folder of images, image files, rows of
                the codes (an array of numbers or of True and False), or a file of such rows.
            lacking: likewise what has not; None takes all other codes of the split.
            method: a key of `zspace.generation.attributes.DIRECTION_METHODS`: ``"mean"`` or
                ``"logistic"``.
            against: attributes, each taken by the same method, or names of saved directions, that
                it is made orthogonal to (`zspace.generation.attributes.orthogonalized`): the mean
                by the covariance of the z-points, the logistic one plainly.
            name: what to save it under; None makes one of the attribute and what is not the
                default.
            split: whose codes: ``"train"``, ``"validation"`` or ``"test"``.
            overwrite: whether one of that name is replaced.

        Returns:
            The direction with what was found on held-out codes in `test`, its file, and notes.

        Raises:
            InputError: if there is no such attribute, or nothing to tell apart.
            OutputExistsError: if one of that name is there and `overwrite` is false.
        """
        if method not in DIRECTION_METHODS:
            raise InputError(f"no method {method!r}; {did_you_mean(method, DIRECTION_METHODS)}")
        if (attribute is None) == (having is None):
            raise InputError(
                "either an attribute or what has the property was expected; give the name of an "
                "attribute, or --with PATH"
            )
        if having is not None and not name:
            raise InputError("a direction that is of no attribute needs a name; give --name NAME")
        name = name or _default_name(str(attribute), method, against)
        require_name(name)
        path = self._run.folder.directions / f"{name}.json"
        if path.exists() and not overwrite:
            raise OutputExistsError(
                f"{path} exists already; pass --overwrite to replace it, or choose another --name"
            )
        if attribute is not None:
            groups, made_of = (
                by_attribute(self._run, attribute, split=split),
                {"attribute": attribute},
            )
        else:
            assert having is not None
            groups = by_choice(self._run, having, lacking=lacking, split=split)
            made_of = {"having": _recorded(having), "lacking": _recorded(lacking)}
        vector = self._orthogonal(_direction(groups, method), against, method, split)
        test, leaks = judged(self._run, vector, groups=groups, attribute=attribute)
        direction = Direction(
            name=name, vector=vector, method=method, made_of=made_of, split=split,
            against=tuple(against), count_with=len(groups.having),
            count_without=len(groups.lacking), model=model_checksum(self._run), test=test,
        )  # fmt: skip
        direction.save(path.parent, overwrite=overwrite)
        if leaks is not None:
            _draw(direction, leaks, path.with_suffix(".png"))
        return Found(direction, path, (*groups.notes, *_few(groups)))

    def load(self, name: str) -> Found:
        """A saved direction, or that of an attribute, which is found first.

        One that is of an older model is made anew from the same.

        Raises:
            InputError: if there is neither, or it is of another latent space.
        """
        saved = saved_directions(self._run.folder.directions)
        path = Path(name) if name.endswith(".json") else saved.get(name)
        if path is None:
            known = self.known
            if name not in known:
                raise _unknown(name, [*saved, *known])
            found = self.find(name)
            return found._replace(notes=(f"found {name} first, as none was saved", *found.notes))
        direction = Direction.load(path)
        size = self._run.recipe.latent.size
        if direction.latent_size != size:
            raise InputError(
                f"{path} is a direction of {direction.latent_size} axes, and this run has {size}: "
                "it is of another run; find one here with: zspace attribute find"
            )
        if direction.model == model_checksum(self._run):
            return Found(direction, path)
        if path not in saved.values():
            raise InputError(
                f"{path} is of another model than this run's, where it means nothing; find one "
                "here with: zspace attribute find"
            )
        return self._anew(direction)

    def listed(self) -> list[Found]:
        """All saved directions, as they are: those of an older model with a note."""
        model = model_checksum(self._run)
        found = []
        for path in saved_directions(self._run.folder.directions).values():
            direction = Direction.load(path)
            old = direction.model != model
            found.append(Found(direction, path, ("of an older model",) if old else ()))
        return found

    def apply(
        self,
        direction: str,
        images: Sequence[Path | str] | None = None,
        *,
        factors: Sequence[float] = FACTORS,
        count: int = 5,
        out: Path | str | None = None,
        overwrite: bool = False,
    ) -> Edited:
        """Move images along a direction, and write the grid beside a JSON file with the z-points.

        Args:
            direction: a name for `load`.
            images: image files, cropped and scaled as the data set was; None takes `count`
                validation images, evenly spaced. One that cannot be read is left out with a note.
            factors: how far, in lengths of the direction.
            count: how many validation images.
            out: the picture's file; None writes to samples/ in the run folder.
            overwrite: whether a file at `out` is replaced.

        Returns:
            The images (n, factors, H, W, C), their z-points, where they lie, and notes.
        """
        from zspace.api.attribute_edits import edited, output_of

        path = output_of(
            self._run, direction, own=images is not None, factors=factors, count=count, out=out,
            overwrite=overwrite,
        )  # fmt: skip
        found = self.load(direction)
        made = edited(
            self._run, found.direction, images=images, factors=factors, count=count, path=path
        )
        return made._replace(notes=(*found.notes, *made.notes))

    def _anew(self, old: Direction) -> Found:
        self._making.add(old.name)
        try:
            found = self.find(
                **old.made_of, method=old.method, against=old.against, name=old.name,
                split=old.split, overwrite=True,
            )  # fmt: skip
        finally:
            self._making.discard(old.name)
        note = f"the saved direction {old.name} was of an older model; it was made anew"
        return found._replace(notes=(note, *found.notes))

    def _orthogonal(
        self, vector: np.ndarray, against: Sequence[str], method: str, split: str
    ) -> np.ndarray:
        """At right angles to attributes, by the same method, and to saved directions."""
        if not against:
            return vector
        saved, known = self.names, self.known
        others = []
        for name in against:
            if name in known:
                others.append(_direction(by_attribute(self._run, name, split=split), method))
            elif name in saved and name not in self._making:
                others.append(self.load(name).direction.vector)
            else:
                raise _unknown(name, [*saved, *known])
        covariance = None
        if method == "mean":
            from zspace.analysis.moments import moments
            from zspace.analysis.readers import shrunk_covariance

            covariance = shrunk_covariance(moments(self._run.codes().z_blocks()))
        return orthogonalized(vector, others, covariance=covariance)


def _direction(groups: Groups, method: str) -> np.ndarray:
    least = _LEAST[method]
    for group, word in ((groups.having, "with"), (groups.lacking, "without")):
        if len(group) < least:
            raise InputError(
                f"at least {least} images with and without were expected for the method {method}, "
                f"{len(group)} {word} came; use the method mean, or more images"
            )
    return DIRECTION_METHODS[method](groups.having, groups.lacking)


def _unknown(name: str, known: Sequence[str]) -> InputError:
    end = did_you_mean(name, set(known)) if known else "the run has none; give --with PATH"
    return InputError(f"no direction and no attribute {name!r}; {end}")


def _few(groups: Groups) -> list[str]:
    return [
        f"only {len(group)} images {word}: the direction is largely what these happen to have in "
        "common"
        for group, word in ((groups.having, "with"), (groups.lacking, "without"))
        if len(group) < _FEW
    ]


def _default_name(attribute: str, method: str, against: Sequence[str]) -> str:
    parts = [attribute, *([] if method == "mean" else [method])]
    return plain_name("-".join([*parts, *(["against", *against] if against else [])]))


def _recorded(given: Chosen | None) -> Any:
    """What is written to the file, so that it can be found again."""
    if given is None or isinstance(given, str | Path):
        return None if given is None else str(given)
    found = np.asarray(given)
    found = np.flatnonzero(found) if found.dtype == np.bool_ else found
    return [each if isinstance(each, int) else str(each) for each in found.tolist()]


def model_checksum(run: Run) -> str:
    """SHA-256 of the file that the model is in."""
    folder = run.folder
    saved = [folder.checkpoint(epoch) for epoch in folder.saved_epochs()]
    files = [folder.model] if folder.model_is_current() else saved
    if not files:
        raise RunError(
            f"{folder.path} holds no model and no checkpoint yet; finish it with: "
            f"zspace train --resume --out {folder.path}"
        )
    return _checksum(files[0], files[0].stat().st_mtime_ns)


@functools.lru_cache(maxsize=16)
def _checksum(path: Path, changed: int) -> str:
    del changed  # a file that was written since is another one
    return checksum(path)


def _draw(direction: Direction, leaks: Leakage, path: Path) -> None:
    from zspace.figures.attributes import leakage_bars
    from zspace.figures.save import save_figure

    attribute = direction.made_of.get("attribute")
    figure = leakage_bars(
        leaks, name=direction.name, attribute=attribute, against=direction.against
    )
    save_figure(figure, path)
