# The container of all verbs: a service that scores on request, or one worker
# of a batch. The last stage runs on a GPU; `--target cpu` builds the other:
#
#     docker build --tag mfp-clip:gpu .
#     docker build --tag mfp-clip:cpu --target cpu .
#
# Which CUDA: the installer of onnxruntime-node 1.30 fetches the CUDA provider
# as a package of NuGet. It has one variant for linux/x64 and calls it "cuda12",
# but since onnxruntime 1.27 that package is built for CUDA 13, with cuDNN 9.
# CUDA 13.0 needs a driver of R580 or later; on data-centre GPUs one of R535
# will do with LD_LIBRARY_PATH=/usr/local/cuda/compat in front. Should the
# provider turn out to need CUDA 12, the RUN that calls ldd fails: then build
# with --build-arg CUDA_IMAGE=nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04,
# which runs on R525 and later.
ARG DENO_VERSION=2.9.6
ARG CPU_IMAGE=debian:12-slim
ARG CUDA_IMAGE=nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04

FROM denoland/deno:bin-${DENO_VERSION} AS deno

# Packages alone, so that this layer lasts until deno.lock changes. These are
# the packages of all verbs, without TensorFlow.js and those of tests. Some come
# with files that only their owner may read; an image may run as any user.
FROM ${CPU_IMAGE} AS packages
COPY --from=deno /deno /usr/local/bin/deno
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1
WORKDIR /app
COPY deno.json deno.lock ./
RUN deno task --quiet packages \
  && find /deno-dir/npm -path '*/onnxruntime-node/*' -type d \
    \( -name darwin -o -name win32 \) -prune -exec rm -r {} + \
  && chmod -R a+rX /deno-dir

FROM packages AS cuda-packages
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 \
  deno eval --frozen 'import "onnxruntime-node/script/install.js";' \
  && chmod -R a+rX /deno-dir

FROM ${CPU_IMAGE} AS cpu
LABEL org.opencontainers.image.title="mfp-clip" \
  org.opencontainers.image.description="Zero-shot industrial anomaly detection, on the CPU" \
  org.opencontainers.image.licenses="MIT"
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 MFP_HOME=/var/lib/mfp-clip \
  MFP_HOST=0.0.0.0
COPY --from=deno /deno /usr/local/bin/deno
COPY --from=packages /deno-dir /deno-dir
WORKDIR /app
COPY . .
# JavaScript is made of the sources once, not at every start.
RUN late="$(deno run --quiet --allow-read tasks/deploy/late_modules.ts)" \
  && deno cache --quiet --frozen $late \
    main.ts tasks/deploy/healthcheck.ts \
    tasks/ablate.ts tasks/calibrate.ts tasks/download.ts tasks/eval.ts \
    tasks/export.ts tasks/merge.ts tasks/report.ts tasks/reproduce.ts \
    tasks/score.ts tasks/serve.ts tasks/synth.ts tasks/train.ts \
  && install -d -m 1777 -o 10001 -g 10001 out /var/lib/mfp-clip
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["deno", "run", "--allow-net=127.0.0.1", "--allow-env=AIP_HTTP_PORT,PORT", "tasks/deploy/healthcheck.ts"]
ENTRYPOINT ["deno", "run", "-P=container", "--cached-only", "--frozen", "--no-prompt", "main.ts"]
CMD ["serve"]

FROM ${CUDA_IMAGE} AS gpu
LABEL org.opencontainers.image.title="mfp-clip" \
  org.opencontainers.image.description="Zero-shot industrial anomaly detection, on a GPU" \
  org.opencontainers.image.licenses="MIT"
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 MFP_HOME=/var/lib/mfp-clip \
  MFP_HOST=0.0.0.0
COPY --from=deno /deno /usr/local/bin/deno
COPY --from=cuda-packages /deno-dir /deno-dir
# The driver, libcuda.so.1, comes from the host.
RUN provider="$(find /deno-dir/npm -name libonnxruntime_providers_cuda.so)" \
  && libraries="$(ldd "$provider")" \
  && ! echo "$libraries" | grep -v 'libcuda\.so' | grep 'not found'
WORKDIR /app
COPY . .
RUN late="$(deno run --quiet --allow-read tasks/deploy/late_modules.ts)" \
  && deno cache --quiet --frozen $late \
    main.ts tasks/deploy/healthcheck.ts \
    tasks/ablate.ts tasks/calibrate.ts tasks/download.ts tasks/eval.ts \
    tasks/export.ts tasks/merge.ts tasks/report.ts tasks/reproduce.ts \
    tasks/score.ts tasks/serve.ts tasks/synth.ts tasks/train.ts \
  && install -d -m 1777 -o 10001 -g 10001 out /var/lib/mfp-clip
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["deno", "run", "--allow-net=127.0.0.1", "--allow-env=AIP_HTTP_PORT,PORT", "tasks/deploy/healthcheck.ts"]
ENTRYPOINT ["deno", "run", "-P=container", "--cached-only", "--frozen", "--no-prompt", "main.ts"]
CMD ["serve"]
