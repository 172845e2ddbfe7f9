"""Figures of the desk: what was promised and kept, by council and together, each with the list behind it.

Nothing is stored here; it may import the apps up to portal.
"""
