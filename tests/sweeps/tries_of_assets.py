"""References of pages and programs of what the councils own: register, orders, refresh and what leaves."""

from tests.sweeps.trying import API, Try

ASSET = {"category": "laptop", "asset_tag": "NEW-1", "state": "in_stock", "ownership": "owned"}
A_BATCH = {"title": "A", "rule": "tags", "tags": "X", "as_at": "23/11/2026", "tolerance_percent": 10}
AN_ITEM = "/refresh/batches/{batch}/items/{item}/"
ITEM = f"{AN_ITEM}moves/confirm/"
TOGETHER = "/refresh/batches/{batch}/items/moves/confirm/"
FREEZE = {"starts_on": "2036-12-24", "ends_on": "2036-12-31", "why": "A"}
A_DAY = {"day": "8/12/2036", "begins": "9:00", "ends": "10:00", "minutes": "30", "capacity": "1"}
LINE = "/refresh/batches/{batch}/lines/{batch_line}/"
MANY = {"assets": [{"id": 1, "version": 1}]}
OF_MANY = {"site": "site", "department": "department", "holder": "person"}
OF_AN_ASSET = {**OF_MANY, "uplink": "asset"}
BY_WORDS = {"holder": "person by name", "uplink": "asset by name"}
RELATIONS = "/assets/{asset}/relations/"

OF_ASSETS = [
    *(
        Try(
            "AssetMoveSerializer",
            name,
            "engineer",
            f"{API}/assets/{{asset}}/{deed}/",
            to,
            beside,
            known=to != "ticket",
        )
        for name, deed, to, beside in (
            ("person", "hand-over", "person", {}),
            ("site", "hand-over", "site", {"room": "1"}),
            ("verified_by", "moves/return", "person", {"condition": "B"}),
            ("ticket", "moves/return", "ticket", {"condition": "B"}),
        )
    ),
    Try(
        "LoanOfferSerializer",
        "person",
        "asset_manager",
        f"{API}/assets/{{asset}}/loans/",
        "person",
        {"starts_on": "2030-01-02", "ends_on": "2030-01-01", "reason": "Flood"},
        known=True,
    ),
    *(
        Try(form, name, "asset_manager", address, BY_WORDS.get(name, to), beside)
        for name, to in OF_AN_ASSET.items()
        for form, address, beside in (
            ("NewAssetForm", "/assets/new/", ASSET),
            ("AssetForm", "/assets/{asset}/edit/", {**ASSET, "version": 1}),
        )
    ),
    Try("BeginForm", "site", "asset_manager", "/assets/stock-takes/", "site"),
    Try("BeginSerializer", "site", "asset_manager", f"{API}/stock-takes/", "site"),
    *(
        Try(form, name, "asset_manager", address, name, beside)
        for name in ("site", "department")
        for form, address, beside in (
            ("TogetherForm", "/assets/together/", {"asset": "1-1", "do": "check"}),
            ("AskForm", "/assets/own-kit/", {}),
            ("AskSerializer", f"{API}/kit-checks/", {}),
        )
    ),
    *(
        Try("ChangeManySerializer", name, "asset_manager", f"{API}/assets/change-together/", to, MANY)
        for name, to in OF_MANY.items()
    ),
    *(
        Try("AsAtForm", "site", "budget_approver", page, "site", method="GET")
        for page in ("/assets/as-at/", f"{API}/assets/as-at/")
    ),
    Try("BatchForm", "programme", "asset_manager", "/refresh/batches/new/", "programme", A_BATCH),
    Try(
        "BatchForm",
        "view",
        "asset_manager",
        "/refresh/batches/new/",
        "saved view",
        {**A_BATCH, "rule": "view"},
    ),
    Try(
        "NewBatchSerializer",
        "view",
        "asset_manager",
        f"{API}/refresh/batches/",
        "saved view",
        {"title": "A"},
    ),
    Try(
        "BatchDetailsForm",
        "programme",
        "asset_manager",
        "/refresh/batches/{batch}/edit/",
        "programme",
        {"title": "A", "tolerance_percent": 10},
    ),
    Try(
        "NewBatchSerializer",
        "programme",
        "asset_manager",
        f"{API}/refresh/batches/",
        "programme",
        {"title": "A", "tags": ["X"]},
    ),
    Try(
        "PassOnForm",
        "owner",
        "asset_manager",
        "/refresh/batches/{batch}/pass-on/",
        "person",
        {"version": 1},
    ),
    Try(
        "PassOnSerializer",
        "owner",
        "asset_manager",
        f"{API}/refresh/batches/{{batch}}/owner/",
        "person",
        {"version": 1},
        known=True,
    ),
    Try("ExchangeForm", "replacement", "asset_manager", f"{AN_ITEM}new-device/", "asset"),
    Try(
        "ExchangeSerializer",
        "replacement",
        "asset_manager",
        f"{API}{AN_ITEM}new-device/",
        "asset",
        known=True,
    ),
    Try("CountOrderForm", "order_line", "asset_manager", f"{LINE}count/", "order line"),
    Try("BatchOrderSerializer", "order_line", "asset_manager", f"{API}{LINE}orders/", "order line"),
    Try("BatchFilters", "programme", "budget_approver", "/refresh/batches/", "programme", method="GET"),
    *(
        Try(shape, name, "asset_manager", f"{API}{address}", to, beside, known=to != "ticket")
        for shape, address, beside in (
            ("ItemMoveSerializer", ITEM, {}),
            ("ItemsMoveSerializer", TOGETHER, {"items": [{"id": 1, "version": 1}]}),
        )
        for name, to in (
            *(("person", "person"), ("verified_by", "person"), ("site", "site")),
            *(("ticket", "ticket"), ("replacement", "asset")),
        )
    ),
    *(
        Try(form, "site", "asset_manager", address, "site", beside, known=form == "ReceiveSerializer")
        for form, address, beside in (
            ("ReceiveForm", "/refresh/orders/lines/{order line}/receive/", {"serial_number": "NEW-1"}),
            (
                "ReceiveSerializer",
                f"{API}/order-lines/{{order line}}/receipts/",
                {"boxes": [{"serial_number": "NEW-1"}]},
            ),
            ("DespatchForm", "/refresh/orders/{order}/despatch-sheet/", {}),
            ("OfferDayForm", "/refresh/appointments/times/", A_DAY),
        )
    ),
    *(
        Try(
            form,
            "site",
            "asset_manager",
            f"/refresh/energy/{page}/new/",
            "site",
            {"starts_on": "1/4/2036"} | more,
        )
        for form, page, more in (
            ("TariffForm", "tariffs", {"council": "{council}", "pence": "25"}),
            ("RoomOverheadForm", "rooms", {"council": "{council}", "pue": "1.5"}),
        )
    ),
    *(
        Try(form, "site", "asset_manager", address, "site", {**FREEZE, **council})
        for form, address, council in (
            ("FreezeForm", "/refresh/appointments/freezes/", {"council": "{council}"}),
            ("NewFreezeSerializer", f"{API}/refresh/freezes/", {"council": "OCC"}),
        )
    ),
    Try(
        "NewTimesSerializer",
        "site",
        "asset_manager",
        f"{API}/refresh/swap-times/",
        "site",
        A_DAY | {"day": "2036-12-08"},
    ),
    Try(
        "NewDeferralSerializer",
        "asset",
        "asset_manager",
        f"{API}/refresh/deferrals/",
        "asset",
        {"reason": "A", "until": "2036-01-01"},
    ),
    Try(
        "OfferSerializer",
        "items",
        "asset_manager",
        f"{API}/refresh/appointments/",
        "batch item",
        several=True,
    ),
    Try("DayForm", "site", "budget_approver", "/refresh/appointments/day-sheet/", "site", method="GET"),
    Try("OfferForm", "batch", "asset_manager", "/refresh/appointments/", "batch"),
    Try("AssignForm", "engineer", "engineer", "/refresh/appointments/{appointment}/assign/", "person"),
    Try(
        "AssignSerializer",
        "engineer",
        "engineer",
        f"{API}/refresh/appointments/{{appointment}}/assign/",
        "person",
    ),
    Try(
        "AssignSerializer",
        "ticket",
        "engineer",
        f"{API}/refresh/appointments/{{appointment}}/assign/",
        "ticket",
    ),
    Try(
        "WipeSerializer",
        "verified_by",
        "asset_manager",
        f"{API}/media/{{medium}}/wipe/",
        "person",
        {"passed": True, "method": "purge"},
        known=True,
    ),
    Try("LinkForm", "asset", "someone", "/assets/tickets/{ticket}/link/", "asset by name"),
    Try("TicketAssetSerializer", "asset", "someone", f"{API}/tickets/{{ticket}}/assets/", "asset"),
    *(
        Try("NewAssetSerializer", name, "asset_manager", f"{API}/assets/", to, {**ASSET, "council": "OCC"})
        for name, to in OF_AN_ASSET.items()
    ),
    *(
        Try(
            "AssetChangeSerializer",
            name,
            "asset_manager",
            f"{API}/assets/{{asset}}/",
            to,
            {"version": 1},
            "PATCH",
        )
        for name, to in OF_AN_ASSET.items()
    ),
    *(
        Try(
            "TicketFilter",
            name,
            "requester" if page.startswith("/api") else "supplier_contact",
            page,
            to,
            method="GET",
        )
        for page in ("/queue/", f"{API}/tickets/")
        for name, to in (("team", "case group"), ("service", "service"))
    ),
    *(
        Try("AssetFilters", name, "budget_approver", page, to, method="GET")
        for page in ("/assets/", f"{API}/assets/")
        for name, to in (("site", "site"), ("holder", "person"))
    ),
    *(
        Try(kind, "site", "budget_approver", page.format(noun), "site", method="GET")
        for kind, noun in (("CircuitFilters", "circuits"), ("LineFilters", "lines"))
        for page in ("/assets/{}/", f"{API}/{{}}/")
    ),
    *(
        Try(
            form,
            name,
            "asset_manager",
            f"/assets/{noun}/new/",
            to,
            {"number": "1", "status": "in_use", **more},
        )
        for form, noun, name, to, more in (
            ("CircuitForm", "circuits", "site", "site", {}),
            ("CircuitForm", "circuits", "asset", "asset by name", {"council": "{council}"}),
            ("LineForm", "lines", "site", "site", {"type": "pstn"}),
        )
    ),
    *(
        Try(f"{begin}{noun}Serializer", name, "asset_manager", f"{API}/{path}", name, beside, method)
        for noun, one, given, fields in (
            ("Circuit", "circuits/{circuit}/", {"council": "OCC", "number": "1"}, ("site", "asset")),
            ("Line", "lines/{line}/", {"council": "OCC", "number": "1", "type": "pstn"}, ("site",)),
        )
        for begin, path, beside, method in (
            ("New", one.partition("{")[0], given, "POST"),
            ("Changed", one, {"version": 1}, "PATCH"),
        )
        for name in fields
    ),
    Try("ServiceRelationForm", "service", "asset_manager", RELATIONS, "service", {"how": "runs_on"}),
    *(
        Try(
            "NewConnectionSerializer",
            name,
            "asset_manager",
            f"{API}{RELATIONS}",
            to,
            {"kind": "runs_on"},
            known=known,
        )
        for name, to, known in (("asset", "asset", True), ("service", "service", False))
    ),
]
