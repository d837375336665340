import numpy as np
import pytest
from PIL import Image
from scipy import ndimage, signal
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from zspace.analysis.baselines import BASELINES, baselines, keeping_given
from zspace.analysis.quality import image_quality
from zspace.data.corruptions import gray
from zspace.errors import ShapeError
from zspace.recipe import Task

GENERATOR = np.random.default_rng(0)
RAMP = np.linspace(0, 1, 24)
SMOOTH = np.broadcast_to((RAMP[:, None] * RAMP)[None, ..., None], (2, 24, 24, 1)).copy()


def test_psnr_and_ssim_are_scikit_images():
    originals = GENERATOR.integers(0, 256, (3, 20, 16, 3), dtype=np.uint8)
    noisy = np.clip(originals / 255 + GENERATOR.normal(0, 0.1, originals.shape), 0, 1)
    found = image_quality(noisy.astype(np.float32), originals)
    for number in range(3):
        pair = originals[number] / 255, noisy[number].astype(np.float32).astype(np.float64)
        psnr = peak_signal_noise_ratio(*pair, data_range=1)
        np.testing.assert_allclose(found.psnr[number], psnr, rtol=1e-9)
        ssim = structural_similarity(
            *pair,
            data_range=1,
            channel_axis=-1,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        np.testing.assert_allclose(found.ssim[number], ssim, rtol=1e-9)


def test_closed_forms():
    black = np.zeros((1, 16, 16, 1), np.uint8)
    same = image_quality(black, black)
    assert np.isinf(same.psnr).all() and same.ssim == [1.0]
    assert same.to_dict() == {"psnr": None, "ssim": 1.0}
    # Of two flat images SSIM is its term of the means alone: (2ab + C) / (a² + b² + C).
    a, b = np.full((1, 16, 16, 1), 0.2), np.full((1, 16, 16, 1), 0.6)
    found = image_quality(a, b)
    np.testing.assert_allclose(found.psnr, 20 * np.log10(1 / 0.4))
    c = 0.01**2
    np.testing.assert_allclose(found.ssim, (2 * 0.12 + c) / (0.04 + 0.36 + c), rtol=1e-9)


def test_images_smaller_than_the_window_have_no_ssim():
    small = np.zeros((1, 8, 30, 1))
    found = image_quality(small, small + 0.1)
    assert np.isnan(found.ssim).all() and found.to_dict()["ssim"] is None


@pytest.mark.parametrize("shapes", [((2, 8, 8, 1), (3, 8, 8, 1)), ((0, 8, 8, 1), (0, 8, 8, 1))])
def test_shapes_that_do_not_fit(shapes):
    with pytest.raises(ShapeError, match="expected as many images"):
        image_quality(*map(np.zeros, shapes))


def test_median_filters_are_scipys():
    noisy = GENERATOR.random((2, 20, 20, 3))
    found = baselines(Task(kind="denoise", amount=0.5), noisy)
    for side in (3, 5):
        mine = found[f"median filter {side}×{side}"][1, ..., 2]
        np.testing.assert_allclose(mine, ndimage.median_filter(noisy[1, ..., 2], side))
    inside = signal.medfilt2d(noisy[0, ..., 0], 3)[1:-1, 1:-1]
    np.testing.assert_allclose(found["median filter 3×3"][0, 1:-1, 1:-1, 0], inside)


@pytest.mark.parametrize("channels", [1, 3])
def test_every_baseline_makes_a_smooth_image_better(channels):
    originals = SMOOTH.repeat(channels, axis=-1)
    for name in BASELINES:
        kind, noise = name.split(" ")
        task = Task(kind=kind, noise=noise, amount=0.3)
        kept = GENERATOR.random(originals.shape[:3]) > 0.3
        if kind == "denoise":
            given = np.clip(originals + GENERATOR.normal(0, 0.3, originals.shape), 0, 1)
        else:
            given = originals * kept[..., None]
        before = image_quality(given, originals).psnr
        for baseline, made in baselines(task, given, kept=kept).items():
            assert made.shape == originals.shape and made.min() >= 0 and made.max() <= 1
            assert (image_quality(made, originals).psnr > before + 3).all(), (name, baseline)


def test_interpolation_is_exact_on_a_plane():
    plane = (np.indices((12, 12)).sum(0) / 22.0)[None, ..., None]
    kept = GENERATOR.random((1, 12, 12)) > 0.7
    kept[:, [0, 0, -1, -1], [0, -1, 0, -1]] = True
    for made in baselines(
        Task(kind="mask", amount=0.5), plane * kept[..., None], kept=kept
    ).values():
        np.testing.assert_allclose(made[0, 2:-2, 2:-2], plane[0, 2:-2, 2:-2], atol=0.05)


def test_next_to_nothing_left():
    kept = np.zeros((1, 12, 12), bool)
    kept[0, 5, 5] = True
    given = np.full((1, 12, 12, 1), 0.5) * kept[..., None]
    found = baselines(Task(kind="drop_pixels", amount=0.9), given, kept=kept)
    np.testing.assert_allclose(found["linear interpolation"], 0.5)


def test_no_baseline_brings_colors_back():
    assert baselines(Task(kind="recolor"), SMOOTH) == {}


def test_kept_pixels_come_back_as_they_were():
    """A picture that is wrong by a smooth amount is put right in the holes as well."""
    kept = GENERATOR.random(SMOOTH.shape[:3]) > 0.5
    given = np.rint(255 * SMOOTH * kept[..., None]).astype(np.uint8)
    slope = np.linspace(-0.2, 0.2, 24)[:, None, None]
    task = Task(kind="drop_pixels", amount=0.5)
    painted = 0.2 + 0.6 * SMOOTH + slope
    found = keeping_given(painted, given, task=task, kept=kept)
    np.testing.assert_allclose(found[kept], given[kept] / 255, atol=1e-9)
    before, after = (image_quality(each, SMOOTH).psnr for each in (painted, found))
    assert (after > before + 15).all()
    assert keeping_given(painted, given, task=Task(kind="denoise", amount=0.5)) is None


def test_recolored_images_take_the_brightness_of_the_gray_ones():
    muted = GENERATOR.integers(96, 160, (3, 12, 10, 3), dtype=np.uint8)  # nothing is cut
    given = gray(muted)
    painted = np.clip(muted[:, ::-1] / 255, 0.3, 0.6)
    found = keeping_given(painted, given, task=Task(kind="recolor"))
    for mine, theirs, wanted in zip(found, painted, given, strict=True):
        mine, theirs = (
            np.asarray(Image.fromarray(np.rint(255 * each).astype(np.uint8)).convert("YCbCr"))
            for each in (mine, theirs)
        )
        np.testing.assert_allclose(mine[..., 0].astype(float), wanted[..., 0], atol=1.5)
        np.testing.assert_allclose(mine[..., 1:].astype(float), theirs[..., 1:], atol=1.5)
