"""The desk, and the ground that everything stands on.

The packages below are Django apps in one line, lowest first: history, people, jobs, files, lists, search, catalogue,
service_levels, spreadsheets, tickets, portal. Each may import only from those before it. `config` names apps in
strings and is imported by nobody; `jinja2`, `static` and `frontend` hold the shell that every page wears.
"""
