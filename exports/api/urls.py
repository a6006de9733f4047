"""API routes of the exports app, under `/v1/`."""

from django.urls import path

from exports.api import batches, captions, clip_tightening, clips, finish_files, views

urlpatterns = [
    path("me", views.MeView.as_view(), name="me"),
    path(
        "scenes/<str:scene_id>/export-short",
        views.SceneExportView.as_view(),
        name="scene-export-short",
    ),
    path(
        "videos/<str:video_id>/export-short",
        views.VideoExportView.as_view(),
        name="video-export-short",
    ),
    path("batches", batches.BatchListView.as_view(), name="batch-list"),
    path("batches/<str:batch_id>", batches.BatchView.as_view(), name="batch"),
    path("batches/<str:batch_id>/cancel", batches.BatchCancelView.as_view(), name="batch-cancel"),
    path("batches/<str:batch_id>/retry", batches.BatchRetryView.as_view(), name="batch-retry"),
    path("batches/<str:batch_id>/zip", batches.BatchZipView.as_view(), name="batch-zip"),
    path(
        "batches/<str:batch_id>/cut-list/<str:kind>",
        batches.BatchCutListView.as_view(),
        name="batch-cut-list",
    ),
    path("clips", clips.ClipListView.as_view(), name="clip-list"),
    path("clips/<str:clip_id>", clips.ClipView.as_view(), name="clip"),
    path("clips/<str:clip_id>/export", clips.ClipExportView.as_view(), name="clip-export"),
    path("clips/<str:clip_id>/duplicate", clips.ClipDuplicateView.as_view(), name="clip-duplicate"),
    path("clips/<str:clip_id>/history", clips.ClipHistoryView.as_view(), name="clip-history"),
    path(
        "clips/<str:clip_id>/tighten",
        clip_tightening.ClipTightenView.as_view(),
        name="clip-tighten",
    ),
    path("clips/<str:clip_id>/restore", clips.ClipRestoreView.as_view(), name="clip-restore"),
    path("exports", views.ExportListView.as_view(), name="export-list"),
    path("exports/<str:export_id>", views.ExportView.as_view(), name="export"),
    path(
        "exports/<str:export_id>/captions.<str:kind>",
        captions.CaptionFileView.as_view(),
        name="export-captions",
    ),
    path("caption-presets", captions.PresetListView.as_view(), name="caption-preset-list"),
    path("caption-presets/<str:preset_id>", captions.PresetView.as_view(), name="caption-preset"),
    path("logos", captions.LogoView.as_view(), name="logos"),
    path("logos/<str:logo>", captions.LogoItemView.as_view(), name="logo"),
    path("finish-files", finish_files.FinishFileListView.as_view(), name="finish-file-list"),
    path("finish-files/<str:file_id>", finish_files.FinishFileView.as_view(), name="finish-file"),
    path("exports/<str:export_id>/cancel", views.ExportCancelView.as_view(), name="export-cancel"),
    path("exports/<str:export_id>/cover", views.ExportCoverView.as_view(), name="cover"),
    path("exports/<str:export_id>/post-text", views.ExportPostTextView.as_view(), name="post-text"),
    path(
        "exports/<str:export_id>/receipt",
        views.ExportReceiptView.as_view(),
        name="export-receipt",
    ),
    path("exports/<str:export_id>/retry", views.ExportRetryView.as_view(), name="export-retry"),
]
