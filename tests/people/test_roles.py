"""The policy page against the table that the councils agreed.

A cell is how far a permission reaches: "own", what concerns the person; "C", the council of the grant; "J", every
council; "" not at all. The table is written out whole, so that a change of policy is a change here.
"""

import pytest

from servicedesk.people.roles import PERMISSION_WORDS, ROLE_CHOICES, ROLES, Permission, Reach

LETTERS = {Reach.OWN: "own", Reach.COUNCIL: "C", Reach.JOINT: "J"}
COLUMNS = [
    "requester",
    "engineer",
    "queue_manager",
    "asset_manager",
    "cyber_officer",
    "service_owner",
    "supplier_contact",
    "budget_approver",
    "administrator",
    "auditor",
]
TABLE = """
raise_ticket         own own own own own own  -   own own  -
see_shared_tickets    -   J   J   -   J   -   -    -   -   C
see_council_tickets   -   C   C   -   J   -   -    -   -   C
see_cyber_tickets     -   -   -   -   J   -   -    -   -   -
see_service_tickets   -   -   -   -   -   J   -    -   -   -
see_firm_tickets      -   -   -   -   -   -   J    -   -   -
see_asset_tickets     -   -   -   C   -   -   -    -   -   -
work_tickets          -   J   J   -   -   -   -    -   -   -
work_cyber_tickets    -   -   -   -   J   -   -    -   -   -
work_firm_tickets     -   -   -   -   -   -   J    -   -   -
manage_queue          -   -   J   -   -   -   -    -   -   -
see_own_assets       own own own own own own  -   own  -   -
see_assets            -   J   J   J   J   -   -    C   -   C
see_asset_money       -   -   -   C   -   -   -    C   -   -
edit_assets           -   -   -   C   -   -   -    -   -   -
move_assets           -   J   -   C   -   -   -    -   -   -
hold_assets           -   -   -   C   J   -   -    -   -   -
plan_refresh          -   -   -   C   -   -   -    -   -   -
approve_spending      -   -   -   -   -   -   -    C   -   -
break_glass           -   -   C   -   J   -   -    -   C   C
see_reports           -   -   C   -   J   C   -    -   -   C
enter_figures         -   -   -   -   -   C   -    -   -   -
export               own  J   J   J   J   J   -    C   C   C
draft_announcements   -   J   -   -   -   -   -    -   -   -
announce              -   -   J   -   J   -   -    -   -   -
announce_services     -   -   -   -   -   J   -    -   -   -
see_settings          -   -   -   -   -   -   -    -   C   C
administer            -   -   -   -   -   -   -    -   C   -
"""
EXPECTED = {
    name: {role: cell for role, cell in zip(COLUMNS, cells, strict=True) if cell != "-"}
    for name, *cells in (line.split() for line in TABLE.strip().splitlines())
}


def test_there_are_ten_roles():
    assert list(ROLES) == COLUMNS
    assert [(code, role.name) for code, role in ROLES.items()] == ROLE_CHOICES


@pytest.mark.parametrize("permission", Permission)
def test_permission_is_held_by_whom_the_table_says(permission):
    held = {
        code: LETTERS[role.permissions[permission]]
        for code, role in ROLES.items()
        if permission in role.permissions
    }
    assert held == EXPECTED[permission]


def test_every_permission_and_role_says_what_it_is_in_a_sentence():
    assert set(PERMISSION_WORDS) == set(Permission) == set(EXPECTED)
    assert all(role.name and role.sentence.endswith(".") for role in ROLES.values())


def test_administrator_sees_the_content_of_nobody_by_that_role():
    content = {name for name in Permission if name.startswith("see_")} - {Permission.SEE_SETTINGS}
    assert not content & set(ROLES["administrator"].permissions)


def test_auditor_changes_nothing():
    assert {name for name in ROLES["auditor"].permissions if not name.startswith("see_")} == {
        Permission.EXPORT,
        Permission.BREAK_GLASS,
    }
