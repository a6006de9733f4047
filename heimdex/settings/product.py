"""Heimdex's own settings: limits, times, paths and outside services.

docs/settings.md documents the settings that come from the environment; a test compares the two. The other settings are
constants that several modules share.
"""

from pathlib import Path

from core import env
from core.machine import exports_at_once

DATA_DIR = Path(env.text("HEIMDEX_DATA_DIR", "data")).resolve()
VERSION = "0.2.0"  # as in pyproject.toml, which is not in the image
WORK_DIR = Path(env.text("HEIMDEX_WORK_DIR", str(DATA_DIR / "work"))).resolve()

# People
# By default sign-up is open only when HEIMDEX_HOSTS names no host but this machine (loopback).
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
SIGNUP_OPEN = env.flag(
    "HEIMDEX_SIGNUP_OPEN", default=set(env.string_list("HEIMDEX_HOSTS")) <= _LOOPBACK
)
SIGNUPS_PER_HOUR = 10  # of one address
TOKENS_PER_USER = 50

# Uploads
UPLOAD_MAX_BYTES = env.integer("HEIMDEX_UPLOAD_MAX_BYTES", 20 * 1024**3, min_value=1)
UPLOAD_MAX_DURATION_S = env.integer("HEIMDEX_UPLOAD_MAX_DURATION_S", 6 * 3600, min_value=1)
UPLOAD_MAX_PIXELS = env.integer("HEIMDEX_UPLOAD_MAX_PIXELS", 8192 * 4320, min_value=1)
# What the sources of one user may take in all, and how many uploads may be unfinished.
USER_MAX_BYTES = env.integer("HEIMDEX_USER_MAX_BYTES", 500 * 1024**3, min_value=1)
UPLOADS_PER_USER = 100
UPLOAD_KEEP_S = env.integer("HEIMDEX_UPLOAD_KEEP_S", 24 * 3600, min_value=60)
CAPTIONS_MAX_BYTES = env.integer("HEIMDEX_CAPTIONS_MAX_BYTES", 5 * 1024**2, min_value=1)

# Fetching from links: the waiting links per user (0 switches it off), the time limit of a fetch, and the minimum rate
# of a server.
IMPORT_LIMIT = env.integer("HEIMDEX_IMPORT_LIMIT", 10)
IMPORT_TIMEOUT_S = env.integer("HEIMDEX_IMPORT_TIMEOUT_S", 3600, min_value=1)
IMPORT_MIN_RATE = 64 * 1024  # bytes a second

# Exports
EXPORT_LIMIT = env.integer("HEIMDEX_EXPORT_LIMIT", 10)
# Asking again for one that failed or was cancelled is free, but not for ever: in all, this many times the limit.
EXPORT_REQUESTS_PER_PLACE = 5
EXPORT_WINDOW_S = 24 * 3600  # pages and API say "24 hours"
EXPORT_KEEP_S = env.integer("HEIMDEX_EXPORT_KEEP_S", 24 * 3600, min_value=1)
# An attempt ends when it made no progress for so long, and after so long in all: a slow machine alone ends none.
# The CPU seconds that a tool may use for each second of the clip, and the minimum for a short clip.
EXPORT_STALL_S, EXPORT_TIMEOUT_S = 300, 6 * 3600
EXPORT_CPU_FACTOR, EXPORT_CPU_MIN_S = 60, 1200
DOWNLOAD_LINK_S = 3600
# How long one call to S3 may stay without an answer: of background work (it is tried three times), and while a person
# waits for a page (once). Then how long the storage's own link works to which a download is sent.
STORAGE_CALL_S, STORAGE_REQUEST_S, STORAGE_LINK_S = 30, 3, 300

# Jobs: one without a heartbeat for the length of a lease is given to another worker, until its attempts are used up.
JOB_LEASE_S, JOB_HEARTBEAT_S, JOB_SWEEP_S = 30, 5, 5
JOB_MAX_ATTEMPTS = 3
EXPORT_WORKERS = env.integer("HEIMDEX_EXPORT_WORKERS", exports_at_once(), min_value=1)
VIDEO_WORKERS = env.integer("HEIMDEX_VIDEO_WORKERS", 1, min_value=1)
PROXY_WORKERS = env.integer("HEIMDEX_PLAYBACK_PROXY_WORKERS", 1, min_value=1)
# As for exports, while a video is probed and decoded; speech recognition has no clock. Each tool may use so many s of
# CPU time for each second of the video, and so many for a short one.
VIDEO_STALL_S = 1800
VIDEO_TIMEOUT_S = env.integer("HEIMDEX_VIDEO_TIMEOUT_S", 48 * 3600, min_value=60)
VIDEO_CPU_FACTOR, VIDEO_CPU_LEAST_S = 20, 1800

# The longest clip that is suggested.
SUGGESTION_MAX_S = env.integer("HEIMDEX_SUGGESTION_MAX_S", 60, min_value=15, max_value=180)

# Small copies for playing of videos that not every browser plays.
MAKE_PROXIES = env.flag("HEIMDEX_PLAYBACK_PROXIES", default=True)

# Text on screen is read, for search.
READ_SCREEN = env.flag("HEIMDEX_SCREEN_TEXT", default=True)

# Models that are missing are fetched when they are first needed.
FETCH_MODELS = env.flag("HEIMDEX_FETCH_MODELS", default=True)

# Speech recognition: "auto" (the best model that is there), "none", a model's name or folder; or a server that speaks
# the OpenAI transcription API.
SPEECH_MODEL = env.text("HEIMDEX_SPEECH_MODEL", "auto")
SPEECH_DEVICE = env.text("HEIMDEX_SPEECH_DEVICE", "auto")
SPEECH_COMPUTE_TYPE = env.text("HEIMDEX_SPEECH_COMPUTE_TYPE", "int8")
SPEECH_API_URL = env.text("HEIMDEX_SPEECH_API_URL")
SPEECH_API_KEY = env.secret("HEIMDEX_SPEECH_API_KEY")
SPEECH_API_MODEL = env.text("HEIMDEX_SPEECH_API_MODEL", "whisper-1")

# Framing: the YuNet model, which improves face detection (`manage.py fetch_models` downloads it), and the layout of a
# shot without people: "fit" shows the whole picture on a blurred copy, "crop" its middle.
FACE_MODEL = env.text(
    "HEIMDEX_FACE_MODEL", str(DATA_DIR / "models" / "face_detection_yunet_2023mar.onnx")
)
FACE_MODEL_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
FRAMING_NOBODY = env.choice("HEIMDEX_FRAMING_NOBODY", "fit", choices=("fit", "crop"))

# Visual description: a server that speaks the OpenAI chat API with images. Off by default.
VISION_API_URL = env.text("HEIMDEX_VISION_API_URL")
VISION_API_KEY = env.secret("HEIMDEX_VISION_API_KEY")
VISION_API_MODEL = env.text("HEIMDEX_VISION_API_MODEL", "gpt-4o-mini")

# Search by meaning: a server that speaks the OpenAI embeddings API. Off by default.
EMBEDDING_API_URL = env.text("HEIMDEX_EMBEDDING_API_URL")
EMBEDDING_API_KEY = env.secret("HEIMDEX_EMBEDDING_API_KEY")
EMBEDDING_API_MODEL = env.text("HEIMDEX_EMBEDDING_API_MODEL", "text-embedding-3-small")

# Ranking of suggested clips: a server that speaks the OpenAI chat API. Off by default. Prices are for a million tokens.
RANKING_API_URL = env.text("HEIMDEX_RANKING_API_URL")
RANKING_API_KEY = env.secret("HEIMDEX_RANKING_API_KEY")
RANKING_API_MODEL = env.text("HEIMDEX_RANKING_API_MODEL", "gpt-4o-mini")
RANKING_REQUEST_PRICE = env.price("HEIMDEX_RANKING_REQUEST_PRICE")
RANKING_ANSWER_PRICE = env.price("HEIMDEX_RANKING_ANSWER_PRICE")
RANKING_CURRENCY = env.text("HEIMDEX_RANKING_CURRENCY", "USD")
RANKINGS_PER_DAY = env.integer("HEIMDEX_RANKINGS_PER_DAY", 50, min_value=1)

REMOTE_TIMEOUT_S = env.integer("HEIMDEX_REMOTE_TIMEOUT_S", 60, min_value=1)

# The video encoder of Shorts: "auto" is a hardware encoder that passed its trial, otherwise x264.
VIDEO_ENCODERS = ("auto", "x264", "h264_nvenc", "h264_qsv", "h264_vaapi", "h264_videotoolbox")
VIDEO_ENCODER = env.choice("HEIMDEX_VIDEO_ENCODER", "auto", choices=VIDEO_ENCODERS)

# Child processes (ffmpeg, ffprobe)
TOOL_MEMORY_BYTES = env.integer("HEIMDEX_TOOL_MEMORY_BYTES", 2 * 1024**3, min_value=256 * 1024**2)
TOOL_FILE_BYTES = env.integer("HEIMDEX_TOOL_FILE_BYTES", 4 * 1024**3, min_value=1024**2)
# Behind web pages (nice 0), and not starved beside other programs of a shared machine. 0 suits a machine without pages;
# `heimdex.standalone.settings` has 0. On an idle machine it changes nothing: the kernel gives nobody what nobody wants.
TOOL_NICE = env.integer("HEIMDEX_TOOL_NICE", 5)
TOOL_PATHS = env.string_list("HEIMDEX_TOOL_PATHS")
ALLOW_WEAK_SANDBOX = env.flag("HEIMDEX_ALLOW_WEAK_SANDBOX", default=False)

# Health and metrics
ALIVE_FILE = Path(env.text("HEIMDEX_ALIVE_FILE")) if env.text("HEIMDEX_ALIVE_FILE") else None
HEALTH_MIN_FREE_BYTES = 200_000_000
METRICS_TOKEN = env.secret("HEIMDEX_METRICS_TOKEN")
