"""How far points come back: linear decoders and encoders, for which the answers are known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from zspace.analysis.consistency import consistency
from zspace.errors import InputError, ShapeError


def points(count: int, size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


def test_what_comes_back_exactly() -> None:
    """A decoder with orthonormal columns, whose transpose is the encoder."""
    images = np.linalg.qr(points(48, 8))[0].T
    measured = consistency(
        {"normal": points(300, 8, seed=1)},
        codes=points(1000, 8),
        decode=lambda z: (z @ images).reshape(-1, 4, 4, 3),
        encode=lambda x: x.reshape(len(x), -1) @ images.T,
    )
    (found,) = measured.kinds
    assert found.relative[95] < 1e-6 and found.cosine[5] == pytest.approx(1)
    assert found.identified == measured.codes.identified == 1
    assert measured.times(found) is None
    assert found.radius_after == pytest.approx(found.radius_before, rel=1e-6)


def test_a_dropped_axis_and_a_scale() -> None:
    """z′ = (2·z₀, 0): every number follows from z."""
    z, codes = points(400, 2, seed=1), 3 * points(2000, 2)
    measured = consistency(
        {"normal": z}, codes=codes, decode=lambda z: z, encode=lambda x: x * np.array([2.0, 0.0])
    )
    (found,) = measured.kinds
    back = z * np.array([2.0, 0.0])
    apart, radius = np.linalg.norm(back - z, axis=1), np.linalg.norm(z, axis=1)
    spread = math.sqrt(codes.var(axis=0).sum())
    assert measured.spread == pytest.approx(spread)
    for percent in (5, 25, 50, 75, 95):
        for name, values in (
            ("relative", apart / radius),
            ("spreads", apart / spread),
            ("cosine", np.abs(z[:, 0]) / radius),
            ("radius_before", radius),
            ("radius_after", np.linalg.norm(back, axis=1)),
            ("distance", cdist(back, codes).min(axis=1)),
        ):
            expected = np.percentile(values, percent)
            assert getattr(found, name)[percent] == pytest.approx(expected, rel=1e-5), name
    nearest = cdist(back, z).argmin(axis=1)
    assert found.identified == pytest.approx((nearest == np.arange(400)).mean(), abs=0.003)
    assert measured.times(found) == pytest.approx(1 / 3, rel=0.1)


def test_an_encoder_that_knows_only_the_codes_plane() -> None:
    """Codes lie on a line; what comes back of other points is their shadow on it."""
    line = np.zeros(64)
    line[0] = 1
    codes = 8 * points(1000, 1) * line
    measured = consistency(
        {"N(0, I)": points(200, 64, seed=1), "on it": 8 * points(200, 1, seed=2) * line},
        codes=codes, decode=lambda z: z, encode=lambda x: (x @ line)[:, None] * line,
    )  # fmt: skip
    normal, inside = measured.kinds
    assert normal.relative[50] == pytest.approx(math.sqrt(63 / 64), abs=0.01)
    assert abs(normal.cosine[50]) < 0.15 and normal.radius_after[50] < 1
    assert normal.distance[50] < 0.1
    assert inside.relative[95] < 1e-6 and inside.identified == 1


def test_means_are_what_z_is_held_against() -> None:
    means = points(500, 4)
    measured = consistency(
        {"normal": points(50, 4, seed=1)},
        codes=means + 10, means=means, decode=lambda z: z, encode=lambda x: x,
    )  # fmt: skip
    assert measured.kinds[0].distance[50] < 2
    distances = cdist(means, means) + np.diag(np.full(500, np.inf))
    assert measured.own_distance == pytest.approx(np.median(distances.min(axis=1)))
    assert measured.codes.radius_before[50] == pytest.approx(20, rel=0.05)


def test_few_points_at_a_time_in_float32_and_in_order() -> None:
    seen = []

    def decode(z: np.ndarray) -> np.ndarray:
        seen.append((len(z), z.dtype))
        return z

    z = [points(100, 3), points(200, 3, seed=4)]
    measured = consistency({"blocks": z}, codes=points(90, 3), decode=decode, encode=lambda x: x)
    assert max(count for count, _ in seen) <= 128
    assert {dtype for _, dtype in seen} == {np.dtype(np.float32)}
    assert (measured.codes.count, measured.kinds[0].count) == (90, 300)
    assert measured.kinds[0].relative[95] < 1e-6


def test_the_origin_has_no_direction() -> None:
    measured = consistency(
        {"origin": np.zeros((3, 2))}, codes=points(20, 2), decode=lambda z: z, encode=lambda x: x
    )
    (found,) = measured.kinds
    assert found.relative is None and found.cosine is None
    assert found.spreads[50] == 0 and found.identified == 1
    restored = json.loads(json.dumps(measured.to_dict(), allow_nan=False))
    assert restored["kinds"][0]["times"] is None
    assert measured.kind("origin") is found and measured.kind("no") is None


@pytest.mark.parametrize("size", [1, 2])
def test_small_latent_spaces(size: int) -> None:
    measured = consistency(
        {"normal": points(9, size)}, codes=points(9, size, seed=1),
        decode=lambda z: z, encode=lambda x: x / 2,
    )  # fmt: skip
    assert measured.kinds[0].relative[50] == pytest.approx(0.5)
    assert measured.codes.cosine[50] == pytest.approx(1)


def test_bad_input_is_one_line() -> None:
    codes, z = points(20, 2), {"normal": points(5, 2)}

    def same(x: np.ndarray) -> np.ndarray:
        return x

    bad = points(20, 2)
    bad[3, 1] = np.nan
    for kind, given in (
        (InputError, {"codes": bad}),
        (InputError, {"codes": np.ones((5, 2))}),
        (InputError, {"z": {"bad": bad}}),
        (ShapeError, {"z": {"other": points(5, 3)}}),
        (ShapeError, {"means": points(20, 3)}),
        (ShapeError, {"decode": lambda z: z[:1]}),
        (ShapeError, {"encode": lambda x: x[:, :1]}),
        (InputError, {"encode": lambda x: x * np.nan}),
        (InputError, {"encode": lambda x: x, "z": {"far": np.full((2, 2), 1e200)}}),
    ):
        arguments = {"z": z, "codes": codes, "decode": same, "encode": same, **given}
        with pytest.raises(kind) as caught:
            consistency(arguments.pop("z"), **arguments)
        assert "\n" not in str(caught.value)
