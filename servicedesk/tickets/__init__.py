"""Tickets: incidents, service requests and security incidents, what is said of them, their clocks and their moves.

`states.py` is the table of moves, `workflow.py` every write, `clocks.py` what a move does to the clocks. Knows nothing
of assets. Imports anything below it: history to spreadsheets.
"""
