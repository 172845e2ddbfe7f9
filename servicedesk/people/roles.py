"""The policy, whole: what each role may do, and how far.

A grant gives one person one role at one council, from a day and perhaps until a day. How far a permission of that
role reaches from there is one of three: OWN, what concerns the person; COUNCIL, the rows of the grant's council;
JOINT, the rows of every council that this one's desk serves by agreement, its own among them. What no role gives,
nobody may do.

Four roles may break the glass of a sealed request, for a few hours, told to others and written down, because each may
have to act when nobody of its case group can: the auditor, who must be able to check anything; the administrator, who
sees no content by any other right; the queue manager, whose council's deadline runs out; and the cyber security
officer, who leads on a security incident wherever its traces are, and so alone beyond the one council.

Figures are for those who answer for a service or a council, and for those who check: the queue manager, the service
owner for their own services, the cyber security officer and the auditor. Nobody's figures count a request that they
may not see. SEE_REPORTS reaches the councils whose figures are shown whole; those of another council, whose requests
the person sees by agreement, are shown without its small numbers. What the desk cannot count, such as telephone calls,
the service owner enters for their council.

Outages and planned work are announced by the queue manager and the cyber security officer, and by the service owner
for their own services. An engineer drafts.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """How far from the grant's council a permission goes."""

    OWN = "own"
    COUNCIL = "council"
    JOINT = "joint"


class Permission(StrEnum):
    """A deed or a sight. `PERMISSION_WORDS` says each in a sentence."""

    RAISE_TICKET = "raise_ticket"
    SEE_SHARED_TICKETS = "see_shared_tickets"
    SEE_COUNCIL_TICKETS = "see_council_tickets"
    SEE_CYBER_TICKETS = "see_cyber_tickets"
    SEE_SERVICE_TICKETS = "see_service_tickets"
    SEE_FIRM_TICKETS = "see_firm_tickets"
    SEE_ASSET_TICKETS = "see_asset_tickets"
    WORK_TICKETS = "work_tickets"
    WORK_CYBER_TICKETS = "work_cyber_tickets"
    WORK_FIRM_TICKETS = "work_firm_tickets"
    MANAGE_QUEUE = "manage_queue"
    SEE_OWN_ASSETS = "see_own_assets"
    SEE_ASSETS = "see_assets"
    SEE_ASSET_MONEY = "see_asset_money"
    EDIT_ASSETS = "edit_assets"
    MOVE_ASSETS = "move_assets"
    HOLD_ASSETS = "hold_assets"
    PLAN_REFRESH = "plan_refresh"
    APPROVE_SPENDING = "approve_spending"
    BREAK_GLASS = "break_glass"
    SEE_REPORTS = "see_reports"
    ENTER_FIGURES = "enter_figures"
    EXPORT = "export"
    DRAFT_ANNOUNCEMENTS = "draft_announcements"
    ANNOUNCE = "announce"
    ANNOUNCE_SERVICES = "announce_services"
    SEE_SETTINGS = "see_settings"
    ADMINISTER = "administer"


PERMISSION_WORDS = {
    Permission.RAISE_TICKET: "Ask the IT desk for help, and follow your own requests",
    Permission.SEE_SHARED_TICKETS: "See the requests that the councils share",
    Permission.SEE_COUNCIL_TICKETS: "See the requests that a council keeps to itself",
    Permission.SEE_CYBER_TICKETS: "See security incidents",
    Permission.SEE_SERVICE_TICKETS: "See the requests about the services that you own",
    Permission.SEE_FIRM_TICKETS: "See the requests that are with your firm",
    Permission.SEE_ASSET_TICKETS: "See the requests about the council's assets",
    Permission.WORK_TICKETS: "Work on the requests that you can see",
    Permission.WORK_CYBER_TICKETS: "Work on security incidents",
    Permission.WORK_FIRM_TICKETS: "Answer the requests that are with your firm",
    Permission.MANAGE_QUEUE: "Manage the queue: cancel requests and override priorities",
    Permission.SEE_OWN_ASSETS: "See the equipment that you hold",
    Permission.SEE_ASSETS: "See the asset register, without what anything cost",
    Permission.SEE_ASSET_MONEY: "See what the council's assets cost",
    Permission.EDIT_ASSETS: "Change the council's assets and import spreadsheets of them",
    Permission.MOVE_ASSETS: "Issue, take back, repair and wipe assets, and say who has them",
    Permission.HOLD_ASSETS: "Put an asset on legal hold, and lift the hold",
    Permission.PLAN_REFRESH: "Plan how the council's assets are replaced, and what that costs",
    Permission.APPROVE_SPENDING: "Approve requests, and that a lost asset is written off, never your own",
    Permission.BREAK_GLASS: "Open a private request for four hours, for a reason that others are told",
    Permission.SEE_REPORTS: "See the figures of the council's requests",
    Permission.ENTER_FIGURES: "Enter figures that other systems count, with their source",
    Permission.EXPORT: "Export what you can see to a spreadsheet",
    Permission.DRAFT_ANNOUNCEMENTS: "Draft what people are told of outages, for others to publish",
    Permission.ANNOUNCE: "Tell people of outages and planned work",
    Permission.ANNOUNCE_SERVICES: "Tell people of outages of the services that you own",
    Permission.SEE_SETTINGS: "See who works for the council and in which role, and the calendars and service levels",
    Permission.ADMINISTER: "Administer people, roles and settings",
}


@dataclass(frozen=True)
class Role:
    """A set of permissions that is given as one."""

    name: str
    sentence: str
    permissions: dict[Permission, Reach]


OWN, COUNCIL, JOINT = Reach.OWN, Reach.COUNCIL, Reach.JOINT
P = Permission

ROLES: dict[str, Role] = {
    "requester": Role(
        "Requester",
        "Reports problems, asks for things and holds equipment.",
        {P.RAISE_TICKET: OWN, P.SEE_OWN_ASSETS: OWN, P.EXPORT: OWN},
    ),
    "engineer": Role(
        "Engineer",
        "Works on requests for all councils that share the desk.",
        {
            P.RAISE_TICKET: OWN,
            P.SEE_OWN_ASSETS: OWN,
            P.SEE_SHARED_TICKETS: JOINT,
            P.SEE_COUNCIL_TICKETS: COUNCIL,
            P.WORK_TICKETS: JOINT,
            P.SEE_ASSETS: JOINT,
            P.MOVE_ASSETS: JOINT,
            P.EXPORT: JOINT,
            P.DRAFT_ANNOUNCEMENTS: JOINT,
        },
    ),
    "queue_manager": Role(
        "Queue manager",
        "Keeps the queues within their deadlines.",
        {
            P.RAISE_TICKET: OWN,
            P.SEE_OWN_ASSETS: OWN,
            P.SEE_SHARED_TICKETS: JOINT,
            P.SEE_COUNCIL_TICKETS: COUNCIL,
            P.WORK_TICKETS: JOINT,
            P.MANAGE_QUEUE: JOINT,
            P.SEE_ASSETS: JOINT,
            P.BREAK_GLASS: COUNCIL,
            P.SEE_REPORTS: COUNCIL,
            P.EXPORT: JOINT,
            P.ANNOUNCE: JOINT,
        },
    ),
    "asset_manager": Role(
        "Asset manager",
        "Keeps the register of what the council owns and plans its replacement.",
        {
            P.RAISE_TICKET: OWN,
            P.SEE_OWN_ASSETS: OWN,
            P.SEE_ASSET_TICKETS: COUNCIL,
            P.SEE_ASSETS: JOINT,
            P.SEE_ASSET_MONEY: COUNCIL,
            P.EDIT_ASSETS: COUNCIL,
            P.MOVE_ASSETS: COUNCIL,
            P.HOLD_ASSETS: COUNCIL,
            P.PLAN_REFRESH: COUNCIL,
            P.EXPORT: JOINT,
        },
    ),
    "cyber_officer": Role(
        "Cyber security officer",
        "Answers for cyber security and leads on security incidents of every council.",
        {
            P.RAISE_TICKET: OWN,
            P.SEE_OWN_ASSETS: OWN,
            P.SEE_SHARED_TICKETS: JOINT,
            P.SEE_COUNCIL_TICKETS: JOINT,
            P.SEE_CYBER_TICKETS: JOINT,
            P.WORK_CYBER_TICKETS: JOINT,
            P.SEE_ASSETS: JOINT,
            P.HOLD_ASSETS: JOINT,
            P.BREAK_GLASS: JOINT,
            P.SEE_REPORTS: JOINT,
            P.EXPORT: JOINT,
            P.ANNOUNCE: JOINT,
        },
    ),
    "service_owner": Role(
        "Service owner",
        "Answers for a service and follows the requests about it.",
        {
            P.RAISE_TICKET: OWN,
            P.SEE_OWN_ASSETS: OWN,
            P.SEE_SERVICE_TICKETS: JOINT,
            P.SEE_REPORTS: COUNCIL,
            P.ENTER_FIGURES: COUNCIL,
            P.EXPORT: JOINT,
            P.ANNOUNCE_SERVICES: JOINT,
        },
    ),
    "supplier_contact": Role(
        "Supplier contact",
        "Works for a supplier on the requests that are with it, and sees nothing else.",
        {P.SEE_FIRM_TICKETS: JOINT, P.WORK_FIRM_TICKETS: JOINT},
    ),
    "budget_approver": Role(
        "Budget approver",
        "Approves what the council spends, never what they asked for themselves.",
        {
            P.RAISE_TICKET: OWN,
            P.SEE_OWN_ASSETS: OWN,
            P.SEE_ASSETS: COUNCIL,
            P.SEE_ASSET_MONEY: COUNCIL,
            P.APPROVE_SPENDING: COUNCIL,
            P.EXPORT: COUNCIL,
        },
    ),
    "administrator": Role(
        "Administrator",
        "Looks after people, roles and settings. Sees the content of nobody's requests by this role.",
        {
            P.RAISE_TICKET: OWN,
            P.BREAK_GLASS: COUNCIL,
            P.SEE_SETTINGS: COUNCIL,
            P.ADMINISTER: COUNCIL,
            P.EXPORT: COUNCIL,
        },
    ),
    "auditor": Role(
        "Auditor",
        "Reads what the council did, and changes nothing.",
        {
            P.SEE_SHARED_TICKETS: COUNCIL,
            P.SEE_COUNCIL_TICKETS: COUNCIL,
            P.SEE_ASSETS: COUNCIL,
            P.BREAK_GLASS: COUNCIL,
            P.SEE_REPORTS: COUNCIL,
            P.SEE_SETTINGS: COUNCIL,
            P.EXPORT: COUNCIL,
        },
    ),
}

AUDITOR = "auditor"
ROLE_CHOICES = [(code, role.name) for code, role in ROLES.items()]


def cannot_hold_both(role: str, other: str, *, same_council: bool) -> str:
    """Why nobody holds these two roles at once, in a sentence; nothing where somebody may."""
    pair = {role, other}
    if "supplier_contact" in pair and role != other:
        return "A supplier contact has no other role"
    if "auditor" in pair and same_council and not pair <= {"auditor", "requester"}:
        return "An auditor does none of the work of the council that they audit"
    return ""
