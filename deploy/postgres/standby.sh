# Follows the PostgreSQL named by PRIMARY; the first start copies it. From then on the primary acknowledges what both have.
set -eu
export PGPASSWORD="$(cat /run/secrets/store-password)"
primary="host=$PRIMARY user=touroku application_name=standby"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    install -d -o postgres -g postgres -m 0700 "$PGDATA"
    until pg_isready --quiet --dbname="$primary dbname=touroku"; do sleep 1; done
    gosu postgres pg_basebackup --write-recovery-conf --dbname="$primary" --pgdata="$PGDATA"
    # The copy has the primary's settings, too: promoted, it would wait for a standby of its own.
    sed -i /synchronous_standby_names/d "$PGDATA/postgresql.auto.conf"
fi
# As long as it follows. At each start: the first one may have been cut off here.
if [ -e "$PGDATA/standby.signal" ] && pg_isready --quiet --dbname="$primary dbname=touroku"; then
    psql --dbname="$primary dbname=touroku" --command="ALTER SYSTEM SET synchronous_standby_names = 'standby'" \
        --command="SELECT pg_reload_conf()"
fi
exec docker-entrypoint.sh postgres
