"""Pages of the exports app."""

from django.urls import path

from exports.web import batches, captions, dialog, files, finish_files, framing, lists, views
from exports.web.stage import caption_font, page_stage, stage

app_name = "exports"
urlpatterns = [
    path("exports", lists.export_list, name="list"),
    path("batches/<uuid:batch_id>", batches.batch_page, name="batch"),
    path("batches/<uuid:batch_id>/zip", batches.batch_zip, name="batch_zip"),
    path("batches/<uuid:batch_id>/cut-list", batches.cut_list_dialog, name="batch_cut_list"),
    path("batches/<uuid:batch_id>/cut-list/file", batches.cut_list, name="batch_cut_list_file"),
    path("batches/<uuid:batch_id>/cancel", batches.cancel_batch, name="cancel_batch"),
    path("batches/<uuid:batch_id>/retry", batches.retry_batch, name="retry_batch"),
    path("exports/batch", batches.batch_of_exports, name="batch_of_exports"),
    path("videos/batch", batches.batch_of_videos, name="batch_of_videos"),
    path("videos/<uuid:video_id>/batch", batches.batch_dialog, name="batch_dialog"),
    path("exports/matching", lists.matching, name="matching"),
    path("exports/delete", lists.delete_many, name="delete_many"),
    path("exports/undo-delete", lists.undo_delete, name="undo_delete"),
    path("exports/<uuid:export_id>", views.detail, name="detail"),
    path("exports/<uuid:export_id>/cancel", views.cancel, name="cancel"),
    path("exports/<uuid:export_id>/retry", views.retry, name="retry"),
    path("exports/<uuid:export_id>/rename", views.rename, name="rename"),
    path("exports/<uuid:export_id>/delete", views.delete, name="delete"),
    path("exports/<uuid:export_id>/again", dialog.dialog_again, name="dialog_again"),
    path("scenes/<uuid:scene_id>/export", dialog.dialog, name="dialog"),
    path("clips/<uuid:clip_id>/export", dialog.dialog_for_clip, name="dialog_for_clip"),
    path("videos/<uuid:video_id>/export", dialog.dialog_for_range, name="dialog_for_range"),
    path("videos/<uuid:video_id>/exports", views.for_video, name="for_video"),
    path("exports/<uuid:export_id>/play", files.play, name="play"),
    path("exports/<uuid:export_id>/download", files.download, name="download"),
    path("exports/<uuid:export_id>/cover.jpg", files.cover, name="cover"),
    path("exports/<uuid:export_id>/captions.<str:kind>", files.captions, name="captions"),
    path("caption-fonts/<str:name>", caption_font, name="caption_font"),
    path("videos/<uuid:video_id>/page-stage.json", page_stage, name="page_stage"),
    path("videos/<uuid:video_id>/stage/<str:strategy>.json", stage, name="stage"),
    path("videos/<uuid:video_id>/look/<str:strategy>.jpg", captions.preview, name="style_preview"),
    path(
        "videos/<uuid:video_id>/missing-letters", captions.missing_letters, name="missing_letters"
    ),
    path("presets", captions.save, name="save_preset"),
    path("presets/<uuid:preset_id>/delete", captions.delete, name="delete_preset"),
    path("logos/<str:logo>/delete", captions.delete_logo, name="delete_logo"),
    path("finish-files", finish_files.add, name="add_finish_file"),
    path("finish-files/<uuid:file_id>/delete", finish_files.delete, name="delete_finish_file"),
    path("d/<str:signed>", files.file, name="file"),
    path("videos/<uuid:video_id>/framing", framing.framing, name="framing"),
    path(
        "videos/<uuid:video_id>/listen/<int:track>/<int:time_ms>.m4a", files.listen, name="listen"
    ),
    path(
        "videos/<uuid:video_id>/still/<str:strategy>/<int:time_ms>.jpg",
        files.still,
        name="still",
    ),
]
