"""API routes of the videos app, under `/v1/`."""

from django.urls import path

from videos.api import bulk, views
from videos.api.cut_lists import ClipCutListView, VideoCutListView
from videos.api.search import SearchView
from videos.api.suggestions import (
    SuggestionAcceptView,
    SuggestionDismissView,
    SuggestionListView,
    SuggestionRankingView,
    SuggestionRestoreView,
)
from videos.api.transcript.borders import BorderListView, BorderView
from videos.api.transcript.corrections import CorrectionListView, CorrectionView
from videos.api.transcript.cues import CueListView, HeardLinesView
from videos.api.transcript.glossary import GlossaryView
from videos.api.transcript.replacing import PlaceListView, ReplaceView
from videos.api.transcript.screen_text import ScreenTextListView
from videos.api.transcript.speakers import SpeakerListView, SpeakerRenameView
from videos.api.transcript.versions import (
    TranscriptFileView,
    TranscriptHearView,
    TranscriptListView,
    TranscriptUseView,
    TranscriptView,
)

# Ids are plain strings here: one that is no id is answered like one that is not there.
urlpatterns = [
    path(
        "clips/<str:clip_id>/cut-list/<str:kind>", ClipCutListView.as_view(), name="clip-cut-list"
    ),
    path("glossary", GlossaryView.as_view(), name="glossary"),
    path("search", SearchView.as_view(), name="search"),
    path("videos", views.VideoListView.as_view(), name="videos"),
    path("tags", bulk.TagListView.as_view(), name="tags"),
    path("tags/rename", bulk.TagRenameView.as_view(), name="tag-rename"),
    path("videos/delete", bulk.VideosDeleteView.as_view(), name="videos-delete"),
    path("videos/reprocess", bulk.VideosReprocessView.as_view(), name="videos-reprocess"),
    path("videos/restore", bulk.VideosRestoreView.as_view(), name="videos-restore"),
    path("videos/tags", bulk.VideoTagsView.as_view(), name="video-tags"),
    path("videos/import", views.VideoImportView.as_view(), name="video-import"),
    path("videos/<str:video_id>", views.VideoView.as_view(), name="video"),
    path("videos/<str:video_id>/details", views.VideoDetailsView.as_view(), name="video-details"),
    path("videos/<str:video_id>/cues", CueListView.as_view(), name="video-cues"),
    path(
        "videos/<str:video_id>/screen-text", ScreenTextListView.as_view(), name="video-screen-text"
    ),
    path("videos/<str:video_id>/heard-lines", HeardLinesView.as_view(), name="video-heard-lines"),
    path("videos/<str:video_id>/borders", BorderListView.as_view(), name="video-borders"),
    path(
        "videos/<str:video_id>/borders/<str:border_id>", BorderView.as_view(), name="video-border"
    ),
    path(
        "videos/<str:video_id>/corrections", CorrectionListView.as_view(), name="video-corrections"
    ),
    path(
        "videos/<str:video_id>/corrections/places",
        PlaceListView.as_view(),
        name="correction-places",
    ),
    path(
        "videos/<str:video_id>/corrections/replace",
        ReplaceView.as_view(),
        name="correction-replace",
    ),
    path(
        "videos/<str:video_id>/corrections/<str:correction_id>",
        CorrectionView.as_view(),
        name="video-correction",
    ),
    path(
        "videos/<str:video_id>/reprocess",
        views.VideoReprocessView.as_view(),
        name="video-reprocess",
    ),
    path(
        "videos/<str:video_id>/stop-hearing",
        views.VideoStopHearingView.as_view(),
        name="video-stop-hearing",
    ),
    path(
        "videos/<str:video_id>/cut-list/<str:kind>",
        VideoCutListView.as_view(),
        name="video-cut-list",
    ),
    path("videos/<str:video_id>/hear", TranscriptHearView.as_view(), name="video-hear"),
    path(
        "videos/<str:video_id>/captions", views.VideoCaptionsView.as_view(), name="video-captions"
    ),
    path("videos/<str:video_id>/speakers", SpeakerListView.as_view(), name="video-speakers"),
    path(
        "videos/<str:video_id>/speakers/<str:rename_id>",
        SpeakerRenameView.as_view(),
        name="speaker-rename",
    ),
    path(
        "videos/<str:video_id>/suggestions", SuggestionListView.as_view(), name="video-suggestions"
    ),
    path(
        "videos/<str:video_id>/suggestions/ranking",
        SuggestionRankingView.as_view(),
        name="suggestion-ranking",
    ),
    path(
        "videos/<str:video_id>/suggestions/<str:suggestion_id>/accept",
        SuggestionAcceptView.as_view(),
        name="suggestion-accept",
    ),
    path(
        "videos/<str:video_id>/suggestions/<str:suggestion_id>/dismiss",
        SuggestionDismissView.as_view(),
        name="suggestion-dismiss",
    ),
    path(
        "videos/<str:video_id>/suggestions/<str:suggestion_id>/restore",
        SuggestionRestoreView.as_view(),
        name="suggestion-restore",
    ),
    path(
        "videos/<str:video_id>/transcripts", TranscriptListView.as_view(), name="video-transcripts"
    ),
    path(
        "videos/<str:video_id>/transcripts/<str:transcript_id>",
        TranscriptView.as_view(),
        name="video-transcript",
    ),
    path(
        "videos/<str:video_id>/transcripts/<str:transcript_id>/use",
        TranscriptUseView.as_view(),
        name="video-transcript-use",
    ),
    path(
        "videos/<str:video_id>/transcripts/<str:transcript_id>/<str:kind>",
        TranscriptFileView.as_view(),
        name="video-transcript-file",
    ),
    path(
        "videos/<str:video_id>/thumbnail",
        views.VideoThumbnailView.as_view(),
        name="video-thumbnail",
    ),
    path("scenes/<str:scene_id>", views.SceneView.as_view(), name="scene"),
    path(
        "scenes/<str:scene_id>/thumbnail",
        views.SceneThumbnailView.as_view(),
        name="scene-thumbnail",
    ),
]
