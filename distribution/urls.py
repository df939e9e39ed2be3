from django.urls import path

from distribution.api import dispensings, local_uses, needs, plans, recalls, relabels, shipments, urgent

urlpatterns = [
    path("needs/", needs.NeedList.as_view()),
    path("clinic-profiles/<str:place>/", needs.ProfileView.as_view()),
    path("plans/", plans.PlanList.as_view()),
    path("plans/<int:pk>/", plans.PlanDetail.as_view()),
    path("plans/<int:pk>/lines/", plans.PlanLines.as_view()),
    path("plans/<int:pk>/lines/<int:line>/", plans.PlanLineDetail.as_view()),
    path("plans/<int:pk>/clinics/", plans.PlanClinics.as_view()),
    path("plans/<int:pk>/submit/", plans.PlanSubmit.as_view()),
    path("plans/<int:pk>/approve/", plans.PlanApprove.as_view()),
    path("plans/<int:pk>/recompute/", plans.PlanRecompute.as_view()),
    path("plans/<int:pk>/cancel/", plans.PlanCancel.as_view()),
    path("shipments/", shipments.ShipmentList.as_view()),
    path("shipments/<int:pk>/", shipments.ShipmentDetail.as_view()),
    path("shipments/<int:pk>/dispatch/", shipments.ShipmentDispatch.as_view()),
    path("shipments/<int:pk>/receive/", shipments.ShipmentReceive.as_view()),
    path("urgent-issues/", urgent.UrgentList.as_view()),
    path("urgent-issues/<int:pk>/countersign/", urgent.UrgentCountersign.as_view()),
    path("returns/", shipments.ReturnList.as_view()),
    path("returns/<int:pk>/receive/", shipments.ReturnReceive.as_view()),
    path("local-uses/", shipments.LocalUseList.as_view()),
    path("local-use-rules/", local_uses.LocalUseRuleList.as_view()),
    path("recalls/<int:pk>/trace/", recalls.RecallTraceView.as_view()),
    path("batches/<int:pk>/relabel/confirm/", relabels.RelabelConfirm.as_view()),
    path("dispensings/", dispensings.DispensingList.as_view()),
    path("dispensings/<int:pk>/reverse/", dispensings.DispensingReverse.as_view()),
]
