"""Training: from a recipe and a prepared data set to a run folder.

Kept free of imports, so that `zspace.training.devices` can settle the backend before Keras loads.
"""
