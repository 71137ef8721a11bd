# The same copy as `make run` starts: with its own servers, or with those that DATABASE_URL and REDIS_URL name.
FROM python:3.13-slim

# PostgreSQL's peer authentication needs a user with a name.
RUN useradd --create-home --home-dir /srv/chat chat && install -d -o chat -m 700 /data
WORKDIR /srv/chat

COPY requirements/ requirements/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/base.txt
COPY . .

USER chat
ENV PATH=/opt/venv/bin:$PATH HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "serve"]
