"""The report of a run: one HTML file that needs nothing beside it.

    build       puts the sections together: `build_report`
    facts       the numbers, read from the run folder and brought to one scale
    wording     the sentences that say what the numbers mean
    pictures    images as data URIs
    templates/  the page and its style

It reads the run folder and nothing else, so that a report can be made again at any time.
"""
