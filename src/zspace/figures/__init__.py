"""Pictures of what the analyses measured and the models made.

Every function returns a matplotlib `Figure` made without pyplot, so that nothing global changes
and no display is needed; `save_figure` writes it. Pixels alone (`mosaic`) are plain arrays.

    style     colors and lettering, the same everywhere
    save      figures and pixels to files, whole or not at all
    grids     images in rows and columns: samples, originals over reconstructions
    curves    how the terms of the loss went, from history.csv
    radius    how far the codes lie from the origin, beside N(0, I) and a cube
    rate      what the KL term did: by axis, in radius, over the epochs
    cloud     the codes of a plain autoencoder, likewise
    pca         variance along each principal component, and the share of the first ones
    correlations  the matrix of correlations, and its coefficients beside chance
    axes        histograms of single axes, and all axes at a glance
    ellipsoid   Mahalanobis radii, and the cloud in two planes
    filaments   nearest distances, local dimension and pieces, beside a normal cloud
    density     where random points of each kind lie among the codes
    clusters    inertia of k-means with its elbow, and silhouettes
    maps        points on maps, colored by what is known of them
    consistency  how far they come back, for one run or several
    spectrum    detail by its size, and checkerboards, of several sets of images
    attributes  images moved along a direction, and what else that changes
    intervals   rows of intervals, one for each kind of points
    deviations  z beside the mean of its posterior; log-variances
    walk        radius and density along a walk, or over a plane
    animation   frames to GIF and MP4
    together    several runs in one panel
    panels    what several of these share

Nothing is imported here, since matplotlib costs half a second.
"""
