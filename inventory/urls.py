from django.urls import path

from inventory.api import conversions, destructions, holds, recalls, sorting, stock, stock_cards

urlpatterns = [
    path("sorting-queue/", sorting.SortingQueue.as_view()),
    path("sortings/", sorting.SortingList.as_view()),
    path("sortings/<int:pk>/", sorting.SortingDetail.as_view()),
    path("sortings/<int:pk>/reverse/", sorting.SortingReverse.as_view()),
    path("stock/", stock.StockList.as_view()),
    path("stock/summary/", stock.StockSummary.as_view()),
    path("stock-card/", stock_cards.StockCardList.as_view()),
    path("expiry-calendar/", stock.ExpiryCalendar.as_view()),
    path("batches/<int:pk>/", stock.BatchDetail.as_view()),
    path("batches/<int:pk>/trace/", stock.BatchTrace.as_view()),
    path("batches/<int:pk>/relabel/", conversions.BatchRelabel.as_view()),
    path("batches/<int:pk>/relabel/withdraw/", conversions.BatchRelabelWithdraw.as_view()),
    path("batches/<int:pk>/open/", conversions.BatchOpen.as_view()),
    path("relabellings/", conversions.RelabellingList.as_view()),
    path("movements/", stock.MovementList.as_view()),
    path("holds/", holds.HoldList.as_view()),
    path("holds/<int:pk>/release/", holds.HoldReleaseView.as_view()),
    path("recalls/", recalls.RecallList.as_view()),
    path("recalls/reach/", recalls.RecallReach.as_view()),
    path("recalls/<int:pk>/", recalls.RecallDetail.as_view()),
    path("recalls/<int:pk>/acknowledge/", recalls.RecallAcknowledge.as_view()),
    path("recalls/<int:pk>/lift/", recalls.RecallLiftView.as_view()),
    path("adverse-reactions/", recalls.ReactionList.as_view()),
    path("destructions/", destructions.DestructionList.as_view()),
    path("destructions/<int:pk>/", destructions.DestructionDetail.as_view()),
    path("destructions/<int:pk>/confirm/", destructions.DestructionConfirm.as_view()),
    path("destructions/<int:pk>/withdraw/", destructions.DestructionWithdraw.as_view()),
    path("destructions/<int:pk>/manifest.pdf", destructions.DestructionManifest.as_view()),
]
