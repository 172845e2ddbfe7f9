"""The register of hardware and network equipment: makers, models, assets, who holds them, and their tickets.

`lifecycle.py` is the table of an asset's moves, `registering.py` every write, `sheets.py` what a row of a spreadsheet
means here, `slots.py` what the register puts into the desk's pages. Imports anything of servicedesk.
"""
