"""What people are told when the demo is loaded: an outage at one site, and work that is planned for all."""

from datetime import datetime, timedelta

from servicedesk.knowledge.announcing import draft, move
from servicedesk.knowledge.models import Announcement
from servicedesk.people.models import Council, Grant, Site

HOUR = timedelta(hours=1)


def load_announcements(now: datetime) -> None:
    """Publish both, as the queue manager."""
    begins = now.replace(minute=0, second=0, microsecond=0)
    manager = Grant.objects.filter(role="queue_manager").order_by("pk").select_related("person")[0].person
    site = Site.objects.filter(kind=Site.Kind.OFFICE).order_by("pk").select_related("council")[0]
    outage = Announcement(
        kind=Announcement.Kind.OUTAGE,
        title=f"Printing does not work at {site}",
        text="The print server stands still. Send what is urgent to a colleague elsewhere. We say more by midday.",
        public_text=f"Printing does not work at {site}.",
        starts_at=begins - 2 * HOUR,
    )
    work = Announcement(
        kind=Announcement.Kind.PLANNED,
        title="The network is renewed overnight",
        text="Save your work before you leave. Nothing is reachable from home in that time.",
        starts_at=begins + 5 * 24 * HOUR,
        ends_at=begins + 5 * 24 * HOUR + 8 * HOUR,
    )
    for told, councils, sites in (
        (outage, [site.council], [site]),
        (work, list(Council.objects.order_by("pk")), []),
    ):
        written = draft(told, councils, sites, by=manager, now=now)
        move(written, "publish", by=manager, version=written.version, now=now)
