"""The explorer of a latent space: what it is made of, and the page that shows it.

    side        one model that is explored: its codes, images, and what is known of a z-point
    views       the map's views: codes and their places, a z-point for any place, and back
    coloring    what the map is colored by
    readings    what is said of a z-point: radius, density, a warning
    handles     numbers of a z-point to read and to change: axes, components, radius, noise
    selections  directions for sliders: saved ones, and new ones of two lassos
    drawing     random z-points by each method of generation
    walks       from one pin to the other
    pairs       the same point in two models
    state       what a person has done, with undo and redo
    acts        what a visitor does, as a step from one state to the next
    seat        one model as one visitor sees it
    live        a model that may be replaced by a newer one while it is looked at
    gauges      what of the analysis follows the point
    exhibits    the report's figures, handed in
    uploads     images that a stranger sends
    apart       their decoding, in a process of its own
    keeping     what is taken home: pictures, z-points, a snippet of Python

    coding      decoding and encoding, checked
    gate        so many at a time, in the order of coming
    once        what takes long is made once for all who ask

    page        what a browser shows, by Panel
    app         the page as a server, and as an object for a notebook

All but the last two are plain arrays in and out, quick and without side effects, for callbacks to
call. What needs the opened run, decoding and encoding, is handed in.
"""
