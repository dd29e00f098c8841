#!/bin/sh
# Prints docker/.env.example with a new random value for every secret that is empty there: sh docker/make-env.sh > docker/.env
set -eu
umask 077
while IFS= read -r line; do
  case $line in
    # Comments, and what the payment provider gives out.
    \#* | STRIPE_*) printf '%s\n' "$line" ;;
    *KEY= | *SECRET= | *PASSWORD=) printf '%s%s\n' "$line" "$(openssl rand -hex 32)" ;;
    *) printf '%s\n' "$line" ;;
  esac
done < "$(dirname "$0")/.env.example"
