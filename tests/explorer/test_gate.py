"""Twenty threads at once: so many inside, in the order of coming, and nobody for ever."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from explored import LATENT, SHAPE, Linear

from zspace.errors import BusyError, InputError, ShapeError, ZspaceError
from zspace.explorer.coding import MOST_AT_ONCE, Coding, as_z
from zspace.explorer.gate import Gate

THREADS = 20


class Counted:
    """Counts how many threads are in it at a time, and in which order they came."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside, self.most, self.order = 0, 0, []

    def stay(self, name: int, seconds: float = 0.01) -> None:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.order.append(name)
        time.sleep(seconds)
        with self.lock:
            self.inside -= 1


def joined(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def wait_until(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.mark.parametrize("at_once", [1, 3])
def test_so_many_at_once(at_once) -> None:
    gate, counted = Gate(at_once=at_once), Counted()

    def visit(name: int) -> None:
        for _ in range(5):
            with gate:
                counted.stay(name, 0.002)

    joined([threading.Thread(target=visit, args=(name,)) for name in range(THREADS)])
    assert counted.most == at_once
    assert len(counted.order) == 5 * THREADS
    assert (gate.inside, gate.waiting) == (0, 0)


def test_first_come_first_served() -> None:
    gate, counted = Gate(), Counted()

    def visit(name: int) -> None:
        with gate:
            counted.stay(name, 0)

    gate.enter()
    threads = [threading.Thread(target=visit, args=(name,)) for name in range(THREADS)]
    for name, thread in enumerate(threads):
        thread.start()
        wait_until(lambda name=name: gate.waiting == name + 1)
    gate.leave()
    for thread in threads:
        thread.join(30)
    assert counted.order == list(range(THREADS))


def test_too_many_are_turned_away_at_once() -> None:
    gate = Gate(waiting=2, patience=20)
    gate.enter()
    results = []
    waiting = [threading.Thread(target=lambda: (gate.enter(), gate.leave())) for _ in range(2)]
    for thread in waiting:
        thread.start()
    wait_until(lambda: gate.waiting == 2)
    with pytest.raises(BusyError, match="2 others are waiting"):
        gate.enter()
    gate.leave()
    for thread in waiting:
        thread.join(30)
    assert (gate.inside, gate.waiting, results) == (0, 0, [])


def test_patience_ends_and_the_turn_is_not_lost() -> None:
    gate = Gate(patience=0.02)
    gate.enter()
    with pytest.raises(BusyError, match="try again"):
        gate.enter()
    assert (gate.inside, gate.waiting) == (1, 0)
    gate.leave()
    with gate:
        assert gate.inside == 1
    assert gate.inside == 0


def test_patience_that_ends_as_turns_come_loses_none() -> None:
    gate, outcomes = Gate(patience=0.003, waiting=THREADS), []

    def visit() -> None:
        for _ in range(20):
            try:
                with gate:
                    time.sleep(0.001)
                outcomes.append(True)
            except BusyError:
                outcomes.append(False)

    joined([threading.Thread(target=visit) for _ in range(THREADS)])
    assert len(outcomes) == 20 * THREADS and any(outcomes)
    assert (gate.inside, gate.waiting) == (0, 0)


def test_an_error_inside_leaves_the_gate() -> None:
    gate = Gate()
    with pytest.raises(RuntimeError, match="inside"), gate:
        raise RuntimeError("inside")
    assert gate.inside == 0


@pytest.mark.parametrize("wrong", [{"at_once": 0}, {"waiting": -1}, {"patience": float("nan")}])
def test_gates_that_are_none(wrong) -> None:
    with pytest.raises(InputError, match="gate"):
        Gate(**wrong)


def coding(decode=None, **more) -> Coding:
    linear = Linear()
    return Coding(
        decode or linear.decode, linear.encode, latent_size=LATENT, image_shape=SHAPE, **more
    )


def test_twenty_sessions_decode_through_one_gate() -> None:
    linear, counted = Linear(), Counted()

    def decode(z: np.ndarray) -> np.ndarray:
        counted.stay(0, 0.002)
        return linear.decode(z)

    shared = coding(decode, gate=Gate(at_once=2, waiting=THREADS))
    found = {}

    def visit(name: int) -> None:
        z = np.full((1, LATENT), name / 10)
        found[name] = np.stack([shared.decode(z) for _ in range(3)])

    joined([threading.Thread(target=visit, args=(name,)) for name in range(THREADS)])
    assert counted.most == 2
    for name, images in found.items():
        expected = linear.decode(np.full((1, LATENT), name / 10, np.float32))
        np.testing.assert_array_equal(images, np.stack([expected] * 3))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e13])
def test_no_number_but_finite_ones(bad) -> None:
    one = coding()
    points = np.zeros((3, LATENT))
    points[2, 4] = bad
    with pytest.raises(InputError, match="axis 4"):
        one.decode(points)
    assert one.gate.inside == 0
    with pytest.raises(InputError, match="axis 1"):
        as_z(np.array([0.0, bad]), size=2)


def test_other_shapes_and_numbers_are_refused() -> None:
    one = coding()
    with pytest.raises(ShapeError, match=r"\(6,\) was expected"):
        one.decode(np.zeros((1, LATENT + 1)))
    for count in (0, MOST_AT_ONCE + 1):
        with pytest.raises(InputError, match=f"{count} came"):
            one.decode(np.zeros((count, LATENT)))
    with pytest.raises(ShapeError, match=r"\(4, 5, 3\) were expected"):
        one.encode(np.zeros((1, 5, 4, 3), np.uint8))
    without = Coding(Linear().decode, None, latent_size=LATENT, image_shape=SHAPE)
    with pytest.raises(InputError, match="no encoder"):
        without.encode(np.zeros((1, *SHAPE), np.uint8))


def test_what_a_model_gives_is_checked_too() -> None:
    broken = coding(lambda z: np.full((len(z), *SHAPE), np.nan, np.float32))
    with pytest.raises(InputError, match="not finite here"):
        broken.decode(np.zeros((1, LATENT)))
    no_codes = Coding(
        Linear().decode, lambda images: np.full((len(images), LATENT), np.inf, np.float32),
        latent_size=LATENT, image_shape=SHAPE,
    )  # fmt: skip
    with pytest.raises(InputError, match="finite numbers"):
        no_codes.encode(np.zeros((1, *SHAPE), np.uint8))


def test_a_failing_decoder_lets_the_next_one_in() -> None:
    def decode(z: np.ndarray) -> np.ndarray:
        raise RuntimeError("out of memory")

    one = coding(decode)
    with pytest.raises(RuntimeError):
        one.decode(np.zeros((1, LATENT)))
    assert one.gate.inside == 0


def test_being_busy_is_no_fault_of_what_was_given() -> None:
    assert issubclass(BusyError, ZspaceError) and not issubclass(BusyError, InputError)
