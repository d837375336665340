"""Schedules against the formulas of their papers, and their state."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from zspace.objectives.elbo import ELBO, free_bits_floor
from zspace.objectives.objective import Latents, Pull
from zspace.objectives.schedules import KLSchedule, ramp


def at(schedule, step):
    schedule.step.assign(step)
    return schedule.now()


def test_constant():
    assert at(KLSchedule(), 1000) == {"factor": 1.0}


def test_linear_is_a_straight_line():
    schedule = KLSchedule("linear", settings={"delay": 10, "length": 40, "begin": 0.2})
    steps = [0, 10, 20, 30, 50, 51, 10_000]
    expected = np.interp(steps, [10, 50], [0.2, 1.0])
    np.testing.assert_allclose([at(schedule, s)["factor"] for s in steps], expected, rtol=1e-6)


def test_cosine_is_keras_cosine_decay_turned_over():
    schedule = KLSchedule("cosine", settings={"length": 50})
    decay = keras.optimizers.schedules.CosineDecay(1.0, 50)
    for step in (0, 7, 25, 49, 50, 80):
        expected = 1 - float(decay(step))
        np.testing.assert_allclose(at(schedule, step)["factor"], expected, atol=1e-6)


def test_cyclical_is_the_paper_s():
    """Fu et al. 2019, eq. 6 and 7: τ = mod(t − 1, ⌈T/M⌉) / (T/M); f(τ) = τ/R up to R, then 1."""
    total, cycles, rise = 400, 4, 0.5
    schedule = KLSchedule("cyclical", settings={"length": total, "cycles": cycles, "ramp": rise})
    for step in range(0, total, 7):
        tau = (step % (total // cycles)) / (total / cycles)
        expected = min(tau / rise, 1.0)
        np.testing.assert_allclose(at(schedule, step)["factor"], expected, atol=1e-5)
    assert at(schedule, total) == {"factor": 1.0}


def test_capacity_grows_and_pulls_to_both_sides():
    schedule = KLSchedule("capacity", settings={"length": 100, "capacity": 25.0})
    assert at(schedule, 40) == {"factor": 1.0, "capacity": 10.0}
    assert at(schedule, 1000)["capacity"] == 25.0
    from zspace.distributions import Normal, StandardNormalPrior

    prior = StandardNormalPrior(1).distribution()
    for mean in (1.0, 6.0):
        posterior = Normal(ops.full((1, 1), mean), ops.zeros((1, 1)))
        terms = ELBO((1, 1, 1), beta=3.0).rate_terms(
            Latents(posterior, prior), pull=Pull(capacity=10.0)
        )
        assert float(terms.kl) == pytest.approx(mean**2 / 2)
        assert float(terms.weighted_kl) == pytest.approx(3 * abs(mean**2 / 2 - 10))


@given(progress=st.floats(0, 1), begin=st.floats(0, 1), cycles=st.integers(1, 9))
def test_a_ramp_stays_between_its_ends(progress, begin, cycles):
    for kind in ("linear", "cosine", "cyclical"):
        value = float(ops.convert_to_numpy(ramp(kind, progress, begin=begin, cycles=cycles)))
        assert begin - 1e-6 <= value <= 1 + 1e-6
        end = float(ops.convert_to_numpy(ramp(kind, 1.0, begin=begin, cycles=cycles)))
        assert end == pytest.approx(1)


def test_the_controller_arrives_at_its_target():
    """A model whose KL is 40 / weight has 8 nats at the weight 5."""
    schedule = KLSchedule("target_kl", settings={"target": 8.0, "gain": 0.05})
    for _ in range(400):
        schedule.advance(40.0 / schedule.now()["factor"])
    assert schedule.now()["factor"] == pytest.approx(5, rel=1e-2)
    before = schedule.now()["factor"]
    schedule.advance(1e9)  # however far off, one step moves by its gain at most
    assert schedule.now()["factor"] == pytest.approx(before * np.exp(0.05), rel=1e-5)


def test_state_is_in_variables_that_are_saved():
    schedule = KLSchedule("target_kl", settings={"target": 8.0, "gain": 0.05})
    for _ in range(3):
        schedule.advance(20.0)
    again = KLSchedule.from_config(schedule.get_config())
    for variable, value in zip(again.variables, schedule.variables, strict=True):
        variable.assign(value)
    assert again.now() == schedule.now()
    assert int(again.step) == 3


PER_AXIS = np.array([[0.1, 2.0, 0.3, 0.0, 1.0], [0.3, 1.0, 0.1, 0.2, 3.0]], np.float32)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (1, 0.5 + 1.5 + 0.5 + 0.5 + 2.0),
        (2, 1.7 + 0.5 + 2.0),
        (0, 4.0),
    ],
)
def test_free_bits(group, expected):
    """Means of the axes: 0.2, 1.5, 0.2, 0.1, 2."""
    found = free_bits_floor(ops.convert_to_tensor(PER_AXIS), nats=0.5, group=group)
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=1e-6)


def test_free_bits_do_not_push_what_is_free():
    import tensorflow as tf

    per_axis = tf.Variable(PER_AXIS)
    with tf.GradientTape() as tape:
        value = free_bits_floor(per_axis, nats=0.5, group=1)
    gradient = tape.gradient(value, per_axis).numpy()
    np.testing.assert_allclose(gradient, np.tile([0, 0.5, 0, 0, 0.5], (2, 1)))
