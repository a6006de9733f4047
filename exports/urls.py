"""Pages of the exports app."""

from django.urls import path

from exports import views, views_dialog, views_files, views_framing, views_looks

app_name = "exports"
urlpatterns = [
    path("exports", views.export_list, name="list"),
    path("exports/<uuid:export_id>", views.detail, name="detail"),
    path("exports/<uuid:export_id>/cancel", views.cancel, name="cancel"),
    path("exports/<uuid:export_id>/retry", views.retry, name="retry"),
    path("exports/<uuid:export_id>/delete", views.delete, name="delete"),
    path("exports/<uuid:export_id>/again", views_dialog.dialog_again, name="dialog_again"),
    path("scenes/<uuid:scene_id>/export", views_dialog.dialog, name="dialog"),
    path("videos/<uuid:video_id>/export", views_dialog.dialog_for_range, name="dialog_for_range"),
    path("videos/<uuid:video_id>/exports", views.for_video, name="for_video"),
    path("exports/<uuid:export_id>/play", views_files.play, name="play"),
    path("exports/<uuid:export_id>/download", views_files.download, name="download"),
    path("exports/<uuid:export_id>/captions.<str:kind>", views_files.captions, name="captions"),
    path("videos/<uuid:video_id>/look/<str:strategy>.jpg", views_looks.preview, name="look"),
    path("presets", views_looks.save, name="save_preset"),
    path("presets/<uuid:preset_id>/delete", views_looks.delete, name="delete_preset"),
    path("d/<str:signed>", views_files.file, name="file"),
    path("videos/<uuid:video_id>/framing", views_framing.framing, name="framing"),
    path(
        "videos/<uuid:video_id>/still/<str:strategy>/<int:time_ms>.jpg",
        views_files.still,
        name="still",
    ),
]
