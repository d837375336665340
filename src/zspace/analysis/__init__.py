"""Measurements of a latent space: NumPy on any array of points, no Keras.

One file per measurement, one function of the same name in it, which returns a frozen dataclass
of numbers with a ``to_dict()``; the figure of the same name lives in `zspace.figures`.

    radius    how far the points lie from the origin, beside what N(0, I) and the cube would give
    blocks    how every measurement walks through points that need not fit into memory

Nothing is imported here, so that ``import zspace.analysis`` costs nothing and a module is never
hidden behind its function: ``from zspace.analysis.radius import radius``.
"""
