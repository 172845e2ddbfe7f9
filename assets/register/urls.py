"""Addresses of the register."""

from django.urls import path

from assets.register import (
    as_at_views,
    estate_views,
    label_views,
    own_kit_views,
    relation_views,
    stock_take_views,
    together_moves_views,
    together_views,
    views,
)
from assets.register import dealings_views as dealings
from assets.register import life_views as life
from assets.register.estate_nouns import NOUNS

app_name = "register"
urlpatterns = [
    path("", views.assets, name="assets"),
    path("find/", views.find, name="find"),
    path("scan/", together_views.scan, name="scan"),
    path("together/", together_views.together, name="together"),
    path("together/moves/<str:name>/", together_moves_views.move_together, name="move_together"),
    path("changes/<int:pk>/", together_views.change, name="change"),
    path("changes/<int:pk>/undo/", together_views.undo, name="undo"),
    path("as-at/", as_at_views.as_at, name="as_at"),
    path("as-at/export/", as_at_views.export, name="as_at_export"),
    path("labels/", label_views.labels, name="labels"),
    path("new/", views.new, name="new"),
    path("tickets/<str:reference>/link/", views.link, name="link"),
    path("tickets/<str:reference>/unlink/<int:pk>/", views.unlink, name="unlink"),
    path("stock-takes/", stock_take_views.stock_takes, name="stock_takes"),
    path("stock-takes/<int:pk>/", stock_take_views.stock_take, name="stock_take"),
    path("stock-takes/<int:pk>/count/", stock_take_views.count, name="count"),
    path("stock-takes/<int:pk>/move-here/", stock_take_views.move_here, name="move_here"),
    path("stock-takes/<int:pk>/finish/", stock_take_views.finish, name="finish_stock_take"),
    path("stock-takes/<int:pk>/cancel/", stock_take_views.cancel, name="cancel_stock_take"),
    path("own-kit/", own_kit_views.kit_checks, name="kit_checks"),
    path("own-kit/<int:pk>/", own_kit_views.kit_check, name="kit_check"),
    path("own-kit/<int:pk>/end/", own_kit_views.end_kit_check, name="end_kit_check"),
    path("<int:pk>/", views.asset, name="asset"),
    path("<int:pk>/confirm/", own_kit_views.confirm, name="confirm"),
    path("<int:pk>/not-mine/", own_kit_views.not_mine, name="not_mine"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/relations/", relation_views.relations, name="relations"),
    path("<int:pk>/relations/<int:relation>/end/", relation_views.end, name="end_relation"),
    path("<int:pk>/moves/<slug:name>/", life.move, name="move"),
    path("<int:pk>/hand-over/", life.hand_over, name="hand_over"),
    path("<int:pk>/sign/", life.sign, name="sign"),
    path("<int:pk>/hold/", life.hold, name="hold"),
    path("<int:pk>/lift-hold/", life.lift_hold, name="lift_hold"),
    path("<int:pk>/files/", life.files, name="files"),
    path("<int:pk>/files/<int:file>/", life.file, name="file"),
    path("<int:pk>/files/<int:file>/take-off/", life.take_off, name="take_off"),
    path("<int:pk>/lend/", dealings.lend, name="lend"),
    path("<int:pk>/transfer/", dealings.transfer_asset, name="transfer_asset"),
    path("<int:pk>/write-off/", dealings.ask_write_off, name="ask_write_off"),
    path("models/<int:pk>/check-list/", life.check_list, name="check_list"),
    path("loans/", dealings.loans, name="loans"),
    path("loans/<int:pk>/", dealings.loan, name="loan"),
    path("loans/<int:pk>/end/", dealings.end_loan, name="end_loan"),
    path("transfers/", dealings.transfers, name="transfers"),
    path("transfers/<int:pk>/", dealings.transfer, name="transfer"),
    path("transfers/<int:pk>/withdraw/", dealings.withdraw_transfer, name="withdraw_transfer"),
    path("write-offs/", dealings.write_offs, name="write_offs"),
    path("write-offs/<int:pk>/", dealings.write_off, name="write_off"),
]
for noun in NOUNS:
    given, below = {"noun": noun}, noun.plural
    urlpatterns += [
        path(f"{below}/", estate_views.listed, given, name=noun.plural),
        path(f"{below}/<int:pk>/", estate_views.row, given, name=noun.page),
    ]
    if noun.form is None:
        continue
    urlpatterns += [
        path(f"{below}/new/", estate_views.new, given, name=f"new_{noun.page}"),
        path(f"{below}/<int:pk>/edit/", estate_views.edit, given, name=f"edit_{noun.page}"),
    ]
