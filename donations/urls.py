from django.urls import path

from donations import api, barcodes_api, donor_api, handover_api, roster_api, roster_import_api

urlpatterns = [
    path("campaigns/", api.CampaignList.as_view()),
    path("campaigns/<int:pk>/close/", api.CampaignClose.as_view()),
    path("donations/", api.DonationList.as_view()),
    path("donations/<int:pk>/", api.DonationDetail.as_view()),
    path("donations/<int:pk>/void/", api.DonationVoid.as_view()),
    path("donations/<int:pk>/count/", api.DonationCount.as_view()),
    path("donations/<int:pk>/receipt.pdf", roster_api.ReceiptFile.as_view()),
    path("receipt-slips.pdf", roster_api.ReceiptSlips.as_view()),
    path("roster.pdf", roster_api.RosterPdf.as_view()),
    path("roster.xlsx", roster_api.RosterXlsx.as_view()),
    path("rosters/", roster_import_api.RosterList.as_view()),
    path("rosters/template.xlsx", roster_import_api.RosterTemplate.as_view()),
    path("rosters/<int:pk>/", roster_import_api.RosterDetail.as_view()),
    path("rosters/<int:pk>/collector/", roster_import_api.RosterCollector.as_view()),
    path("rosters/<int:pk>/commit/", roster_import_api.RosterCommit.as_view()),
    path("donations/<int:pk>/correct/", donor_api.DonationCorrect.as_view()),
    path("donors/find/", donor_api.DonorFind.as_view()),
    path("donors/<int:pk>/export/", donor_api.DonorExport.as_view()),
    path("donors/<int:pk>/consent/", donor_api.DonorConsent.as_view()),
    path("donors/<int:pk>/erase/", donor_api.DonorErase.as_view()),
    path("barcodes/", barcodes_api.BarcodeView.as_view()),
    path("screenings/", api.ScreeningView.as_view()),
    path("handovers/", handover_api.HandoverList.as_view()),
    path("handovers/<int:pk>/", handover_api.HandoverDetail.as_view()),
    path("handovers/<int:pk>/list.pdf", handover_api.HandoverListFile.as_view()),
    path("handovers/<int:pk>/receive/", handover_api.HandoverReceive.as_view()),
    path("handovers/<int:pk>/void/", handover_api.HandoverVoid.as_view()),
]
