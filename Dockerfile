# Two bases, both by argument, so that a build can begin elsewhere: NODE_FROM has Node 24 and npm, BUILD_FROM is what the program runs on.
ARG NODE_FROM=docker.io/library/node:24-trixie-slim
ARG BUILD_FROM=docker.io/library/debian:trixie-slim

FROM ${NODE_FROM} AS bundle
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Install scripts are left out: esbuild works without its own, and the package `node` would fetch what is here already.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY script/build.mjs script/
COPY src src
RUN node script/build.mjs /app && rm -f /app/parts/*.map

FROM ${BUILD_FROM}
# ip tells of neighbours, arp-scan asks a MAC address where it is, git and ssh commit where Frigate's configuration lies in a repository; libstdc++6 is what
# Node itself needs. Debian's git depends on all of Perl for scripts that nothing here runs: its library of modules is left out.
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    -o Dpkg::Options::="--path-exclude=/usr/share/perl/*" -o Dpkg::Options::="--path-exclude=/usr/lib/*/perl/5*" \
    arp-scan ca-certificates git iproute2 libstdc++6 openssh-client \
  && rm -rf /var/lib/apt/lists/* /var/cache/*/* /var/log/* /tmp/*
COPY --from=bundle /usr/local/bin/node /usr/local/bin/node
COPY --from=bundle /app /app
COPY addon/healthy /usr/local/bin/healthy
# The user of deploy/kubernetes, by name: ssh does nothing for a user whom the machine does not know.
RUN ln -s /app/camera-shepherd.mjs /usr/local/bin/camera-shepherd && mkdir /data \
  && echo "camera-shepherd:x:10001:10001::/data:/usr/sbin/nologin" >>/etc/passwd && echo "camera-shepherd:x:10001:" >>/etc/group

ARG BUILD_VERSION=0.1.0
ARG BUILD_ARCH=
LABEL \
  io.hass.type="app" \
  io.hass.version="${BUILD_VERSION}" \
  io.hass.arch="${BUILD_ARCH}" \
  org.opencontainers.image.title="Camera Shepherd" \
  org.opencontainers.image.description="Keeps cameras working when their addresses change." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${BUILD_VERSION}"

# What is learned is kept in /data wherever the image runs. The heartbeat lives in memory, so that it wears no SD card.
ENV NODE_ENV=production \
  CAMERA_SHEPHERD_DATA_DIR=/data \
  CAMERA_SHEPHERD_HEARTBEAT=/dev/shm/camera-shepherd.heartbeat
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["healthy"]
ENTRYPOINT ["camera-shepherd"]
CMD ["run"]
