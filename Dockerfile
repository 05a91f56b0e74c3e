# One image for everything: `skranke run` by itself (with its embedded PostgreSQL), or `serve`,
# `work` and `database …` beside a PostgreSQL of your own, as compose.yaml shows.
FROM python:3.11-slim-bookworm

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1
WORKDIR /srv/skranke

COPY requirements/build.txt requirements/runtime.txt requirements/
RUN pip install --require-hashes -r requirements/build.txt -r requirements/runtime.txt

COPY pyproject.toml README.md ./
COPY requirements/runtime.in requirements/
COPY migrations migrations
COPY app app
RUN pip install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q app migrations \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin skranke \
    && install --directory --owner skranke --mode 0700 /var/lib/skranke

USER 10001
ENV SKRANKE_HOST=0.0.0.0 SKRANKE_DATA_DIR=/var/lib/skranke
VOLUME /var/lib/skranke
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('SKRANKE_PORT', 8000)}/readyz\")"]
ENTRYPOINT ["skranke"]
CMD ["run"]
