# One image for all of a copy's programs. By itself it runs `manage.py serve`, with its own servers or with those that
# DATABASE_URL and REDIS_URL name; compose.yaml runs the parts one by one.

FROM python:3.13-slim AS build
WORKDIR /srv/chat
COPY requirements/ requirements/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/base.txt
COPY . .
# Static files are made here once, small and compressed, and not at each start.
RUN DATA_DIR=/tmp/build STATIC_ROOT=/opt/static /opt/venv/bin/python manage.py prepare --static

FROM python:3.13-slim
# PostgreSQL's peer authentication needs a user with a name; the number is the one that nginx reads files as.
RUN useradd --uid 10001 --create-home --home-dir /srv/chat chat && install -d -o chat -m 700 /data /data/media
WORKDIR /srv/chat
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/static /opt/static
COPY --from=build /opt/static.stamp /opt/static.stamp
COPY --from=build /srv/chat /srv/chat

USER chat
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data STATIC_ROOT=/opt/static
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-m", "chat_project.serving.healthcheck"]
CMD ["python", "manage.py", "serve"]
