# syntax=docker/dockerfile:1
# Stages: build (tools, app, binary), test (the Rust tests inside the image), runtime (the last, the default).
#   docker build -t tyrian .                      the server
#   docker build --target test -t tyrian-test .   also runs its tests on SQLite

FROM rust:1.95-bookworm AS build
# Node compresses the app and brings wasm-opt; any maintained version does.
COPY --from=node:22-bookworm-slim /usr/local/bin/node /usr/local/bin/node
COPY --from=node:22-bookworm-slim /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src

# The WASM tools depend on the lock file's wasm-bindgen only: they stay cached while the code changes.
COPY Cargo.lock ./
COPY scripts/setup-wasm.sh scripts/
RUN scripts/setup-wasm.sh .

COPY . .
ARG TYRIAN_COMMIT=unknown
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    scripts/build-app.sh \
 && TYRIAN_COMMIT=$TYRIAN_COMMIT cargo build --locked --release -p tyrian \
 && install -D -m 0755 target/release/tyrian /out/tyrian

FROM build AS test
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo test --locked --workspace --exclude frontend

FROM debian:bookworm-slim AS runtime
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --create-home tyrian
COPY --from=build /out/tyrian /usr/local/bin/tyrian
COPY LICENSE NOTICE /usr/share/doc/tyrian/
USER tyrian
WORKDIR /data
ENV TYRIAN_LISTEN=0.0.0.0:8080 TYRIAN_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD curl -fsS http://127.0.0.1:8080/api/v1/diag/ready >/dev/null || exit 1
STOPSIGNAL SIGTERM
ENTRYPOINT ["tyrian"]
CMD ["serve"]
