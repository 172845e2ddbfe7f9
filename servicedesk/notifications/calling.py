"""One call to a webhook: to an address that was looked up beforehand, without redirects, bounded in time.

Of the answer only its status is read, so that its size is nothing to us.
"""

import http.client
import socket
import ssl
import threading
from contextlib import suppress

from servicedesk.notifications.addresses import Target

STEP_SECONDS = 5
WHOLE_SECONDS = 15


class CallFailed(Exception):
    """The call brought no answer; says why in a sentence."""


def call(target: Target, body: bytes, headers: dict[str, str]) -> int:
    """Post the body; returns the status of the answer. Raises CallFailed."""
    connection = http.client.HTTPConnection(target.host, target.port, timeout=STEP_SECONDS)
    try:
        connection.sock = socket.create_connection((target.ip, target.port), STEP_SECONDS)
        cut = threading.Event()
        over = threading.Timer(WHOLE_SECONDS, _shut, [connection, cut])
        over.start()
        try:
            if target.secure:
                _shake_hands(connection, target.host)
            connection.request("POST", target.path, body, {"Host": _host(target), **headers})
            with connection.getresponse() as answer:
                if cut.is_set():  # an answer that was cut off reads like one that ended
                    raise TimeoutError
                return answer.status
        finally:
            over.cancel()
    except ssl.SSLCertVerificationError:
        raise CallFailed("Its certificate is not valid for its name.") from None
    except TimeoutError:
        raise CallFailed("It did not answer in time.") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise CallFailed("It could not be reached, or did not answer as a web server does.") from None
    finally:
        connection.close()


def _shake_hands(connection: http.client.HTTPConnection, name: str) -> None:
    """Speak TLS from here on; a certificate that is not valid for the name ends it."""
    secure = ssl.create_default_context().wrap_socket(
        connection.sock, server_hostname=name, do_handshake_on_connect=False
    )
    connection.sock = secure
    secure.do_handshake()


def _shut(connection: http.client.HTTPConnection, cut: threading.Event) -> None:
    """End whatever the caller waits for."""
    cut.set()
    with suppress(OSError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _host(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == (443 if target.secure else 80) else f"{host}:{target.port}"
