"""Who there is: councils, their sites and departments, teams, people, and what each may do."""

from datetime import date, datetime, timedelta
from typing import cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from servicedesk.people.querysets import (
    AgreementQuerySet,
    CouncilQuerySet,
    PersonManager,
    PlaceQuerySet,
    SpanQuerySet,
    StandInQuerySet,
    TeamQuerySet,
)
from servicedesk.people.roles import ROLE_CHOICES


class Council(models.Model):
    """One data controller with a budget of its own. Every row that somebody owns belongs to one."""

    code = models.CharField(max_length=10, unique=True, validators=[RegexValidator(r"^[A-Z][A-Z0-9]*$")])
    name = models.CharField(max_length=100, unique=True)
    colour = models.CharField(max_length=7, default="#1d70b8", validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    desk_phone = models.CharField(max_length=40, blank=True)
    desk_hours = models.CharField(max_length=100, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CouncilQuerySet.as_manager()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A part of a council that answers for a cost centre."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="departments")
    name = models.CharField(max_length=100)
    cost_centre = models.CharField(max_length=40, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("council", Lower("name"), name="department_name_in_council")]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place where people and equipment are."""

    class Kind(models.TextChoices):
        OFFICE = "office", "Office"
        LIBRARY = "library", "Library"
        SCHOOL = "school", "School"
        DEPOT = "depot", "Depot"
        HOME = "home", "Home"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OFFICE)
    address = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    uprn = models.CharField(max_length=12, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("council", Lower("name"), name="site_name_in_council")]

    def __str__(self) -> str:
        return self.name


class Person(AbstractBaseUser):
    """Somebody we know: who signs in, who holds equipment, who telephones.

    The e-mail is what a person signs in with. It is null, never empty, for people known only from a register.
    """

    class Kind(models.TextChoices):
        STAFF = "staff", "Staff"
        MEMBER = "member", "Councillor"
        CONTRACTOR = "contractor", "Contractor"
        PARTNER = "partner", "Partner"

    email = models.EmailField(null=True, blank=True, unique=True)
    display_name = models.CharField(max_length=100)
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="people")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    line_manager = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.STAFF)
    job_title = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    payroll_number = models.CharField(max_length=40, blank=True)
    vip = models.BooleanField("very important person", default=False)
    uses_assistive_technology = models.BooleanField(default=False)
    employed_from = models.DateField(null=True, blank=True)
    employed_to = models.DateField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    derived_fields = ("password", "last_login")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    objects = PersonManager()

    class Meta:
        ordering = ["display_name"]
        verbose_name_plural = "people"
        indexes = [models.Index(fields=["council", "display_name"])]
        constraints = [
            models.CheckConstraint(condition=~Q(email=""), name="person_email_null_not_empty"),
            models.UniqueConstraint(Lower("email"), name="person_email_whatever_case"),
        ]

    def __str__(self) -> str:
        return self.display_name


class Team(models.Model):
    """People who work on requests together: of the councils, of a supplier, or a sealed group for private cases."""

    class Kind(models.TextChoices):
        IN_HOUSE = "in_house", "In-house"
        SUPPLIER = "supplier", "Supplier"
        CASE_GROUP = "case_group", "Case group"

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.IN_HOUSE)
    tier = models.PositiveSmallIntegerField(default=1)
    councils = models.ManyToManyField(Council, related_name="teams")
    sensitivity = models.CharField(max_length=20, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="case_group") & ~Q(sensitivity="")
                | ~Q(kind="case_group") & Q(sensitivity=""),
                name="case_group_has_sensitivity",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Span(models.Model):
    """Something that holds from a moment and perhaps until one; it is ended, never deleted."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        abstract = True


class Membership(Span):
    """A person is in a team."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "team"], condition=Q(ends_at=None), name="one_open_membership"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="membership_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"


class Grant(Span):
    """A person has a role at a council. Given and taken away by `people.grants` alone."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="grants")
    granted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="grants_made"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "council"], condition=Q(ends_at=None), name="one_open_grant"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="grant_span"
            ),
            models.CheckConstraint(condition=~Q(person=F("granted_by")), name="grant_not_to_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} at {self.council}"


class GrantRequest(models.Model):
    """An administrator asks for a role for somebody, or for a place in a case group, where a second one must agree.

    It is for a role at a council, or for a place in a team.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grant_requests")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES, blank=True)
    council = models.ForeignKey(
        Council, on_delete=models.PROTECT, null=True, blank=True, related_name="grant_requests"
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="grant_requests"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants_asked")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="grants_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    grant = models.OneToOneField(
        Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="request"
    )
    place = models.OneToOneField(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="request"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "council"],
                condition=Q(decided_at=None),
                name="one_open_grant_request",
            ),
            models.UniqueConstraint(
                fields=["person", "team"], condition=Q(decided_at=None), name="one_open_place_request"
            ),
            models.CheckConstraint(
                condition=~Q(role="") & Q(council__isnull=False, team=None)
                | Q(role="", council=None, team__isnull=False),
                name="grant_request_of_role_or_place",
            ),
            models.CheckConstraint(condition=~Q(asked_by=F("decided_by")), name="grant_takes_two"),
            models.CheckConstraint(
                condition=~Q(person=F("decided_by")), name="grant_not_decided_by_its_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} for {self.person}"

    @property
    def what(self) -> str:
        """What is asked for."""
        return f"A place in {self.team}" if self.team else f"{self.get_role_display()} at {self.council}"

    @property
    def councils(self) -> list[Council]:
        """The councils that it concerns: whoever decides on it administers them all."""
        return [self.council] if self.council else list(self.team.councils.all()) if self.team else []


class StandIn(Span):
    """While somebody is away, another decides in their place what waits for their approval."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stood_in_for_by")
    stand_in = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="standing_in")

    objects = StandInQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("stand_in")), name="stand_in_is_another"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=False, ends_at__gte=F("starts_at")), name="stand_in_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in} for {self.person}"

    @property
    def last_day(self) -> date:
        """The day on which they stand in for the last time: most end with the midnight after it."""
        return timezone.localdate(cast(datetime, self.ends_at) - timedelta(microseconds=1))


class Agreement(Span):
    """How councils share the desk: jointly, or one of them, the provider, serves the others.

    While it holds, the desk of each joint council, or of the provider alone, reaches the requests of the others.
    `councils` are all who take part, the provider among them; `awaiting` are those of them whose administrators have
    not agreed to it yet. Who takes part is never changed: an agreement ends, and another is made.
    """

    class Kind(models.TextChoices):
        JOINT = "joint", "Joint: each serves the others"
        HOST = "host", "Host: one provides for its customers"

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    provider = models.ForeignKey(
        Council, on_delete=models.PROTECT, null=True, blank=True, related_name="agreements_provided"
    )
    councils = models.ManyToManyField(Council, related_name="agreements")
    awaiting = models.ManyToManyField(Council, blank=True, related_name="agreements_to_answer")
    version = models.PositiveIntegerField(default=1)

    objects = AgreementQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="host", provider__isnull=False) | Q(kind="joint", provider=None),
                name="host_agreement_has_provider",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="agreement_span"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RotaSlot(models.Model):
    """When a person is on duty for a team, week by week; 0 is Monday, times are the councils' own."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rota")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="rota")
    weekday = models.PositiveSmallIntegerField()
    begins = models.TimeField()
    ends = models.TimeField()

    class Meta:
        ordering = ["weekday", "begins"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="rota_weekday"),
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="rota_slot_span"),
            models.UniqueConstraint(fields=["team", "person", "weekday", "begins"], name="rota_slot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.team}"


class Absence(models.Model):
    """A person is away, both days included."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["first_day"]
        constraints = [models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_span")]

    def __str__(self) -> str:
        return f"{self.person} is away"
