#!/usr/bin/env bash
# Scores an archive as a Slurm array and merges once every shard is done:
#
#     DATA=s3://archive/2026/ OUT=s3://results/ SHARDS=8 \
#       tasks/deploy/slurm/submit.sh --partition=gpu --gres=gpu:1
#
# PROVIDER=cuda needs the provider to be fetched first: "A GPU" in ../README.md.
# Arguments are options of sbatch for the array. Logs go to LOGS, else to where
# you are. Prints the ids of both jobs.
set -euo pipefail

: "${DATA:?must be where the images lie}" "${OUT:?must be where results go}"
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$folder/../../.." && pwd)"
last=$((${SHARDS:-8} - 1))
logs="${LOGS:-$PWD}"

score="$(sbatch --parsable --chdir="$root" --array="0-$last" \
  --output="$logs/%x-%A_%a.log" "$@" "$folder/score.sbatch")"
score="${score%%;*}"
merge="$(SHARD_JOB="$score" sbatch --parsable --chdir="$root" \
  --output="$logs/%x-%j.log" \
  --dependency="afterok:$score" --kill-on-invalid-dep=yes \
  "$folder/merge.sbatch")"
echo "$score ${merge%%;*}"
