# Runs the bootstrap SQL of a database server, verifying the server's certificate and name.
# Secrets stay in the environment: nothing secret is in an argument, a file or the output.
umask 077
: "${PGHOST:?}" "${PGPORT:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${PGDATABASE:?}"
: "${LANDFALL_DATABASE_CA:?}" "${LANDFALL_SQL:?}"

folder="$(mktemp -d /tmp/landfall.XXXXXX)"
trap 'rm -rf "$folder"' EXIT
printf '%s\n' "$LANDFALL_DATABASE_CA" > "$folder/ca.pem"

export PGSSLMODE=verify-full PGSSLROOTCERT="$folder/ca.pem" PGGSSENCMODE=disable
export PGCONNECT_TIMEOUT=15 PGAPPNAME=landfall-bootstrap
export PGOPTIONS='-c statement_timeout=120s -c lock_timeout=15s -c client_min_messages=warning'

printf '%s\n' "$LANDFALL_SQL" | psql -X -q -v ON_ERROR_STOP=1 -f -
