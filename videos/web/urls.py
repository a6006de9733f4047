"""Pages of the videos app."""

from django.urls import path

from videos.web import files, proxies, views
from videos.web.captions_check import captions_check
from videos.web.clips import clips, cut_lists, suggestions
from videos.web.clips import history as clip_history
from videos.web.library import bulk as many
from videos.web.library import page as library
from videos.web.library.tag_names import tag_names
from videos.web.search import search_page
from videos.web.transcript import borders, corrections, hearing, speakers
from videos.web.transcript import versions as transcripts
from videos.web.transcript.glossary import glossary
from videos.web.transcript.replacing import replace

app_name = "videos"
urlpatterns = [
    path("", library.library, name="library"),
    path("library/matching", library.matching, name="matching"),
    path("library/tag-names", tag_names, name="tag_names"),
    path("library/tags", many.tags_of_many, name="many_tags"),
    path("library/again", many.process_many, name="many_again"),
    path("library/delete", many.delete_many, name="many_delete"),
    path("library/undo", many.undo, name="library_undo"),
    path("glossary", glossary, name="glossary"),
    path("search", search_page, name="search"),
    path("upload", views.upload, name="upload"),
    path("captions/check", captions_check, name="captions_check"),
    path("upload/link", views.import_link, name="import"),
    path("videos/<uuid:video_id>", views.page, name="page"),
    path("videos/<uuid:video_id>/progress", views.progress, name="progress"),
    path("videos/<uuid:video_id>/heard", hearing.heard, name="heard"),
    path("videos/<uuid:video_id>/stop-hearing", hearing.stop_hearing, name="stop_hearing"),
    path("videos/<uuid:video_id>/hear", transcripts.hear_again, name="hear_again"),
    path("videos/<uuid:video_id>/card", library.card, name="card"),
    path("videos/<uuid:video_id>/rename", views.rename, name="rename"),
    path("videos/<uuid:video_id>/captions", transcripts.add_captions, name="add_captions"),
    path(
        "videos/<uuid:video_id>/captions/preview", views.captions_preview, name="captions_preview"
    ),
    path("videos/<uuid:video_id>/reprocess", views.reprocess, name="reprocess"),
    path("videos/<uuid:video_id>/delete", views.delete, name="delete"),
    path("videos/<uuid:video_id>/speakers", speakers.speaker_list, name="speakers"),
    path("videos/<uuid:video_id>/speakers/lines", speakers.speaker_lines, name="speaker_lines"),
    path(
        "videos/<uuid:video_id>/speakers/<uuid:rename_id>/undo",
        speakers.undo_rename,
        name="undo_rename",
    ),
    path("videos/<uuid:video_id>/replace", replace, name="replace"),
    path("videos/<uuid:video_id>/lines", corrections.lines, name="lines"),
    path("videos/<uuid:video_id>/word-times", corrections.word_times, name="word_times"),
    path("videos/<uuid:video_id>/scenes", borders.scenes, name="scenes"),
    path("videos/<uuid:video_id>/borders/<uuid:border_id>/undo", borders.undo, name="undo_border"),
    path("videos/<uuid:video_id>/corrections", corrections.correction_list, name="corrections"),
    path(
        "videos/<uuid:video_id>/corrections/<uuid:correction_id>/undo",
        corrections.undo,
        name="undo_correction",
    ),
    path("videos/<uuid:video_id>/clips", clips.clip_list, name="clips"),
    path("videos/<uuid:video_id>/cut-list", cut_lists.cut_list_dialog, name="cut_list"),
    path("videos/<uuid:video_id>/cut-list/file", cut_lists.cut_list, name="cut_list_file"),
    path("clips/<uuid:clip_id>/history", clip_history.history, name="clip_history"),
    path("clips/<uuid:clip_id>/restore", clip_history.restore, name="restore_clip"),
    path("clips/<uuid:clip_id>/rename", clips.rename, name="rename_clip"),
    path("clips/<uuid:clip_id>/duplicate", clips.duplicate, name="duplicate_clip"),
    path("clips/<uuid:clip_id>/move", clips.move, name="move_clip"),
    path("clips/<uuid:clip_id>/delete", clips.delete, name="delete_clip"),
    path("clips/<uuid:clip_id>/undelete", clips.undelete, name="undelete_clip"),
    path("videos/<uuid:video_id>/suggestions", suggestions.suggestion_list, name="suggestions"),
    path("videos/<uuid:video_id>/suggestions/rank", suggestions.rank, name="rank_suggestions"),
    path("videos/<uuid:video_id>/suggestions/learn", suggestions.learn, name="learn_suggestions"),
    path(
        "videos/<uuid:video_id>/suggestions/<uuid:suggestion_id>/keep",
        suggestions.accept,
        name="keep_suggestion",
    ),
    path(
        "videos/<uuid:video_id>/suggestions/<uuid:suggestion_id>/dismiss",
        suggestions.dismiss,
        name="dismiss_suggestion",
    ),
    path(
        "videos/<uuid:video_id>/suggestions/<uuid:suggestion_id>/restore",
        suggestions.restore,
        name="restore_suggestion",
    ),
    path("videos/<uuid:video_id>/source", files.source, name="source"),
    path("videos/<uuid:video_id>/proxy", proxies.proxy_file, name="proxy"),
    path("videos/<uuid:video_id>/proxy/line", proxies.proxy_line, name="proxy_line"),
    path("videos/<uuid:video_id>/proxy/ask", proxies.ask_for_proxy, name="ask_for_proxy"),
    path("videos/<uuid:video_id>/thumbnail", files.thumbnail, name="thumbnail"),
    path("scenes/<uuid:scene_id>/thumbnail", files.scene_thumbnail, name="scene_thumbnail"),
    path("videos/<uuid:video_id>/waveform", files.waveform, name="waveform"),
    path("videos/<uuid:video_id>/word-edges", files.word_edges, name="word_edges"),
    path("videos/<uuid:video_id>/captions.vtt", files.captions_vtt, name="captions"),
    path("videos/<uuid:video_id>/transcript.<str:kind>", files.transcript, name="transcript"),
    path(
        "videos/<uuid:video_id>/transcripts/<uuid:transcript_id>.<str:kind>",
        files.other_transcript,
        name="other_transcript",
    ),
    path(
        "videos/<uuid:video_id>/transcripts/<uuid:transcript_id>/use",
        transcripts.use,
        name="use_transcript",
    ),
    path(
        "videos/<uuid:video_id>/transcripts/<uuid:transcript_id>/delete",
        transcripts.delete,
        name="delete_transcript",
    ),
]
