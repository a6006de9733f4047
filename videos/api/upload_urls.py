"""Routes of resumable uploads, under `/uploads`."""

from django.urls import path

from videos.api import uploads

app_name = "uploads"
urlpatterns = [
    path("uploads", uploads.UploadListView.as_view(), name="list"),
    path("uploads/<str:upload_id>", uploads.UploadView.as_view(), name="item"),
    path(
        "uploads/<str:upload_id>/captions",
        uploads.UploadCaptionsView.as_view(),
        name="captions",
    ),
]
