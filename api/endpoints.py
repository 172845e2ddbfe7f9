"""What every endpoint of the API does beside its own work: answers once to a key, and carries versions in headers."""

from functools import partial
from typing import Any

from django.http import HttpResponseNotModified
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from api.etags import is_known, say_version, tag, wanted_version
from api.idempotency import KEY, answer_once


class Endpoint(APIView):
    """An address of the API. What `tells_a_secret` that is shown once only has its answer kept nowhere."""

    tells_a_secret = False
    wanted_version: int | None = None

    def initial(self, request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.wanted_version = wanted_version(request)
        if self.wanted_version is not None:
            say_version(request, self.wanted_version)
        if request.method == "POST" and KEY in request.headers and hasattr(self, "post"):
            # REST framework looks up what serves the request after this.
            once = partial(answer_once, self, getattr(self, "post"))  # noqa: B009
            setattr(self, "post", once)  # noqa: B010

    def given(self, shape: type[BaseSerializer]) -> dict[str, Any]:
        """What was sent, as the shape takes it from this person. Raises ValidationError."""
        sent = shape(data=self.request.data, context={"person": self.request.user})
        sent.is_valid(raise_exception=True)
        return sent.validated_data

    def finalize_response(self, request, response, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response, Response):
            tag(response)
            if is_known(request, response):
                headers = {
                    name: response[name] for name in ("ETag", "Cache-Control", "Vary") if name in response
                }
                return HttpResponseNotModified(headers=headers)
        return response
