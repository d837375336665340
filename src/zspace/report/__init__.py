"""What is said about a run: a report, one HTML file that needs nothing beside it, and a diagnosis.

    build       puts the sections of the page together: `build_report`
    facts       the numbers, read from the run folder and brought to one scale
    wording     the sentences that say what the numbers mean
    pictures    images as data URIs
    templates/  the page and its style

    doctor      what the KL term did: `diagnose`, `examine`
    evidence    all that a run folder and its codes say about it
    finding     a verdict, the numbers behind it, the next thing to try
    …_findings  one function for each topic: rate, weight, latent, training

All of it reads the run folder and nothing else, so that it can be made again at any time.
"""
