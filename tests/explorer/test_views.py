"""Places to z-points and back: exact on planes, by neighbors elsewhere; beside scikit-learn's."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from explored import COUNT, LATENT, made_codes, made_side
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsRegressor

from zspace.analysis.pca import pca
from zspace.codes import Codes
from zspace.errors import DataError, InputError, ShapeError
from zspace.explorer.views import AbstractView, axes_view, computed_views, pca_view
from zspace.run import RunFolder

CODES = made_codes()
CENTER = CODES.mean.mean(axis=0, dtype=np.float64)
FOUND = pca(CODES.mean)
PAIRS = [(1, 2), (3, 1), (5, 6)]
NUMBERS = st.floats(-1e3, 1e3, allow_subnormal=False)
PLACES = arrays.arrays(np.float64, 2, elements=NUMBERS)
POINTS = arrays.arrays(np.float64, LATENT, elements=NUMBERS)


def planes() -> dict[str, AbstractView]:
    made = [pca_view(CODES.mean, FOUND, components=pair) for pair in PAIRS]
    made += [axes_view(CODES.mean, CENTER, axes=pair) for pair in [(0, 1), (4, 2)]]
    return {view.name: view for view in made}


PLANES = planes()
plane = pytest.mark.parametrize("view", PLANES.values(), ids=PLANES)


@pytest.mark.parametrize("pair", PAIRS)
def test_pca_is_scikit_learns(pair) -> None:
    theirs = PCA(LATENT, svd_solver="full").fit(CODES.mean.astype(np.float64))
    view = PLANES[f"pca-{pair[0]}-{pair[1]}"]
    columns = [number - 1 for number in pair]
    signs = np.sign(np.einsum("ij,ij->i", theirs.components_, FOUND.components))[columns]
    expected = theirs.transform(CODES.mean.astype(np.float64))[:, columns] * signs
    np.testing.assert_allclose(view.coordinates, expected, atol=1e-5)
    place = np.array([1.5, -0.25])
    inside = np.zeros((1, LATENT))
    inside[0, columns] = place * signs
    np.testing.assert_allclose(view.to_z(place), theirs.inverse_transform(inside)[0], atol=1e-10)
    share = 100 * theirs.explained_variance_ratio_[columns[0]]
    assert f"({share:.1f} % of the variance)" in view.labels[0]


@plane
@given(place=PLACES, anchor=POINTS)
def test_a_plane_there_and_back(view, place, anchor) -> None:
    for kept in (None, anchor):
        z = view.to_z(place, kept)
        np.testing.assert_allclose(view.from_z(z), place, atol=1e-9)
    # Nothing but what the place says has changed, and a point at its own place is itself.
    moved = view.to_z(place, anchor) - view.to_z(place + 1.0, anchor)
    assert np.linalg.norm(moved) == pytest.approx(np.sqrt(2), abs=1e-9)
    np.testing.assert_allclose(view.to_z(view.from_z(anchor), anchor), anchor, atol=1e-9)


@given(place=PLACES, anchor=POINTS)
def test_axes_are_exact_to_the_last_digit(place, anchor) -> None:
    z = PLANES["axes-4-2"].to_z(place, anchor)
    np.testing.assert_array_equal(z[[4, 2]], place)
    others = [0, 1, 3, 5]
    np.testing.assert_array_equal(z[others], anchor[others])
    np.testing.assert_array_equal(PLANES["axes-4-2"].to_z(place)[others], CENTER[others])


@plane
def test_codes_lie_at_their_places(view) -> None:
    assert view.coordinates.dtype == np.float32 and view.is_exact
    assert len(view.rows) == COUNT
    for row in (0, 17, COUNT - 1):
        np.testing.assert_allclose(view.from_z(CODES.mean[row]), view.coordinates[row], atol=1e-5)
        assert view.row_at(view.coordinates[row], within=1e-6) == row
    assert view.row_at(np.array([500.0, 500.0]), within=1.0) is None
    assert "exactly" in view.meaning and view.meaning.endswith(".")


@plane
@pytest.mark.parametrize("place", [[np.nan, 0], [0, np.inf], [1e300, 0]])
def test_places_that_are_none(view, place) -> None:
    with pytest.raises(InputError, match="finite place"):
        view.to_z(np.array(place))
    with pytest.raises(InputError, match="finite place"):
        view.row_at(np.array(place), within=1.0)


@plane
def test_points_that_are_none(view) -> None:
    bad = np.zeros(LATENT)
    bad[3] = np.nan
    with pytest.raises(InputError, match="axis 3"):
        view.from_z(bad)
    with pytest.raises(InputError, match="axis 3"):
        view.to_z(np.zeros(2), bad)
    with pytest.raises(ShapeError):
        view.to_z(np.zeros(2), np.zeros(LATENT + 1))


@pytest.mark.parametrize("pair", [(1, 1), (0, 1), (1, LATENT + 1), (-1, 2)])
def test_pairs_that_are_none(pair) -> None:
    with pytest.raises(InputError, match="two different components from 1 to 6"):
        pca_view(CODES.mean, FOUND, components=pair)
    with pytest.raises(InputError, match="two different axes from 0 to 5"):
        axes_view(CODES.mean, CENTER, axes=(pair[0] - 1, pair[1] - 1))


@pytest.fixture
def run(tmp_path) -> RunFolder:
    folder = RunFolder(tmp_path)
    folder.analysis.mkdir()
    return folder


ROWS = np.arange(0, COUNT, 2)
LAID = np.random.default_rng(5).normal(size=(len(ROWS), 2)).astype(np.float32)


def write(folder: RunFolder, *, split: str = "train", points: str = "mean", **changed) -> None:
    kept = {"rows": ROWS, "pca": LAID, "tsne-30": LAID, "umap": -LAID} | changed
    np.savez(folder.analysis / "maps.npz", **kept)
    told = {"split": split, "points": points}
    (folder.analysis / "maps.json").write_text(json.dumps(told))


def test_a_computed_map_asks_its_neighbors(run) -> None:
    write(run)
    found = computed_views(run, CODES, split="train")
    assert list(found) == ["tsne-30", "umap"]
    view = found["tsne-30"]
    assert not view.is_exact and "neares" in view.meaning and "guess" in view.meaning
    assert (view.title, found["umap"].title) == ("t-SNE, perplexity 30", "UMAP")
    forth = KNeighborsRegressor(5, weights="distance").fit(LAID, CODES.mean[ROWS])
    back = KNeighborsRegressor(5, weights="distance").fit(CODES.mean[ROWS], LAID)
    for asked in np.random.default_rng(6).normal(size=(20, 2)) * 2:
        z = view.to_z(asked)
        np.testing.assert_allclose(z, forth.predict(asked[None])[0], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(view.from_z(z), back.predict(z[None])[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(view.to_z(LAID[7]), CODES.mean[ROWS[7]])
    np.testing.assert_array_equal(view.from_z(CODES.mean[ROWS[7]]), LAID[7])
    assert view.row_at(LAID[7], within=1e-6) == ROWS[7]
    with pytest.raises(InputError):
        view.to_z(np.array([np.nan, 0.0]))
    with pytest.raises(InputError):
        view.from_z(np.full(LATENT, np.inf))


def test_maps_of_z_points_are_asked_among_z_points(run) -> None:
    write(run, points="z")
    view = computed_views(run, CODES, split="train")["umap"]
    np.testing.assert_array_equal(view.to_z(-LAID[3]), CODES.z()[ROWS[3]])


def test_maps_of_something_else_are_none(run) -> None:
    assert computed_views(run, CODES, split="train") == {}
    write(run, split="validation")
    assert computed_views(run, CODES, split="train") == {}
    write(run)
    newer = (run.analysis / "maps.npz").stat().st_mtime_ns + 10**9
    run.model.touch()
    os.utime(run.model, ns=(newer, newer))
    assert computed_views(run, CODES, split="train") == {}, "older than the model"


@pytest.mark.parametrize(
    "broken",
    [
        {"rows": ROWS + COUNT},
        {"rows": ROWS[:0], "tsne-30": LAID[:0]},
        {"tsne-30": LAID[1:]},
        {"umap": np.full_like(LAID, np.nan)},
        {"rows": np.array([object()])},
    ],
    ids=["rows beyond", "no rows", "too few places", "not finite", "objects"],
)
def test_broken_maps_are_named(run, broken) -> None:
    write(run, **broken)
    with pytest.raises(DataError, match="zspace analyze RUN --only maps") as caught:
        computed_views(run, CODES, split="train")
    assert "\n" not in str(caught.value) and str(run.path) not in str(caught.value)


def test_files_that_are_no_maps_are_named(run) -> None:
    write(run)
    (run.analysis / "maps.npz").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(DataError, match="cannot be read"):
        computed_views(run, CODES, split="train")


def test_a_side_keeps_its_views() -> None:
    side = made_side()
    assert side.pca_view() is side.pca_view((1, 2))
    assert side.axes_view((2, 3)).name == "axes-2-3"
    assert side.maps == {}, "no folder, no maps"


def test_many_codes_stay_memory_mapped(tmp_path) -> None:
    np.save(tmp_path / "mean.npy", CODES.mean)
    mapped = np.load(tmp_path / "mean.npy", mmap_mode="r")
    codes = Codes(mean=mapped, index=np.arange(COUNT))
    view = axes_view(codes.mean, CENTER)
    np.testing.assert_array_equal(view.coordinates, CODES.mean[:, :2])
