"""What a file is, by what it holds, and which files nobody may send.

An image is what begins like one of the four kinds that every browser draws without running anything. All else is bytes,
and leaves as a download: SVG and HTML too, which can hold script. What would run when opened is refused, by its content
and by its name. Documents with macros are taken: councils work with them, and office programs ask before they run one.
"""

import struct
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile

from servicedesk.files.storing import BYTES, clean_name
from servicedesk.wording import file_size

MOST_AT_ONCE = 10
IMAGES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
PROGRAMS = (
    b"MZ",  # Windows programs and libraries
    b"\x7fELF",  # Linux
    b"\xfe\xed\xfa\xce",  # macOS, in each width and order of bytes
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # macOS for several machines, and Java
    b"#!",  # scripts that name their interpreter
    b"L\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcuts
)
RUNS_BY_NAME = frozenset(
    ("app", "bat", "cmd", "com", "cpl", "dll", "exe", "hta", "jar", "js", "jse", "lnk", "msc", "msi", "msp")
    + ("mst", "pif", "ps1", "psm1", "reg", "scr", "sh", "vbe", "vbs", "ws", "wsf", "wsh")
)
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
INSTALLERS = ("000c1084", "000c1086", "000c1082")
"""How the identifiers begin that the compound files of Windows Installer carry: packages, patches and transforms."""
RUNS = "{name} could run when somebody opens it, so we do not take it. Ask the desk how to send it"


class Kept(NamedTuple):
    """What a file is kept as: its name as people may see it, and its type."""

    name: str
    content_type: str


def check(file: File) -> Kept:
    """Say what a file that somebody sends is. Raises ValidationError with a sentence that names it."""
    name = clean_name(file.name or "")
    if not file.size:
        raise ValidationError(f"{name} is empty. Check it, and select it again")
    if file.size > settings.ATTACHMENT_MAX_BYTES:
        raise ValidationError(f"{name} is {file_size(file.size)}. It must be {most()} or smaller")
    head = _beginning(file, 16)
    if head.startswith(PROGRAMS) or name.rpartition(".")[2].lower() in RUNS_BY_NAME or _installs(file, head):
        raise ValidationError(RUNS.format(name=name))
    return Kept(name, type_of(head))


def check_all(files: list[UploadedFile]) -> list[Kept]:
    """Check files that come together. Raises ValidationError with a sentence for each that cannot be taken."""
    if len(files) > MOST_AT_ONCE:
        raise ValidationError(
            f"Select {MOST_AT_ONCE} files or fewer. You can send the others with another message"
        )
    kept, refused = [], []
    for file in files:
        try:
            kept.append(check(file))
        except ValidationError as error:
            refused.append(error)
    if refused:
        raise ValidationError(refused)
    return kept


def type_of(head: bytes) -> str:
    """The type of an image, from its first 12 bytes; of anything else that it is bytes."""
    for kind, beginnings in IMAGES.items():
        if head.startswith(beginnings):
            return kind
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else BYTES


def most() -> str:
    """How large a file may be, in words."""
    return file_size(settings.ATTACHMENT_MAX_BYTES)


def _installs(file: File, head: bytes) -> bool:
    """Whether it is a compound file of Windows Installer; old Word documents and saved mails are compound as well."""
    if not head.startswith(COMPOUND):
        return False
    start = _beginning(file, 52)
    if len(start) < 52:
        return False
    (shift,), (directory,) = struct.unpack_from("<H", start, 30), struct.unpack_from("<I", start, 48)
    if shift not in (9, 12):
        return False
    file.seek((directory + 1) << shift)
    root = file.read(96)
    file.seek(0)
    return root[80:84][::-1].hex() in INSTALLERS


def _beginning(file: File, length: int) -> bytes:
    file.seek(0)
    head = file.read(length)
    file.seek(0)
    return head
