"""Measurements of a latent space: NumPy and SciPy on any array of points, no Keras.

One file per measurement, one function of the same name in it, which returns a frozen dataclass
of numbers with a ``to_dict()``; the figure of the same name lives in `zspace.figures`.

    radius        how far points lie from the origin, beside what N(0, I) and the cube would give
    rate          KL of the posteriors and the prior, by axis and by image; active axes
    elbo_surgery  what of it is information about images, and what a gap to the prior
    deviations    z beside the mean of its posterior; log-variances
    cloud         whether points of the prior land where codes are
    pca           along which directions points vary, how many count, and the way there and back
    correlations  of the axes with each other, beside those that chance gives
    axes          the distribution on each axis by itself, and how nearly normal it is
    ellipsoid     the points as one normal cloud: whether it fits, where the origin lies in it
    filaments     whether the cloud is one piece, and how many dimensions it has close by
    density       where random points of each kind lie among the codes
    clusters      whether k-means finds groups, beside a normal cloud and beside labels
    maps          points in two dimensions by PCA, t-SNE, UMAP, and how far to believe that
    quality       how near images come to what they should be: PSNR and SSIM
    baselines     what restores images without having learned anything
    consistency   how far points come back when they are decoded and encoded again
    spectrum      of images: how much detail they hold, and whether a checkerboard lies over it

    cube          the radius of points uniform in a cube
    moments       mean and covariance in one pass; a normal fit and its Mahalanobis distances
    held_out      such a fit to every other point, and how far the others are from it
    ellipse       where a normal cloud falls in a plane
    neighbors     the nearest neighbors of points, exactly
    nearest_codes  the same for one point at a time, again and again
    map_places    from the latent space to a map and back, for other points
    coloring      what points of a map are colored by
    places        codes to ask where any point lies
    walk_places   where the points of a walk lie, one by one
    random_kinds  points of N(0, I), of cubes, and of the fitted ellipsoid
    blocks        how every measurement walks through points that need not fit into memory
    posteriors    the posteriors of all images, in blocks
    z_points      one z-point of each image, in blocks
    mixture       the prior as a mixture of normals
    readers       how probable attributes are, read off any code

Nothing is imported here, so that ``import zspace.analysis`` costs nothing and a module is never
hidden behind its function: ``from zspace.analysis.radius import radius``.
"""
