"""What restores images without having learned anything: what a trained model has to beat."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Shaped, UInt8

from zspace.analysis.quality import unit
from zspace.recipe.task import Task

__all__ = ["BASELINES", "KEEPING", "baselines", "keeping_given"]

KEEPING = "keeping what was given"
"""What the result of `keeping_given` is called in tables and pictures."""

Image = Float[np.ndarray, "height width channels"]
Kept = Bool[np.ndarray, "height width"]
Baseline = Callable[[Image, Kept, float], Image]
"""From an image in 0…1, where its pixels are kept, and the noise level, to a restored one."""


def baselines(
    task: Task,
    images: Shaped[np.ndarray, "count height width channels"],
    *,
    kept: Bool[np.ndarray, "count height width"] | None = None,
) -> dict[str, Float[np.ndarray, "count height width channels"]]:
    """What each baseline of a task makes of corrupted images.

    Args:
        task: what was done to them; there is no baseline for bringing colors back. Filters of
            normal noise are told how strong it was.
        images: corrupted, uint8 or floats in 0…1.
        kept: where pixels are as they were, for "drop_pixels" and "mask".

    Returns:
        By name, images in 0…1.

    Example:
        >>> noisy = np.random.default_rng(0).random((1, 16, 16, 1))
        >>> [each for each in baselines(Task(kind="denoise", amount=0.5), noisy)][:2]
        ['median filter 3×3', 'median filter 5×5']
    """
    known = kept if kept is not None else np.ones(images.shape[:3], bool)
    restored = {}
    for name, restore in BASELINES.get(f"{task.kind} {task.noise}", {}).items():
        pairs = zip(images, known, strict=True)
        each = [restore(unit(image), where, task.amount) for image, where in pairs]
        restored[name] = np.clip(np.stack(each), 0, 1)
    return restored


def keeping_given(
    restored: Float[np.ndarray, "count height width channels"],
    given: UInt8[np.ndarray, "count height width channels"],
    *,
    task: Task,
    kept: Bool[np.ndarray, "count height width"] | None = None,
) -> Float[np.ndarray, "count height width channels"] | None:
    """What a model restored, brought in line with what the given images still tell.

    A decoder paints the whole image anew, also where nothing was lost. At pixels that were kept the
    given image is right, so what it differs by there is carried into the holes by biharmonic
    inpainting, and added. A recolored image takes the brightness of the gray one: the same number
    is added to its three channels, which leaves its colors (Cb and Cr) alone.

    Args:
        restored: pixels in 0…1.
        given: what they were restored from.
        task: what had been done.
        kept: where pixels are as they were, for tasks that take pixels away.

    Returns:
        As many images in 0…1; None where nothing given is known to be right, as under noise.

    Example:
        >>> given = np.full((1, 2, 2, 3), 51, np.uint8)
        >>> painted = np.full((1, 2, 2, 3), 0.5)
        >>> found = keeping_given(painted, given, task=Task(kind="recolor"))
        >>> float(found.mean().round(3))
        0.2
    """
    if task.kind == "recolor":
        luma = restored @ np.array([0.299, 0.587, 0.114])
        return np.clip(restored + (unit(given)[..., :1] - luma[..., None]), 0, 1)
    if kept is None:
        return None
    off = np.where(kept[..., None], unit(given) - restored, 0.0)
    carried = [_biharmonic(each, where) for each, where in zip(off, kept, strict=True)]
    return np.clip(restored + np.stack(carried), 0, 1)


def _median(image: Image, side: int) -> Image:
    from scipy import ndimage

    return ndimage.median_filter(image, size=(side, side, 1))


def _total_variation(image: Image, level: float) -> Image:
    """Rudin, Osher and Fatemi 1992, as strong as the noise."""
    from skimage.restoration import denoise_tv_chambolle

    return denoise_tv_chambolle(image, weight=level, channel_axis=-1)


def _non_local_means(image: Image, level: float) -> Image:
    """Buades, Coll and Morel 2005, with the settings that scikit-image suggests."""
    from skimage.restoration import denoise_nl_means

    settings = {"h": 0.8 * level, "sigma": level, "fast_mode": True, "channel_axis": -1}
    restored = denoise_nl_means(image, patch_size=5, patch_distance=6, **settings)
    return restored.reshape(image.shape)  # which it gives gray images back without


def _biharmonic(image: Image, kept: Kept) -> Image:
    from skimage.restoration import inpaint_biharmonic

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a matrix near to singular, in large holes
        return inpaint_biharmonic(image, ~kept, channel_axis=-1, split_into_regions=True)


def _interpolated(image: Image, kept: Kept) -> Image:
    """Linear between the pixels that are there, the nearest one outside of them."""
    from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator

    there = np.argwhere(kept)
    wanted = np.indices(kept.shape).transpose(1, 2, 0)
    nearest = NearestNDInterpolator(there, image[kept])(wanted)
    if len(np.unique(there[:, 0])) < 2 or len(np.unique(there[:, 1])) < 2:
        return nearest
    linear = LinearNDInterpolator(there, image[kept])(wanted)
    return np.where(np.isnan(linear), nearest, linear)


_MEDIANS: dict[str, Baseline] = {
    "median filter 3×3": lambda image, kept, level: _median(image, 3),
    "median filter 5×5": lambda image, kept, level: _median(image, 5),
}
_INPAINTING: dict[str, Baseline] = {
    "linear interpolation": lambda image, kept, level: _interpolated(image, kept),
    "biharmonic inpainting": lambda image, kept, level: _biharmonic(image, kept),
}
BASELINES: dict[str, dict[str, Baseline]] = {
    "denoise gaussian": {
        **_MEDIANS,
        "total variation": lambda image, kept, level: _total_variation(image, level),
        "non-local means": lambda image, kept, level: _non_local_means(image, level),
    },
    "denoise salt_and_pepper": _MEDIANS,
    "drop_pixels gaussian": _INPAINTING,
    "mask gaussian": _INPAINTING,
}
"""By kind and noise of a task, and by name."""
