"""From drawn faces to new ones: a data set, a small VAE, its samples, codes and report.

Run it in an empty folder; it writes faces/ and run/ there, in less than a minute on a CPU.
"""

import numpy as np

import zspace

# 400 drawn faces of 32×32 pixels; nothing is downloaded.
data = zspace.prepare("faces", "faces", size=32, limit=400)

# A shipped recipe with three keys changed. Two epochs are enough to see that it runs; for faces
# worth looking at, leave out `changes`, and draw 10,000 of 64×64 pixels.
changes = ["data.size=32", "latent.size=16", "training.epochs=2"]
run = zspace.train("faces-vae", data=data, out="run", changes=changes, show_progress=False)

# Any z-points decode to images: (5, 16) becomes (5, 32, 32, 3), values in 0…1.
z = np.random.default_rng(1).standard_normal((5, run.recipe.latent.size))
images = run.model.decode(z)
print("decoded:", images.shape, f"from {images.min():.2f} to {images.max():.2f}")

# The codes of the training images: one normal distribution in z-space for each.
codes = run.codes()
print("codes:", codes.mean.shape, f"mean radius {np.linalg.norm(codes.mean, axis=1).mean():.3f}")

run.generate(count=16)  # run/samples/normal.png
run.reconstruct(count=8)  # run/samples/reconstructions.png
print("report:", run.report())
