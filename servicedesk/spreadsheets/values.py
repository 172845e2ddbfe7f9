"""One cell into one value, and what was wrong with it. Never raises, never guesses silently.

    clean(kind, raw, context=Context()) -> Cleaned(value, codes)
    clean_column(kind, raws, context=Context()) -> list[Cleaned]     remembers repeated values: use it for columns
        codes: tuple of keys of problems.PROBLEMS, () when nothing is to be said; an error code means value is None
    Context(date_order="dmy"|"mdy", date_1904=False, as_at=date, words=None)
    date_order(cells) -> "dmy" | "mdy" | "either" | "mixed"          decided per column, never per cell

    kind        value
    date        date
    datetime    datetime, naive, as written
    money       Decimal, 2 places, GBP excluding VAT
    serial tag text mac ip email person   str
    yesno       bool
    status category coded                 str, a code of the word list (context.words for coded)
    integer months                        int
    warranty    date, or int: months
    (empty)     None
"""
