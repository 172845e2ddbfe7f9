"""What every list needs: keyset pages, references, the words around the rows, and saved views.

Imports history and people.
"""
