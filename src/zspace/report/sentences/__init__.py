"""What each measurement says about this run: two sentences from its numbers, one file each.

Nothing is imported here: ``from zspace.report.sentences.pca import about_pca``.
"""
