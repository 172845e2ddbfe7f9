"""Headings into fields, by a kind's synonyms; where a heading can mean two things, the values decide or we ask.

    Synonyms(fields={field: [aliases]}, ambiguous={alias: note});  ASSET_SYNONYMS is ours, from header_synonyms.json
    normalise(heading) -> str
    match(headings, samples, synonyms=ASSET_SYNONYMS) -> list[Match]        one per column, in order
        samples     per column a list of cells (some or all)
    Match: index (from 0), letter ("A"), heading, field (or None), why, question ("" or a sentence for the person)
        why: exact | values | ambiguous | duplicate | taken | never | unknown | empty
    signature(headings) -> str      a stable key under which a confirmed mapping is proposed again
"""
