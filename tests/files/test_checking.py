"""What a file is by its content, and which files nobody may send."""

import struct

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from servicedesk.files.checking import Kept, check, check_all

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BYTES = "application/octet-stream"


def a_file(name: str, content: bytes = b"words") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def compound(identifier: str) -> bytes:
    """A compound file whose root names the program that it is for, as Windows Installer and old Word do."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", head, 30, 9)
    struct.pack_into("<I", head, 48, 1)
    root = bytearray(512)
    root[80:96] = bytes.fromhex(identifier)[3::-1] + bytes(12)
    return bytes(head) + bytes(512) + bytes(root)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0....JFIF", "image/jpeg"),
        (b"GIF89a......", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", BYTES),
        (SVG, BYTES),
        (b"<html><script>alert(1)</script>", BYTES),
        (b"%PDF-1.7", BYTES),
        (b"\x89", BYTES),
    ],
)
def test_image_is_what_begins_like_one_whatever_its_name(content, kind):
    assert check(a_file("photo.png", content)) == Kept("photo.png", kind)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.png", b"MZ\x90\0"),
        ("notes.txt", b"\x7fELF\x02"),
        ("notes.txt", b"#!/bin/sh\nrm -rf /"),
        ("notes.txt", b"L\0\0\0\x01\x14\x02\0"),
        ("budget.doc", compound("000c1084")),
        ("setup.MSI", b"words"),
        ("run.bat", b"words"),
        ("run.cmd", b"words"),
        ("run.ps1", b"words"),
        ("run.vbs", b"words"),
        ("run.js ", b"words"),
        ("run.exe. ", b"words"),
        ("photo\u202egnp.exe", b"words"),
    ],
)
def test_what_would_run_is_refused(name, content):
    with pytest.raises(ValidationError, match="could run when somebody opens it, so we do not take it"):
        check(a_file(name, content))


@pytest.mark.parametrize("name", ["old.doc", "mail.msg", "budget.xlsm"])
def test_documents_are_taken_and_those_with_macros_too(name):
    content = compound("00020906") if name != "budget.xlsm" else b"PK\x03\x04"

    assert check(a_file(name, content)) == Kept(name, BYTES)


def test_compound_file_that_ends_early_is_no_installer():
    assert check(a_file("old.doc", compound("000c1084")[:40])).content_type == BYTES
    assert check(a_file("old.doc", compound("000c1084")[:600])).content_type == BYTES


def test_size_is_said_in_the_sentence(settings):
    settings.ATTACHMENT_MAX_BYTES = 1024 * 1024

    with pytest.raises(ValidationError) as large:
        check(a_file("film.mp4", b"x" * (1024 * 1024 + 1)))
    with pytest.raises(ValidationError) as empty:
        check(a_file("nothing.txt", b""))

    assert large.value.messages == ["film.mp4 is 1 MB. It must be 1 MB or smaller"]
    assert empty.value.messages == ["nothing.txt is empty. Check it, and select it again"]


def test_every_bad_file_of_several_is_named():
    with pytest.raises(ValidationError) as refused:
        check_all([a_file("a.txt", b""), a_file("b.txt"), a_file("c.exe")])

    assert [message.split()[0] for message in refused.value.messages] == ["a.txt", "c.exe"]


def test_too_many_at_once():
    with pytest.raises(ValidationError) as refused:
        check_all([a_file(f"{number}.txt") for number in range(11)])

    assert refused.value.messages == [
        "Select 10 files or fewer. You can send the others with another message"
    ]
