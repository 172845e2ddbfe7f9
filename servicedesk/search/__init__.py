"""One search: a table of texts with an index of the database's own, and visibility as part of the query.

Imports history, people and lists.
"""
