"""The spectrum of images: SciPy's periodograms, white noise, checkerboards of known strength."""

from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.fft
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal, stats

from zspace.analysis.spectrum import HIGH, HIGH_PASS, compared, spectrum
from zspace.errors import InputError, ShapeError

POINTS, BINS_OF_A_POINT = 15, 9


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def board(size: int, period: int = 2) -> np.ndarray:
    """+1 and −1 in squares of half a period."""
    down, across = np.indices((size, size)) // (period // 2)
    return 1.0 - 2.0 * ((down + across) % 2)


def high_pass_bins(size: int) -> int:
    frequencies = np.fft.fftfreq(size)
    return int((np.hypot(frequencies[:, None], frequencies) >= HIGH_PASS).sum())


@pytest.mark.parametrize("size", [32, 45])
def test_images_of_one_row_have_scipys_periodogram(size: int) -> None:
    """All rows alike: the power is on one axis, and SciPy's with the window's gain down."""
    rows = noise(7, size)
    images = np.repeat(rows[:, None, :], size, axis=1)
    frequencies, expected = signal.periodogram(
        rows, window="hann", detrend="constant", scaling="density", return_onesided=False
    )
    from zspace.analysis.spectrum import _mean_power

    power, count = _mean_power(images)
    window = signal.get_window("hann", size)
    gain = window.sum() ** 2 / (window**2).sum()
    np.testing.assert_allclose(power[0], gain * expected.mean(axis=0), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.fft.fftfreq(size), frequencies)
    assert count == 7


def test_power_by_radius_is_scipys() -> None:
    images = ndimage.gaussian_filter(noise(20, 37, 28, 3), (0, 1, 1, 0))
    found = spectrum(images)
    window = signal.get_window("hann", 37)[:, None] * signal.get_window("hann", 28)
    centered = (images - images.mean(axis=(1, 2), keepdims=True)) * window[..., None]
    power = np.abs(scipy.fft.fft2(centered, axes=(1, 2))) ** 2 / (window**2).sum()
    radius = np.hypot(scipy.fft.fftfreq(37)[:, None], scipy.fft.fftfreq(28))
    edges = (np.arange(15) + 0.5) / 28
    expected = stats.binned_statistic(radius.ravel(), power.mean(axis=(0, 3)).ravel(), bins=edges)
    np.testing.assert_allclose(found.power, expected.statistic, rtol=1e-9)
    np.testing.assert_allclose(found.frequencies, np.arange(1, 15) / 28)
    fine = power[:, radius >= HIGH].sum() / power.sum()
    assert 0.75 * fine < found.fine < fine
    assert found.variance == pytest.approx(power.mean(), rel=1e-9)


@pytest.mark.parametrize("size", [16, 64])
def test_white_noise_is_flat(size: int) -> None:
    found = spectrum(0.5 + 0.2 * noise(4000 if size == 16 else 400, size, size))
    np.testing.assert_allclose(found.power[1:], 0.04, rtol=0.05)
    assert found.variance == pytest.approx(0.04, rel=0.02)
    share = POINTS * BINS_OF_A_POINT / high_pass_bins(size)
    assert found.checkerboard == pytest.approx(share, rel=0.05)
    assert found.period_2 == pytest.approx(share * 3 / POINTS, rel=0.05)
    assert found.checkerboard == pytest.approx(found.period_2 + found.period_4)
    assert found.peak == pytest.approx(1, abs=0.05)
    assert found.amplitude < 0.01


@pytest.mark.parametrize("amplitude", [0.01, 0.05, 0.2])
def test_a_checkerboard_of_known_amplitude(amplitude: float) -> None:
    """Its power is a²·n² in all, by Parseval's theorem; the noise has s² in each bin."""
    size, deviation = 64, 0.02
    images = 0.5 + amplitude * board(size) + deviation * noise(400, size, size)
    found = spectrum(images)
    all_bins, high = POINTS * BINS_OF_A_POINT, high_pass_bins(size)
    energy, per_bin = amplitude**2 * size**2, deviation**2
    expected = (energy + all_bins * per_bin) / (energy + high * per_bin)
    assert found.checkerboard == pytest.approx(expected, rel=0.01)
    assert found.amplitude == pytest.approx(amplitude, rel=0.01)
    peak = (POINTS - 1 + (energy / BINS_OF_A_POINT + per_bin) / per_bin) / POINTS
    assert found.peak == pytest.approx(peak, rel=0.02)
    assert found.variance == pytest.approx(amplitude**2 + per_bin, rel=0.01)


def test_the_period_is_told_apart() -> None:
    clean = 0.02 * noise(200, 64, 64)
    real = spectrum(clean)
    two = compared(spectrum(clean + 0.05 * board(64)), real)
    four = compared(spectrum(clean + 0.05 * board(64, 4)), real)
    assert two.period_2 > 3 > 1.5 > two.period_4
    assert four.period_4 > 3 and four.period_2 < 1


def test_a_pattern_is_not_taken_for_detail() -> None:
    soft = ndimage.gaussian_filter(noise(100, 64, 64), (0, 1.5, 1.5))
    real = spectrum(soft + 0.05 * noise(100, 64, 64, seed=1))
    over = spectrum(soft + 0.05 * noise(100, 64, 64, seed=1) + 0.3 * board(64))
    found = compared(over, real)
    assert found.peak > 10 and found.checkerboard > 1.5
    assert found.fine < 1.02


def test_blur_lowers_detail_and_leaves_the_peak() -> None:
    sharp = noise(200, 64, 64)
    real, soft = spectrum(sharp), spectrum(ndimage.gaussian_filter(sharp, (0, 0.7, 0.7)))
    found = compared(soft, real)
    assert found.fine < 0.7 and found.peak == pytest.approx(1, abs=0.1)


@settings(max_examples=20)
@given(
    height=st.integers(16, 50),
    width=st.integers(16, 50),
    scale=st.floats(0.01, 10),
    shift=st.floats(-1, 1),
)
def test_shares_do_not_depend_on_brightness_or_contrast(
    height: int, width: int, scale: float, shift: float
) -> None:
    images = noise(3, height, width, 2)
    one, other = spectrum(images), spectrum(scale * images + shift)
    for name in ("checkerboard", "period_2", "period_4", "peak", "fine"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-6)
    assert other.variance == pytest.approx(scale**2 * one.variance, rel=1e-6)
    assert 0 <= one.checkerboard <= 1 and 0 <= one.fine <= 1


def test_uint8_and_gray_and_blocks_and_json() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (300, 20, 24), dtype=np.uint8)
    found = spectrum(pixels)
    same = spectrum(pixels[..., None] / 255)
    np.testing.assert_allclose(found.power, same.power, rtol=1e-9)
    assert found.count == 300 and found.size == (20, 24)
    json.dumps(found.to_dict(), allow_nan=False)
    json.dumps(compared(found, same).to_dict(), allow_nan=False)


def test_a_perfect_board_has_finite_numbers() -> None:
    found = spectrum(np.repeat(board(32)[None], 2, axis=0))
    assert found.checkerboard == pytest.approx(1) and np.isfinite(found.peak)
    json.dumps(found.to_dict(), allow_nan=False)


def test_bad_input_is_one_line() -> None:
    bad = noise(3, 20, 20)
    bad[1, 2, 3] = np.nan
    for kind, images in (
        (ShapeError, np.zeros((3, 20))),
        (ShapeError, np.zeros((3, 15, 20))),
        (InputError, np.zeros((0, 20, 20))),
        (InputError, np.zeros((3, 20, 20), np.int64)),
        (InputError, np.full((3, 20, 20), 0.3)),
        (InputError, bad),
    ):
        with pytest.raises(kind) as caught:
            spectrum(images)
        assert "\n" not in str(caught.value)
    with pytest.raises(ShapeError, match="scale them"):
        compared(spectrum(noise(2, 20, 20)), spectrum(noise(2, 20, 24)))
