# The service; the same image migrates (see compose.yaml).

FROM python:3.13-slim AS packages
COPY requirements.txt requirements-otel.txt ./
# Without the embedded database: a container is given DATABASE_URL. With what OTEL_EXPORTER_OTLP_ENDPOINT needs.
RUN sed -i '/^# The embedded database/,$d' requirements.txt \
    && python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements-otel.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin draftroom
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Compiled at build time: the user below may write nothing here.
RUN /opt/venv/bin/python -m compileall -q service
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["gunicorn", "wsgi:app"]
