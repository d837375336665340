import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from zspace.data.corruptions import CORRUPTIONS, corrupted, gray, kept_pixels
from zspace.recipe import Task

IMAGES = np.random.default_rng(0).integers(1, 256, (6, 12, 10, 3), dtype=np.uint8)
INDEX = np.arange(100, 106)
TASKS = [
    Task(kind="denoise", amount=0.3),
    Task(kind="denoise", noise="salt_and_pepper", amount=0.2),
    Task(kind="drop_pixels", amount=0.8),
    Task(kind="mask", amount=0.4, boxes=2),
    Task(kind="recolor"),
]


def name(task):
    return f"{task.kind}-{task.noise}"


@pytest.mark.parametrize("task", TASKS, ids=name)
def test_a_pure_function_of_seed_epoch_and_number(task):
    whole = corrupted(IMAGES, task, index=INDEX, seed=3, epoch=4)
    assert whole.dtype == np.uint8 and whole.shape == IMAGES.shape
    order = np.array([4, 0, 5])
    some = corrupted(IMAGES[order], task, index=INDEX[order], seed=3, epoch=4)
    np.testing.assert_array_equal(some, whole[order])  # whatever batch an image comes in
    if task.kind == "recolor":
        return
    for other in ({"seed": 4, "epoch": 4}, {"seed": 3, "epoch": 5}):
        assert (corrupted(IMAGES, task, index=INDEX, **other) != whole).any()
    same = np.repeat(IMAGES[:1], 6, axis=0)
    alike = corrupted(same, task, index=INDEX, seed=3, epoch=4)
    assert any((alike[0] != each).any() for each in alike[1:])


def test_nothing_is_done_for_a_plain_reconstruction():
    assert corrupted(IMAGES, Task(), index=INDEX, seed=1) is IMAGES


def test_all_kinds_but_the_plain_one_are_there():
    kinds = Task.model_fields["kind"].annotation.__args__
    assert {*CORRUPTIONS, "reconstruct"} == set(kinds)


def test_normal_noise_is_normal():
    images = np.full((4, 50, 50, 1), 128, np.uint8)
    noisy = corrupted(images, Task(kind="denoise", amount=0.1), index=np.arange(4), seed=1)
    noise = (noisy.astype(float).ravel() - 128) / (255 * 0.1)
    assert scipy.stats.kstest(noise, "norm").pvalue > 1e-4  # of whole gray values
    assert abs(noise.std() - 1) < 0.03


def test_normal_noise_is_cut_to_black_and_white():
    images = np.full((1, 50, 50, 1), 255, np.uint8)
    noisy = corrupted(images, Task(kind="denoise", amount=2.0), index=np.arange(1), seed=1)
    white = (noisy == 255).mean()
    black = (noisy == 0).mean()
    assert abs(white - 0.5) < 0.05
    assert abs(black - scipy.stats.norm.cdf(-0.5)) < 0.05


def test_salt_and_pepper_in_equal_shares_on_whole_pixels():
    images = np.full((4, 60, 60, 3), 100, np.uint8)
    task = Task(kind="denoise", noise="salt_and_pepper", amount=0.3)
    noisy = corrupted(images, task, index=np.arange(4), seed=1)
    assert (noisy == noisy[..., :1]).all()
    pixels = noisy[..., 0].ravel()
    counts = [(pixels == value).sum() for value in (0, 255, 100)]
    expected = np.array([0.15, 0.15, 0.7]) * len(pixels)
    assert scipy.stats.chisquare(counts, expected).pvalue > 1e-4


@given(st.floats(0.01, 0.99), st.integers(1, 20), st.integers(1, 20))
def test_the_dropped_share_is_exact(amount, height, width):
    images = np.full((2, height, width, 3), 9, np.uint8)
    task = Task(kind="drop_pixels", amount=amount)
    left = corrupted(images, task, index=np.arange(2), seed=1)
    dropped = (left == 0).all(axis=-1).sum(axis=(1, 2))
    assert (dropped == round(amount * height * width)).all()
    assert np.isin(left, (0, 9)).all()


def test_boxes_are_black_and_of_the_size_asked_for():
    task = Task(kind="mask", amount=0.5)
    masked = corrupted(IMAGES, task, index=INDEX, seed=1)
    for image, original in zip(masked, IMAGES, strict=True):
        holes = np.argwhere((image == 0).all(axis=-1))
        top, left = holes.min(axis=0)
        assert len(holes) == 6 * 5
        assert (image[top : top + 6, left : left + 5] == 0).all()
        outside = (image != 0).any(axis=-1)
        np.testing.assert_array_equal(image[outside], original[outside])


def test_kept_pixels_are_those_that_stayed():
    for task in TASKS[2:4]:
        kept = kept_pixels(IMAGES, task, index=INDEX, seed=1)
        left = corrupted(IMAGES, task, index=INDEX, seed=1)
        np.testing.assert_array_equal(kept, (left == IMAGES).all(axis=-1))


def test_gray_is_pillows():
    plain = np.stack([np.asarray(Image.fromarray(each).convert("L")) for each in IMAGES])
    np.testing.assert_array_equal(gray(IMAGES), np.repeat(plain[..., None], 3, axis=-1))
    np.testing.assert_array_equal(gray(gray(IMAGES)), gray(IMAGES))
