#!/usr/bin/env bash
# Starts the guests of a pool, checks them and stops them again. Ends with 0 when all of it went well, otherwise with
# the exit code of what went wrong first (docs/ci.md tells what each means), or 10 when a check was not passed.
#
#   POOL         the pool (pool1)
#   GUESTS       how many guests it has (6): a slip in POOL must not start sixty
#   REPORTS      the folder for the JUnit files (reports)
#   OVMCLI_HOME  the farm; without it a simulated one is made, and thrown away at the end
set -euo pipefail

pool=${POOL:-pool1}
guests=${GUESTS:-6}
reports=${REPORTS:-reports}
export OVMCLI_TIMEOUT=${OVMCLI_TIMEOUT:-15m}

throwaway=
begun=

# Whatever becomes of the steps below, the guests do not stay up. The first failure is the one that counts.
finish() {
  status=$?
  trap - EXIT
  if [ -n "$begun" ]; then
    ovmcli vm stop --pool "$pool" --yes --force-after 90s --report "junit=$reports/stop.xml" || status=$((status ? status : $?))
  fi
  [ -z "$throwaway" ] || rm -rf "$throwaway"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p "$reports"
if [ -z "${OVMCLI_HOME:-}" ]; then
  throwaway=$(mktemp -d)
  export OVMCLI_HOME=$throwaway
  ovmcli sim create --preset figure-8 --quiet -o name
fi

echo "--- rehearse"
ovmcli vm start --pool "$pool" --expect "$guests" --dry-run

echo "--- start"
begun=yes
ovmcli vm start --pool "$pool" --expect "$guests" --reason "pipeline ${CI_PIPELINE_ID:-${GITHUB_RUN_ID:-by hand}}" --report "junit=$reports/start.xml"

echo "--- check"
running=$(ovmcli vm list --pool "$pool" --state running -o json --query 'length(@)')
if [ "$running" -ne "$guests" ]; then
  echo "$running of $guests guests are running" >&2
  exit 10
fi
