"""Objectives: what is minimized, the terms it is made of, and how others weigh them.

Kept free of imports, as the conventions need no Keras.
"""
