"""What people get help with."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from servicedesk.people.access import access_of, councils_of
from servicedesk.people.models import Agreement, Council, Person, Team
from servicedesk.people.roles import Permission


class ServiceQuerySet(models.QuerySet):
    """Services. The catalogue of a council is open to its people, and to whoever works the desk or administers it."""

    def visible_to(self, person):
        access = access_of(person)
        if not (access and access.grants):
            return self.none()
        desks = councils_of(person, Permission.SEE_SHARED_TICKETS) | councils_of(
            person, Permission.ADMINISTER
        )
        councils = {person.council_id} | desks
        agreed = [key for key, sharing in access.agreements.items() if sharing.councils & councils]
        return self.filter(_offered(councils, agreed))

    def on_offer(self):
        return self.filter(archived_at=None)

    def offered_to(self, *councils: int):
        """What the people of these councils can ask for today: their own, and what an agreement in force brings."""
        agreed = Agreement.objects.in_force().filter(councils__in=councils)
        return self.on_offer().filter(_offered(councils, agreed))


def _offered(councils: Iterable[int], agreed: "Iterable[int] | models.QuerySet[Agreement]") -> Q:
    own = Service.councils.through.objects.filter(council__in=councils).values("service")
    brought = Service.agreements.through.objects.filter(agreement__in=agreed).values("service")
    return Q(pk__in=own) | Q(pk__in=brought)


class Service(models.Model):
    """Something that works or does not, by the name that staff know it by.

    It is offered to the people of `councils`, and to the customers of `agreements` while those hold. What is asked of
    a service with a `sensitivity` is restricted from the first instant; a service request about one with an `approval`
    waits until somebody has approved it. Where the `first_line` can resolve what is asked of it, figures tell how often
    it does so at the first contact.
    """

    class Sharing(models.TextChoices):
        SHARED = "shared", "Seen by the joint desk"
        OWN_COUNCIL = "own_council", "Seen by the council's own desk"

    class Approval(models.TextChoices):
        NOBODY = "", "Nobody"
        MANAGER = "manager", "The requester's manager"
        BUDGET = "budget", "A budget approver of their council"

    name = models.CharField(max_length=100, unique=True)
    sentence = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="services_owned"
    )
    support_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="services")
    councils = models.ManyToManyField(Council, related_name="services")
    criticality = models.PositiveSmallIntegerField(default=3, choices=[(n, str(n)) for n in (1, 2, 3, 4)])
    public_facing = models.BooleanField(default=False)
    first_line = models.BooleanField("the first line can resolve it", default=True)
    out_of_hours_cover = models.BooleanField(default=False)
    sharing = models.CharField(max_length=12, choices=Sharing, default=Sharing.SHARED)
    sensitivity = models.CharField(max_length=12, blank=True)
    approval = models.CharField(max_length=8, choices=Approval, default=Approval.NOBODY, blank=True)
    agreements = models.ManyToManyField(Agreement, blank=True, related_name="services")
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
