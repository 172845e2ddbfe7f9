"""Spreadsheets in and out: reading hostile and messy workbooks safely, finding tables, cleaning values, writing
workbooks, and (on top of that) imports and exports that kinds of higher apps register themselves with.

The pure half knows no database: `reading` (a file into a Workbook, by `formats` in a child process with limits),
`table` (a sheet into a table), `headers` (headings into fields), `values`, `plain` and `dates` (cells into values and
codes), `problems` (the words of every code), `formulas` and `writing`. It imports the standard library,
python-calamine and openpyxl alone. The rest of the app may import history, people, jobs, files, lists, search,
catalogue and service_levels; nothing above.
"""
