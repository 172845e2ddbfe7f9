"""Text that a spreadsheet program would run, made harmless in CSV and brought back exactly.

    escape(text) -> str      an apostrophe before anything that begins like a formula; plain numbers stay
    unescape(text) -> str    the exact inverse: unescape(escape(x)) == x for every string
"""
