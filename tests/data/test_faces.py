"""The drawn faces: deterministic, anti-aliased, and truly made from their factors."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zspace.data.faces import (
    ATTRIBUTE_NAMES,
    CHOICES,
    FACTOR_NAMES,
    FACTOR_RANGES,
    FACTORS,
    Traits,
    draw_faces,
    draw_from,
    sample_traits,
)
from zspace.data.faces.attributes import attributes_of
from zspace.data.faces.pose import pose_of
from zspace.data.faces.shapes import cover, ellipse
from zspace.errors import DataError

# A face on which everything shows that a factor can change.
PLAIN = {
    "turn": 4.0, "nod": 0.0, "tilt": 2.0, "shift_x": 0.0, "shift_y": 0.0, "zoom": 1.0,
    "skin_tone": 0.25, "smile": 0.2, "mouth_open": 0.0, "lipstick": 0.6, "hair_lightness": 0.5,
    "hair_gray": 0.1, "hair_waviness": 0.4, "eye_openness": 0.9, "lens_darkness": 0.05,
    "bangs": 0.0, "light_direction": 30.0, "light_height": 35.0, "light_strength": 0.5,
    "background_saturation": 0.5, "background_lightness": 0.5, "clothing_lightness": 0.5,
    "exposure": 0.0,
}  # fmt: skip
NO_EXTRAS = {
    "hair": "short", "glasses": "none", "hat": "none", "beard": "none", "earrings": "none",
    "clothing": "crew", "background": "plain",
}  # fmt: skip
# What a face must have for these factors to show.
NEEDS = {
    "hair_waviness": {"hair": "long"},
    "hair_length": {"hair": "bob"},
    "beard_density": {"beard": "full"},
    "beard_length": {"beard": "full"},
    "glasses_size": {"glasses": "square"},
    "lens_darkness": {"glasses": "square"},
    "accessory_hue": {"hat": "cap"},
}


def plain_face(**changes: str | float) -> Traits:
    """One face without extras, changed as told."""
    face = sample_traits(1, seed=11)
    for name, value in {**PLAIN, **NO_EXTRAS, **changes}.items():
        face = face.vary(name, [value])  # type: ignore[list-item]
    return face


def join(faces: list[Traits]) -> Traits:
    """All these faces in one row."""
    return Traits(
        np.concatenate([face.factors for face in faces]),
        np.concatenate([face.choices for face in faces]),
        np.concatenate([face.details for face in faces]),
    )


def shrink(images: np.ndarray, times: int) -> np.ndarray:
    """Means of squares of `times` pixels."""
    count, size = images.shape[0], images.shape[1] // times
    blocks = images.reshape(count, size, times, size, times, 3).astype(np.float64)
    return blocks.mean(axis=(2, 4))


def change(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mean absolute change of each pixel, (S, S), in gray levels."""
    return np.abs(first.astype(float) - second.astype(float)).mean(axis=-1)


def attribute(name: str, attributes: np.ndarray) -> np.ndarray:
    return attributes[:, ATTRIBUTE_NAMES.index(name)] == 1


@pytest.mark.parametrize("size", [32, 45, 64, 128])
def test_arrays_have_the_promised_shapes_and_types(size: int) -> None:
    faces = draw_faces(3, size=size, seed=2)
    assert faces.images.shape == (3, size, size, 3)
    assert faces.images.dtype == np.uint8
    assert faces.factors.shape == (3, len(FACTOR_NAMES))
    assert faces.factors.dtype == np.float32
    assert faces.attributes.shape == (3, len(ATTRIBUTE_NAMES))
    assert faces.attributes.dtype == np.int8
    assert len(faces) == 3
    assert faces.images.std() > 20.0


def test_no_faces_are_fine() -> None:
    assert draw_faces(0).images.shape == (0, 64, 64, 3)


@pytest.fixture(scope="module")
def row() -> np.ndarray:
    return draw_faces(40, size=32, seed=5).images


@settings(max_examples=12)
@given(start=st.integers(0, 39), count=st.integers(1, 12))
def test_a_face_depends_on_seed_and_index_alone(row: np.ndarray, start: int, count: int) -> None:
    count = min(count, 40 - start)
    part = draw_faces(count, size=32, seed=5, start=start)
    np.testing.assert_array_equal(part.images, row[start : start + count])


@pytest.mark.parametrize("size", [64, 128])
def test_larger_faces_do_not_depend_on_their_block_either(size: int) -> None:
    together = draw_faces(13, size=size, seed=5)
    for index in (0, 7, 12):
        alone = draw_faces(1, size=size, seed=5, start=index)
        np.testing.assert_array_equal(alone.images[0], together.images[index])
        np.testing.assert_array_equal(alone.factors[0], together.factors[index])
        np.testing.assert_array_equal(alone.attributes[0], together.attributes[index])


def test_seeds_and_indices_differ(row: np.ndarray) -> None:
    other = draw_faces(40, size=32, seed=6).images
    assert change(row, other).mean(axis=(1, 2)).min() > 5.0
    flat = row.reshape(40, -1).astype(float)
    distance = np.abs(flat[:, None] - flat[None]).mean(axis=-1) + 100.0 * np.eye(40)
    assert distance.min() > 5.0


@pytest.mark.parametrize(("large", "small"), [(128, 64), (96, 48), (64, 32)])
def test_another_size_is_the_same_face(large: int, small: int) -> None:
    shrunk = shrink(draw_faces(12, size=large, seed=3).images, large // small)
    drawn = draw_faces(12, size=small, seed=3).images
    for a, b in zip(shrunk, drawn, strict=True):
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.99
        assert change(a, b).mean() < 2.5


def test_factors_stay_in_their_ranges() -> None:
    traits = sample_traits(500, seed=4)
    for factor in FACTORS:
        column = traits.factor(factor.name)
        assert factor.low <= column.min() < column.max() <= factor.high, factor.name
        assert column.std() > 0.04 * (factor.high - factor.low), factor.name


def test_attributes_follow_from_factors_and_choices() -> None:
    traits = sample_traits(20, seed=8)
    attributes = draw_from(traits, size=32).attributes
    np.testing.assert_array_equal(attributes, draw_faces(20, size=32, seed=8).attributes)
    traits = sample_traits(600, seed=8)
    attributes = attributes_of(traits)
    truth = {
        "Smiling": traits.factor("smile") > 0.25,
        "Mouth_Slightly_Open": traits.factor("mouth_open") > 0.2,
        "Wearing_Hat": ~traits.is_choice("hat", "none"),
        "Eyeglasses": ~traits.is_choice("glasses", "none"),
        "Beard": traits.is_choice("beard", "stubble", "full", "goatee"),
        "Wearing_Lipstick": traits.factor("lipstick") > 0.3,
        "Bald": traits.is_choice("hair", "bald") & traits.is_choice("hat", "none"),
    }
    for name, expected in truth.items():
        np.testing.assert_array_equal(attribute(name, attributes), expected, err_msg=name)
    assert set(np.unique(attributes)) == {-1, 1}


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    return attributes_of(sample_traits(2000, seed=0))


def test_hair_has_one_color_at_most(many: np.ndarray) -> None:
    names = ("Black_Hair", "Brown_Hair", "Blond_Hair", "Gray_Hair")
    colors = np.stack([attribute(name, many) for name in names])
    assert colors.sum(axis=0).max() == 1
    assert not np.any(colors.any(axis=0) & attribute("Bald", many))
    assert not np.any(attribute("Sunglasses", many) & ~attribute("Eyeglasses", many))


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("Smiling", 0.35, 0.55),
        ("Eyeglasses", 0.12, 0.28),
        ("Wearing_Hat", 0.07, 0.18),
        ("Beard", 0.15, 0.32),
        ("Bangs", 0.08, 0.30),
        ("Mouth_Slightly_Open", 0.25, 0.60),
    ],
)
def test_common_attributes_are_as_common_as_in_portraits(
    many: np.ndarray, name: str, low: float, high: float
) -> None:
    assert low < attribute(name, many).mean() < high


def test_every_attribute_is_there_and_missing_somewhere(many: np.ndarray) -> None:
    shares = (many == 1).mean(axis=0)
    assert dict(zip(ATTRIBUTE_NAMES, shares, strict=True)) == pytest.approx(
        dict.fromkeys(ATTRIBUTE_NAMES, 0.325), abs=0.31
    )


@pytest.fixture(scope="module")
def extremes() -> np.ndarray:
    """The plain face with each factor at both ends of its range, (F, 2, 64, 64, 3)."""
    faces = []
    for name, (low, high) in FACTOR_RANGES.items():
        # A hue is the same at both ends of its range.
        values = [0.1, 0.5] if "hue" in name else [low, high]
        faces.append(plain_face(**NEEDS.get(name, {})).vary(name, values))
    images = draw_from(join(faces), size=64).images
    return images.reshape(len(FACTOR_NAMES), 2, *images.shape[1:])


@pytest.mark.parametrize("name", FACTOR_NAMES)
def test_every_factor_changes_the_picture(extremes: np.ndarray, name: str) -> None:
    low, high = extremes[FACTOR_NAMES.index(name)]
    assert np.sort(change(low, high).ravel())[-20:].mean() > 6.0


@pytest.mark.parametrize("name", CHOICES)
def test_every_option_of_a_choice_looks_different(name: str) -> None:
    images = draw_from(plain_face().vary(name, CHOICES[name]), size=64).images
    for first in range(len(images)):
        for second in range(first):
            strongest = np.sort(change(images[first], images[second]).ravel())[-20:]
            assert strongest.mean() > 6.0, (CHOICES[name][first], CHOICES[name][second])


def test_a_smile_is_in_the_lower_half_of_the_face() -> None:
    sad, glad = draw_from(plain_face().vary("smile", [-0.4, 0.9]), size=64).images
    changed = change(sad, glad)
    mouth = changed[40:58, 18:46]
    assert mouth.mean() > 10.0 * np.delete(changed, slice(26, 62), axis=0).mean()
    assert mouth.sum() > 0.6 * changed.sum()


def test_glasses_are_around_the_eyes() -> None:
    images = draw_from(plain_face().vary("glasses", ["none", "square"]), size=64).images
    changed = change(*images)
    around = changed[24:46, 8:56]
    assert around.mean() > 8.0
    assert around.sum() > 0.97 * changed.sum()


@pytest.mark.parametrize("hat", ["beanie", "cap", "brim"])
def test_no_hair_shows_above_a_hat(hat: str) -> None:
    styles = plain_face(hat=hat, hair_volume=1.0, turn=0.0, tilt=0.0).vary("hair", CHOICES["hair"])
    count = len(styles)
    dark = draw_from(styles.vary("hair_lightness", [0.0] * count), size=64).images
    light = draw_from(styles.vary("hair_lightness", [1.0] * count), size=64).images
    # Hair of any color makes the same picture where only the hat and the background are.
    assert change(dark, light)[:, :16].max() < 3.0
    assert change(dark, light)[1:, 16:].max(axis=(1, 2)).min() > 6.0


@settings(max_examples=40)
@given(st.data())
def test_eyes_nose_and_mouth_stay_on_the_face(data: st.DataObject) -> None:
    face = plain_face()
    for name in ("turn", "nod", "face_width", "face_length", "jaw", "eye_spacing"):
        face = face.vary(name, [data.draw(st.floats(*FACTOR_RANGES[name]), label=name)])
    pose = pose_of(face)
    eye_x = pose.eye_x
    for x, y, depth in ((-eye_x, 0.0, 0.46), (eye_x, 0.0, 0.46), (0.0 * eye_x, 0.5, 0.555)):
        u, v = pose.project(x, y, depth=depth)
        assert pose.outline(u, v).max() < -0.03


@settings(max_examples=8)
@given(seed=st.integers(0, 2**31))
def test_the_ends_of_all_ranges_can_be_drawn(seed: int) -> None:
    generator = np.random.default_rng(seed)
    ends = np.array(list(FACTOR_RANGES.values()), np.float32)
    pick = generator.integers(0, 2, (6, len(ends)))
    factors = np.where(pick == 0, ends[:, 0], ends[:, 1])
    choices = np.stack([generator.integers(0, len(o), 6) for o in CHOICES.values()], axis=1)
    faces = Traits(factors, choices, sample_traits(6, seed=seed).details)
    # Invalid numbers would warn when they become uint8, and warnings are errors in these tests.
    images = draw_from(faces, size=32).images
    assert images.std(axis=(1, 2, 3)).min() > 4.0


@settings(max_examples=40)
@given(x=st.floats(-0.05, 0.05), y=st.floats(-0.05, 0.05), radius=st.floats(0.4, 0.8))
def test_covered_area_does_not_depend_on_the_pixel_grid(x: float, y: float, radius: float) -> None:
    pixel = 2.0 / 32
    centers = (np.arange(32, dtype=np.float32) + 0.5) * np.float32(pixel) - 1.0
    across, down = np.meshgrid(centers - np.float32(x), centers - np.float32(y))
    alpha = cover(ellipse(across, down, width=radius, height=radius), pixel)
    # With a hard edge, a grid this coarse errs by up to some percent.
    assert alpha.sum() * pixel**2 == pytest.approx(np.pi * radius**2, rel=0.007)
    assert ((alpha > 0.05) & (alpha < 0.95)).any()


def test_moving_by_parts_of_a_pixel_moves_the_picture_evenly() -> None:
    steps = np.linspace(-0.03, 0.03, 25)
    face = plain_face(turn=0.0, tilt=0.0).vary("shift_x", steps.tolist())
    moved = np.abs(np.diff(draw_from(face, size=64).images.astype(float), axis=0))
    # A step is 0.08 pixels. With hard outlines a pixel would flip at once, or nothing would move.
    assert moved.max() < 80.0
    evenly = moved.mean(axis=(1, 2, 3))
    assert evenly.min() > 0.8 * evenly.max()


def test_memory_does_not_grow_with_the_number_of_faces() -> None:
    def peak(count: int) -> int:
        traits = sample_traits(count, seed=1)
        tracemalloc.start()
        images = draw_from(traits, size=64).images
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest - images.nbytes

    assert peak(27) < 1.3 * peak(9)


@pytest.mark.parametrize("size", [0, 31, 129, -64])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(DataError, match=rf"32 to 128 .*not {size}; choose"):
        draw_faces(1, size=size)
    with pytest.raises(DataError, match="32 to 128"):
        draw_from(sample_traits(1), size=size)


@pytest.mark.parametrize("name", ["count", "seed", "start"])
def test_negative_numbers_are_refused(name: str) -> None:
    arguments = {"count": 1, "seed": 0, "start": 0, name: -1}
    with pytest.raises(DataError, match=f"{name} must be 0 or more, not -1"):
        draw_faces(arguments.pop("count"), **arguments)


def test_varying_what_does_not_exist_says_what_does() -> None:
    face = sample_traits(1)
    with pytest.raises(DataError, match="did you mean 'smile'"):
        face.vary("smille", [0.0])
    with pytest.raises(DataError, match="no hat 'bowler'; known: beanie"):
        face.vary("hat", ["bowler"])
    with pytest.raises(DataError, match="need 1 or 2 faces, not 3"):
        sample_traits(3).vary("smile", [0.0, 1.0])
    with pytest.raises(DataError, match="no factor 'hat'"):
        face.factor("hat")
    with pytest.raises(DataError, match="no choice 'smile'"):
        face.choice("smile")


def test_traits_that_do_not_fit_are_refused() -> None:
    face = sample_traits(2)
    with pytest.raises(DataError, match="factors of 2 faces must have the shape"):
        Traits(face.factors[:, :-1], face.choices, face.details)
    with pytest.raises(DataError, match="each choice must be from 0"):
        Traits(face.factors, face.choices + 20, face.details)
    with pytest.raises(DataError, match="finite"):
        Traits(face.factors * np.float32(np.nan), face.choices, face.details)


def test_vary_clips_to_the_range_and_leaves_the_face_alone() -> None:
    face = sample_traits(1, seed=2)
    before = face.factors.copy()
    assert face.vary("smile", [-9.0, 9.0]).factor("smile").tolist() == [-1.0, 1.0]
    np.testing.assert_array_equal(face.factors, before)
