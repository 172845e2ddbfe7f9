"""What every list needs: keyset pages, references, and the words around the rows.

Imports history and people.
"""
