# Vespera in a container: `docker compose up -d`. See docs/install.md, "In a container".
# Everything is a wheel, so that nothing here compiles, on x86_64 and aarch64 alike.
FROM python:3.13-slim-bookworm AS build
WORKDIR /opt/vespera
COPY requirements.txt ./
# The copy of the list is how ./vespera knows that its packages are there.
RUN python -m venv --without-pip .venv \
    && python -m pip --python .venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: -r requirements.txt \
    && cp requirements.txt .venv/installed-requirements.txt
COPY . ./
# Compiled once: the file system is read-only later, and each start would compile anew.
RUN .venv/bin/python -m compileall -q -x '^\./\.' .

FROM python:3.13-slim-bookworm AS base
RUN groupadd --gid 10001 vespera \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin vespera \
    && install -d -o vespera -g vespera -m 0700 /data
WORKDIR /opt/vespera
COPY --from=build /opt/vespera ./
ENV VESPERA_DATA_DIR=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2
VOLUME /data
STOPSIGNAL SIGTERM

# Coding jobs: git for the repositories, bubblewrap for what runs of them.
FROM base AS relay
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap git \
    && rm -rf /var/lib/apt/lists/*
USER 10001:10001
CMD [".venv/bin/python", "cli.py", "relay", "serve"]

FROM base AS bot
USER 10001:10001
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 \
    CMD [".venv/bin/python", "cli.py", "health"]
CMD [".venv/bin/python", "bot.py"]
