"""Work that takes longer than a page may: Job rows that a page can show, and the workers that do it.

A job is a function named by its dotted path; it is safe to run twice. Imports history and people.
"""
