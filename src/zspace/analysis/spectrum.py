"""The spectrum of images: how much detail they hold, and whether a checkerboard lies over it.

A transposed convolution of stride 2 treats even and odd pixels differently. What it leaves is a
pattern that repeats every 2 pixels, or every 4 if a second one came before the last. In the
spectrum of images such a pattern stands at known places, whatever the images show.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Shaped

from zspace.errors import InputError, ShapeError

__all__ = ["HIGH", "HIGH_PASS", "Comparison", "Spectrum", "compared", "spectrum"]

HIGH_PASS = 1 / 8
"""Cycles per pixel from which on power counts for the checkerboard energy."""

HIGH = 1 / 4
"""Cycles per pixel from which on power counts as fine detail: lines up to 2 pixels wide."""

_BLOCK = 256
_SMALLEST = 16
_PLACES = (0, 1 / 4, 1 / 2, 3 / 4)
_NOTHING = 1e-12


@dataclass(frozen=True)
class Spectrum:
    """The power spectrum of N images, averaged over images and channels.

    Power is per frequency bin and pixel: white noise of variance s² has s² in every bin.

    Attributes:
        count: number of images N.
        size: (height, width) of each.
        frequencies: cycles per pixel, from one bin to 0.5.
        power: mean power of all bins at about that distance from frequency 0.
        variance: power of all bins together, divided by their number: the variance of the pixels
            within an image, as the window sees it.
        checkerboard: checkerboard energy: share of the power from `HIGH_PASS` on that lies within
            one bin of the points (i/4, j/4) other than 0: of patterns with a period of 2 or 4.
        period_2: the part of that share at (1/2, 0), (0, 1/2), (1/2, 1/2): a period of 2 alone.
        period_4: the part of that share at all others.
        peak: power at each of these points as a multiple of that of the bins around it (1.5 to 3
            away), averaged over the points. A smooth spectrum has about 1.
        amplitude: root mean square of the pattern with a period of 2, in units of a pixel's range:
            of what its points have above the bins around them. A smooth spectrum has about 0.
        fine: share of all power from `HIGH` on, but for these places: fine detail without the
            checkerboard.
    """

    count: int
    size: tuple[int, int]
    frequencies: tuple[float, ...]
    power: tuple[float, ...]
    variance: float
    checkerboard: float
    period_2: float
    period_4: float
    peak: float
    amplitude: float
    fine: float

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        return vars(self) | {
            "size": list(self.size),
            "frequencies": list(self.frequencies),
            "power": list(self.power),
        }


@dataclass(frozen=True)
class Comparison:
    """The spectrum of images a model made, as multiples of that of real images.

    Attributes:
        checkerboard: of the checkerboard energy; well above 1 is a pattern that is not in the real
            images. Blur lowers it, since most of what is left from `HIGH_PASS` on then lies near
            there, so look at `peak` too.
        period_2: of its part with a period of 2 pixels, which the last layer leaves.
        period_4: of its part with a period of 4 pixels, which the layer ahead of it leaves.
        peak: of the peaks above their surroundings. Blur does not change it.
        fine: of the share of fine detail: sharpness. 1 is as sharp as the real images.
        power: of the power at each of `Spectrum.frequencies`.
    """

    checkerboard: float
    period_2: float
    period_4: float
    peak: float
    fine: float
    power: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        return vars(self) | {"power": list(self.power)}


def spectrum(images: Shaped[np.ndarray, "*_images"]) -> Spectrum:
    """Measure the power spectrum of images, and what of it a checkerboard would leave.

    Each channel of each image, less its mean, is multiplied with a Hann window, so that opposite
    borders, which do not fit each other, leave no cross in the spectrum:

    P(f) = mean over images and channels of |Σ w(n)·(x(n) − m)·exp(−2πi f·n)|² / Σ w(n)².

    With L the bins that are, down and across, within one bin of the points (i/4, j/4) other than
    (0, 0), i and j from 0 to 3, and |f| the distance from frequency 0 in cycles per pixel:

        checkerboard = Σ P over L / Σ P over |f| ≥ 1/8
        fine         = Σ P over |f| ≥ 1/4 without L / Σ P over all

    Args:
        images: (N, H, W, C) or (N, H, W); uint8, or floats where 0 is black and 1 white. H and W
            are 16 or more.

    Returns:
        The numbers.

    Raises:
        ShapeError: if the array is no such images.
        InputError: if there is no image, a value is not finite, or all images are of one color.

    Source: Odena, Dumoulin and Olah 2016, https://distill.pub/2016/deconv-checkerboard/, for the
    pattern; Harris 1978, https://doi.org/10.1109/PROC.1978.10837, for the window.

    Example:
        >>> noise = 0.1 * np.random.default_rng(1).standard_normal((50, 32, 32))
        >>> board = np.indices((32, 32)).sum(axis=0) % 2
        >>> round(spectrum(0.5 + noise).peak), round(spectrum(0.2 * board + noise).peak)
        (1, 9)
    """
    power, count = _mean_power(images)
    height, width = power.shape
    total = power.sum()
    if total < _NOTHING * power.size:
        raise InputError("images with a pattern were expected, but all are of one color each")
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :])
    lattice = np.zeros(power.shape, bool)
    energy, peaks, excess = {2: 0.0, 4: 0.0}, [], 0.0
    for place in itertools.product(_PLACES, _PLACES):
        if place == (0, 0):
            continue
        inside = _near(height, width, place=place, bins=(0, 1))
        around = power[_near(height, width, place=place, bins=(1.5, 3))].mean()
        lattice |= inside
        peaks.append(power[inside].mean() / max(around, 1e-9 * power.mean()))
        period = 2 if set(place) <= {0, 1 / 2} else 4
        energy[period] += power[inside].sum()
        if period == 2:
            excess += max(0.0, (power[inside] - around).sum())
    high_pass = max(power[radius >= HIGH_PASS].sum(), 1e-9 * total)
    frequencies, by_radius = _by_radius(power, radius)
    return Spectrum(
        count=count,
        size=(height, width),
        frequencies=tuple(frequencies.tolist()),
        power=tuple(by_radius.tolist()),
        variance=float(power.mean()),
        checkerboard=float((energy[2] + energy[4]) / high_pass),
        period_2=float(energy[2] / high_pass),
        period_4=float(energy[4] / high_pass),
        peak=float(np.mean(peaks)),
        amplitude=float(np.sqrt(excess / power.size)),
        fine=float(power[(radius >= HIGH) & ~lattice].sum() / total),
    )


def compared(made: Spectrum, real: Spectrum) -> Comparison:
    """Hold the spectrum of images that a model made against that of real ones.

    Args:
        made: of the images that were made.
        real: of the real images: for reconstructions their originals.

    Raises:
        ShapeError: if the images differ in size.

    Example:
        >>> noise = np.random.default_rng(1).standard_normal((50, 32, 32))
        >>> found = compared(spectrum(0.1 * noise), spectrum(noise))
        >>> round(found.checkerboard, 6), round(found.fine, 6), round(found.power[0], 6)
        (1.0, 1.0, 0.01)
    """
    if made.size != real.size:
        raise ShapeError(
            f"images of {real.size} pixels were expected, {made.size} came; scale them"
        )
    return Comparison(
        checkerboard=_ratio(made.checkerboard, real.checkerboard),
        period_2=_ratio(made.period_2, real.period_2),
        period_4=_ratio(made.period_4, real.period_4),
        peak=_ratio(made.peak, real.peak),
        fine=_ratio(made.fine, real.fine),
        power=tuple(map(_ratio, made.power, real.power)),
    )


def _ratio(made: float, real: float) -> float:
    return made / real if real > 0 else 0.0


def _mean_power(
    images: Shaped[np.ndarray, "*_images"],
) -> tuple[Float64[np.ndarray, "height width"], int]:
    """P(f) in the order of `numpy.fft.fft2`, and the number of images."""
    images = _checked(images)
    height, width = images.shape[1:3]
    window = np.outer(_hann(height), _hann(width))[None, :, :, None]
    total = np.zeros((height, width))
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    for start in range(0, len(images), _BLOCK):
        block = images[start : start + _BLOCK].astype(np.float64) / scale
        if not np.isfinite(block).all():
            raise InputError(
                "images must be finite, but NaN or infinite values came; the model that made them "
                "has diverged: train it with a smaller learning rate"
            )
        block = (block - block.mean(axis=(1, 2), keepdims=True)) * window
        total += (np.abs(np.fft.fft2(block, axes=(1, 2))) ** 2).mean(axis=3).sum(axis=0)
    return total / (len(images) * (window**2).sum()), len(images)


def _checked(images: Shaped[np.ndarray, "*_images"]) -> Shaped[np.ndarray, "n height width c"]:
    images = images[..., None] if images.ndim == 3 else images
    if images.ndim != 4 or min(images.shape[1:3]) < _SMALLEST:
        raise ShapeError(
            f"images (N, H, W, C) or (N, H, W) of {_SMALLEST} or more pixels were expected, "
            f"{images.shape} came; smaller ones have no room for a pattern of 4 pixels"
        )
    if not images.size:
        raise InputError("at least one image was expected, none came; give more")
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise InputError(
            f"images must be uint8 or floats from 0 to 1, {images.dtype} came; convert them"
        )
    return images


def _hann(extent: int) -> Float64[np.ndarray, " extent"]:
    """The periodic Hann window, whose own spectrum is three bins wide."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(extent) / extent)


def _near(
    height: int, width: int, *, place: tuple[float, float], bins: tuple[float, float]
) -> Bool[np.ndarray, "height width"]:
    """Bins that are from `bins[0]` to `bins[1]` away from a frequency, down or across."""
    down, across = (
        np.abs((np.fft.fftfreq(extent) - frequency + 0.5) % 1 - 0.5) * extent
        for extent, frequency in zip((height, width), place, strict=True)
    )
    away = np.maximum(down[:, None], across[None, :])
    return (away >= bins[0]) & (away <= bins[1])


def _by_radius(
    power: Float64[np.ndarray, "height width"], radius: Float64[np.ndarray, "height width"]
) -> tuple[Float64[np.ndarray, " bins"], Float64[np.ndarray, " bins"]]:
    """Mean power in rings one bin wide, from the first bin to 0.5 cycles per pixel."""
    bins = min(power.shape)
    ring = np.rint(radius * bins).astype(int).ravel()
    last = bins // 2
    counts = np.bincount(ring, minlength=last + 1)[1 : last + 1]
    sums = np.bincount(ring, power.ravel(), minlength=last + 1)[1 : last + 1]
    return np.arange(1, last + 1) / bins, sums / counts
