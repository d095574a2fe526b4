#!/usr/bin/env bash
# Scores an archive as an AWS Batch array and merges once every child is done:
#
#     DATA=s3://archive/2026/ OUT=s3://results/ SHARDS=8 QUEUE=gpu \
#       tasks/deploy/aws_batch/submit.sh
#
# Prints the ids of both jobs.
set -euo pipefail

: "${DATA:?must be where the images lie}" "${OUT:?must be where results go}"
: "${QUEUE:?must be a job queue}"
shards="${SHARDS:-8}"

score="$(aws batch submit-job --query jobId --output text \
  --job-name mfp-clip-score --job-definition mfp-clip-score \
  --job-queue "$QUEUE" --array-properties "size=$shards" \
  --parameters "data=$DATA,out=$OUT" \
  --container-overrides \
  "environment=[{name=SHARD_COUNT,value=$shards}]")"
merge="$(aws batch submit-job --query jobId --output text \
  --job-name mfp-clip-merge --job-definition mfp-clip-merge \
  --job-queue "${MERGE_QUEUE:-$QUEUE}" --depends-on "jobId=$score" \
  --parameters "out=$OUT,job=$score")"
echo "$score $merge"
