import pytest
from django.test import RequestFactory

from servicedesk.config.wsgi import application


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "rot13", "idna", "punycode", "nonsense"])
def test_a_request_is_read_as_utf_8_whatever_it_calls_itself(db, charset):
    environ = RequestFactory()._base_environ(
        PATH_INFO="/health/live", QUERY_STRING="q=caf%C3%A9", CONTENT_TYPE=f"text/plain; charset={charset}"
    )
    statuses = []

    application(environ, lambda status, headers: statuses.append(status)).close()

    assert statuses == ["200 OK"]
    assert application.request_class(environ).GET["q"] == "café"
