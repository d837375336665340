"""One backend's part of the latent parity tests, in a process of its own: values and gradients."""

import sys
import warnings
from pathlib import Path

import numpy as np

from zspace.training.devices import select_backend

GENERATOR = np.random.default_rng(0)
MEAN, LOG_VARIANCE, OTHER, WIDTH, X, EPSILON = GENERATOR.normal(size=(6, 5, 3)).astype(np.float32)
BELOW = GENERATOR.normal(size=(5, 3, 3))
LOG_WEIGHTS = GENERATOR.normal(size=(1, 4)).astype(np.float32)
CENTERS, LOG_VARIANCES = GENERATOR.normal(size=(2, 1, 4, 3)).astype(np.float32)
FEATURES = GENERATOR.normal(size=(5, 7)).astype(np.float32)
IMAGES = GENERATOR.uniform(size=(4, 4, 3, 1)).astype(np.float32)
EXTREME = np.float32([[-30, 0, 30], [30, -30, 0], [0, 30, -30], [-30, -30, -30], [30, 30, 30]])


def scale_tril(log_diagonal):
    factor = np.tril(BELOW * np.exp(0.5 * log_diagonal)[:, :, None], -1)
    factor[:, range(3), range(3)] = np.exp(0.5 * log_diagonal)
    return factor.astype(np.float32)


def functions(log_variance):
    """Every density and divergence: name, function, arguments."""
    from zspace import distributions as d
    from zspace.distributions.full_normal import marginal_log_variance

    factor = scale_tril(log_variance)
    mixture = (LOG_WEIGHTS, CENTERS, LOG_VARIANCES)
    for kind, spread in ((d.Normal, log_variance), (d.FullNormal, factor)):
        q, name = (MEAN, spread), kind.__name__
        yield f"{name}.log_prob", lambda m, s, x, kind=kind: kind(m, s).log_prob(x), (*q, X)
        yield (
            f"{name}.log_prob_at",
            lambda m, s, e, kind=kind: kind(m, s).log_prob_at(e),
            (*q, EPSILON),
        )
        yield f"{name}.draw", lambda m, s, e, kind=kind: kind(m, s).reparameterize(e), (*q, EPSILON)
        yield (
            f"{name}.kl",
            lambda m, s, o, w, kind=kind: d.kl_divergence(kind(m, s), d.Normal(o, w)),
            (*q, OTHER, WIDTH),
        )
        yield (
            f"{name}.monte_carlo",
            lambda m, s, e, *p, kind=kind: d.monte_carlo_kl(
                kind(m, s), d.NormalMixture(*p), epsilon=e
            ),
            (*q, EPSILON, *mixture),
        )
    yield (
        "per_axis",
        lambda *g: d.kl_per_axis(d.Normal(*g[:2]), d.Normal(*g[2:])),
        (
            MEAN,
            log_variance,
            OTHER,
            WIDTH,
        ),
    )
    yield "marginals", marginal_log_variance, (factor,)
    wide = (LOG_WEIGHTS, CENTERS, LOG_VARIANCES + log_variance[0])
    yield "mixture.log_prob", lambda x, *g: d.NormalMixture(*g).log_prob(x), (X, *wide)
    yield "mixture.mean", lambda *g: d.NormalMixture(*g).mean(), wide
    yield "mixture.mode", lambda *g: d.NormalMixture(*g).mode(), wide
    yield "soft_bound", lambda x: d.soft_bound(x, (-30.0, 10.0)), (np.linspace(-99, 60, 50),)


def fixed(layer):
    """The layer, its weights the same on every backend."""
    generator = np.random.default_rng(1)
    for weight in layer.weights:
        weight.assign(generator.normal(size=tuple(weight.shape)).astype(np.float32))
    return layer


def layers():
    """Posteriors and priors: name, function, arguments."""
    from zspace import distributions as d

    for name in ("normal", "full_normal"):
        posterior = d.POSTERIORS[name](3)
        posterior.build((None, 7))
        fixed(posterior)
        for parameter in posterior(FEATURES):
            yield (
                f"{name}/{parameter}",
                lambda x, one=posterior, parameter=parameter: one(x)[parameter],
                (FEATURES,),
            )

    def encode(images):
        return {"mean": images[:, :, 1, 0][:, :3], "log_variance": -images[:, :, 2, 0][:, :3]}

    vampprior = d.VampPrior(3, image_shape=(4, 3, 1), components=4)
    vampprior.start_from(IMAGES)
    priors = {
        "standard_normal": d.StandardNormalPrior(3),
        "normal": d.NormalPrior(3, scale=2.0),
        "mixture": fixed(d.MixturePrior(3, components=4)),
        "mixture_at_start": d.MixturePrior(3, components=4, seed=5),
        "vampprior": vampprior,
    }
    for name, prior in priors.items():
        yield name, lambda x, prior=prior: prior.distribution(encode).log_prob(x), (X,)


def main(backend, folder):
    from keras import ops

    sys.path.insert(0, str(Path(__file__).parents[1] / "distributions"))
    from conftest import gradients_of

    found = {}
    cases = {"usual": functions(LOG_VARIANCE), "extreme": functions(EXTREME), "layers": layers()}
    for case, entries in cases.items():
        for name, function, given in entries:
            tensors = [ops.convert_to_tensor(np.asarray(one, np.float32)) for one in given]
            found[f"{case}/{name}"] = ops.convert_to_numpy(function(*tensors))
            for number, gradient in enumerate(gradients_of(function, *given)):
                found[f"{case}/{name}/gradient{number}"] = gradient
    np.savez(folder / f"{backend}.npz", **found)


if __name__ == "__main__":
    # Keras asks its own variables for np.array(…, copy=False) the way NumPy 1 did.
    warnings.filterwarnings("ignore", message="__array__")
    _, name, where = sys.argv
    select_backend(name)
    main(name, Path(where))
