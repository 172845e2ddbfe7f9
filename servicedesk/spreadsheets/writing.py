"""Workbooks and CSV files that people can edit and send back without loss: nothing hidden, no formula, no author.

    write_xlsx(target, sheets)            target: path or binary file
    write_csv(target, headings, rows)
    SheetOut(name, columns, rows, cover=()) ; Column(heading, kind="text", choices=(), width=None, grey=False)
        kind: text | date | datetime | money | integer | yesno ; rows: iterables of plain values
        a cell may be Marked(value, "error"|"warning") to be coloured
"""
