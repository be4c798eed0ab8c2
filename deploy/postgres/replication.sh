# Run once by the image when it makes the database: the standby may follow.
echo 'host replication touroku 10.77.0.0/24 scram-sha-256' >> "$PGDATA/pg_hba.conf"
