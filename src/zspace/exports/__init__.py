"""Codes in the formats of other tools.

    npz         one NumPy archive: `write_npz`
    parquet     a table for embedding-atlas and data frames: `write_parquet`
    projector   a folder for TensorBoard's projector: `write_projector`
    written     what each of them returns: `Written`
    columns     what is known about each code, by the name of a column

Nothing is imported here: ``from zspace.exports.npz import write_npz``.
"""
