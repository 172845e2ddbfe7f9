"""Slots: what higher apps put into lower ones. Each is a dotted name of a plain function or object."""

SPREADSHEET_KINDS = [
    "servicedesk.tickets.sheets.KIND",
    "assets.register.sheets.KIND",
    "assets.register.model_sheets.KIND",
    "assets.register.estate_sheets.SUPPLIERS",
    "assets.register.estate_sheets.CIRCUITS",
    "assets.register.estate_sheets.LINES",
    "assets.orders.despatch.KIND",
    "servicedesk.administration.sheets.SITES",
    "servicedesk.administration.sheets.PEOPLE",
]
UNDOABLE = [
    "servicedesk.tickets.slots.UNDOABLE",
    "assets.register.slots.UNDOABLE",
    "assets.register.slots.UNDOABLE_WIPINGS",
    "assets.register.slots.UNDOABLE_DISPOSALS",
    "assets.orders.slots.UNDOABLE",
    "assets.batches.slots.UNDOABLE",
    "assets.disposal.slots.UNDOABLE",
]
# What a search finds rows by, as `servicedesk.search.later` reads it again: by kind, the words of rows by key.
SEARCH_TEXTS = {
    "tickets.ticket": "servicedesk.tickets.finding.texts_of",
    "register.asset": "assets.register.finding.texts_of",
}
# Lists whose narrowings people save: each a `servicedesk.lists.savable.Savable`.
SAVED_LISTS: list[str] = ["assets.register.slots.ASSET_LIST", "assets.refresh.slots.DUE_LIST"]
TICKET_PANELS: list[str] = [
    "servicedesk.tickets.related_panels.merged",
    "servicedesk.tickets.related_panels.tasks",
    "servicedesk.tickets.related_panels.related",
    "servicedesk.tickets.related_panels.similar",
    "servicedesk.tickets.promise_panels.priority",
    "servicedesk.tickets.promise_panels.breaches",
    "servicedesk.tickets.promise_panels.holding",
    "servicedesk.tickets.satisfaction_panel.panel",
    "servicedesk.tickets.sealing_panel.panel",
    "assets.register.slots.assets_of_ticket",
    "assets.register.network_slots.impact_of_ticket",
]
# Told of every move of assets, in its transaction: (deed, name of the move, assets as they are now).
ASSET_MOVED: list[str] = ["assets.batches.following.follow", "assets.disposal.chasing.follow"]
# Kinds of rows that such a move takes along, and that go back with it where it is undone.
UNDONE_WITH_ASSETS: list[str] = ["disposal.dueback"]
# What was taken after a deed has moved it, so that it is not taken back: (deed, kind, keys); answers with the change
# that took it, by key.
TAKEN_SINCE: list[str] = ["assets.batches.slots.taken_since"]
# Why assets may not be moved for now: (condition on their rows `asset`); answers with sentences by key of the asset.
ASSET_KEPT: list[str] = ["assets.disposal.consigning.with_the_firm"]
# With which consignments assets have left by the facility's word: (condition on their rows `asset`); answers with pairs
# of the key of an asset and the reference of the consignment.
ASSET_CONSIGNED: list[str] = ["assets.disposal.consigning.certified_out"]
# Asked about order lines that are placed or changed, in that transaction: (lines); raises OrderRefused.
ORDER_CHECKS: list[str] = ["assets.batches.ordering.check_lines"]
ASSET_PANELS: list[str] = [
    "assets.batches.slots.batch_of_asset",
    "assets.refresh.slots.why_due",
    "assets.refresh.slots.energy_of_asset",
    "assets.disposal.slots.media_of_asset",
    "assets.disposal.slots.due_back_of_asset",
    "assets.disposal.slots.way_out_of_asset",
]
# How the register learns which assets were overdue for replacement, and which supported no longer, at the end of a day:
# (day, councils) answers with the keys of both, `overdue` and `unsupported`.
PAST_ASSETS = "assets.refresh.slots.past"
# What is supported no longer: (day) answers with a rule for assets.
UNSUPPORTED = "assets.refresh.slots.unsupported"
# What exports of the register say of the energy of assets: () answers with expressions of their rows, `kwh` and
# `kwh_source`.
ASSET_ENERGY = "assets.refresh.estate_energy.energy_columns"
TICKET_SIGHT: list[str] = ["assets.register.slots.ABOUT_ASSETS", "assets.register.slots.ABOUT_OWN_ASSETS"]
# How lower apps have mail written.
POST = "servicedesk.notifications.outbox.post"
# Which suppliers may be given no work for now: (their teams, council, day) answers with a sentence for each, by key.
LAPSED_SUPPLIERS = "assets.register.supplier_slots.why_lapsed"
# How lower apps keep what somebody has begun to write: (person, name) gives the draft, (person, name) forgets it.
DRAFT_OF = "servicedesk.tickets.drafts.draft_of"
FORGET_DRAFTS = "servicedesk.tickets.drafts.forget"
# How lower apps learn which requests are sealed: a queryset of them.
SEALED_REQUESTS = "servicedesk.tickets.slots.sealed_requests"
TICKET_NEWS: list[str] = [
    "servicedesk.tickets.telling.tell_people",
    "servicedesk.tickets.telling.tell_systems",
    "servicedesk.tickets.surveying.ask_when_closed",
]
# What may be said of a thing at the moment of sending, by its kind: to a person, and to the owner of a webhook.
TOLD_ABOUT = {
    "tickets.ticket": "servicedesk.tickets.letters.about_ticket",
    "tickets.comment": "servicedesk.tickets.letters.about_comment",
    "tickets.task": "servicedesk.tickets.letters.about_task",
    "tickets.breakglass": "servicedesk.tickets.letters.about_broken_glass",
    "tickets.refusedglass": "servicedesk.tickets.letters.about_refused_glass",
    "tickets.alert": "servicedesk.tickets.letters.about_alert",
    "batches.batch": "assets.batches.passing_on.about_batch",
    "batches.appointment": "assets.batches.appointment_letters.about_appointment",
    "batches.swapsurvey": "assets.batches.survey_letters.about_survey",
    "register.kitcheck": "assets.register.own_kit_slots.about_kit",
    "disposal.dueback": "assets.disposal.slots.about_due_back",
    **dict.fromkeys(
        ("people.person", "people.membership", "people.grant", "people.team", "people.agreement"),
        "servicedesk.notifications.sending.as_written",
    ),
    "catalogue.service": "servicedesk.notifications.sending.as_written",
}
HOOK_BODIES = {"tickets.ticket": "api.webhooks.ticket_told"}
HELP_QUESTIONS: list[str] = ["assets.register.slots.ABOUT_A_DEVICE"]
HOME_CARDS: list[str] = [
    "servicedesk.knowledge.slots.what_is_out_of_order",
    "servicedesk.portal.cards.waiting_for_approval",
    "assets.batches.slots.batches_to_approve",
    "assets.register.slots.write_offs_to_approve",
    "assets.register.slots.dealings_to_answer",
    "assets.register.slots.find_assets",
    "servicedesk.portal.cards.imports_to_decide",
    "assets.register.slots.assets_to_look_after",
    "assets.orders.slots.orders_overdue",
    "assets.batches.slots.batches_to_move",
    "assets.disposal.slots.to_bring_back_and_wipe",
    "assets.refresh.slots.what_falls_due",
    "servicedesk.portal.cards.security_incidents",
    "assets.register.network_slots.analogue_lines",
    "assets.register.slots.devices_at_risk",
    "assets.refresh.slots.no_longer_supported",
    "servicedesk.portal.cards.broken_glass",
    "servicedesk.portal.cards.about_my_services",
    "servicedesk.administration.slots.second_administrators",
    "servicedesk.administration.slots.people_and_roles",
    "servicedesk.administration.slots.what_failed",
    "servicedesk.portal.cards.desk",
    "assets.batches.appointment_slots.my_appointments",
    "assets.disposal.slots.to_bring_back_oneself",
    "servicedesk.portal.cards.get_help",
    "servicedesk.portal.cards.needs_my_answer",
    "servicedesk.portal.cards.my_open_requests",
    "assets.register.own_kit_slots.my_devices",
    "servicedesk.portal.cards.call_the_desk",
]
CALLER_SEARCH: list[str] = ["assets.register.slots.WHAT_CALLERS_HAVE"]
SEARCH_SOURCES: list[str] = [
    "servicedesk.tickets.slots.FINDABLE",
    "assets.register.slots.FINDABLE",
    "assets.batches.slots.FINDABLE",
]
REPORTS: list[str] = [
    "servicedesk.reports.service_report.ServiceReport",
    "assets.register.equipment_report.EquipmentReport",
]
