"""What administrators type about councils, places, teams, people and services."""

from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet

from servicedesk.catalogue.models import Service
from servicedesk.forms import SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.inviting import EDITABLE
from servicedesk.people.models import Agreement, Council, Department, Person, Site, Team
from servicedesk.people.organising import councils_within
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import RowForm
from servicedesk.tickets.models import Sensitivity

PRIVATE = [(kind.value, kind.label) for kind in Sensitivity if kind != Sensitivity.NORMAL]
TIERS = "1 is the first to answer, 3 the last. What is asked about no service goes to the first that answers"


def of_councils(by: Person) -> QuerySet[Council]:
    """The councils that somebody administers and that are not archived."""
    return Council.objects.filter(pk__in=councils_of(by, Permission.ADMINISTER), archived_at=None)


class OwnedForm(RowForm):
    """A row of one council, which it belongs to for good."""

    new_alone = ("council",)

    def narrow(self) -> None:
        self.offer("council", of_councils(self.by))


class CouncilForm(RowForm):
    """A council: its code is chosen once, because programs and spreadsheets know it by that."""

    new_alone = ("code",)
    code = forms.CharField(
        label="Code",
        max_length=10,
        help_text="Capital letters and figures, for example WODC. It cannot be changed later",
        validators=[
            RegexValidator(r"^[A-Z][A-Z0-9]*$", "Code must be capital letters and figures, like WODC")
        ],
    )
    colour = forms.CharField(
        label="Colour",
        max_length=7,
        initial="#1d70b8",
        help_text="It marks the council's pages. For example, #00664f",
        validators=[
            RegexValidator(
                r"^#[0-9a-f]{6}$", "Colour must be # and six figures or letters a to f, like #00664f"
            )
        ],
    )

    class Meta:
        model = Council
        fields = ("code", "name", "colour", "desk_phone", "desk_hours")
        labels = {"desk_phone": "Telephone number of the desk", "desk_hours": "Hours of the desk, in words"}


class SiteForm(OwnedForm):
    """A place of a council."""

    class Meta:
        model = Site
        fields = ("council", "name", "kind", "address", "postcode", "uprn")
        labels = {"uprn": "UPRN"}


class DepartmentForm(OwnedForm):
    """A part of a council."""

    class Meta:
        model = Department
        fields = ("council", "name", "cost_centre")


class TeamForm(RowForm):
    """A team. What kind it is, and what a case group is for, is chosen once."""

    new_alone = ("kind", "sensitivity")
    tier = forms.IntegerField(label="Tier", min_value=1, max_value=3, initial=1, help_text=TIERS)
    sensitivity = forms.ChoiceField(
        label="What a case group is for",
        choices=[("", "It is no case group"), *PRIVATE],
        required=False,
        help_text="Requests of this kind are sealed to its members",
    )

    class Meta:
        model = Team
        fields = ("name", "kind", "sensitivity", "tier", "councils")
        widgets = {"councils": forms.CheckboxSelectMultiple}

    def narrow(self) -> None:
        kept = self.instance.councils.values("pk") if self.instance.pk else ()
        self.offer("councils", Council.objects.filter(Q(pk__in=councils_within(self.by)) | Q(pk__in=kept)))


class PersonForm(RowForm):
    """A person of one council, whose departments, sites and people alone can be chosen."""

    class Meta:
        model = Person
        fields = EDITABLE
        labels = {
            "display_name": "Name",
            "email": "Email address",
            "employed_from": "First day",
        }
        widgets = {"department": SearchSelect, "site": SearchSelect, "line_manager": SearchSelect}
        error_messages = {"employed_from": {"invalid": "First day must be a real date, like 27/3/2026"}}

    def narrow(self) -> None:
        council = self.instance.council
        self.offer_living("department", Department.objects.filter(council=council), none="Not known")
        self.offer_living("site", Site.objects.filter(council=council), none="Not known")
        managers = Person.objects.filter(council=council).exclude(pk=self.instance.pk)
        kept = Q(is_active=True) | Q(pk=self.instance.line_manager_id)
        self.offer("line_manager", managers.filter(kept), none="Nobody")

    def clean_email(self) -> str | None:
        return self.cleaned_data["email"] or None

    def made(self) -> Person:
        return Person(council=self.instance.council, **self.values())


class ServiceForm(RowForm):
    """A service: what it is, who answers for it, and to whom it is offered.

    Whether it is covered out of hours has a page of its own, which shows what that does to open requests.
    """

    new_alone = ("out_of_hours_cover",)
    sensitivity = forms.ChoiceField(
        label="Who may read what is asked of it",
        choices=[("", "The IT desk"), *((kind, f"A case group alone: {words}") for kind, words in PRIVATE)],
        required=False,
    )
    criticality = forms.TypedChoiceField(
        label="Criticality",
        choices=[(1, "1: the councils stand still without it"), (2, "2"), (3, "3"), (4, "4: it can wait")],
        coerce=int,
        initial=3,
    )

    class Meta:
        model = Service
        fields = (
            "name",
            "sentence",
            "owner",
            "support_team",
            "councils",
            "agreements",
            "criticality",
            "public_facing",
            "first_line",
            "out_of_hours_cover",
            "sharing",
            "sensitivity",
            "approval",
        )
        labels = {
            "approval": "Who must approve what somebody needs of it",
            "sentence": "What it is, in a sentence",
            "councils": "Offered to the people of",
            "agreements": "Offered by agreement, while it holds",
            "sharing": "Requests about it are",
            "first_line": "The first line can resolve what is asked of it",
            "out_of_hours_cover": "Covered out of hours, where it is critical",
        }
        help_texts = {
            "first_line": "Untick it where it always takes other people, or days. The figure of what is resolved at "
            "first contact counts only what the first line can resolve",
        }
        widgets = {
            "owner": SearchSelect,
            "support_team": SearchSelect,
            "councils": forms.CheckboxSelectMultiple,
            "agreements": forms.CheckboxSelectMultiple,
        }

    def narrow(self) -> None:
        row, within = self.instance, councils_within(self.by)
        councils = row.councils.values("pk") if row.pk else ()
        agreements = row.agreements.values("pk") if row.pk else ()
        own = Agreement.objects.filter(ends_at=None, councils__in=councils_of(self.by, Permission.ADMINISTER))
        self.offer("councils", Council.objects.filter(Q(pk__in=within) | Q(pk__in=councils)))
        self.offer("agreements", Agreement.objects.filter(Q(pk__in=own) | Q(pk__in=agreements)))
        teams = Team.objects.filter(councils__in=within).exclude(kind=Team.Kind.CASE_GROUP).values("pk")
        self.offer_living("support_team", Team.objects.filter(Q(pk__in=teams) | Q(pk=row.support_team_id)))
        administered = councils_of(self.by, Permission.ADMINISTER)
        owners = Q(council__in=administered, is_active=True) | Q(pk=row.owner_id)
        self.offer("owner", Person.objects.filter(owners), none="Nobody")
