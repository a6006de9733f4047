"""Pages of the videos app."""

from django.urls import path

from videos import views

app_name = "videos"
urlpatterns = [
    path("", views.library, name="library"),
    path("upload", views.upload, name="upload"),
    path("videos/<uuid:video_id>", views.page, name="page"),
    path("videos/<uuid:video_id>/progress", views.progress, name="progress"),
    path("videos/<uuid:video_id>/card", views.card, name="card"),
    path("videos/<uuid:video_id>/rename", views.rename, name="rename"),
    path("videos/<uuid:video_id>/captions", views.add_captions, name="add_captions"),
    path("videos/<uuid:video_id>/reprocess", views.reprocess, name="reprocess"),
    path("videos/<uuid:video_id>/delete", views.delete, name="delete"),
]
