# syntax=docker/dockerfile:1
# Two stages: what is built and locked goes into one folder, and only that folder goes into the image.
# `hack/image/assemble` has all the steps, so that tests/image can take them without a container engine.

# The same interpreter in both stages: the folder holds links to it. Pin a digest here: --build-arg PYTHON=python@sha256:...
ARG PYTHON=python:3.13-slim-trixie

FROM ${PYTHON} AS build
WORKDIR /src
COPY . .
# Where packages come from is not the Dockerfile's business: whoever is behind a proxy or has an index of their own gives both as
# build secrets, which no layer keeps. Without them it is the public index.
RUN --mount=type=secret,id=pip.conf --mount=type=secret,id=ca.crt hack/image/assemble /opt/countersign

FROM ${PYTHON}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="countersign-operator" \
      org.opencontainers.image.description="Applies plans of typed actions only after people have countersigned exactly that" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/countersign /opt/countersign
# Everything in the folder is compiled; nothing is written at run time, so the root file system may be read-only.
ENV PATH=/opt/countersign/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    COUNTERSIGN_HTTP_ADDRESS=:8080
# A number, because the kubelet can tell only of a number that it is not root.
USER 65532:65532
WORKDIR /
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/countersign/bin/countersign"]
CMD ["run"]
