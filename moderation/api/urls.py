from django.urls import path

from moderation.api.views import ReportListView

urlpatterns = [
    path("reports", ReportListView.as_view()),
]
