"""Text that a spreadsheet program would run, made harmless in CSV and brought back exactly.

escape(text) -> str      an apostrophe before anything that begins like a formula; plain numbers stay
unescape(text) -> str    the exact inverse: unescape(escape(x)) == x for every string
"""

import re

# A text that already begins with apostrophes before such a sign gets one more, or it could not be told apart.
BEGINS_LIKE_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
PLAIN_NUMBER = re.compile(r"-\d+(?:\.\d+)?")


def escape(text: str) -> str:
    """What to write in a CSV cell for `text`."""
    if BEGINS_LIKE_FORMULA.match(text) and not PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unescape(text: str) -> str:
    """What a CSV cell that `escape` may have written stands for."""
    if text.startswith("'") and BEGINS_LIKE_FORMULA.match(text):
        return text[1:]
    return text
