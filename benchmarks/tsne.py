"""t-SNE by zspace and by scikit-learn: how long does it take, and how good is the map?

    python benchmarks/tsne.py [--full] [--counts N…] [--latent D]

Both start from the plane of the first two principal components and take perplexity 30, early
exaggeration 12, 250 + 750 iterations and all cores, on the same points, one after the other. Both
maps are judged by the same code: KL divergence, exact over all pairs, of the same affinities (exact
neighbors), and trustworthiness with 15 neighbors on the same 3,000 points at most. The seconds of
zspace hold its own judgment of the map, too. --full takes 2,500 to 20,000 points, and 140,000: half
an hour or more. Results: results/tsne.json.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import written
from latent.synthetic import synthetic_codes
from openTSNE.affinity import PerplexityBasedNN
from openTSNE.nearest_neighbors import PrecomputedNeighbors
from scipy.sparse import csr_matrix
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors

from zspace.analysis.maps import maps

COUNTS = (3000, 6000)
FULL = (2500, 5000, 10_000, 20_000, 140_000)
PERPLEXITY = 30
_JUDGED, _NEAR = 3000, 15
_PAIRS = 1 << 17


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    counts = arguments.counts or (FULL if arguments.full else COUNTS)
    sizes = []
    for count in counts:
        sizes.append(both(synthetic_codes(count, arguments.latent)))
        print(_row(sizes[-1]), flush=True)
    figures: dict[str, Any] = {
        "units": {
            "seconds": "one repetition; zspace's hold its own judgment of the map",
            "kl_divergence": "nats, exact over all pairs, of the same affinities for both",
            "trustworthiness": f"{_NEAR} neighbors, up to {_JUDGED:,} points",
        },
        "latent_size": arguments.latent,
        "sizes": sizes,
    }
    question = "how do time and quality of t-SNE compare with scikit-learn's?"
    print(written("tsne", question, figures, out=arguments.out))


def both(points: np.ndarray) -> dict[str, Any]:
    """Seconds, KL divergence and trustworthiness of both maps of the same points."""
    start = time.perf_counter()
    (ours,) = maps(points, methods=("tsne-30",))
    middle = time.perf_counter()
    theirs = sklearn_map(points)
    end = time.perf_counter()
    affinities = exact_affinities(points)
    chosen = np.random.default_rng(1).permutation(len(points))[:_JUDGED]
    found: dict[str, Any] = {"count": len(points)}
    for name, seconds, place in (
        ("zspace", middle - start, ours.coordinates),
        ("scikit-learn", end - middle, theirs),
    ):
        trusted = trustworthiness(points[chosen], place[chosen], n_neighbors=_NEAR)
        found[name] = {
            "seconds": seconds,
            "kl_divergence": exact_kl(affinities, place),
            "trustworthiness": float(trusted),
        }
    return found


def sklearn_map(points: np.ndarray) -> np.ndarray:
    """The map (count, 2) of scikit-learn, with the same start and settings."""
    plane = PCA(2, svd_solver="covariance_eigh").fit_transform(points)
    model = TSNE(
        init=(plane / plane[:, 0].std() * 1e-4).astype(np.float32),
        perplexity=PERPLEXITY,
        early_exaggeration=12,
        max_iter=1000,
        n_iter_without_progress=1000,
        n_jobs=os.cpu_count(),
        random_state=1,
    )
    return model.fit_transform(points)


def exact_affinities(points: np.ndarray) -> csr_matrix:
    """Symmetric probabilities that sum to 1, from exact neighbors."""
    near = min(3 * PERPLEXITY, len(points) - 1)
    search = NearestNeighbors(n_neighbors=near, algorithm="brute").fit(points)
    distances, rows = search.kneighbors()
    index = PrecomputedNeighbors(rows, distances)
    return csr_matrix(PerplexityBasedNN(perplexity=PERPLEXITY, knn_index=index).P)


def exact_kl(affinities: csr_matrix, place: np.ndarray) -> float:
    """KL(P ‖ Q), Q over all pairs: Σ p log p + Σ p log(1 + d²) + log Z."""
    place = place.astype(np.float64)
    x, y = place.T
    step = max(1, _PAIRS // len(place))
    total = 0.0
    for start in range(0, len(place), step):
        block = slice(start, start + step)
        # Every pair once, and those within the block twice.
        apart = (x[block, None] - x[start:]) ** 2
        apart += (y[block, None] - y[start:]) ** 2
        apart += 1
        near = np.divide(1, apart, out=apart)
        within = len(near)
        total += 2 * float(near.sum()) - float(near[:, :within].sum())
    total -= len(place)  # a point is no neighbor of itself
    pairs = affinities.tocoo()
    p = pairs.data[pairs.data > 0]
    rows, columns = pairs.row[pairs.data > 0], pairs.col[pairs.data > 0]
    apart = ((place[rows] - place[columns]) ** 2).sum(axis=1)
    return float((p * (np.log(p) + np.log1p(apart))).sum() + np.log(total))


def _row(size: dict[str, Any]) -> str:
    lines = [f"{size['count']:,} points"]
    for name in ("zspace", "scikit-learn"):
        one = size[name]
        lines.append(
            f"  {name:14}{one['seconds']:8.1f} s   KL {one['kl_divergence']:.4f}   "
            f"trustworthiness {one['trustworthiness']:.4f}"
        )
    return "\n".join(lines)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="2,500 to 140,000 points")
    parser.add_argument("--counts", type=int, nargs="+", help="numbers of points, instead")
    parser.add_argument("--latent", type=int, default=256, help="latent size")
    parser.add_argument("--out", type=Path, help="the JSON file, instead of results/tsne.json")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
