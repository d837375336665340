"""What a person has done: a z-point, an anchor, two pins, kept points; with undo and redo.

A state never changes: each action makes a new one, so that undo is a step back in a list.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float64, Real

from zspace.errors import InputError
from zspace.explorer.coding import MOST_AT_ONCE, as_z
from zspace.explorer.handles import require_number, with_added

__all__ = ["History", "Kept", "State"]

_PINS = ("a", "b")
_numbers = itertools.count(1)


@dataclass(frozen=True, eq=False)
class Kept:
    """A z-point that is held: the current one, an anchor, a pin, one of the strip.

    Attributes:
        z: the point, (latent,), float64, read-only.
        source: where it comes from, for a person: ``"code 12"``, ``"a place on the map"``.
        row: of the code that it is, where it is one.
        number: of its own, by which a page knows it again.
    """

    z: Float64[np.ndarray, " latent"]
    source: str
    row: int | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    @classmethod
    def of(cls, z: Real[np.ndarray, " size"], source: str, *, row: int | None = None) -> Kept:
        """A copy of a point that nobody else can change.

        Raises:
            InputError: if the point is not finite.

        Example:
            >>> Kept.of(np.zeros(2), "the origin").z.flags.writeable
            False
        """
        held = as_z(z, size=len(z)).copy()
        held.flags.writeable = False
        return cls(held, source, row)

    def is_same(self, other: Kept) -> bool:
        """Whether both hold the same point from the same source."""
        return (
            np.array_equal(self.z, other.z)
            and (self.source, self.row) == (other.source, other.row)
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class State:
    """All that a person has done to one model.

    Attributes:
        now: the point whose image is shown, with all sliders in it.
        anchor: the point whose other components a click on the map keeps; None for the mean code.
        pins: A and B, each a point or None.
        strip: points that are kept, the oldest first.
        factors: how much of each direction the sliders have added to `now`, by name; 0 for others.
        epsilon_scale: of the noise around a code.
        sharpen: factor of `zspace.generation.sharpened`.

    Example:
        >>> state = State(Kept.of(np.zeros(2), "the origin"))
        >>> state = state.added("smile", np.array([1.0, 0.0]), factor=2.0)
        >>> state.now.z.tolist(), state.factor("smile")
        ([2.0, 0.0], 2.0)
    """

    now: Kept
    anchor: Kept | None = None
    pins: tuple[Kept | None, Kept | None] = (None, None)
    strip: tuple[Kept, ...] = ()
    factors: tuple[tuple[str, float], ...] = ()
    epsilon_scale: float = 0.0
    sharpen: float = 1.0

    def at(self, z: Real[np.ndarray, " size"], source: str, *, row: int | None = None) -> State:
        """Go to another point; what sliders of directions had added is left behind.

        Raises:
            InputError: if it is not finite.
            ShapeError: if it has another latent size.
        """
        z = as_z(z, size=len(self.now.z))
        return replace(self, now=Kept.of(z, source, row=row), factors=(), epsilon_scale=0.0)

    def edited(self, z: Real[np.ndarray, " size"], source: str) -> State:
        """Move the point by a handle: what directions have added stays in it and is remembered.

        Raises:
            InputError: if it is not finite.
            ShapeError: if it has another latent size.
        """
        return replace(self, now=Kept.of(as_z(z, size=len(self.now.z)), source))

    def added(self, name: str, vector: Real[np.ndarray, " size"], *, factor: float) -> State:
        """Move the slider of a direction.

        Args:
            name: of the direction.
            vector: what factor 1 adds.
            factor: where the slider stands now.

        Raises:
            InputError: if a number is not finite.
            ShapeError: if latent sizes differ.
        """
        z = with_added(self.now.z, vector, factor=factor, before=self.factor(name))
        others = tuple(each for each in self.factors if each[0] != name)
        factors = others if factor == 0 else (*others, (name, float(factor)))
        source = self.now.source if self.now.source.endswith(", edited") else (
            f"{self.now.source}, edited"
        )  # fmt: skip
        return replace(self, now=Kept.of(z, source), factors=factors)

    @property
    def code(self) -> int | None:
        """The row of the code that the point is, to the last digit; None for any other point."""
        return self.now.row if self.epsilon_scale == 0 else None

    def factor(self, name: str) -> float:
        """Where the slider of a direction stands."""
        return dict(self.factors).get(name, 0.0)

    def noisy(self, z: Real[np.ndarray, " size"], *, scale: float) -> State:
        """Take a draw around the same code, which stays the row of the point.

        Raises:
            InputError: if a number is not finite, or the scale is negative.
            ShapeError: if the point has another latent size.
        """
        require_number(scale, "the scale of ε", least=0.0)
        now = Kept.of(as_z(z, size=len(self.now.z)), self.now.source, row=self.now.row)
        return replace(self, now=now, epsilon_scale=float(scale), factors=())

    def sharpened(self, factor: float) -> State:
        """Show images sharper or smoother.

        Raises:
            InputError: if the factor is negative or not finite.
        """
        require_number(factor, "sharpening", least=0.0)
        return replace(self, sharpen=float(factor))

    def anchored(self, kept: Kept | None) -> State:
        """Take another anchor, or the mean code."""
        return replace(self, anchor=kept)

    def pinned(self, pin: str, kept: Kept | None = None) -> State:
        """Set pin ``"a"`` or ``"b"``, to the current point unless another is given.

        Raises:
            InputError: if there is no such pin.
        """
        if pin not in _PINS:
            raise InputError(f"pins are called a and b, {pin!r} came")
        pins = list(self.pins)
        pins[_PINS.index(pin)] = self.now if kept is None else kept
        return replace(self, pins=(pins[0], pins[1]))

    def kept(self) -> State:
        """Keep the current point in the strip.

        Raises:
            InputError: if the strip is full.
        """
        if len(self.strip) >= MOST_AT_ONCE:
            raise InputError(f"the strip holds {MOST_AT_ONCE} images; take some out first")
        return replace(self, strip=(*self.strip, self.now))

    def dropped(self, place: int) -> State:
        """Take a point out of the strip.

        Raises:
            InputError: if there is none at this place.
        """
        return replace(self, strip=self.strip[: self._place(place)] + self.strip[place + 1 :])

    def back_to(self, place: int) -> State:
        """Go to a point of the strip.

        Raises:
            InputError: if there is none at this place.
        """
        kept = self.strip[self._place(place)]
        return replace(self, now=kept, factors=(), epsilon_scale=0.0)

    def renewed(self, renew: Callable[[Kept], Kept]) -> State:
        """The same with all its points in a newer model."""

        def each(kept: Kept | None) -> Kept | None:
            return None if kept is None else renew(kept)

        return replace(
            self,
            now=renew(self.now),
            anchor=each(self.anchor),
            pins=(each(self.pins[0]), each(self.pins[1])),
            strip=tuple(renew(kept) for kept in self.strip),
            factors=(),
            epsilon_scale=0.0,
        )

    def _place(self, place: int) -> int:
        if not 0 <= place < len(self.strip):
            raise InputError(f"the strip has {len(self.strip)} images, number {place} came")
        return place


@dataclass(frozen=True, eq=False)
class History:
    """States in the order they were made, with one of them current.

    Attributes:
        now: the current one.
        past: those before it, the oldest first, `most` at most.
        future: those that were undone, the next one first.
        most: how far back undo goes.

    Example:
        >>> here, there = (State(Kept.of(np.full(1, x), "made up")) for x in (0.0, 1.0))
        >>> history = History(here).done(there)
        >>> history.undo().now is here, history.undo().redo().now is there
        (True, True)
    """

    now: State
    past: tuple[State, ...] = ()
    future: tuple[State, ...] = ()
    most: int = 100

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return bool(self.past)

    @property
    def can_redo(self) -> bool:
        """Whether there is something to redo."""
        return bool(self.future)

    def done(self, state: State) -> History:
        """Go on to a new state; what was undone is gone."""
        past = (*self.past, self.now)
        return replace(self, now=state, past=past[max(0, len(past) - self.most) :], future=())

    def passing(self, state: State) -> History:
        """Show a state on the way of a drag: undo will not stop at it.

        Begin a drag with `done`, go along with this one, and nothing remains to be done at its end.
        """
        return replace(self, now=state, future=())

    def renewed(self, renew: Callable[[Kept], Kept]) -> History:
        """The current state in a newer model, whose past is another one's."""
        return replace(self, now=self.now.renewed(renew), past=(), future=())

    def undo(self) -> History:
        """One step back; the same history where there is none."""
        if not self.past:
            return self
        return replace(
            self, now=self.past[-1], past=self.past[:-1], future=(self.now, *self.future)
        )

    def redo(self) -> History:
        """One step forward again; the same history where there is none."""
        if not self.future:
            return self
        return replace(self, now=self.future[0], past=(*self.past, self.now),
                       future=self.future[1:])  # fmt: skip
