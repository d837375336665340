"""What the noise of the posteriors does to the codes."""

from __future__ import annotations

import math

from zspace.analysis.deviations import Deviations
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_deviations"]

_NARROW, _WIDE = 0.1, 0.5


def about_deviations(measured: Deviations, subject: Subject) -> str:
    """How far z is from the mean of its posterior, and whether that is a VAE at all.

    Args:
        measured: from `zspace.analysis.deviations`.
        subject: what was measured.
    """
    width = math.exp(0.5 * measured.log_variance_mean)
    first = (
        f"The noise of its posterior moves the radius of a z-point by "
        f"{_share(measured.relative_radius_deviation_mean)} of its mean on average and by "
        f"{_share(measured.relative_radius_deviation_max)} at most, and "
        f"{percent(measured.share_over)} of all components by more than {measured.threshold:g}."
    )
    logs = (
        f"Log-variances lie between {number(measured.log_variance_min)} and "
        f"{number(measured.log_variance_max)}, {number(measured.log_variance_mean)} on average: "
    )
    if width < _NARROW:
        end = (
            f"posteriors {number(width)} wide, hardly more than points, so that the "
            f"{subject.images} are coded as by a plain autoencoder."
        )
    elif width < _WIDE:
        end = (
            f"posteriors {number(width)} wide where the prior is 1, so that neighboring images "
            "overlap on some axes and are told apart on others."
        )
    else:
        end = (
            f"posteriors {number(width)} wide where the prior is 1, so that most axes say little "
            "about the single image."
        )
    if measured.components_wide:
        end += (
            f" {measured.images_wide:,} image{' has' if measured.images_wide == 1 else 's have'} "
            f"a log-variance above {measured.wide:g}: single z-points of theirs land far out."
        )
    return f"{first} {logs}{end}"


def _share(value: float) -> str:
    """A share in percent, or as a multiple where it is more than the whole."""
    return f"{number(value)} times that" if value > 1 else percent(value)
