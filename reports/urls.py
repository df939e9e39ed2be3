from django.urls import path

from reports import api, audit_api, calendar_api, daily_api, figures_api, plans_api, public_api, questions_api
from reports.models import BulletinFile

Name = BulletinFile.Name

urlpatterns = [
    path("figures/", figures_api.FiguresView.as_view()),
    path("figures/accounts/", figures_api.AccountList.as_view()),
    path("figures/received/", figures_api.ReceivedList.as_view()),
    path("figures/allotted/", figures_api.AllottedList.as_view()),
    path("bulletins/", api.BulletinList.as_view()),
    path("daily-form/", daily_api.DailyFormView.as_view()),
    path("daily-reports/<str:day>.xlsx", daily_api.DailySheet.as_view()),
    path("daily-reports/<str:day>/", daily_api.DailyReportView.as_view()),
    path("bulletin-calendar/", calendar_api.Calendar.as_view()),
    path("bulletins/closing/", api.ClosingAccount.as_view()),
    path("bulletins/<int:pk>/", api.BulletinDetail.as_view()),
    path("bulletins/<int:pk>/submit/", api.BulletinSubmit.as_view()),
    path("bulletins/<int:pk>/correct/", api.BulletinCorrect.as_view()),
    path("bulletins/<int:pk>/send-back/", api.BulletinSendBack.as_view()),
    path("bulletins/<int:pk>/withdraw/", api.BulletinWithdraw.as_view()),
    path("bulletins/<int:pk>/publish/", api.BulletinPublish.as_view()),
    path("questions/", questions_api.QuestionList.as_view()),
    path("questions/<int:pk>/answer/", questions_api.QuestionAnswer.as_view()),
    path("questions/<int:pk>/assign/", questions_api.QuestionAssign.as_view()),
    path("public/questions/", questions_api.PublicQuestions.as_view()),
    path("todo/", api.ToDoView.as_view()),
    path("audit/", audit_api.AuditList.as_view()),
    path("audit/chain/", audit_api.AuditChainView.as_view()),
    path("public/audit-checkpoints/", audit_api.AuditCheckpoints.as_view()),
    path("health/", public_api.HealthView.as_view()),
    path("public/counties/<str:code>/summary/", public_api.SummaryView.as_view()),
    path("public/counties/<str:code>/drop-off-points/", public_api.DropOffPoints.as_view()),
    path("public/bulletins/", public_api.PublicBulletins.as_view()),
    path("public/bulletins/<int:pk>.json", public_api.BulletinBytes.as_view()),
    path("public/bulletins/<int:pk>.csv", public_api.FileBytes.as_view(), {"name": Name.CSV}),
    path("public/bulletins/<int:pk>.xlsx", public_api.FileBytes.as_view(), {"name": Name.XLSX}),
    path("public/bulletins/<int:pk>.pdf", public_api.FileBytes.as_view(), {"name": Name.PDF}),
    path("public/bulletins/<int:pk>.archive.zip", public_api.FileBytes.as_view(), {"name": Name.ARCHIVE}),
    path("public/bulletins/<int:pk>.names.json", public_api.NamesView.as_view()),
    path(
        "public/bulletins/<int:pk>.datapackage.json", public_api.FileBytes.as_view(), {"name": Name.PACKAGE}
    ),
    path("public/bulletins/<int:pk>.seal.json", public_api.SealView.as_view()),
    path("public/counties/<str:code>/ledger-days/", public_api.LedgerDays.as_view()),
    path("public/plans/", plans_api.PublicPlans.as_view()),
    path("public/plans/<int:pk>/", plans_api.PublicPlan.as_view()),
    path("public/plans/<int:pk>/clinics/", plans_api.PublicShares.as_view()),
    path("public/keys/", public_api.KeysView.as_view()),
    path("public/verify_bulletin.py", public_api.VerifierFile.as_view()),
    path("public/trace/<str:receipt_code>/", public_api.TraceView.as_view()),
    path("public/verify/<str:sha256>/", public_api.VerifyView.as_view()),
]
