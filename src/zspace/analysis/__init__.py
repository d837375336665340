"""Measurements of a latent space: NumPy and SciPy on any array of points, no Keras.

One file per measurement, one function of the same name in it, which returns a frozen dataclass
of numbers with a ``to_dict()``; the figure of the same name lives in `zspace.figures`.

    radius        how far points lie from the origin, beside what N(0, I) and the cube would give
    rate          KL of the posteriors and the prior, by axis and by image; active axes
    elbo_surgery  what of it is information about images, and what a gap to the prior
    deviations    z beside the mean of its posterior; log-variances
    cloud         whether points of the prior land where codes are

    blocks        how every measurement walks through points that need not fit into memory
    posteriors    the posteriors of all images, in blocks
    mixture       the prior as a mixture of normals

Nothing is imported here, so that ``import zspace.analysis`` costs nothing and a module is never
hidden behind its function: ``from zspace.analysis.radius import radius``.
"""
