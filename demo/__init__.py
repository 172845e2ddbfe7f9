"""Two councils to try the product with: their people, equipment and three months of tickets, and the command that
loads them and serves the site.

The data is in `fixtures/demo`; `loading.py` says what is loaded in which order, `bulk.py` makes an estate of any size.
Everything is written by the functions that the pages use. The topmost app: it imports anything, nothing imports it.
"""
