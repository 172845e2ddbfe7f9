"""Where webhooks may lead."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from servicedesk.notifications import addresses, calling
from servicedesk.notifications.addresses import AddressRefused, Target, is_public, target_of
from servicedesk.notifications.calling import CallFailed, call
from tests.notifications.http_sink import http_sink

PRIVATE = "The address leads into a private network. We call only public addresses."


def names(monkeypatch, *found: str) -> list:
    """Let every name have these addresses; returns who asked."""
    asked: list = []

    def look_up(host, port, **options):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",  # noqa: S104
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_addresses_of_our_own_network_and_of_nobody(address):
    assert not is_public(address)


def test_name_is_looked_up_once_and_the_address_found_is_the_one_called(monkeypatch):
    asked = names(monkeypatch, "93.184.216.34")

    target = target_of("https://hooks.example.com/in?key=1")

    assert target == Target(True, "hooks.example.com", "93.184.216.34", 443, "/in?key=1")
    assert asked == ["hooks.example.com"]


@pytest.mark.parametrize("found", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:10.0.0.1"]])
def test_name_that_leads_inside_is_refused(monkeypatch, found):
    names(monkeypatch, *found)

    with pytest.raises(AddressRefused, match=PRIVATE):
        target_of("https://hooks.example.com/")


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://localhost/"],
)
def test_numbers_written_oddly_lead_inside_too(url):
    with pytest.raises(AddressRefused, match=PRIVATE):
        target_of(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "https:///nowhere",
        "https://a:b@hooks.example.com/",
        "https://hooks.example.com:99999/",
        "hooks.example.com",
        "",
    ],
)
def test_odd_address_is_refused(monkeypatch, url):
    names(monkeypatch, "93.184.216.34")

    with pytest.raises(AddressRefused):
        target_of(url)


def test_name_of_no_machine_is_refused(monkeypatch):
    def nobody(*args, **options):
        raise socket.gaierror

    monkeypatch.setattr(addresses.socket, "getaddrinfo", nobody)

    with pytest.raises(AddressRefused, match="no machine of this name"):
        target_of("https://hooks.example.com/")


class TestCalling:
    def test_name_goes_along_though_the_address_is_called(self):
        with http_sink() as sink:
            port = sink.server_address[1]

            assert (
                call(Target(False, "hooks.example.com", "127.0.0.1", port, "/in"), b"{}", {"a": "b"}) == 200
            )

        called = sink.calls[0]
        assert (called.path, called.body, called.headers["host"], called.headers["a"]) == (
            "/in",
            b"{}",
            f"hooks.example.com:{port}",
            "b",
        )

    def test_redirect_is_not_followed(self):
        with http_sink() as sink:
            sink.status, sink.location = 302, sink.address

            assert call(target(sink), b"{}", {}) == 302

        assert len(sink.calls) == 1

    def test_certificate_must_fit(self):
        with http_sink() as sink, pytest.raises(CallFailed):
            call(target(sink)._replace(secure=True), b"{}", {})

    def test_nobody_there(self):
        with pytest.raises(CallFailed, match="could not be reached"):
            call(Target(False, "a", "127.0.0.1", 1, "/"), b"{}", {})

    def test_answer_that_drips_is_cut_off(self, monkeypatch):
        monkeypatch.setattr(calling, "WHOLE_SECONDS", 0.3)
        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=drip, args=[server], daemon=True).start()
            begun = time.monotonic()

            with pytest.raises(CallFailed):
                call(Target(False, "a", "127.0.0.1", server.getsockname()[1], "/"), b"{}", {})

        assert time.monotonic() - begun < 5

    def test_long_answer_is_not_read(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=pour, args=[server], daemon=True).start()

            assert call(Target(False, "a", "127.0.0.1", server.getsockname()[1], "/"), b"{}", {}) == 200


def target(sink) -> Target:
    return Target(False, "127.0.0.1", "127.0.0.1", sink.server_address[1], "/")


def drip(server) -> None:
    """Answer a byte at a time, for ever."""
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)


def pour(server) -> None:
    """Answer with more than anybody wants."""
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            connection.sendall(b"x" * 100_000)
