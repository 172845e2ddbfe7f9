"""Councils, sites, departments, teams and people, and the one door: who may see which row and do which deed.

`roles.py` is the whole policy on one page, `access.py` answers questions about it.
Imports history alone.
"""
