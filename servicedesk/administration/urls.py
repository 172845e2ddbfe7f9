"""Addresses of administration."""

from django.urls import path

from servicedesk.administration import index
from servicedesk.administration.nouns import NOUNS
from servicedesk.administration.views import agreements, grants, leaving, nouns, people, teams

app_name = "administration"
urlpatterns = [
    path("", index.index, name="index"),
    path("rotas/", teams.rotas, name="rotas"),
    path("teams/<int:pk>/rota/", teams.team, name="rota"),
    path("teams/<int:pk>/rota/join/", teams.join, name="join"),
    path("teams/<int:pk>/rota/leave/<int:place>/", teams.leave, name="leave"),
    path("teams/<int:pk>/rota/slots/", teams.roster, name="roster"),
    path("teams/<int:pk>/rota/slots/<int:slot>/remove/", teams.unroster, name="unroster"),
    path("teams/<int:pk>/rota/away/", teams.away, name="member_away"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invitation, name="invite"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.edit, name="edit_person"),
    path("people/<int:pk>/leaving/", leaving.leaving, name="leaving"),
    path("people/<int:pk>/invite/", people.again, name="invite_again"),
    path("people/<int:pk>/off/", people.off, name="switch_off"),
    path("people/<int:pk>/on/", people.on, name="switch_on"),
    path("people/<int:pk>/roles/", people.give, name="give_role"),
    path("people/<int:pk>/roles/<int:grant>/end/", people.take_away, name="end_role"),
    path("people/<int:pk>/absences/", people.away, name="away"),
    path("people/<int:pk>/absences/<int:absence>/cancel/", people.back, name="back"),
    path("grants/", grants.grants, name="grants"),
    path("grants/give/", grants.give, name="give_by_email"),
    path("grants/<int:pk>/end/", grants.take_away, name="end_grant"),
    *(
        path(f"grants/<int:pk>/{decision}/", grants.decide, {"decision": decision}, name=f"{decision}_grant")
        for decision in grants.DECISIONS
    ),
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/new/", agreements.new, name="new_agreement"),
    path("agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<int:pk>/agree/<int:council>/", agreements.agree, name="agree"),
    path("agreements/<int:pk>/end/", agreements.end, name="end_agreement"),
]
for noun in NOUNS:
    given = {"noun": noun}
    urlpatterns += [
        path(f"{noun.page}s/", nouns.listed, given, name=f"{noun.page}s"),
        path(f"{noun.page}s/new/", nouns.new, given, name=f"new_{noun.page}"),
        path(f"{noun.page}s/<int:pk>/", nouns.edit, given, name=noun.page),
        path(f"{noun.page}s/<int:pk>/archive/", nouns.archive, given, name=f"archive_{noun.page}"),
        path(f"{noun.page}s/<int:pk>/bring-back/", nouns.bring_back, given, name=f"bring_back_{noun.page}"),
    ]
