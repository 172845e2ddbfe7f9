"""Files that people bring or that the product makes: hashed, and served only through the door of what they belong to.

Imports history and people.
"""
