"""Tickets: incidents, service requests and security incidents, what is said of them, their clocks and their moves.

`states.py` is the table of moves; `raising.py`, `workflow.py`, `replying.py` and `conversation.py` are every write;
`clocks.py` is what they do to the clocks. Knows nothing of assets. Imports anything below it: history to spreadsheets.
"""
