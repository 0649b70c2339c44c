# The same steps as `make setup`: pinned wheels with hashes, then the program without its dependencies.
# Before a release, write the base image's digest after its name (python:3.11-slim-bookworm@sha256:...).
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/klaster

COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock

COPY pyproject.toml README.md ./
COPY bot ./bot
COPY adapters ./adapters
RUN python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

COPY knowledge ./knowledge

# The root may be read-only: all state is in the one volume.
RUN install -d -m 0700 -o 10001 -g 10001 /data
ENV KLASTER_DATA=/data KLASTER_KNOWLEDGE=/srv/klaster/knowledge KLASTER_WEB_HOST=0.0.0.0 KLASTER_WEB_PORT=8080
VOLUME /data
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["klaster", "run"]
