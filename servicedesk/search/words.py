"""What a word is, the same for what is kept and what is asked, so that both databases find the same rows."""

import re
import unicodedata

LONGEST_TEXT = 100_000
LONGEST_WORD = 100
MOST_WORDS = 20
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text, in order: runs of letters and digits, whatever their case and accents.

    "LT/17 Café" → ["lt", "17", "cafe"]. What is too long for an index is cut off.
    """
    text = text[:LONGEST_TEXT].casefold()
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize(
            "NFC", "".join(each for each in letters if not unicodedata.combining(each))
        )
    return [word[:LONGEST_WORD] for word in _WORD.findall(text)]


def phrases(asked: str) -> list[list[str]]:
    """What was typed, as the words of each piece between spaces: "LT/17 dock" → [["lt", "17"], ["dock"]].

    The words of one piece must stand side by side in what is found. Nothing when no word was typed.
    """
    pieces = [words(piece) for piece in asked[:LONGEST_TEXT].split()]
    return [piece[:MOST_WORDS] for piece in pieces if piece][:MOST_WORDS]
