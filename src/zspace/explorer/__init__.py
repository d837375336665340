"""What an explorer of a latent space is made of, without the page: plain arrays in and out.

    views      the map's views: codes and their places, a z-point for any place, and back
    side       one model that is explored: its codes, images, and what is known of a z-point
    readings   what is said of a z-point: radius, density, a warning
    handles    numbers of a z-point to read and to change: axes, components, radius, noise
    drawing    random z-points by each method of generation
    pairs      the same point in two models
    coloring   what the map is colored by
    state      what a person has done, with undo and redo
    coding     decoding and encoding, checked, so many at a time
    gate       the turn-taking behind it
    uploads    images that a stranger sends
    keeping    what is taken home: pictures, z-points, a snippet of Python

All of it is quick and without side effects, for callbacks to call. What needs the opened run,
decoding and encoding, is handed in. There is no page yet.
"""
