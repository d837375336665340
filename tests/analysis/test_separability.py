"""A direction judged: scikit-learn's AUC and LDA, clouds with known answers, intervals counted."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.covariance import oas
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import roc_auc_score

from zspace.analysis.moments import moments
from zspace.analysis.readers import FEWEST, linear_readers, shrunk_covariance
from zspace.analysis.separability import leakage, separation
from zspace.errors import InputError, ShapeError


@settings(max_examples=50)
@given(seed=st.integers(0, 2**31), count=st.integers(4, 60), steps=st.sampled_from([2, 5, 1000]))
def test_the_area_is_scikit_learns(seed: int, count: int, steps: int) -> None:
    generator = np.random.default_rng(seed)
    scores = np.round(generator.standard_normal(count) * steps) / steps  # with ties
    has = np.arange(count) % 2 == 0
    found = separation(scores, has)
    assert found.auc == pytest.approx(roc_auc_score(has, scores), abs=1e-12)
    assert 0 <= found.low <= found.auc <= found.high <= 1
    assert separation(-scores, has).auc == pytest.approx(1 - found.auc, abs=1e-12)
    drawn_out = separation(np.exp(scores), has)
    assert drawn_out.to_dict() == found.to_dict()


@pytest.mark.parametrize("apart", [0.0, 0.5, 1.0, 2.0])
def test_the_area_of_two_normal_clouds(apart: float) -> None:
    draw = np.random.default_rng(1).standard_normal(40_000)
    has = np.arange(40_000) % 2 == 0
    found = separation(draw + apart * has, has)
    assert found.auc == pytest.approx(stats.norm.cdf(apart / np.sqrt(2)), abs=0.01)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(2)
    truth = stats.norm.cdf(1.5 / np.sqrt(2))
    has = np.arange(80) < 25
    hits = 0
    for _ in range(600):
        found = separation(generator.standard_normal(80) + 1.5 * has, has, level=0.9)
        hits += found.low <= truth <= found.high
    assert 0.86 < hits / 600 < 0.94


def test_the_interval_of_groups_wholly_apart() -> None:
    has = np.arange(30) >= 20
    found = separation(np.arange(30.0), has)
    assert (found.auc, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.05 ** (1 / 10))
    turned = separation(-np.arange(30.0), has)
    assert (turned.auc, turned.low, turned.high) == (0.0, 0.0, pytest.approx(1 - found.low))


def test_the_shrinkage_is_scikit_learns() -> None:
    for count, size in ((5, 8), (50, 8), (5000, 3)):
        draw = np.random.default_rng(count).standard_normal((count, size)) @ np.diag(
            range(1, size + 1)
        )
        np.testing.assert_allclose(shrunk_covariance(moments(draw)), oas(draw)[0], rtol=1e-9)


def marked(count: int = 6000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Codes with a hat along axis 0 and, for half of those with one, a beard along axis 1."""
    generator = np.random.default_rng(seed)
    points = generator.standard_normal((count, 4)) * [1, 2, 1, 0.5]
    hat = np.arange(count) % 2 == 0
    beard = np.where(hat, generator.random(count) < 0.75, generator.random(count) < 0.25)
    points[hat, 0] += 1.5
    points[beard, 1] += 3.0
    return points, np.stack([hat, beard], axis=1)


def test_readers_are_linear_discriminants() -> None:
    points, has = marked()
    readers = linear_readers(points, has, names=["hat", "beard"])
    for column in range(2):
        fitted = LinearDiscriminantAnalysis(solver="lsqr", priors=[0.5, 0.5]).fit(
            points, has[:, column]
        )
        np.testing.assert_allclose(
            readers.normals[:, column], fitted.coef_[0], rtol=0.02, atol=0.02
        )
        asked = np.random.default_rng(9).standard_normal((50, 4))
        np.testing.assert_allclose(
            readers.probabilities(asked)[:, column], fitted.predict_proba(asked)[:, 1], atol=0.02
        )
    np.testing.assert_allclose(
        readers.differences[:, 0], points[has[:, 0]].mean(0) - points[~has[:, 0]].mean(0), rtol=1e-9
    )


def test_readers_take_blocks_and_leave_out_what_is_rare() -> None:
    points, has = marked(400)
    rare = np.arange(400) < FEWEST - 1
    all_have = np.ones(400, bool)
    columns = np.stack([rare, has[:, 0], all_have], axis=1)
    readers = linear_readers([points[:150], points[150:]], columns, names=["a", "hat", "b"])
    assert (readers.names, readers.left_out) == (("hat",), ("a", "b"))
    whole = linear_readers(points, has[:, :1], names=["hat"])
    np.testing.assert_allclose(readers.normals, whole.normals, rtol=1e-8)
    none = linear_readers(points, columns[:, :1], names=["a"])
    assert none.names == () and none.probabilities(points).shape == (400, 0)


def test_leakage_is_the_mean_change_of_the_probability() -> None:
    points, has = marked()
    readers = linear_readers(points, has, names=["hat", "beard"])
    held_points, held = marked(2000, seed=5)
    direction = readers.differences[:, 0]
    found = leakage(direction, held_points, readers=readers, has=held, target=held[:, 0])
    start = held_points[~held[:, 0]][::2]
    assert found.count == 500
    for column, name in enumerate(("hat", "beard")):
        leak = found.of(name)
        before = readers.probabilities(start)[:, column].mean()
        after = readers.probabilities(start + direction)[:, column].mean()
        assert leak.change == pytest.approx(after - before, abs=0.02)
        assert leak.image_change is None and leak.seen == leak.change
        scores = held_points @ readers.normals[:, column]
        assert leak.reader_auc == pytest.approx(roc_auc_score(held[:, column], scores))
        shares = held[held[:, 0], column].mean() - held[~held[:, 0], column].mean()
        assert leak.in_data == pytest.approx(shares)
    assert found.of("hat").cosine == pytest.approx(1) and found.of("nothing") is None
    assert [leak.name for leak in found.others("hat")] == ["beard"]
    assert 0.1 < found.of("beard").change < found.of("hat").change
    json.dumps(found.to_dict(), allow_nan=False)


def test_leakage_seen_in_images_is_that_of_what_comes_back() -> None:
    """A decoder that shows axis 1 at half its size."""
    points, has = marked()
    readers = linear_readers(points, has, names=["hat", "beard"])
    asked = []

    def recode(z: np.ndarray) -> np.ndarray:
        asked.append(len(z))
        return z * [1, 0.5, 1, 1]

    step = np.array([0, 1.5, 0, 0])
    found = leakage(step, points, readers=readers, has=has, recode=recode, most=300)
    assert asked == [300, 300] and found.count == 300
    beard = found.of("beard")
    assert 0 < beard.image_change < 0.8 * beard.change and beard.seen == beard.image_change
    assert beard.in_data is None
    assert abs(found.of("hat").change) < 0.1


def test_bad_input_is_one_line() -> None:
    points, has = marked(100)
    readers = linear_readers(points, has, names=["hat", "beard"])
    step, scores, one = np.ones(4), np.arange(100.0), has[:, 0]
    only = np.ones(100, bool)
    for kind, call in (
        (InputError, lambda: separation(scores, only)),
        (InputError, lambda: separation(scores, one, level=1.0)),
        (InputError, lambda: separation(np.full(100, np.nan), one)),
        (InputError, lambda: linear_readers(np.ones((100, 2)), has, names=["a", "b"])),
        (InputError, lambda: linear_readers(iter([points]), has, names=["a", "b"])),
        (ShapeError, lambda: linear_readers(points, has, names=["a"])),
        (ShapeError, lambda: linear_readers(points[:50], has, names=["a", "b"])),
        (ShapeError, lambda: readers.probabilities(np.ones((3, 5)))),
        (ShapeError, lambda: leakage(np.ones(3), points, readers=readers, has=has)),
        (ShapeError, lambda: leakage(step, points[:9], readers=readers, has=has)),
        (InputError, lambda: leakage(step, points, readers=readers, has=has, target=only)),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
