"""References of pages and programs of the desk: tickets, calls, people, services and hours."""

from tests.sweeps.trying import API, Try

HELP = {"kind": "incident", "title": "No sound", "effect": "me", "sensitivity": "normal"}
TICKET = {
    "title": "No sound",
    "description": "",
    "category": "",
    "subcategory": "",
    "impact": 3,
    "urgency": 3,
}
LEVEL = {
    "kind": "uc",
    "ticket_type": "incident",
    "priority": "P4",
    "metric": "supplier",
    "hours": "2",
    "starts_on": "2020-01-01",
    "goal_percent": "90",
    "warn_percent": "75",
}
MOVES = {
    "team": ("hand_over", {"note": "Yours"}, "team"),
    "assignee": ("hand_over", {"note": "Yours"}, "person"),
    "supplier_team": ("refer_to_supplier", {}, "supplier"),
    "duplicate_of": ("cancel", {"reason": "Twice"}, "ticket"),
    "approver": ("request_approval", {"reason": "Not standard"}, "person"),
}


def of(move: str) -> str:
    """A ticket that a move can be made of: what nobody has begun, or what is under way."""
    return "untouched" if move == "request_approval" else "ticket"


OF_A_TASK = {"team": "team", "assignee": "person", "after": "task"}
TIES = {
    "LinkSerializer": ("other", "links", {"kind": "relates"}),
    "ParentSerializer": ("parent", "parent", {}),
    "MergeSerializer": ("into", "merge", {}),
}
PEOPLE = (("site", "site"), ("department", "department"), ("line_manager", "person"))
SERVICES = (("owner", "person"), ("support_team", "case group"))

OF_THE_DESK = [
    Try(
        "NewStandInSerializer",
        "stand_in",
        "engineer",
        f"{API}/stand-ins/",
        "person by name",
        {"ends_at": "2036-04-01T00:00:00Z"},
    ),
    Try(
        "NewStandInSerializer",
        "person",
        "administrator",
        f"{API}/stand-ins/",
        "person",
        {"stand_in": "nobody@occ.example", "ends_at": "2036-04-01T00:00:00Z"},
    ),
    *(
        Try("TaskForm", name, "engineer", "/tickets/{ticket}/tasks/", to, {"title": "A", "team": "{team}"})
        for name, to in OF_A_TASK.items()
    ),
    *(
        Try(
            shape,
            name,
            "engineer",
            address,
            to,
            beside,
            method,
            known=to in ("team", "person"),
        )
        for shape, address, beside, method in (
            (
                "NewTaskSerializer",
                f"{API}/tickets/{{ticket}}/tasks/",
                {"title": "A", "team": "{team}"},
                "POST",
            ),
            ("TaskChangeSerializer", f"{API}/tasks/{{task}}/", {"version": 1}, "PATCH"),
        )
        for name, to in OF_A_TASK.items()
    ),
    *(
        Try(form, "other", "engineer", f"/tickets/{{ticket}}/{page}/", "ticket", beside)
        for form, page, beside in (("RelateForm", "links", {"how": "relates"}), ("MergeForm", "merge", {}))
    ),
    *(
        Try(shape, name, "engineer", f"{API}/tickets/{{ticket}}/{path}/", "ticket", beside)
        for shape, (name, path, beside) in TIES.items()
    ),
    Try("HelpForm", "service", "someone", "/help/", "service", HELP),
    Try("HelpForm", "asset", "someone", "/help/", "asset", HELP),
    *(
        Try("GIVEN", name, "queue_manager", f"/tickets/{{{of(move)}}}/moves/{move}/", to, beside)
        for name, (move, beside, to) in MOVES.items()
    ),
    Try(
        "ChangeForm",
        "service",
        "engineer",
        "/tickets/{ticket}/change/",
        "service",
        {**TICKET, "version": "{version}"},
    ),
    Try(
        "ChangeForm",
        "site",
        "engineer",
        "/tickets/{ticket}/change/",
        "site",
        {**TICKET, "version": "{version}"},
    ),
    *(
        Try("CallForm", name, "engineer", "/queue/log/", to, {"title": "A", "stops": "33", "type": "request"})
        for name, to in (("team", "case group"), ("assignee", "person"))
    ),
    *(
        Try(
            "CallSerializer",
            name,
            "engineer",
            f"{API}/calls/",
            to,
            {"caller": "{person}", "title": "A", "outcome": "pass_on"},
        )
        for name, to in (("team", "case group"), ("assignee", "person"))
    ),
    *(
        Try("PersonForm", name, "administrator", "/admin/people/{person}/edit/", to, {"display_name": "A"})
        for name, to in PEOPLE
    ),
    *(
        Try("ServiceForm", name, "administrator", "/admin/services/{service}/", to, {"name": "A"})
        for name, to in SERVICES
    ),
    *(
        Try(form, "person", "administrator", f"/admin/teams/{{team}}/rota/{page}/", "person")
        for form, page in (("MemberForm", "join"), ("RotaForm", "slots"), ("MemberAbsenceForm", "away"))
    ),
    *(
        Try(f"{begin}{noun}Serializer", name, "administrator", f"{API}/{path}", to, beside, method)
        for noun, one, given, fields in (
            ("Person", "people/{person}/", {"council": "OCC", "display_name": "A"}, PEOPLE),
            ("Service", "services/{service}/", {"name": "A", "councils": ["OCC"]}, SERVICES),
        )
        for begin, path, beside, method in (
            ("New", one.partition("{")[0], given, "POST"),
            ("Changed", one, {"version": 1}, "PATCH"),
        )
        for name, to in fields
    ),
    *(
        Try(shape, "person", "administrator", f"{API}/teams/{{team}}/{path}/", "person", beside)
        for shape, path, beside in (
            ("NewMemberSerializer", "members", {}),
            ("NewRotaSerializer", "rota", {"weekday": 0, "begins": "09:00", "ends": "17:00"}),
        )
    ),
    *(
        Try("SeveralSerializer", name, "engineer", f"{API}/tickets/merge-several/", "ticket", beside, **how)
        for name, beside, how in (
            ("into", {"tickets": ["{ticket}"], "apply": True}, {}),
            ("tickets", {"into": "{ticket}", "apply": True}, {"several": True}),
        )
    ),
    Try(
        "NewTicketSerializer",
        "service",
        "someone",
        f"{API}/tickets/",
        "service",
        {"type": "request", "title": "A"},
    ),
    Try(
        "NewTicketSerializer",
        "requester",
        "someone",
        f"{API}/tickets/",
        "person",
        {"type": "request", "title": "A"},
    ),
    *(
        Try(
            "MoveSerializer",
            name,
            "queue_manager",
            f"{API}/tickets/{{{of(move)}}}/moves/{move}/",
            to,
            beside,
            known=to != "ticket",
        )
        for name, (move, beside, to) in MOVES.items()
    ),
    Try(
        "ChangeSerializer",
        "service",
        "engineer",
        f"{API}/tickets/{{ticket}}/",
        "service",
        {"version": "{version}"},
        "PATCH",
    ),
    Try(
        "ChangeSerializer",
        "site",
        "engineer",
        f"{API}/tickets/{{ticket}}/",
        "site",
        {"version": "{version}"},
        "PATCH",
    ),
    *(
        Try(form, "team", "administrator", f"{address}/calendars/{{calendar}}/keep/", "supplier")
        for form, address in (("KeepForm", "/admin"), ("KeepSerializer", API))
    ),
    *(
        Try(form, name, "administrator", address, to, {**LEVEL, "target_seconds": 7200})
        for form, address in (
            ("LevelForm", "/admin/service-levels/new/"),
            ("NewLevelSerializer", f"{API}/service-levels/"),
        )
        for name, to in (("team", "supplier"), ("service", "service"))
    ),
    *(
        Try(
            "ChangedLevelSerializer",
            name,
            "administrator",
            f"{API}/service-levels/{{level}}/",
            to,
            {"version": 1},
            "PATCH",
        )
        for name, to in (("team", "supplier"), ("service", "service"))
    ),
]
