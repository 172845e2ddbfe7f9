"""What narrows a list of announcements."""

import django_filters as filters

from servicedesk.forms import FilterForm
from servicedesk.knowledge.models import Announcement
from servicedesk.knowledge.querysets import AnnouncementQuerySet

NOW, COMING, OVER, UNPUBLISHED = "now", "coming", "over", "unpublished"
WHEN = (
    (NOW, "That hold now"),
    (COMING, "That are coming"),
    (OVER, "That are over"),
    (UNPUBLISHED, "That are not published"),
)


class AnnouncementFilter(filters.FilterSet):
    """Filters of announcements that the person may see."""

    when = filters.ChoiceFilter(label="Which", choices=WHEN, method="by_time", empty_label="Any")
    kind = filters.ChoiceFilter(label="Kind", choices=Announcement.Kind.choices, empty_label="Any")

    class Meta:
        model = Announcement
        fields: tuple[str, ...] = ()
        form = FilterForm

    def by_time(self, queryset: AnnouncementQuerySet, name: str, value: str) -> AnnouncementQuerySet:
        narrowed = {
            NOW: queryset.on,
            COMING: queryset.coming,
            OVER: queryset.over,
            UNPUBLISHED: queryset.unpublished,
        }
        return narrowed[value]()
