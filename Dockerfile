# The hub as an image: `docker build -t coped-hub .`
FROM python:3.12-slim AS built
WORKDIR /hub
COPY requirements.txt ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY schema schema
COPY locales locales
COPY harvesters harvesters
COPY hub hub
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /venv/bin/python -m hub.search.dictionaries

FROM python:3.12-slim
RUN useradd --uid 1000 --home-dir /data hub && install --directory --owner hub /data
COPY --from=built /venv /venv
ENV PATH=/venv/bin:$PATH HUB_DATA=/data HUB_HOST=0.0.0.0 OMP_NUM_THREADS=1
USER hub
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
ENTRYPOINT ["hub"]
CMD ["serve"]
