"""What every list needs: keyset pages, references, and the forms that clean what people type.

Imports history and people.
"""
