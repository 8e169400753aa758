# Takes a token of the job's own service account from the metadata server: Cloud SQL takes it for a
# password of that account's user. It is never printed, and in no argument and no file.
answer="$(wget -q -T 10 -O - --header 'Metadata-Flavor: Google' \
  "http://${GCE_METADATA_HOST:-metadata.google.internal}/computeMetadata/v1/instance/service-accounts/default/token")" || {
  echo 'landfall: the metadata server does not answer: does this run on Google Cloud?' >&2
  exit 1
}
PGPASSWORD="$(printf '%s' "$answer" | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')"
unset answer
[ -n "$PGPASSWORD" ] || {
  echo 'landfall: the metadata server gave no token: has the job a service account?' >&2
  exit 1
}
export PGPASSWORD
