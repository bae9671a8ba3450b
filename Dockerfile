# The server in a container (docs/deploy.md): docker build -t siglip2 .
# It computes on CPUs. Its packages have binaries for linux on x64 and arm64 with glibc, so no compiler is needed.
ARG NODE=node:20.20.2-bookworm-slim@sha256:2cf067cfed83d5ea958367df9f966191a942351a2df77d6f0193e162b5febfc0

# The library and the page, from their sources.
FROM ${NODE} AS build
WORKDIR /siglip2
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN node prepare.js

# What runs, without what builds and tests.
FROM ${NODE} AS packages
WORKDIR /siglip2
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts \
 && rm -rf node_modules/onnxruntime-node/bin/napi-v*/darwin node_modules/onnxruntime-node/bin/napi-v*/win32

FROM ${NODE}
# --build-arg FFMPEG=true: frames of videos too.
ARG FFMPEG=false
RUN if [ "$FFMPEG" = true ]; then \
      apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*; \
    fi
# All that is written lies in one volume: downloaded models, collections, thumbnails. /tmp is written too.
RUN mkdir /data && chown 1000:1000 /data
ENV NODE_ENV=production HOME=/data HF_HOME=/data/huggingface SIGLIP2_COLLECTIONS=/data/collections
WORKDIR /siglip2
COPY --from=packages /siglip2/node_modules ./node_modules
COPY --from=build /siglip2/dist ./dist
COPY --from=build /siglip2/web/dist ./web/dist
COPY package.json LICENSE NOTICE ./
COPY bin ./bin
COPY models ./models
VOLUME /data
# The image's own user "node".
USER 1000:1000
EXPOSE 7272
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7272/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/siglip2/bin/siglip2.js"]
CMD ["serve", "--host", "0.0.0.0", "--port", "7272"]
