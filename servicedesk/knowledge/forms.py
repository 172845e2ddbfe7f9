"""What is typed about an outage, planned work or advice."""

from typing import Any, cast

from django import forms
from django.db.models import Q

from servicedesk.catalogue.models import Service
from servicedesk.forms import SearchSelect
from servicedesk.knowledge.announcing import writes_somewhere
from servicedesk.knowledge.models import Announcement
from servicedesk.people.models import Council, Site
from servicedesk.people.row_forms import RowForm


class AnnouncementForm(RowForm):
    """What people are told, whom it concerns, and from when until when."""

    title = forms.CharField(label="In a few words", max_length=100, help_text="For example, Email is down")

    class Meta:
        model = Announcement
        fields = (
            "kind",
            "title",
            "text",
            "public_text",
            "councils",
            "sites",
            "service",
            "starts_at",
            "ends_at",
        )
        labels = {
            "kind": "What it is",
            "text": "What people need to know",
            "public_text": "What everybody may read on the sign-in page",
            "councils": "For the people of",
            "sites": "At these sites alone",
            "service": "Service",
            "starts_at": "From",
            "ends_at": "Until",
        }
        help_texts = {
            "text": "What does not work, what to do meanwhile, when you will say more",
            "public_text": "Strangers read it too, so give no detail. Empty: nothing is said there",
            "sites": "None: at every site",
            "starts_at": "For example, 27/3/2026 14:30",
            "ends_at": "Leave this empty while you do not know. Planned work needs an end",
        }
        widgets = {
            "kind": forms.RadioSelect,
            "text": forms.Textarea(attrs={"rows": 4}),
            "public_text": forms.Textarea(attrs={"rows": 2}),
            "councils": forms.CheckboxSelectMultiple,
            "sites": forms.CheckboxSelectMultiple,
            "service": SearchSelect,
            "starts_at": forms.DateTimeInput(format="%d/%m/%Y %H:%M"),
            "ends_at": forms.DateTimeInput(format="%d/%m/%Y %H:%M"),
        }

    def narrow(self) -> None:
        reach, row = writes_somewhere(self.by), self.instance
        kept = row.sites.values("pk") if row.pk else ()
        sites = Site.objects.visible_to(self.by).filter(council__in=reach, archived_at=None)
        self.offer("councils", Council.objects.filter(pk__in=reach, archived_at=None))
        self.offer("sites", Site.objects.filter(Q(pk__in=sites.values("pk")) | Q(pk__in=kept)))
        services = Service.objects.visible_to(self.by).filter(Q(archived_at=None) | Q(pk=row.service_id))
        self.offer("service", services, none="No one service")

    def values(self) -> dict[str, Any]:
        """What was typed; lists of rows as lists."""
        linked = {name: list(rows) for name, rows in self.links().items()}
        return {**super().values(), **linked}

    def announcement(self) -> Announcement:
        """A new one of what was typed, without whom it is for."""
        return cast(Announcement, self.made())
