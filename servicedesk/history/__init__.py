"""What was done: change-sets and their changes, append-only.

The lowest app. It knows the rows that it describes only by kind and number, holds no foreign key to them, and imports
nothing of the project, so that history outlives whatever it describes.
"""
