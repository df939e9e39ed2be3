"""The URL map."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from catalogue.pages import catalogue
from config.document import DocumentView
from config.health import HealthView, LiveView, MetricsView
from config.processing_views import ProcessingPage, ProcessingView
from distribution.pages import (
    clinic,
    dispensing,
    interchangeable,
    kits,
    needs,
    outlook,
    plan_new,
    plan_steps,
    plans,
    profile_set,
    registers,
    rules,
    served,
    shipments,
    spot_checks,
    urgent,
)
from donations.pages import (
    campaigns,
    corrections,
    counting,
    donations,
    donors,
    handovers,
    intake,
    offline,
    privacy,
    rosters,
    unfit,
)
from inventory.pages import (
    batches,
    co_signing,
    counts,
    destructions,
    devices,
    recalls,
    sorting,
    sorting_queue,
    sortings,
    stock,
)
from organisation.pages import (
    confirmations,
    deputies,
    here,
    holidays,
    people,
    people_lists,
    pins,
    places,
    policy,
    sign_ins,
    signing,
    work_units,
)
from reports.pages import (
    audit,
    bulletin_desk,
    daily_desk,
    drills,
    figures,
    home,
    question_desk,
    search,
    unit_desk,
    verification,
)
from reports.pages.bulletins import bulletin_page, bulletins_page, names_page, verify_page
from reports.pages.clinic_stock import clinic_stock_page
from reports.pages.county import county_page
from reports.pages.plans import plan_page, plans_page
from reports.pages.privacy import privacy_page
from reports.pages.questions import ask_page, questions_page
from reports.pages.receipts import receipt_page

API = "api/v1/"
ROOMS = ["organisation", "catalogue", "donations", "inventory", "distribution", "reports"]

# The docs page is the one page whose style may stand inline: its library writes it so.
docs = csp_update({"style-src": [UNSAFE_INLINE]})(SpectacularSwaggerSplitView.as_view(url_name="schema"))

public_pages = [
    path("counties/<str:code>/", county_page),
    path("counties/<str:code>/bulletins/", bulletins_page),
    path("counties/<str:code>/questions/", questions_page),
    path("counties/<str:code>/questions/ask/", ask_page),
    path("counties/<str:code>/plans/", plans_page),
    path("counties/<str:code>/clinic-stock/", clinic_stock_page),
    path("counties/<str:code>/privacy/", privacy_page),
    path("shares/<int:pk>/", plan_page, name="public-plan"),
    path("bulletins/<int:pk>/", bulletin_page),
    path("bulletins/<int:pk>/names/", names_page),
    path("verify/", verify_page),
    path("verify/<str:sha256>/", verify_page),
    path("receipts/", receipt_page),
    path("intake/offline/", offline.OfflinePage.as_view(), name="intake-offline"),
    path("intake/worker.js", offline.WorkerScript.as_view()),
]

county_pages = [
    path("processing-record/", ProcessingPage.as_view(), name="processing-record"),
    path("privacy-notice/", privacy.PrivacyNoticePage.as_view(), name="privacy-notice"),
    path("privacy-notice/set/", privacy.PrivacyNoticeSetPage.as_view(), name="privacy-notice-set"),
    path("donors/", donors.DonorsPage.as_view(), name="donors"),
    path("donors/<int:pk>/", donors.DonorPage.as_view(), name="donor"),
    path("donors/<int:pk>/consent/", donors.DonorConsentPage.as_view(), name="donor-consent"),
    path("donors/<int:pk>/erase/", donors.DonorErasePage.as_view(), name="donor-erase"),
    path("confirmations/", confirmations.ConfirmationsPage.as_view(), name="confirmations"),
    path("confirmations/<int:pk>/confirm/", confirmations.ConfirmationPage.as_view(), name="confirmation"),
    path("people/", people.PeoplePage.as_view(), name="people"),
    path("people/new/", people.PersonNewPage.as_view(), name="person-new"),
    path("people/read/", people_lists.PeopleReadPage.as_view(), name="people-read"),
    path("people/enter/", people_lists.PeopleEnterPage.as_view(), name="people-enter"),
    path("people/<int:pk>/", people.PersonPage.as_view(), name="person"),
    path("people/<int:pk>/change/", people.PersonChangePage.as_view(), name="person-change"),
    path("people/<int:pk>/password/", people.PersonPasswordPage.as_view(), name="person-password"),
    path("people/<int:pk>/sign-out/", people.PersonSignOutPage.as_view(), name="person-sign-out"),
    path("people/<int:pk>/roles/", people.PersonRolePage.as_view(), name="person-role"),
    path(
        "people/<int:pk>/roles/<int:grant>/end/", people.PersonRoleEndPage.as_view(), name="person-role-end"
    ),
    path(
        "people/<int:pk>/second-factor/", people.PersonSecondFactorPage.as_view(), name="person-second-factor"
    ),
    path("second-factor/", signing.SecondFactorPage.as_view(), name="second-factor"),
    path("second-factor/confirm/", signing.SecondFactorConfirmPage.as_view(), name="second-factor-confirm"),
    path("sign-in/pin/", pins.PinSignInPage.as_view(), name="sign-in-pin"),
    path("pin/", pins.PinPage.as_view(), name="pin"),
    path("sign-ins/", sign_ins.SignInsPage.as_view(), name="sign-ins"),
    path("sign-ins/<int:pk>/end/", sign_ins.SignInEndPage.as_view(), name="sign-in-end"),
    path("sign-ins/end-others/", sign_ins.OtherSignInsEndPage.as_view(), name="sign-ins-end-others"),
    path("sign-ins/entry-code/", people.OwnEntryCodePage.as_view(), name="own-entry-code"),
    path("people/<int:pk>/entry-code/", people.PersonEntryCodePage.as_view(), name="person-entry-code"),
    path("sign-out-everywhere/", people.OwnSignOutPage.as_view(), name="own-sign-out"),
    path("places/", places.PlacesPage.as_view(), name="places"),
    path("places/new/", places.PlaceNewPage.as_view(), name="place-new"),
    path("places/<str:code>/", places.PlaceChangePage.as_view(), name="place-change"),
    path("deputies/", deputies.DeputiesPage.as_view(), name="deputies"),
    path("deputies/new/", deputies.DeputyNewPage.as_view(), name="deputy-new"),
    path("deputies/<int:pk>/end/", deputies.DeputyEndPage.as_view(), name="deputy-end"),
    path("campaigns/", campaigns.CampaignsPage.as_view(), name="campaigns"),
    path("campaigns/new/", campaigns.CampaignNewPage.as_view(), name="campaign-new"),
    path("campaigns/<int:pk>/rhythm/", campaigns.CampaignRhythmPage.as_view(), name="campaign-rhythm"),
    path("campaigns/<int:pk>/close/", campaigns.CampaignClosePage.as_view(), name="campaign-close"),
    path("holidays/", holidays.HolidaysPage.as_view(), name="holidays"),
    path("holidays/new/", holidays.HolidayNewPage.as_view(), name="holiday-new"),
    path("holidays/<int:pk>/remove/", holidays.HolidayRemovePage.as_view(), name="holiday-remove"),
    path("policies/", policy.PolicyPage.as_view(), name="policy"),
]

sharing_pages = [
    path("clinic/", clinic.ClinicPage.as_view(), name="clinic"),
    path("dispense/", dispensing.DispensePage.as_view(), name="dispense"),
    path("dispensings/", dispensing.DispensingsPage.as_view(), name="dispensings"),
    path(
        "dispensings/<int:pk>/reverse/", dispensing.DispensingReversePage.as_view(), name="dispensing-reverse"
    ),
    path("local-uses/", clinic.LocalUsePage.as_view(), name="local-use"),
    path("returns/", clinic.ReturnPage.as_view(), name="return"),
    path("needs/", needs.NeedsPage.as_view(), name="needs"),
    path("needs/ask/", needs.AskPage.as_view(), name="ask"),
    path("clinic-profiles/", served.ProfilesPage.as_view(), name="profiles"),
    path("clinic-profiles/set/", profile_set.ProfileSetPage.as_view(), name="profile-set"),
    path("clinic-profiles/read/", served.ProfilesReadPage.as_view(), name="profiles-read"),
    path("clinic-profiles/enter/", served.ProfilesEnterPage.as_view(), name="profiles-enter"),
    path("population-shifts/", served.ShiftsPage.as_view(), name="shifts"),
    path("population-shifts/new/", served.ShiftNewPage.as_view(), name="shift-new"),
    path("population-shifts/read/", served.ShiftsReadPage.as_view(), name="shifts-read"),
    path("population-shifts/enter/", served.ShiftsEnterPage.as_view(), name="shifts-enter"),
    path("population-shifts/<int:pk>/end/", served.ShiftEndPage.as_view(), name="shift-end"),
    path("interchangeable-medicines/", interchangeable.InterchangeablePage.as_view(), name="interchangeable"),
    path(
        "interchangeable-medicines/set/",
        interchangeable.InterchangeableSetPage.as_view(),
        name="interchangeable-set",
    ),
    path("clinic-outlook/", outlook.OutlookPage.as_view(), name="outlook"),
    path("swaps/", outlook.SwapsPage.as_view(), name="swaps"),
    path("swaps/send/", outlook.SwapPage.as_view(), name="swap"),
    path("unusual-hand-outs/", outlook.UnusualPage.as_view(), name="unusual"),
    path("dispensing-limits/", rules.LimitsPage.as_view(), name="limits"),
    path("dispensing-limits/set/", rules.LimitSetPage.as_view(), name="limit-set"),
    path("local-use-rules/", rules.LocalUseRulesPage.as_view(), name="local-use-rules"),
    path("local-use-rules/set/", rules.LocalUseRuleSetPage.as_view(), name="local-use-rule-set"),
    path("shipments/", shipments.ShipmentsPage.as_view(), name="shipments"),
    path("shipments/<int:pk>/", shipments.ShipmentPage.as_view(), name="shipment"),
    path("shipments/<int:pk>/dispatch/", shipments.ShipmentDispatchPage.as_view(), name="shipment-dispatch"),
    path("shipments/<int:pk>/receive/", shipments.ShipmentReceivePage.as_view(), name="shipment-receive"),
    path("kits/", kits.KitsPage.as_view(), name="kits"),
    path("kits/new/", kits.KitNewPage.as_view(), name="kit-new"),
    path("kits/<int:pk>/dispense/", kits.KitDispensePage.as_view(), name="kit-dispense"),
    path("kits/<int:pk>/unpack/", kits.KitUnpackPage.as_view(), name="kit-unpack"),
    path("kit-templates/", kits.KitTemplatesPage.as_view(), name="kit-templates"),
    path("kit-templates/new/", kits.KitTemplateNewPage.as_view(), name="kit-template-new"),
    path("kit-templates/<int:pk>/retire/", kits.KitTemplateRetirePage.as_view(), name="kit-template-retire"),
    path("dispensing-registers/", registers.RegistersPage.as_view(), name="registers"),
    path("dispensing-registers/read/", registers.RegisterReadPage.as_view(), name="register-read"),
    path("dispensing-registers/enter/", registers.RegisterEnterPage.as_view(), name="register-enter"),
    path("plans/", plans.PlansPage.as_view(), name="plans"),
    path("plans/new/", plan_new.PlanNewPage.as_view(), name="plan-new"),
    path("plans/<int:pk>/", plans.PlanPage.as_view(), name="plan"),
    path("plans/<int:pk>/lines/<int:line>/", plan_steps.PlanLinePage.as_view(), name="plan-line"),
    path("plans/<int:pk>/submit/", plan_steps.PlanSubmitPage.as_view(), name="plan-submit"),
    path("plans/<int:pk>/approve/", plan_steps.PlanApprovePage.as_view(), name="plan-approve"),
    path("plans/<int:pk>/publish/", plan_steps.PlanPublishPage.as_view(), name="plan-publish"),
    path("plans/<int:pk>/recompute/", plan_steps.PlanRecomputePage.as_view(), name="plan-recompute"),
    path("plans/<int:pk>/cancel/", plan_steps.PlanCancelPage.as_view(), name="plan-cancel"),
    path("urgent-issues/", urgent.UrgentIssuesPage.as_view(), name="urgent-issues"),
    path("urgent-issues/new/", urgent.UrgentNewPage.as_view(), name="urgent-new"),
    path(
        "urgent-issues/<int:pk>/countersign/",
        urgent.UrgentCountersignPage.as_view(),
        name="urgent-countersign",
    ),
    path("spot-checks/", spot_checks.SpotChecksPage.as_view(), name="spot-checks"),
    path("spot-checks/new/", spot_checks.SpotCheckNewPage.as_view(), name="spot-check-new"),
    path(
        "spot-checks/<int:pk>/rectify/", spot_checks.SpotCheckRectifyPage.as_view(), name="spot-check-rectify"
    ),
    path("spot-checks/<int:pk>/close/", spot_checks.SpotCheckClosePage.as_view(), name="spot-check-close"),
]

# /bulletins/<pk>/ is the public's page of a published bulletin; the desk's stands below it.
report_pages = [
    path("figures/", figures.FiguresPage.as_view(), name="figures"),
    path("figures/received/", figures.ReceivedPage.as_view(), name="figures-received"),
    path("figures/allotted/", figures.AllottedPage.as_view(), name="figures-allotted"),
    path("bulletins/", bulletin_desk.BulletinsDeskPage.as_view(), name="bulletins-desk"),
    path("bulletin-calendar/", bulletin_desk.CalendarPage.as_view(), name="bulletin-calendar"),
    path("bulletins/closing/", bulletin_desk.ClosingPage.as_view(), name="bulletin-closing"),
    path("bulletins/units/", unit_desk.UnitReportPage.as_view(), name="bulletin-units"),
    path("bulletins/new/", bulletin_desk.BulletinNewPage.as_view(), name="bulletin-new"),
    path("bulletins/<int:pk>/desk/", bulletin_desk.BulletinDeskPage.as_view(), name="bulletin-desk"),
    path("bulletins/<int:pk>/submit/", bulletin_desk.BulletinSubmitPage.as_view(), name="bulletin-submit"),
    path(
        "bulletins/<int:pk>/send-back/",
        bulletin_desk.BulletinSendBackPage.as_view(),
        name="bulletin-send-back",
    ),
    path(
        "bulletins/<int:pk>/withdraw/", bulletin_desk.BulletinWithdrawPage.as_view(), name="bulletin-withdraw"
    ),
    path("bulletins/<int:pk>/publish/", bulletin_desk.BulletinPublishPage.as_view(), name="bulletin-publish"),
    path("bulletins/<int:pk>/stamped/", unit_desk.StampedScanPage.as_view(), name="bulletin-stamped"),
    path("bulletins/<int:pk>/correct/", bulletin_desk.BulletinCorrectPage.as_view(), name="bulletin-correct"),
    path("daily-report/", daily_desk.DailyReportPage.as_view(), name="daily-report"),
    path("daily-form/", daily_desk.DailyFormPage.as_view(), name="daily-form"),
    path("questions/", question_desk.QuestionsDeskPage.as_view(), name="questions-desk"),
    path("questions/<int:pk>/assign/", question_desk.QuestionAssignPage.as_view(), name="question-assign"),
    path("questions/<int:pk>/answer/", question_desk.QuestionAnswerPage.as_view(), name="question-answer"),
    path("verification/", verification.VerificationPage.as_view(), name="verification"),
    path("audit/", audit.AuditPage.as_view(), name="audit"),
    path("restore-drills/", drills.DrillsPage.as_view(), name="restore-drills"),
]

stock_pages = [
    path("sorting-queue/", sorting_queue.SortingQueuePage.as_view(), name="sorting-queue"),
    path("sorting-queue/<int:item>/", sorting.SortingItemPage.as_view(), name="sorting-item"),
    path("sorting-queue/<int:item>/photos/", sorting.ItemPhotoPage.as_view(), name="item-photo"),
    path("sortings/", sortings.SortingsPage.as_view(), name="sortings"),
    path("sortings/<int:pk>/reverse/", sortings.SortingReversePage.as_view(), name="sorting-reverse"),
    path("sortings/awaiting/", sortings.AwaitingPage.as_view(), name="sortings-awaiting"),
    path("sortings/<int:pk>/confirm/", sortings.SortingConfirmPage.as_view(), name="sorting-confirm"),
    path("stock/", stock.StockPage.as_view(), name="stock"),
    path("stock/summary/", stock.StockSummaryPage.as_view(), name="stock-summary"),
    path("stock-card/", stock.StockCardPage.as_view(), name="stock-card"),
    path("expiry-calendar/", stock.ExpiryCalendarPage.as_view(), name="expiry-calendar"),
    path("movements/", stock.MovementsPage.as_view(), name="movements"),
    path("holds/", stock.HoldsPage.as_view(), name="holds"),
    path("holds/new/", batches.HoldNewPage.as_view(), name="hold-new"),
    path("holds/<int:pk>/release/", batches.HoldReleasePage.as_view(), name="hold-release"),
    path("batches/<int:pk>/", batches.BatchPage.as_view(), name="batch"),
    path("batches/<int:pk>/open/", batches.BatchOpenPage.as_view(), name="batch-open"),
    path("batches/<int:pk>/relabel/", batches.BatchRelabelPage.as_view(), name="batch-relabel"),
    path(
        "batches/<int:pk>/relabel/confirm/",
        batches.BatchRelabelConfirmPage.as_view(),
        name="batch-relabel-confirm",
    ),
    path(
        "batches/<int:pk>/relabel/withdraw/",
        batches.BatchRelabelWithdrawPage.as_view(),
        name="batch-relabel-withdraw",
    ),
    path("relabellings/", stock.RelabellingsPage.as_view(), name="relabellings"),
    path("labels/new/", batches.LabelNewPage.as_view(), name="label-new"),
    path("recalls/", recalls.RecallsPage.as_view(), name="recalls"),
    path("recalls/new/", recalls.RecallNewPage.as_view(), name="recall-new"),
    path("recalls/<int:pk>/", recalls.RecallPage.as_view(), name="recall"),
    path("recalls/<int:pk>/acknowledge/", recalls.RecallAcknowledgePage.as_view(), name="recall-acknowledge"),
    path("recalls/<int:pk>/lift/", recalls.RecallLiftPage.as_view(), name="recall-lift"),
    path("recalls/<int:pk>/trace/", recalls.RecallTracePage.as_view(), name="recall-trace"),
    path("adverse-reactions/", recalls.ReactionsPage.as_view(), name="reactions"),
    path("adverse-reactions/new/", recalls.ReactionNewPage.as_view(), name="reaction-new"),
    path("counts/", counts.CountsPage.as_view(), name="counts"),
    path("counts/new/", counts.CountNewPage.as_view(), name="count-new"),
    path("counts/<int:pk>/", counts.CountPage.as_view(), name="count"),
    path("counts/<int:pk>/lines/", counts.CountLinesPage.as_view(), name="count-lines"),
    path("counts/<int:pk>/found/", counts.CountFoundPage.as_view(), name="count-found"),
    path("counts/<int:pk>/co-sign/", co_signing.CountCoSignPage.as_view(), name="count-co-sign"),
    path(
        "destructions/<int:pk>/co-sign/",
        co_signing.DestructionCoSignPage.as_view(),
        name="destruction-co-sign",
    ),
    path("counts/<int:pk>/abandon/", counts.CountAbandonPage.as_view(), name="count-abandon"),
    path("device-uses/", devices.DeviceUsesPage.as_view(), name="device-uses"),
    path("device-uses/new/", devices.DeviceUseNewPage.as_view(), name="device-use-new"),
    path(
        "device-uses/<int:pk>/give-back/", devices.DeviceGiveBackPage.as_view(), name="device-use-give-back"
    ),
    path("destructions/", destructions.DestructionsPage.as_view(), name="destructions"),
    path("destructions/new/", destructions.DestructionNewPage.as_view(), name="destruction-new"),
    path("destructions/<int:pk>/", destructions.DestructionPage.as_view(), name="destruction"),
    path(
        "destructions/<int:pk>/confirm/",
        destructions.DestructionConfirmPage.as_view(),
        name="destruction-confirm",
    ),
    path(
        "destructions/<int:pk>/withdraw/",
        destructions.DestructionWithdrawPage.as_view(),
        name="destruction-withdraw",
    ),
    path("unfit-goods/", unfit.UnfitGoodsPage.as_view(), name="unfit-goods"),
    path("donor-returns/", unfit.DonorReturnsPage.as_view(), name="donor-returns"),
    path("donor-returns/new/", unfit.DonorReturnNewPage.as_view(), name="donor-return-new"),
]

unit_pages = [
    path("work-units/", work_units.WorkUnitsPage.as_view(), name="work-units"),
    path("work-units/save/", work_units.WorkUnitSavePage.as_view(), name="work-unit-save"),
    path("work-units/read/", work_units.WorkUnitsReadPage.as_view(), name="work-units-read"),
    path("work-units/enter/", work_units.WorkUnitsEnterPage.as_view(), name="work-units-enter"),
    path("unit-categories/", work_units.UnitCategoriesPage.as_view(), name="unit-categories"),
    path("unit-categories/save/", work_units.UnitCategorySavePage.as_view(), name="unit-category-save"),
]

catalogue_pages = [
    path("medicines/", catalogue.MedicinesPage.as_view(), name="medicines"),
    path("medicines/<str:code>/", catalogue.MedicinePage.as_view(), name="medicine"),
    path("products/", catalogue.ProductsPage.as_view(), name="products"),
    path("products/new/", catalogue.ProductNewPage.as_view(), name="product-new"),
    path("products/<int:pk>/", catalogue.ProductPage.as_view(), name="product"),
    path("products/<int:pk>/retire/", catalogue.ProductRetirePage.as_view(), name="product-retire"),
]

urlpatterns = [
    path("", home.HomePage.as_view(), name="home"),
    path("search/", search.SearchPage.as_view(), name="search"),
    path("sign-in/", signing.SignInPage.as_view(), name="sign-in"),
    path("sign-out/", signing.SignOutPage.as_view(), name="sign-out"),
    path("password/", signing.PasswordPage.as_view(), name="password"),
    path("here/", here.HerePage.as_view(), name="here"),
    *public_pages,
    path("intake/", intake.IntakePage.as_view(), name="intake"),
    path("donations/", donations.DonationsPage.as_view(), name="donations"),
    path("donations/<int:pk>/", donations.DonationPage.as_view(), name="donation"),
    path("donations/<int:pk>/void/", donations.DonationVoidPage.as_view(), name="donation-void"),
    path("donations/<int:pk>/leave/", donations.DonationLeavePage.as_view(), name="donation-leave"),
    path(
        "donations/<int:pk>/items/<int:item>/photos/",
        donations.DonationPhotoPage.as_view(),
        name="donation-photo",
    ),
    path("donations/<int:pk>/count/", counting.DonationCountPage.as_view(), name="donation-count"),
    path("donations/<int:pk>/correct/", corrections.DonationCorrectPage.as_view(), name="donation-correct"),
    path("donation-corrections/", corrections.CorrectionsPage.as_view(), name="corrections"),
    path("handovers/", handovers.HandoversPage.as_view(), name="handovers"),
    path("handovers/new/", handovers.HandoverNewPage.as_view(), name="handover-new"),
    path("handovers/<int:pk>/", handovers.HandoverPage.as_view(), name="handover"),
    path("handovers/<int:pk>/receive/", handovers.HandoverReceivePage.as_view(), name="handover-receive"),
    path("handovers/<int:pk>/void/", handovers.HandoverVoidPage.as_view(), name="handover-void"),
    path("rosters/", rosters.RostersPage.as_view(), name="rosters"),
    path("rosters/<int:pk>/commit/", rosters.RosterCommitPage.as_view(), name="roster-commit"),
    *county_pages,
    *catalogue_pages,
    *unit_pages,
    *sharing_pages,
    *stock_pages,
    *report_pages,
    path("language/", include("django.conf.urls.i18n")),
    path(f"{API}schema/", DocumentView.as_view(), name="schema"),
    path(f"{API}docs/", docs),
    path(f"{API}health/", HealthView.as_view()),
    path(f"{API}health/live/", LiveView.as_view()),
    path(f"{API}processing-record/", ProcessingView.as_view()),
    path(f"{API}metrics/", MetricsView.as_view()),
    *(path(API, include(f"{room}.urls")) for room in ROOMS),
]

handler400 = "core.problems.bad_request"
handler403 = "core.problems.permission_denied"
handler404 = "core.problems.page_not_found"
handler500 = "core.problems.server_error"
