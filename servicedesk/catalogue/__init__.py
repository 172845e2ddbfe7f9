"""The services that the desk supports. Imports history and people."""
