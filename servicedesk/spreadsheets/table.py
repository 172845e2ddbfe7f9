"""A sheet into a table: where the headings stand, which rows are data, which are skipped and why.

    find_table(sheet, known, header_row=None) -> Table | None
        known       normalised headings of the kind (headers.Synonyms.known)
        header_row  the person's choice, a row number as in the file; None: found within the first 30 rows
        None        no header row found

    Table: sheet (name), header_row, group_row (or None), headings (tuple of str, "" where a column has none; a group
    row above is joined as "Where / Site"), rows (list of tuples, each as wide as headings), row_numbers (as in the
    file), skipped {"blank", "subtotal_or_total", "repeated_header"}, notes (row_too_long, row_too_short, duplicate...)
"""
