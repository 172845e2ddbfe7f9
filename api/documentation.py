"""The page that shows the schema, under a content policy of its own: what it is made of brings its own styles."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView

STYLES = {"style-src": [SELF, "'unsafe-inline'"], "img-src": [SELF, "data:"]}


@method_decorator(csp_update(STYLES), name="dispatch")
class DocumentationView(SpectacularSwaggerSplitView):
    """Swagger's page, from our own server."""

    url_name = "api:schema"
