"""Figures of the desk: what was promised and kept, by council and together, each with the list behind it.

Nothing that the desk can count is stored here, only what is entered from elsewhere. It imports the apps up to portal.
"""
