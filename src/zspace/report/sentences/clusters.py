"""Whether k-means finds groups, and whether they are the classes."""

from __future__ import annotations

from zspace.analysis.clusters import Clusters
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_clusters"]

_STRONG, _WEAK = 0.6, 0.2
_APART = 0.5


def about_clusters(measured: Clusters, subject: Subject) -> str:
    """An elbow or the lack of it, beside a normal cloud, and what the labels say.

    Args:
        measured: from `zspace.analysis.clusters`.
        subject: what was measured.
    """
    return f"{_about_elbow(measured, subject)} {_about_groups(measured)}"


def _about_elbow(measured: Clusters, subject: Subject) -> str:
    first, last = measured.ks[0], measured.ks[-1]
    left = measured.inertia[-1] / measured.total
    curve = (
        f"From k = {first} to {last} the inertia of the {subject.name} of the {subject.images} "
        f"falls to {percent(left)} of their variance"
    )
    if measured.elbow is not None and measured.sharpness is not None:
        return (
            f"{curve}, with a clear elbow at k = {measured.elbow}: up to there it falls "
            f"{number(min(measured.sharpness, 999.0))} times as steeply as beyond, so these are "
            f"{measured.elbow} groups."
        )
    if measured.sharpness is None or measured.normal_sharpness is None:
        return f"{curve}; with so few values of k an elbow cannot be told."
    text = (
        f"{curve}, with no clear elbow: nowhere does it fall more than "
        f"{number(measured.sharpness)} times as steeply before a k as after it, where one normal "
        f"cloud of the same covariance gets to {number(measured.normal_sharpness)}"
    )
    if measured.knee is not None and measured.normal_knee is not None:
        text += f" (kneedle bends the curve at {measured.knee}, the cloud’s at "
        text += f"{measured.normal_knee})"
    return text + "."


def _about_groups(measured: Clusters) -> str:
    if measured.best is not None:
        best = measured.best
        if best.adjusted_rand >= _STRONG:
            judged = "clusters are nearly the classes"
        elif best.adjusted_rand >= _WEAK:
            judged = "clusters know something of the classes, and mix others"
        else:
            judged = "clusters are no classes"
        at = ""
        if measured.classes is not None:
            value, k = measured.classes.adjusted_rand, measured.classes.k
            at = f" ({number(value)} at k = {k}, the number of classes)"
        return (
            f"Against the labels the adjusted Rand index is {number(best.adjusted_rand)} at best, "
            f"at k = {best.k}{at}: {judged}."
        )
    known = [
        (value, k)
        for value, k in zip(measured.silhouette, measured.ks, strict=True)
        if value is not None
    ]
    if not known:
        return "The points are too few for a silhouette."
    value, k = max(known)
    end = (
        "the clusters are far apart"
        if value >= _APART
        else "clusters touch, and any cut through the cloud is as good as another"
    )
    return f"The silhouette is {number(value)} at best, at k = {k}: {end}."
