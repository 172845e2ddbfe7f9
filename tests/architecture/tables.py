"""Every table of the product: whose its rows are, and whether what is written to it is recorded."""

# Rows of one council, by a column of their own. The queryset narrows them, except where another row is their door.
OF_A_COUNCIL = {
    "files.storedfile": "through the door of the row that points at it",
    "people.department": "",
    "people.grant": "",
    "people.person": "",
    "people.site": "",
    "register.asset": "visible_to",
    "service_levels.councilcalendar": "read by the arithmetic of deadlines alone",
    "spreadsheets.import": "visible_to",
    "tickets.ticket": "visible_to",
}
# Rows that belong to what they point at, and are reached through its door.
OF_ANOTHER_ROW = {
    "history.change": "the row that it describes",
    "people.membership": "person",
    "register.servicerecord": "asset",
    "service_levels.calendarexception": "calendar",
    "service_levels.teamcalendar": "team",
    "spreadsheets.importrow": "source",
    "tickets.clock": "ticket",
    "tickets.clockevent": "clock",
    "tickets.comment": "ticket",
}
# Rows of one person.
OF_A_PERSON = {"jobs.job": "wanted_by", "spreadsheets.export": "wanted_by"}
# Rows that the councils share.
SHARED = {
    "catalogue.service": "offered to one council or several, and narrowed by its queryset",
    "history.changeset": "seen by way of its changes alone",
    "jobs.timetable": "when the machines do what nobody asks for",
    "lists.referencecounter": "one line of numbers for all, with gaps, so that it tells nothing",
    "people.council": "a name and a telephone number, on the page of sign-in",
    "people.team": "the desk is joint",
    "register.assetmodel": "what a maker sells",
    "register.manufacturer": "who makes it",
    "search.searchdocument": "found through the visible_to of its kind alone",
    "service_levels.calendar": "when the desk works",
    "service_levels.servicelevel": "what the desk promises",
}

# Tables that people change: each write to them stands in history, in the same transaction.
RECORDED = {
    "catalogue.service",
    "people.council",
    "people.department",
    "people.grant",
    "people.membership",
    "people.person",
    "people.site",
    "people.team",
    "register.asset",
    "register.assetmodel",
    "register.manufacturer",
    "service_levels.calendar",
    "service_levels.calendarexception",
    "service_levels.councilcalendar",
    "service_levels.servicelevel",
    "service_levels.teamcalendar",
    "tickets.ticket",
}
NOT_RECORDED = {
    "files.storedfile": "written once; the row that points at it is recorded",
    "history.change": "is the record",
    "history.changeset": "is the record",
    "jobs.job": "its own row says who, when and how it ended",
    "jobs.timetable": "what the machines do by themselves, and when next",
    "register.servicerecord": "a link, told in the history of its ticket and in that of its asset",
    "lists.referencecounter": "a counter; what it numbers is recorded",
    "search.searchdocument": "made from rows that are recorded",
    "spreadsheets.export": "written once; it is itself the log of what was taken out",
    "spreadsheets.import": "its own row says who, when and how it ended; what it applies is recorded",
    "spreadsheets.importrow": "what a sheet says, before any of it is applied",
    "tickets.clock": "rebuilt from its events",
    "tickets.clockevent": "written once; is the record of the clock",
    "tickets.comment": "written once; is the record of what was said",
}
